//! What is done when a target dies in a run: what tells of it, who is suspected, and which of them brings it about.
//! `isolate` decides what to play next and does no I/O; `blame` plays it, each time against a fresh `process`. Start reading
//! in `isolate`, or with the pause of a run in `runner::dispatch`.

mod blame;
mod busy;
pub mod isolate;
mod liveness;
pub mod process;
mod recent;

pub use blame::{Blame, Found, Terms};
pub use busy::{Pulse, is_busy};
pub use isolate::{Fared, Isolation, Killer};
pub use liveness::{Answer, answer, answers, opens};
pub use process::{Process, Spec};
pub use recent::{Entry, Played, Recent};
