//! One end of one connection, whose steps a `Behavior` carries out: `state` holds it, `drive` is what a transport and an
//! application call, `dial` is what a client does before its request,
//! `opening` has the opening handshake, `frames` what comes after it.

mod dial;
mod drive;
mod frames;
mod opening;
mod state;

pub(crate) use state::Connection;
