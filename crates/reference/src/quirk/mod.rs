//! Deliberate faults of the reference implementation: each shows that a case can fail. An area is one file here: a table of
//! quirks that concern one step of the protocol, and what each of them does in it. Start reading in `catalogue`. `faulty` is the
//! endpoint that has a set of them, `hooks` says which steps ask which areas.

mod addressing;
mod assembly;
pub mod catalogue;
mod closing;
mod death;
mod deflate_negotiation;
mod deflate_received;
mod deflate_sent;
mod driven;
mod failing;
mod faulty;
mod frame_sent;
mod head_reading;
mod hooks;
mod leniency;
mod message_sent;
mod misreading;
mod opening_flow;
mod pongs;
mod rare;
mod refusal_sent;
mod request_check;
mod request_refusal;
mod request_sent;
mod response_check;
mod response_sent;
mod segments;
mod set;
mod table;
mod text_leniency;
mod unmasking;
mod whole;

pub use catalogue::{Quirk, QuirkInfo, UnknownQuirk};
pub(crate) use faulty::Faulty;
pub use set::QuirkSet;
