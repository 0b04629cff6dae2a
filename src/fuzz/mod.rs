//! The fuzzer, sans-io: scripts are made from a seed, played by a driver, and judged by an oracle that asks the
//! reference what may be observed. `runner::fuzz` has the sockets. Generators and oracle do not know each other. Start
//! reading in `session`, then `oracle`.

mod campaign;
mod case_file;
mod case_notation;
mod case_steps;
pub mod complaint;
mod driver;
pub(crate) mod finding;
pub mod generate;
pub mod memory;
mod mutate;
mod opening;
pub mod oracle;
mod predict;
mod rng;
mod session;
pub mod shrink;
pub mod signature;
mod walker;

pub use campaign::Campaign;
pub use complaint::Complaint;
pub use driver::Driver;
pub use finding::Finding;
pub use oracle::Oracle;
pub use rng::Rng;
pub use session::Session;
