//! The reference implementation: RFC 6455 and RFC 7692, sans-io, strict, its role a parameter. It
//! does no I/O, reads no clock and draws no randomness: time is the duration since the connection
//! began, keys follow from a seed. Start reading in `endpoint`.

pub mod closing;
pub mod config;
pub mod deflate;
pub mod destination;
pub mod echo;
pub mod endpoint;
pub mod event;
mod head_buffer;
mod heads;
pub mod opening_client;
pub mod opening_server;
mod outbox;
pub mod quirk;
pub mod receive;
pub mod refusal;
pub mod rules;
pub mod send;
pub mod variant;
pub mod violation;

pub use config::Config;
pub use deflate::DeflateConfig;
pub use destination::{Address, AddressError, Destination, Redirection};
pub use echo::EchoEndpoint;
pub use endpoint::{Endpoint, Misuse};
pub use event::{Demise, Event, MessageKind, Transmit};
pub use opening_client::ResponseError;
pub use quirk::{Quirk, QuirkInfo, Roles};
pub use refusal::Refusal;
pub use variant::{Variant, VariantInfo};
pub use violation::Violation;
