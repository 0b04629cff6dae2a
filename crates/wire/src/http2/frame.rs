//! Frames as RFC 9113 §4.1 lays them out, whatever their types mean.

use std::fmt;

/// The octets of a frame's header.
pub(super) const HEADER_LEN: usize = 9;

/// The type of a frame: any octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FrameType(pub u8);

impl FrameType {
    /// §6.1.
    pub const DATA: FrameType = FrameType(0x0);
    /// §6.2.
    pub const HEADERS: FrameType = FrameType(0x1);
    /// §6.3.
    pub const PRIORITY: FrameType = FrameType(0x2);
    /// §6.4.
    pub const RST_STREAM: FrameType = FrameType(0x3);
    /// §6.5.
    pub const SETTINGS: FrameType = FrameType(0x4);
    /// §6.6.
    pub const PUSH_PROMISE: FrameType = FrameType(0x5);
    /// §6.7.
    pub const PING: FrameType = FrameType(0x6);
    /// §6.8.
    pub const GOAWAY: FrameType = FrameType(0x7);
    /// §6.9.
    pub const WINDOW_UPDATE: FrameType = FrameType(0x8);
    /// §6.10.
    pub const CONTINUATION: FrameType = FrameType(0x9);

    /// Its name in §6, if it has one.
    pub fn name(self) -> Option<&'static str> {
        const NAMES: [&str; 10] = [
            "DATA",
            "HEADERS",
            "PRIORITY",
            "RST_STREAM",
            "SETTINGS",
            "PUSH_PROMISE",
            "PING",
            "GOAWAY",
            "WINDOW_UPDATE",
            "CONTINUATION",
        ];
        NAMES.get(usize::from(self.0)).copied()
    }
}

impl fmt::Display for FrameType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "frame type 0x{:x}", self.0),
        }
    }
}

/// The flags that §6 defines.
pub mod flags {
    /// DATA and HEADERS: the last frame of the sender on this stream.
    pub const END_STREAM: u8 = 0x1;
    /// SETTINGS and PING: an acknowledgement.
    pub const ACK: u8 = 0x1;
    /// HEADERS, PUSH_PROMISE and CONTINUATION: no CONTINUATION follows.
    pub const END_HEADERS: u8 = 0x4;
    /// DATA, HEADERS and PUSH_PROMISE: the payload has padding.
    pub const PADDED: u8 = 0x8;
    /// HEADERS: the payload has the deprecated priority fields.
    pub const PRIORITY: u8 = 0x20;
}

/// What stands before the payload of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameHeader {
    /// The length of the payload that the frame claims, in octets, up to 2^24 - 1.
    pub len: u32,
    /// What kind of frame it is.
    pub kind: FrameType,
    /// All eight flags.
    pub flags: u8,
    /// The reserved bit, which "MUST remain unset (0x00) when sending".
    pub reserved: bool,
    /// 0 for the connection; 31 bits.
    pub stream: u32,
}

impl FrameHeader {
    /// The header at the front of `octets`, if they hold a whole one.
    pub fn decode(octets: &[u8]) -> Option<FrameHeader> {
        let header: &[u8; HEADER_LEN] = octets.first_chunk()?;
        let [a, b, c, kind, flags, s, t, u, v] = *header;
        let stream = u32::from_be_bytes([s, t, u, v]);
        Some(FrameHeader {
            len: u32::from_be_bytes([0, a, b, c]),
            kind: FrameType(kind),
            flags,
            reserved: stream >> 31 == 1,
            stream: stream & 0x7fff_ffff,
        })
    }

    /// Appends its nine octets; of the length the low 24 bits, of the stream the low 31.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.len.to_be_bytes()[1..]);
        out.extend_from_slice(&[self.kind.0, self.flags]);
        let reserved = u32::from(self.reserved) << 31;
        out.extend_from_slice(&(reserved | (self.stream & 0x7fff_ffff)).to_be_bytes());
    }

    /// Whether all bits of `flag` are set.
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag == flag
    }
}

/// A frame whose payload is octets. Its length need not be that of the payload when it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RawFrame {
    /// What stands before the payload.
    pub header: FrameHeader,
    /// What follows.
    pub payload: Vec<u8>,
}

impl RawFrame {
    /// A frame with the length of its payload, and without the reserved bit.
    pub fn new(kind: FrameType, flags: u8, stream: u32, payload: impl Into<Vec<u8>>) -> RawFrame {
        let payload = payload.into();
        let header = FrameHeader { len: payload.len() as u32, kind, flags, reserved: false, stream };
        RawFrame { header, payload }
    }

    /// Appends its octets.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.header.encode(out);
        out.extend_from_slice(&self.payload);
    }

    /// Its octets.
    pub fn to_octets(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(HEADER_LEN + self.payload.len());
        self.encode(&mut octets);
        octets
    }
}

/// A frame is longer than the receiver allows: FRAME_SIZE_ERROR, §4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a {kind} frame of {len} octets, more than the {max} that are allowed")]
pub struct TooLong {
    /// What kind of frame it is.
    pub kind: FrameType,
    /// The length that its header says, in octets.
    pub len: u32,
    /// What SETTINGS_MAX_FRAME_SIZE allows, in octets.
    pub max: u32,
}

/// Finds frames in octets that arrive in any segmentation.
#[derive(Clone, Debug, Default)]
pub struct FrameReader {
    octets: Vec<u8>,
    /// The octets of frames that were taken.
    taken: usize,
}

impl FrameReader {
    /// Appends octets that arrived.
    pub fn push(&mut self, octets: &[u8]) {
        if self.taken > self.octets.len() / 2 {
            self.octets.drain(..self.taken);
            self.taken = 0;
        }
        self.octets.extend_from_slice(octets);
    }

    /// The next whole frame, whose payload has at most `max` octets.
    ///
    /// # Errors
    ///
    /// The next frame is longer. It is not taken, and found again by the next call.
    pub fn next_frame(&mut self, max: u32) -> Result<Option<RawFrame>, TooLong> {
        let rest = &self.octets[self.taken..];
        let Some(header) = FrameHeader::decode(rest) else { return Ok(None) };
        if header.len > max {
            return Err(TooLong { kind: header.kind, len: header.len, max });
        }
        let end = HEADER_LEN + header.len as usize;
        let Some(payload) = rest.get(HEADER_LEN..end) else { return Ok(None) };
        let frame = RawFrame { header, payload: payload.to_vec() };
        self.taken += end;
        Ok(Some(frame))
    }

    /// The octets that no frame was made of yet.
    pub fn rest(&self) -> &[u8] {
        &self.octets[self.taken..]
    }
}
