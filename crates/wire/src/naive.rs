//! A second decoder of frames, written as plainly as RFC 6455 §5.2 draws them and without `frame::Header::decode`. Monitors
//! judge with this one, so that a mistake in the first decoder cannot hide itself.

/// A frame as drawn in §5.2, and where it stands in the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NaiveFrame {
    /// Index of the first header octet.
    pub start: usize,
    /// Index after the last payload octet that is there.
    pub end: usize,
    /// FIN.
    pub fin: bool,
    /// RSV1.
    pub rsv1: bool,
    /// RSV2.
    pub rsv2: bool,
    /// RSV3.
    pub rsv3: bool,
    /// 0 to 15.
    pub opcode: u8,
    /// MASK.
    pub masked: bool,
    /// The masking key; zeros where the frame is not masked.
    pub key: [u8; 4],
    /// 7, 16 or 64.
    pub length_bits: u8,
    /// The length in the header, in octets.
    pub declared_len: u64,
    /// Unmasked. Shorter than declared in the last frame of a stream that was cut.
    pub payload: Vec<u8>,
    /// Whether all octets of the payload are there.
    pub complete: bool,
}

/// The most frames that are decoded: more than any case asks for.
pub const FRAMES_MAX: usize = 1 << 18;

/// The frames of `stream`, `FRAMES_MAX` at most. A header that is cut is left out.
pub fn frames(stream: &[u8]) -> Vec<NaiveFrame> {
    let mut frames = Vec::new();
    let mut at = 0usize;
    while at + 2 <= stream.len() && frames.len() < FRAMES_MAX {
        let start = at;
        let (b0, b1) = (stream[at], stream[at + 1]);
        at += 2;
        let extended = match b1 & 0b0111_1111 {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let masked = b1 >= 0x80;
        let key_len = if masked { 4 } else { 0 };
        if at + extended + key_len > stream.len() {
            break;
        }
        let mut declared_len = 0u64;
        if extended == 0 {
            declared_len = u64::from(b1 & 0b0111_1111);
        }
        for octet in &stream[at..at + extended] {
            declared_len = declared_len * 256 + u64::from(*octet);
        }
        at += extended;
        let mut key = [0; 4];
        key[..key_len].copy_from_slice(&stream[at..at + key_len]);
        at += key_len;
        let available = (stream.len() - at) as u64;
        let complete = declared_len <= available;
        let take = if complete { declared_len as usize } else { available as usize };
        let mut payload = stream[at..at + take].to_vec();
        if masked {
            for (index, octet) in payload.iter_mut().enumerate() {
                *octet ^= key[index % 4];
            }
        }
        at += take;
        frames.push(NaiveFrame {
            start,
            end: at,
            fin: b0 & 0b1000_0000 != 0,
            rsv1: b0 & 0b0100_0000 != 0,
            rsv2: b0 & 0b0010_0000 != 0,
            rsv3: b0 & 0b0001_0000 != 0,
            opcode: b0 % 16,
            masked,
            key,
            length_bits: [7, 16, 64][match extended {
                0 => 0,
                2 => 1,
                _ => 2,
            }],
            declared_len,
            payload,
            complete,
        });
        if !complete {
            break;
        }
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_frames_is_bounded() {
        let stream = b"\x89\x00".repeat(FRAMES_MAX + 1);
        let frames = frames(&stream);
        assert_eq!((frames.len(), frames[FRAMES_MAX - 1].end), (FRAMES_MAX, 2 * FRAMES_MAX));
    }

    /// The masked Text of RFC 6455 §5.7, then a Binary in the longest form whose payload is cut.
    #[test]
    fn two_frames_in_full() {
        let stream = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x52\x7f\0\0\0\0\0\x01\x02\x03ab";
        let text = NaiveFrame {
            start: 0,
            end: 11,
            fin: true,
            rsv1: false,
            rsv2: false,
            rsv3: false,
            opcode: 1,
            masked: true,
            key: [0x37, 0xfa, 0x21, 0x3d],
            length_bits: 7,
            declared_len: 5,
            payload: b"Hello".to_vec(),
            complete: true,
        };
        let binary = NaiveFrame {
            start: 11,
            end: 23,
            fin: false,
            rsv1: true,
            rsv3: true,
            opcode: 2,
            masked: false,
            key: [0; 4],
            length_bits: 64,
            declared_len: 0x0001_0203,
            payload: b"ab".to_vec(),
            complete: false,
            ..text.clone()
        };
        assert_eq!(frames(stream), [text, binary]);
    }
}
