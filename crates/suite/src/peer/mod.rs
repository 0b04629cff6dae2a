//! Our scripted end of a connection, sans-io. It takes octets and the time, and gives octets and a transcript. It knows
//! nothing of the reference implementation that targets are compared with.
//!
//! [`Endpoint`] is what an endpoint of ours does by itself. [`Player`] plays the script of a case through it; the fuzzer has a
//! driver of its own that plays sessions through the same type. [`Side`] is what a transport calls. Start reading in
//! `endpoint`, then `player`.

mod action;
pub mod compression;
mod config;
mod deadline;
mod endpoint;
mod greet;
mod outgoing;
mod player;
mod side;

pub use action::Action;
pub use config::PlayConfig;
pub use deadline::Deadline;
pub use endpoint::{AfterClose, Endpoint, EndpointConfig};
pub use outgoing::Output;
pub use player::Player;
pub use side::Side;
