//! The only module with sockets, processes and clocks. `dispatch` decides what is played when,
//! `execute` drives one player over one connection, `reference` plays in memory. Start reading in
//! `dispatch`.

mod acceptor;
mod answer_times;
mod assumed;
pub mod authority;
mod budget;
mod cause;
pub mod client;
pub mod crash_signs;
pub mod death;
mod dispatch;
pub(crate) mod event;
pub mod execute;
pub mod fuzz;
pub(crate) mod guard;
pub mod launch;
mod no_opening;
pub mod probe;
mod read_buffer;
pub mod reference;
pub mod reference_client;
mod reporter;
pub(crate) mod retry;
mod segmented;
pub mod selftest;
pub mod serve;
pub mod stream;
pub mod target;
pub(crate) mod usage;
mod wrong_opening;

pub use assumed::Assumed;
pub use budget::Budget;
pub use dispatch::{RunOptions, run_server};
pub use event::RunEvent;
pub use target::{Target, TargetError};
pub use usage::MemoryBound;
