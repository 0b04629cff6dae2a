//! What is done when a target dies in a run: what tells of it, who is suspected, and which of them brings it about.
//! `isolate` decides what to play next and does no I/O; `blame` plays it, each time against a fresh `process`. Start reading
//! in `isolate`, or with the pause of a run in `runner::dispatch`.

mod blame;
mod busy;
mod isolate;
mod liveness;
mod process;
mod recent;

pub(crate) use blame::{Blame, Found, Terms};
pub(crate) use busy::{Pulse, is_busy};
pub(crate) use isolate::{Fared, Isolation};
pub(crate) use liveness::{Answer, answer, answers, opens};
pub use process::{Process, Spec};
pub(crate) use recent::{Entry, Played, Recent};
