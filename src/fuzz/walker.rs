//! Where frames begin and end in octets of any segmentation, beyond the point at which the reference stops reading.

use wsgauntlet_wire::frame::{CONTROL_PAYLOAD_LEN_MAX, HEADER_LEN_MAX};
use wsgauntlet_wire::{Header, Opcode, mask};

/// A frame whose last octet was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Walked {
    pub header: Header,
    /// Unmasked, of control frames that may be that long.
    pub control: Vec<u8>,
    /// Unmasked, of a compressed message that this frame ends.
    pub compressed: Option<Vec<u8>>,
}

/// Walks over frames.
#[derive(Debug, Default)]
pub(super) struct Walker {
    head: Vec<u8>,
    frame: Option<(Header, u64)>,
    control: Vec<u8>,
    /// The payload so far of a compressed message.
    compressed: Option<Vec<u8>>,
    /// Whether RSV1 means compression.
    deflate: bool,
    /// The octets of the data message under way, as its headers declare them.
    message_len: u64,
    /// The longest message or frame so far, as declared.
    pub len_max: u64,
}

impl Walker {
    pub(super) fn new(deflate: bool) -> Walker {
        Walker { deflate, ..Walker::default() }
    }

    /// Whether no frame is under way.
    pub(super) fn at_boundary(&self) -> bool {
        self.frame.is_none() && self.head.is_empty()
    }

    /// The payload so far of a compressed message under way.
    pub(super) fn partial(&self) -> Option<&[u8]> {
        self.compressed.as_deref()
    }

    /// Takes octets up to the end of the next frame, and advances beyond them.
    pub(super) fn step(&mut self, octets: &mut &[u8]) -> Option<Walked> {
        while self.frame.is_none() {
            let (&octet, rest) = octets.split_first()?;
            *octets = rest;
            self.head.push(octet);
            debug_assert!(self.head.len() <= HEADER_LEN_MAX);
            if let Some((header, _)) = Header::decode(&self.head) {
                self.begin(header);
            }
        }
        let (header, seen) = self.frame.as_mut()?;
        let missing = usize::try_from(header.payload_len - *seen).unwrap_or(usize::MAX);
        let (piece, rest) = octets.split_at(missing.min(octets.len()));
        *octets = rest;
        let (header, offset) = (*header, *seen);
        *seen += piece.len() as u64;
        let ended = *seen == header.payload_len;
        self.payload(&header, offset, piece);
        ended.then(|| self.end(header))
    }

    fn begin(&mut self, header: Header) {
        self.head.clear();
        self.control.clear();
        self.frame = Some((header, 0));
        match header.opcode {
            Opcode::Text | Opcode::Binary => {
                self.compressed = (self.deflate && header.rsv1()).then(Vec::new);
                self.message_len = header.payload_len;
            }
            Opcode::Continuation => {
                self.message_len = self.message_len.saturating_add(header.payload_len);
            }
            Opcode::Close
            | Opcode::Ping
            | Opcode::Pong
            | Opcode::ReservedData(_)
            | Opcode::ReservedControl(_) => {}
        }
        self.len_max = self.len_max.max(self.message_len).max(header.payload_len);
    }

    fn payload(&mut self, header: &Header, offset: u64, piece: &[u8]) {
        let control = header.opcode.is_control();
        let kept = match &mut self.compressed {
            _ if control && header.payload_len <= CONTROL_PAYLOAD_LEN_MAX as u64 => &mut self.control,
            Some(compressed) if !control => compressed,
            Some(_) | None => return,
        };
        let at = kept.len();
        kept.extend_from_slice(piece);
        if let Some(key) = header.key {
            mask::apply(key, offset, &mut kept[at..]);
        }
    }

    fn end(&mut self, header: Header) -> Walked {
        self.frame = None;
        let ends_message = header.fin && !header.opcode.is_control();
        Walked {
            header,
            control: std::mem::take(&mut self.control),
            compressed: if ends_message { self.compressed.take() } else { None },
        }
    }
}
