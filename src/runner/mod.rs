//! The only module with sockets, processes and clocks. `dispatch` decides what is played when,
//! `execute` drives one player over one connection, `reference` plays in memory. Start reading in
//! `dispatch`.

pub mod acceptor;
pub mod answer_times;
pub mod assumed;
pub mod authority;
pub mod budget;
pub mod cause;
pub mod client;
pub mod crash_signs;
pub mod death;
pub mod dispatch;
pub mod event;
pub mod execute;
pub mod fuzz;
pub mod guard;
pub mod launch;
pub mod no_opening;
pub mod probe;
mod read_buffer;
pub mod reference;
pub mod reference_client;
pub mod retry;
pub mod segmented;
pub mod selftest;
pub mod serve;
pub mod stream;
pub mod target;
pub mod usage;
pub mod wrong_opening;

pub use assumed::Assumed;
pub use budget::Budget;
pub use dispatch::{RunOptions, run_server};
pub use event::RunEvent;
pub use target::{Target, TargetError};
