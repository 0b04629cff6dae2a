//! Deliberate faults of the reference implementation: each shows that a case can fail. An area is
//! one hook in the reference, and one file here: a table of quirks, and what each does at the
//! hook. Start reading in `catalogue`.

pub mod addressing;
pub mod asked;
pub mod assembly;
pub mod catalogue;
pub mod closing;
pub mod death;
pub mod deflate_negotiation;
pub mod deflate_received;
pub mod deflate_sent;
pub mod failing;
pub mod frame_sent;
pub mod head_reading;
pub mod leniency;
pub mod message_sent;
pub mod misreading;
pub mod opening_flow;
pub mod pongs;
pub mod rare;
pub mod receiving;
pub mod refusal_sent;
pub mod request_check;
pub mod request_refusal;
pub mod request_sent;
pub mod response_check;
pub mod response_sent;
pub mod segments;
mod setup;
pub mod text_leniency;
pub mod unmasking;
pub mod whole;

pub use catalogue::{Faults, QUIRKS_MAX, Quirk, QuirkInfo, Roles, UnknownQuirk};
