//! What monitors find in the frames of a target, and at the end of its connection.

use super::beginning::Beginning;
use crate::matching::close_structure;
use crate::matching::structure::{Detail, Structure, opcode_word};
use crate::transcript::notation::close_text;
use std::fmt;
use wsgauntlet_wire::Opcode;
use wsgauntlet_wire::naive::NaiveFrame;

/// What is wrong with frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameBreach {
    /// One frame: what is wrong with it, its opcode, and the length of payload that it declares, in octets.
    Frame(FrameFault, Opcode, u64),
    /// A length that is declared in more bits than it needs.
    LengthForm {
        /// The declared length of the payload, in octets.
        len: u64,
        /// The number of bits that declare it: 7, 16 or 64.
        bits: u8,
    },
    /// A length whose top bit is set.
    LengthTopBit(u64),
    /// The payload of a Close frame that may not be sent.
    Close(Vec<u8>),
    /// A second Close frame.
    SecondClose,
    /// TCP was reset within a frame.
    ResetWithinFrame,
    /// TCP was reset after the closing handshake.
    ResetAfterClosing,
    /// How a text message begins that is not UTF-8.
    InvalidText(Beginning),
    /// A masking key that two frames in succession have.
    KeyTwice(u32),
    /// How many masking keys, of how many, repeat one octet four times.
    KeysOfOneOctet {
        /// How many keys are one octet four times.
        poor: usize,
        /// How many keys were seen.
        all: usize,
    },
    /// The difference between masking keys, where it is always the same.
    KeysCount(u32),
    /// The server name in the TLS handshake, if there is one.
    ServerName(Option<String>),
}

/// What is wrong with one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameFault {
    /// A server masked it.
    Masked,
    /// A client did not mask it.
    Unmasked,
    /// Reserved bits that nothing negotiated: RSV1, RSV2, RSV3.
    Reserved([bool; 3]),
    /// Its opcode is reserved.
    UnknownOpcode,
    /// It is a continuation, and no message is under way.
    ContinuesNothing,
    /// It begins a data message within another.
    WithinMessage,
    /// A control frame with FIN, which is too long.
    ControlTooLong,
    /// A control frame without FIN.
    ControlFragmented,
    /// It follows a Close frame.
    AfterClose,
}

impl FrameBreach {
    /// That fault of that frame.
    pub fn of(fault: FrameFault, frame: &NaiveFrame) -> FrameBreach {
        FrameBreach::Frame(fault, Opcode::from_bits(frame.opcode), frame.declared_len)
    }

    /// What tells this breach from others, without lengths and payloads.
    pub fn structure(&self) -> Structure {
        match self {
            FrameBreach::Frame(fault, opcode, _) => fault.structure(*opcode),
            FrameBreach::LengthForm { .. } => Structure::new("length-not-minimal"),
            FrameBreach::LengthTopBit(_) => Structure::new("length-top-bit"),
            FrameBreach::Close(payload) => close_structure(payload),
            FrameBreach::SecondClose => Structure::new("second-close"),
            FrameBreach::ResetWithinFrame => Structure::new("reset-within-frame"),
            FrameBreach::ResetAfterClosing => Structure::new("reset-after-closing"),
            FrameBreach::InvalidText(_) => Structure::new("text-not-utf8"),
            FrameBreach::KeyTwice(_) => Structure::new("key-twice"),
            FrameBreach::KeysOfOneOctet { .. } => Structure::new("keys-of-one-octet"),
            FrameBreach::KeysCount(_) => Structure::new("keys-count"),
            FrameBreach::ServerName(named) => {
                Structure::of_word("server-name", if named.is_some() { "other" } else { "absent" })
            }
        }
    }
}

impl FrameFault {
    /// Which frame of a connection is the first one with a fault depends on the case and on races: its opcode is structural
    /// only where the fault is about the opcode.
    fn structure(self, opcode: Opcode) -> Structure {
        match self {
            FrameFault::Masked => Structure::new("masked-frame"),
            FrameFault::Unmasked => Structure::new("unmasked-frame"),
            FrameFault::Reserved(set) => {
                let words = set_bits(set).map(|bit| ["rsv1", "rsv2", "rsv3"][bit]).collect();
                Structure::new("reserved-bits").with(Detail::Words(words))
            }
            FrameFault::UnknownOpcode => {
                Structure::new("unknown-opcode").with(Detail::Opcode(opcode_word(opcode)))
            }
            FrameFault::ContinuesNothing => Structure::new("continues-nothing"),
            FrameFault::WithinMessage => Structure::new("within-message"),
            FrameFault::ControlTooLong => Structure::new("control-too-long"),
            FrameFault::ControlFragmented => Structure::new("control-fragmented"),
            FrameFault::AfterClose => Structure::new("after-close"),
        }
    }
}

/// The places of the bits that are set.
fn set_bits(set: [bool; 3]) -> impl Iterator<Item = usize> {
    (0..3).filter(move |bit| set[*bit])
}

impl fmt::Display for FrameBreach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrameBreach::Frame(fault, opcode, len) => {
                let name = format!("{opcode} frame of {len} octets");
                match fault {
                    FrameFault::Masked => write!(f, "a masked {name}"),
                    FrameFault::Unmasked => write!(f, "an unmasked {name}"),
                    FrameFault::Reserved(set) => {
                        let names: Vec<&str> =
                            set_bits(*set).map(|bit| ["RSV1", "RSV2", "RSV3"][bit]).collect();
                        write!(f, "{} set in a {name}", names.join(" and "))
                    }
                    FrameFault::UnknownOpcode => f.write_str(&name),
                    FrameFault::ContinuesNothing => write!(f, "a {name} that continues nothing"),
                    FrameFault::WithinMessage => write!(f, "a {name} within a fragmented message"),
                    FrameFault::ControlTooLong => write!(f, "a {name}"),
                    FrameFault::ControlFragmented => write!(f, "a {name} without FIN"),
                    FrameFault::AfterClose => write!(f, "a {name} after the Close"),
                }
            }
            FrameBreach::LengthForm { len, bits } => write!(f, "a length of {len} octets in {bits} bits"),
            FrameBreach::LengthTopBit(len) => write!(f, "a length of {len:#x}"),
            FrameBreach::Close(payload) => write!(f, "Close ({})", close_text(payload)),
            FrameBreach::SecondClose => f.write_str("a second Close"),
            FrameBreach::ResetWithinFrame => f.write_str("a reset that cuts a frame off"),
            FrameBreach::ResetAfterClosing => f.write_str("a reset after the closing handshake"),
            FrameBreach::InvalidText(text) => write!(f, "a text message that is not UTF-8: {text}"),
            FrameBreach::KeyTwice(key) => write!(f, "the masking key {key:08x} in two frames in succession"),
            FrameBreach::KeysOfOneOctet { poor, all } => {
                write!(f, "{poor} of {all} masking keys are one octet, repeated")
            }
            FrameBreach::KeysCount(step) => write!(f, "each masking key is the previous one plus {step:#x}"),
            FrameBreach::ServerName(Some(named)) => write!(f, "the server name {named:?}"),
            FrameBreach::ServerName(None) => f.write_str("no server name"),
        }
    }
}
