//! The reference implementation from outside: octets in, events and octets out.

mod closing;
mod deflate;
mod driver;
mod frames;
mod opening_client;
mod opening_server;
mod probes;
mod quirks;
mod recording;
mod run;
mod segmentation;
