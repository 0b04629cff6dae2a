//! What the payload of a frame means, by its type, RFC 9113 §6.

use super::code::ErrorCode;
use super::frame::{FrameType, RawFrame, flags};
use super::settings::{Setting, SettingId};

/// Padding behind the data of a frame, §6.1: its length goes before the data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Padding(pub Option<Vec<u8>>);

/// The deprecated priority of a stream, §5.3.2 and §6.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priority {
    /// Whether the dependency is exclusive.
    pub exclusive: bool,
    /// The stream that it depends on; 31 bits.
    pub depends_on: u32,
    /// One less than the weight.
    pub weight: u8,
}

/// The payload of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// §6.1.
    Data {
        /// Without the padding.
        data: Vec<u8>,
        /// What follows it.
        padding: Padding,
    },
    /// §6.2.
    Headers {
        /// Present if the flag PRIORITY is set.
        priority: Option<Priority>,
        /// A field block, or its beginning.
        block: Vec<u8>,
        /// What follows it.
        padding: Padding,
    },
    /// §6.3.
    Priority(Priority),
    /// §6.4.
    RstStream(ErrorCode),
    /// §6.5.
    Settings(Vec<Setting>),
    /// §6.5, with the flag ACK.
    SettingsAck,
    /// §6.6.
    PushPromise {
        /// The stream that is promised.
        stream: u32,
        /// A field block, or its beginning.
        block: Vec<u8>,
        /// What follows it.
        padding: Padding,
    },
    /// §6.7.
    Ping {
        /// Whether it answers another one.
        ack: bool,
        /// What an answer repeats.
        opaque: [u8; 8],
    },
    /// §6.8.
    GoAway {
        /// The last stream that may be processed.
        last: u32,
        /// Why.
        code: ErrorCode,
        /// For people.
        debug: Vec<u8>,
    },
    /// §6.9: 31 bits, not 0.
    WindowUpdate(u32),
    /// §6.10: more of a field block.
    Continuation(Vec<u8>),
    /// A type that is not known, which "MUST be ignored and discarded", §4.1.
    Unknown(Vec<u8>),
}

/// Where a payload breaks the layout of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// A length that the type forbids: FRAME_SIZE_ERROR, §4.2.
    #[error("a {kind} frame with a payload of {len} octets")]
    Size {
        /// What kind of frame it is.
        kind: FrameType,
        /// The length of its payload, in octets.
        len: usize,
    },
    /// Padding that is as long as the payload or longer: PROTOCOL_ERROR, §6.1.
    #[error("a {kind} frame whose padding of {padding} octets does not fit into its payload")]
    Padding {
        /// What kind of frame it is.
        kind: FrameType,
        /// The length of the padding, in octets.
        padding: u8,
    },
}

impl Payload {
    /// What the payload of a frame means.
    ///
    /// # Errors
    ///
    /// It is shorter or longer than its type allows, or its padding does not fit into it.
    pub fn parse(frame: &RawFrame) -> Result<Payload, PayloadError> {
        let (kind, octets) = (frame.header.kind, &frame.payload[..]);
        let has = |flag: u8| frame.header.has(flag);
        let size = PayloadError::Size { kind, len: octets.len() };
        let word = |octets: &[u8]| octets.first_chunk().map(|octets| u32::from_be_bytes(*octets));
        let exactly = |len: usize| if octets.len() == len { Ok(()) } else { Err(size) };
        Ok(match kind {
            FrameType::DATA => {
                let (data, padding) = unpadded(frame)?;
                Payload::Data { data: data.to_vec(), padding }
            }
            FrameType::HEADERS => {
                let (mut block, padding) = unpadded(frame)?;
                let mut priority = None;
                if has(flags::PRIORITY) {
                    let (fields, rest) = block.split_at_checked(5).ok_or(size)?;
                    priority = parse_priority(fields);
                    block = rest;
                }
                Payload::Headers { priority, block: block.to_vec(), padding }
            }
            FrameType::PRIORITY => {
                exactly(5)?;
                Payload::Priority(parse_priority(octets).ok_or(size)?)
            }
            FrameType::RST_STREAM => {
                exactly(4)?;
                Payload::RstStream(ErrorCode(word(octets).ok_or(size)?))
            }
            FrameType::SETTINGS if has(flags::ACK) => {
                exactly(0)?;
                Payload::SettingsAck
            }
            FrameType::SETTINGS => Payload::Settings(parse_settings(octets).ok_or(size)?),
            FrameType::PUSH_PROMISE => {
                let (fields, padding) = unpadded(frame)?;
                let (stream, block) = fields.split_at_checked(4).ok_or(size)?;
                let stream = word(stream).ok_or(size)? & 0x7fff_ffff;
                Payload::PushPromise { stream, block: block.to_vec(), padding }
            }
            FrameType::PING => {
                let opaque = octets.try_into().map_err(|_| size)?;
                Payload::Ping { ack: has(flags::ACK), opaque }
            }
            FrameType::GOAWAY => {
                let (fields, debug) = octets.split_at_checked(8).ok_or(size)?;
                let last = word(fields).ok_or(size)? & 0x7fff_ffff;
                let code = ErrorCode(word(&fields[4..]).ok_or(size)?);
                Payload::GoAway { last, code, debug: debug.to_vec() }
            }
            FrameType::WINDOW_UPDATE => {
                exactly(4)?;
                Payload::WindowUpdate(word(octets).ok_or(size)? & 0x7fff_ffff)
            }
            FrameType::CONTINUATION => Payload::Continuation(octets.to_vec()),
            _ => Payload::Unknown(octets.to_vec()),
        })
    }

    /// The frame of this payload, with the flags that the payload implies and `more`; those of `Unknown` are all in `more`,
    /// and its type has to be given by [`RawFrame::new`].
    pub fn frame(&self, stream: u32, more: u8) -> RawFrame {
        let mut out = Vec::new();
        let (kind, implied) = match self {
            Payload::Data { data, padding } => {
                let flag = padding.around(&mut out, |out| out.extend_from_slice(data));
                (FrameType::DATA, flag)
            }
            Payload::Headers { priority, block, padding } => {
                let flag = padding.around(&mut out, |out| {
                    if let Some(priority) = priority {
                        priority.encode(out);
                    }
                    out.extend_from_slice(block);
                });
                let priority = if priority.is_some() { flags::PRIORITY } else { 0 };
                (FrameType::HEADERS, flag | priority)
            }
            Payload::Priority(priority) => {
                priority.encode(&mut out);
                (FrameType::PRIORITY, 0)
            }
            Payload::RstStream(code) => {
                out.extend_from_slice(&code.0.to_be_bytes());
                (FrameType::RST_STREAM, 0)
            }
            Payload::Settings(settings) => {
                for setting in settings {
                    out.extend_from_slice(&setting.id.0.to_be_bytes());
                    out.extend_from_slice(&setting.value.to_be_bytes());
                }
                (FrameType::SETTINGS, 0)
            }
            Payload::SettingsAck => (FrameType::SETTINGS, flags::ACK),
            Payload::PushPromise { stream, block, padding } => {
                let flag = padding.around(&mut out, |out| {
                    out.extend_from_slice(&stream.to_be_bytes());
                    out.extend_from_slice(block);
                });
                (FrameType::PUSH_PROMISE, flag)
            }
            Payload::Ping { ack, opaque } => {
                out.extend_from_slice(opaque);
                (FrameType::PING, if *ack { flags::ACK } else { 0 })
            }
            Payload::GoAway { last, code, debug } => {
                out.extend_from_slice(&last.to_be_bytes());
                out.extend_from_slice(&code.0.to_be_bytes());
                out.extend_from_slice(debug);
                (FrameType::GOAWAY, 0)
            }
            Payload::WindowUpdate(octets) => {
                out.extend_from_slice(&octets.to_be_bytes());
                (FrameType::WINDOW_UPDATE, 0)
            }
            Payload::Continuation(block) => {
                out.extend_from_slice(block);
                (FrameType::CONTINUATION, 0)
            }
            Payload::Unknown(octets) => {
                out.extend_from_slice(octets);
                (FrameType(0xff), 0)
            }
        };
        RawFrame::new(kind, implied | more, stream, out)
    }
}

impl Padding {
    /// Appends what `inner` writes with the padding around it; gives the flag for it.
    fn around(&self, out: &mut Vec<u8>, inner: impl FnOnce(&mut Vec<u8>)) -> u8 {
        let Some(padding) = &self.0 else {
            inner(out);
            return 0;
        };
        out.push(padding.len() as u8);
        inner(out);
        out.extend_from_slice(padding);
        flags::PADDED
    }
}

impl Priority {
    fn encode(&self, out: &mut Vec<u8>) {
        let exclusive = u32::from(self.exclusive) << 31;
        out.extend_from_slice(&(exclusive | (self.depends_on & 0x7fff_ffff)).to_be_bytes());
        out.push(self.weight);
    }
}

/// The payload without its padding, and the padding.
fn unpadded(frame: &RawFrame) -> Result<(&[u8], Padding), PayloadError> {
    let (kind, octets) = (frame.header.kind, &frame.payload[..]);
    if !frame.header.has(flags::PADDED) {
        return Ok((octets, Padding(None)));
    }
    let (padding, rest) = octets.split_first().ok_or(PayloadError::Size { kind, len: 0 })?;
    let inner = rest.len().checked_sub(usize::from(*padding));
    let (data, padding) = rest.split_at(inner.ok_or(PayloadError::Padding { kind, padding: *padding })?);
    Ok((data, Padding(Some(padding.to_vec()))))
}

/// The priority in five octets.
fn parse_priority(octets: &[u8]) -> Option<Priority> {
    let [a, b, c, d, weight] = *octets.first_chunk::<5>()?;
    let word = u32::from_be_bytes([a, b, c, d]);
    Some(Priority { exclusive: word >> 31 == 1, depends_on: word & 0x7fff_ffff, weight })
}

/// The parameters, six octets each.
fn parse_settings(octets: &[u8]) -> Option<Vec<Setting>> {
    let chunks = octets.chunks(6).map(|chunk| {
        let [i, j, a, b, c, d] = *chunk.first_chunk::<6>()?;
        Some(Setting::new(SettingId(u16::from_be_bytes([i, j])), u32::from_be_bytes([a, b, c, d])))
    });
    chunks.collect()
}
