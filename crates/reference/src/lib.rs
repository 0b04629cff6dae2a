//! The reference implementation: RFC 6455 and RFC 7692, sans-io, strict, its role a parameter. It does no I/O, reads no clock and
//! draws no randomness: time is the duration since the connection began, keys follow from a seed.
//!
//! [`Endpoint`] is one end of one connection, [`EchoEndpoint`] one that sends each message back. Both take a [`Config`]. With
//! [`Config::quirks`] an endpoint makes deliberate faults ([`Quirk`]), with [`Config::variant`] it differs in what the RFCs leave
//! open ([`Variant`]).
//!
//! To read the strict endpoint, begin in `connection`: what it does is in `opening_server`, `opening_client`, `receive`, `send` and
//! `closing`, and in the default methods of `behavior`, which quirks override. Nothing of it is in `quirk`.

#![warn(missing_docs, unreachable_pub)]

mod address;
mod behavior;
mod closing;
mod config;
mod connection;
mod deflate;
mod destination;
mod driver;
mod echo;
mod endpoint;
mod event;
mod head_buffer;
mod heads;
mod incoming;
mod message;
mod misuse;
pub mod opening_client;
pub mod opening_server;
mod outbox;
pub mod quirk;
pub mod receive;
mod refusal;
mod request_checks;
mod response_error;
mod roles;
mod rules;
mod send;
mod setup;
mod uri;
mod variant;
mod violation;

pub use address::{Address, AddressError, Destination, Redirection};
pub use config::Config;
pub use deflate::config::DeflateConfig;
pub use destination::redirected;
pub use echo::EchoEndpoint;
pub use endpoint::Endpoint;
pub use event::{Demise, Event, MessageKind, Transmit};
pub use misuse::Misuse;
pub use quirk::{Quirk, QuirkInfo, QuirkSet, UnknownQuirk};
pub use refusal::Refusal;
pub use response_error::ResponseError;
pub use roles::Roles;
pub use variant::{UnknownVariant, Variant, VariantInfo};
pub use violation::Violation;
