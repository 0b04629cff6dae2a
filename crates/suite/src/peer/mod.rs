//! The player: our scripted end of a connection, sans-io. It takes octets and the time, and gives
//! octets and a transcript. It knows nothing of the reference implementation that targets are
//! compared with. Start reading in `player`.

pub mod compression;
mod config;
pub mod greet;
mod outgoing;
mod player;
mod side;

pub use config::PlayConfig;
pub use player::{Player, Transmit};
pub use side::Side;
