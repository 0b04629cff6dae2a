//! What monitors find of permessage-deflate, RFC 7692: parameters and compressed messages.

use super::beginning::Beginning;
use crate::matching::structure::Structure;
use std::fmt;
use wsgauntlet_wire::deflate::Fault;
use wsgauntlet_wire::hex;

/// What is wrong with an agreement, or with a compressed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeflateBreach {
    /// An offer or answer, with its parameters.
    Params(String),
    /// An answer, and the offers that it answers.
    Answer {
        /// The extension parameters of the response.
        answer: String,
        /// The offers of the request.
        offers: Vec<String>,
    },
    /// The extensions of an answer that use RSV1.
    UsersOfRsv1(Vec<String>),
    /// It inflates only with 00 00 ff ff after each fragment.
    NoTailInFragments,
    /// Why it does not inflate, and the beginning of its payload.
    Invalid(Fault, Beginning),
    /// How what a text message inflates to begins, which is not UTF-8.
    InvalidText(Beginning),
    /// A compressed message of no octets, RFC 7692 §7.2.3.6.
    EmptyPayload,
    /// The last octets of a payload that ends in another way than it must.
    End(Vec<u8>),
    /// The bit at which padding of ones begins.
    Padding(usize),
    /// A match that reaches too far, in octets, and its bit.
    Distance {
        /// How far back the match reaches, in octets.
        distance: usize,
        /// The bit of the payload at which the match is written.
        bit: usize,
    },
    /// How many octets a match reaches into earlier messages.
    BeyondMessage(usize),
    /// RSV1 is set though permessage-deflate was not agreed.
    NotAgreed,
}

impl DeflateBreach {
    /// What tells this breach from others, without lengths and payloads.
    pub fn structure(&self) -> Structure {
        match self {
            DeflateBreach::Params(_) => Structure::new("parameters"),
            DeflateBreach::Answer { .. } => Structure::new("answer"),
            DeflateBreach::UsersOfRsv1(_) => Structure::new("users-of-rsv1"),
            DeflateBreach::NoTailInFragments => Structure::new("no-tail-in-fragments"),
            // What the fault is depends on the payload.
            DeflateBreach::Invalid(..) => Structure::new("does-not-inflate"),
            DeflateBreach::InvalidText(_) => Structure::new("inflated-text-not-utf8"),
            DeflateBreach::EmptyPayload => Structure::new("empty-payload"),
            DeflateBreach::End(_) => Structure::new("payload-end"),
            DeflateBreach::Padding(_) => Structure::new("padding-of-ones"),
            DeflateBreach::Distance { .. } => Structure::new("distance-too-long"),
            DeflateBreach::BeyondMessage(_) => Structure::new("reaches-beyond-message"),
            DeflateBreach::NotAgreed => Structure::new("rsv1-not-agreed"),
        }
    }
}

impl fmt::Display for DeflateBreach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeflateBreach::Params(params) => f.write_str(params),
            DeflateBreach::Answer { answer, offers } => {
                write!(f, "{answer} in answer to {}", offers.join(", "))
            }
            DeflateBreach::UsersOfRsv1(names) => f.write_str(&names.join(", ")),
            DeflateBreach::NoTailInFragments => {
                f.write_str("a message that inflates only with 00 00 ff ff after each fragment")
            }
            DeflateBreach::Invalid(fault, payload) => write!(f, "{fault}: {payload}"),
            DeflateBreach::InvalidText(text) => write!(f, "a text message that inflates to {text}"),
            DeflateBreach::EmptyPayload => f.write_str("a compressed message without an octet of payload"),
            DeflateBreach::End(octets) => write!(f, "a payload that ends with {}", hex::encode(octets)),
            DeflateBreach::Padding(bit) => write!(f, "padding of ones at bit {bit}"),
            DeflateBreach::Distance { distance, bit } => {
                write!(f, "a match of distance {distance} at bit {bit}")
            }
            DeflateBreach::BeyondMessage(octets) => {
                write!(f, "a match that reaches {octets} octets into earlier messages")
            }
            DeflateBreach::NotAgreed => {
                f.write_str("RSV1 set, although the response does not accept permessage-deflate")
            }
        }
    }
}
