//! The base framing of RFC 6455 §5.2: headers, whole frames, and a reader that finds frames in
//! octets that arrive in any segmentation.
//!
//! Every bit pattern has a value here. `Header` keeps what a strict endpoint refuses (reserved
//! bits and opcodes, lengths that are not minimal, the top bit of the 64-bit length), so that
//! peers can send it and judges can name it.

use super::mask;
use std::fmt;

/// The largest header: two octets, eight of extended length, four of masking key.
pub const HEADER_LEN_MAX: usize = 14;

/// The largest payload of a control frame, RFC 6455 §5.5, in octets.
pub const CONTROL_PAYLOAD_LEN_MAX: usize = 125;

/// The opcode of a frame, RFC 6455 §5.2: four bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Opcode {
    /// 0x0: a further fragment of the message, §5.4.
    Continuation,
    /// 0x1: a text message, UTF-8, or its first fragment.
    Text,
    /// 0x2: a binary message, or its first fragment.
    Binary,
    /// 0x3 to 0x7, "reserved for further non-control frames".
    ReservedData(u8),
    /// 0x8: begins or answers the closing handshake, §5.5.1.
    Close,
    /// 0x9, §5.5.2.
    Ping,
    /// 0xA, §5.5.3.
    Pong,
    /// 0xB to 0xF, "reserved for further control frames".
    ReservedControl(u8),
}

impl Opcode {
    /// The opcode of the four low bits of `bits`.
    pub fn from_bits(bits: u8) -> Opcode {
        match bits & 0x0f {
            0x0 => Opcode::Continuation,
            0x1 => Opcode::Text,
            0x2 => Opcode::Binary,
            0x8 => Opcode::Close,
            0x9 => Opcode::Ping,
            0xa => Opcode::Pong,
            data @ 0x3..=0x7 => Opcode::ReservedData(data),
            control => Opcode::ReservedControl(control),
        }
    }

    /// The four bits of the opcode, 0 to 15.
    pub fn bits(self) -> u8 {
        match self {
            Opcode::Continuation => 0x0,
            Opcode::Text => 0x1,
            Opcode::Binary => 0x2,
            Opcode::ReservedData(bits) => bits & 0x0f,
            Opcode::Close => 0x8,
            Opcode::Ping => 0x9,
            Opcode::Pong => 0xa,
            Opcode::ReservedControl(bits) => bits & 0x0f,
        }
    }

    /// §5.5: "Control frames are identified by opcodes where the most significant bit of the opcode is 1."
    pub fn is_control(self) -> bool {
        self.bits() & 0x8 != 0
    }

    /// Whether the opcode is reserved: a receiver without an extension that defines it fails the connection, §5.2.
    pub fn is_reserved(self) -> bool {
        matches!(self, Opcode::ReservedData(_) | Opcode::ReservedControl(_))
    }
}

impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Opcode::Continuation => f.write_str("continuation"),
            Opcode::Text => f.write_str("text"),
            Opcode::Binary => f.write_str("binary"),
            Opcode::Close => f.write_str("close"),
            Opcode::Ping => f.write_str("ping"),
            Opcode::Pong => f.write_str("pong"),
            Opcode::ReservedData(bits) | Opcode::ReservedControl(bits) => {
                write!(f, "opcode-{bits:x}")
            }
        }
    }
}

/// How many octets carry the payload length, RFC 6455 §5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum LengthForm {
    /// Seven bits within the second octet: 0 to 125.
    Seven,
    /// 126, then 16 bits.
    Sixteen,
    /// 127, then 64 bits.
    SixtyFour,
}

impl LengthForm {
    /// "the minimal number of bytes MUST be used to encode the length".
    pub fn minimal(len: u64) -> LengthForm {
        match len {
            0..=125 => LengthForm::Seven,
            126..=65535 => LengthForm::Sixteen,
            _ => LengthForm::SixtyFour,
        }
    }
}

/// A frame header, RFC 6455 §5.2. Any value can be written, whether a receiver may accept it or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// FIN: whether this is the final fragment of a message.
    pub fin: bool,
    /// RSV1, RSV2, RSV3 as the bits 4, 2, 1. Higher bits are not written.
    pub rsv: u8,
    /// The opcode.
    pub opcode: Opcode,
    /// The masking key, where the MASK bit is set.
    pub key: Option<[u8; 4]>,
    /// The length that the header declares, in octets. It may be any number, whatever the payload is.
    pub payload_len: u64,
    /// How the length is written.
    pub length_form: LengthForm,
}

/// RSV1 in `Header::rsv`, the bit of RFC 7692 §6.
pub const RSV1: u8 = 4;

impl Header {
    /// A final frame without reserved bits, unmasked, of minimal length.
    pub fn new(opcode: Opcode, payload_len: u64) -> Header {
        Header {
            fin: true,
            rsv: 0,
            opcode,
            key: None,
            payload_len,
            length_form: LengthForm::minimal(payload_len),
        }
    }

    /// Appends the octets of the header: 2 to 14. A length that does not fit its form loses its higher bits.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push((u8::from(self.fin) << 7) | ((self.rsv & 7) << 4) | self.opcode.bits());
        let mask_bit = u8::from(self.key.is_some()) << 7;
        match self.length_form {
            LengthForm::Seven => out.push(mask_bit | (self.payload_len & 0x7f) as u8),
            LengthForm::Sixteen => {
                out.push(mask_bit | 126);
                out.extend_from_slice(&(self.payload_len as u16).to_be_bytes());
            }
            LengthForm::SixtyFour => {
                out.push(mask_bit | 127);
                out.extend_from_slice(&self.payload_len.to_be_bytes());
            }
        }
        if let Some(key) = self.key {
            out.extend_from_slice(&key);
        }
    }

    /// The header at the start of `octets` and its length, or `None` while octets are missing.
    pub fn decode(octets: &[u8]) -> Option<(Header, usize)> {
        let (&first, &second) = (octets.first()?, octets.get(1)?);
        let (length_form, payload_len, mut at) = match second & 0x7f {
            126 => {
                let len: [u8; 2] = octets.get(2..4)?.try_into().ok()?;
                (LengthForm::Sixteen, u64::from(u16::from_be_bytes(len)), 4)
            }
            127 => {
                let len: [u8; 8] = octets.get(2..10)?.try_into().ok()?;
                (LengthForm::SixtyFour, u64::from_be_bytes(len), 10)
            }
            len => (LengthForm::Seven, u64::from(len), 2),
        };
        let key = if second & 0x80 != 0 {
            let key: [u8; 4] = octets.get(at..at + 4)?.try_into().ok()?;
            at += 4;
            Some(key)
        } else {
            None
        };
        let header = Header {
            fin: first & 0x80 != 0,
            rsv: (first >> 4) & 7,
            opcode: Opcode::from_bits(first),
            key,
            payload_len,
            length_form,
        };
        Some((header, at))
    }

    /// Whether RSV1 is set: the message is compressed, RFC 7692 §6.
    pub fn rsv1(&self) -> bool {
        self.rsv & RSV1 != 0
    }

    /// Whether the length is written in the shortest form, as §5.2 demands.
    pub fn is_minimal(&self) -> bool {
        self.length_form == LengthForm::minimal(self.payload_len)
    }
}

/// A frame whose payload is unmasked, and the header that it came or goes with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The header, its key included.
    pub header: Header,
    /// The payload as the application sees it: unmasked.
    pub payload: Vec<u8>,
}

impl Frame {
    /// A final, unmasked frame.
    pub fn new(opcode: Opcode, payload: impl Into<Vec<u8>>) -> Frame {
        let payload = payload.into();
        Frame { header: Header::new(opcode, payload.len() as u64), payload }
    }

    /// The frame with this masking key.
    pub fn masked(mut self, key: [u8; 4]) -> Frame {
        self.header.key = Some(key);
        self
    }

    /// The frame with this FIN bit.
    pub fn fin(mut self, fin: bool) -> Frame {
        self.header.fin = fin;
        self
    }

    /// The octets on the wire. The header's declared length is written as it stands.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.header.encode(out);
        let at = out.len();
        out.extend_from_slice(&self.payload);
        if let Some(key) = self.header.key {
            mask::apply(key, 0, &mut out[at..]);
        }
    }

    /// The octets on the wire, see [`Frame::encode`].
    pub fn to_octets(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER_LEN_MAX + self.payload.len());
        self.encode(&mut out);
        out
    }
}

/// What a `FrameReader` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// A header is complete; its payload follows.
    Header(Header),
    /// Unmasked octets of the payload of the last header. May come in several pieces.
    Payload(Vec<u8>),
    /// The frame of the last header is complete.
    FrameEnd,
}

/// Finds headers and payloads in octets of any segmentation. It keeps no payload: each piece is
/// handed on as it arrives, so memory is bounded by what is received at once.
#[derive(Debug, Default)]
pub struct FrameReader {
    header_octets: Vec<u8>,
    current: Option<Current>,
}

#[derive(Debug)]
struct Current {
    header: Header,
    payload_seen: u64,
}

impl FrameReader {
    /// A reader at the start of a stream of frames.
    pub fn new() -> FrameReader {
        FrameReader::default()
    }

    /// Reads the next value from the front of `octets`, which is advanced past what was used. `None`: more octets are needed.
    pub fn read(&mut self, octets: &mut &[u8]) -> Option<Read> {
        if let Some(current) = &mut self.current {
            let missing = current.header.payload_len - current.payload_seen;
            if missing == 0 {
                self.current = None;
                return Some(Read::FrameEnd);
            }
            if octets.is_empty() {
                return None;
            }
            let take = usize::try_from(missing).map_or(octets.len(), |m| m.min(octets.len()));
            let (piece, rest) = octets.split_at(take);
            let mut payload = piece.to_vec();
            if let Some(key) = current.header.key {
                mask::apply(key, current.payload_seen, &mut payload);
            }
            current.payload_seen += take as u64;
            *octets = rest;
            return Some(Read::Payload(payload));
        }
        loop {
            if let Some((header, _)) = Header::decode(&self.header_octets) {
                self.header_octets.clear();
                self.current = Some(Current { header, payload_seen: 0 });
                return Some(Read::Header(header));
            }
            let (&octet, rest) = octets.split_first()?;
            self.header_octets.push(octet);
            *octets = rest;
        }
    }

    /// The octets of a header that is not complete yet; RSV and opcode are in the first.
    pub fn partial_header(&self) -> &[u8] {
        &self.header_octets
    }

    /// Whether the octets so far end between two frames.
    pub fn at_boundary(&self) -> bool {
        self.header_octets.is_empty() && self.current.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The octets of RFC 6455 §5.7 pin the codec.
    #[test]
    fn examples_of_section_5_7() {
        let masked = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        let table: [(Frame, Vec<u8>); 6] = [
            (Frame::new(Opcode::Text, "Hello"), b"\x81\x05Hello".to_vec()),
            (Frame::new(Opcode::Text, "Hello").masked([0x37, 0xfa, 0x21, 0x3d]), masked.to_vec()),
            (Frame::new(Opcode::Text, "Hel").fin(false), b"\x01\x03Hel".to_vec()),
            (Frame::new(Opcode::Continuation, "lo"), b"\x80\x02lo".to_vec()),
            (Frame::new(Opcode::Binary, vec![7; 256]), [&[0x82, 0x7e, 0x01, 0x00][..], &[7; 256]].concat()),
            (
                Frame::new(Opcode::Binary, vec![7; 65536]),
                [&[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0][..], &[7; 65536]].concat(),
            ),
        ];
        for (frame, octets) in table {
            assert_eq!(frame.to_octets(), octets);
            assert_eq!(read_all(&[&octets]), vec![frame]);
        }
    }

    /// Every first two octets, in one-octet pieces, come back from encode as they were.
    #[test]
    fn every_header_survives_decode_and_encode() {
        for first in 0..=255u8 {
            for second in 0..=255u8 {
                let mut octets = vec![first, second];
                octets.extend_from_slice(&[0x81, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
                let (header, len) = Header::decode(&octets).expect("14 octets hold any header");
                assert!((0..len).all(|cut| Header::decode(&octets[..cut]).is_none()));
                let mut again = Vec::new();
                header.encode(&mut again);
                assert_eq!(again, octets[..len]);
            }
        }
    }

    fn read_all(pieces: &[&[u8]]) -> Vec<Frame> {
        let mut reader = FrameReader::new();
        let mut frames: Vec<Frame> = Vec::new();
        for mut piece in pieces.iter().copied() {
            while let Some(read) = reader.read(&mut piece) {
                match read {
                    Read::Header(header) => frames.push(Frame { header, payload: Vec::new() }),
                    Read::Payload(octets) => frames.last_mut().expect("a header").payload.extend(octets),
                    Read::FrameEnd => {}
                }
            }
        }
        frames
    }

    /// The cut of the octets does not change what is read.
    #[test]
    fn any_cut_reads_the_same() {
        let mut octets = Vec::new();
        for len in [0usize, 1, 5, 125, 126, 300] {
            Frame::new(Opcode::Binary, vec![len as u8; len]).masked([1, 2, 3, 4]).encode(&mut octets);
        }
        let whole = read_all(&[&octets]);
        assert_eq!(whole.len(), 6);
        for cut in 0..octets.len() {
            assert_eq!(read_all(&[&octets[..cut], &octets[cut..]]), whole);
        }
        let single: Vec<&[u8]> = octets.chunks(1).collect();
        assert_eq!(read_all(&single), whole);
    }

    /// §5.2 and §5.5: every opcode has a name, a kind, and is reserved or not.
    #[test]
    fn opcodes_are_told_apart() {
        let table = [
            ("continuation", false, false),
            ("text", false, false),
            ("binary", false, false),
            ("opcode-3", false, true),
            ("opcode-4", false, true),
            ("opcode-5", false, true),
            ("opcode-6", false, true),
            ("opcode-7", false, true),
            ("close", true, false),
            ("ping", true, false),
            ("pong", true, false),
            ("opcode-b", true, true),
            ("opcode-c", true, true),
            ("opcode-d", true, true),
            ("opcode-e", true, true),
            ("opcode-f", true, true),
        ];
        for (bits, (name, control, reserved)) in (0..).zip(table) {
            let opcode = Opcode::from_bits(bits);
            assert_eq!((opcode.bits(), opcode.to_string().as_str()), (bits, name));
            assert_eq!((opcode.is_control(), opcode.is_reserved()), (control, reserved), "{name}");
        }
    }

    #[test]
    fn rsv1_is_the_highest_of_its_three() {
        for rsv in 0..8 {
            let header = Header { rsv, ..Header::new(Opcode::Text, 0) };
            assert_eq!(header.rsv1(), rsv >= 4, "{rsv:03b}");
        }
    }

    /// "the minimal number of bytes MUST be used": each form is minimal for its own lengths only.
    #[test]
    fn minimal_lengths() {
        let forms = [LengthForm::Seven, LengthForm::Sixteen, LengthForm::SixtyFour];
        let table = [(125, forms[0]), (126, forms[1]), (65_535, forms[1]), (65_536, forms[2])];
        for (len, minimal) in table {
            for form in forms {
                let header = Header { length_form: form, ..Header::new(Opcode::Binary, len) };
                assert_eq!(header.is_minimal(), form == minimal, "{len} as {form:?}");
            }
        }
    }

    #[test]
    fn a_header_that_is_cut_is_no_boundary() {
        let mut reader = FrameReader::new();
        assert!(reader.at_boundary());
        assert_eq!(reader.read(&mut &b"\xf3\xfe\x01"[..]), None);
        assert_eq!((reader.partial_header(), reader.at_boundary()), (&b"\xf3\xfe\x01"[..], false));
    }
}
