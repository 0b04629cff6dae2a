//! Octets to values and back: frames (RFC 6455 §5), closing payloads (§7.4), heads of the opening handshake (§4), extension
//! parameters and compressed messages (RFC 7692); and what carries them over HTTP/2: frames (RFC 9113 §6) and field blocks
//! (RFC 7541).
//!
//! Every value can be expressed, whether it is lawful or not. This crate has no policy: it does not decide what may be sent,
//! nor what an endpoint does when it receives something. It does no input or output, reads no clock, and draws no randomness.
//!
//! Start reading in [`frame`], then [`deflate`] and [`opening`].
//!
//! ```
//! use wsgauntlet_wire::{Frame, Header, Opcode};
//!
//! // RFC 6455 §5.7: "A single-frame masked text message".
//! let hello = Frame::new(Opcode::Text, "Hello").masked([0x37, 0xfa, 0x21, 0x3d]);
//! let octets = hello.to_octets();
//! assert_eq!(octets, [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
//! assert_eq!(Header::decode(&octets), Some((hello.header, 6)));
//! ```
//!
//! # Features
//!
//! * `serde`: (de)serialization of the values that cases hold.
//! * `arbitrary`, `proptest`: generators of frames, heads, extension parameters and DEFLATE blocks, see [`choices`].

#![warn(missing_docs, unreachable_pub)]
#![cfg_attr(not(any(feature = "arbitrary", feature = "proptest")), allow(rustdoc::broken_intra_doc_links))]

pub mod boundary;
#[cfg(any(feature = "arbitrary", feature = "proptest"))]
pub mod choices;
pub mod close;
pub mod deflate;
pub mod frame;
#[cfg(any(feature = "arbitrary", feature = "proptest"))]
mod generated;
pub mod hash;
pub mod hex;
pub mod hpack;
pub mod http2;
pub mod mask;
pub mod naive;
pub mod opening;
pub mod random;
pub mod role;
pub mod utf8;

pub use close::{CloseCode, CloseCodeClass};
pub use frame::{Frame, FrameReader, Header, LengthForm, Opcode};
pub use random::SplitMix64;
pub use role::Role;
