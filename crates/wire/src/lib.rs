//! Octets to values and back. It can express what is illegal and knows no policy: whether a value
//! may be sent, and what its receipt leads to, is said elsewhere. Start reading in `frame`.

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
