//! An endpoint of RFC 6455 without an application: octets and the time go in, events and octets come out. It does no I/O and
//! reads no clock.
//!
//! Octets that were received wait until `poll_event` asks for what they hold, so that an application answers each message before
//! the next frame is read, however TCP cut them.

use super::behavior::Strict;
use super::config::Config;
use super::connection::Connection;
use super::event::{Event, MessageKind, Transmit};
use super::misuse::Misuse;
use super::quirk::{Faulty, QuirkSet};
use std::time::Duration;
use wsgauntlet_wire::CloseCode;

/// One end of one connection. After each call that takes something, call `poll_event` until it gives `None`, then `poll_transmit`
/// until it gives `None`; call `handle_timeout` when `poll_timeout` says so. Times are durations since the connection began.
#[derive(Debug)]
pub struct Endpoint(Inner);

#[derive(Debug)]
enum Inner {
    Strict(Box<Connection<Strict>>),
    Faulty(Box<Connection<Faulty>>),
}

/// Calls a method of the connection, whatever its behavior.
macro_rules! connection {
    ($endpoint:expr, $connection:ident => $call:expr) => {
        match $endpoint {
            Inner::Strict($connection) => $call,
            Inner::Faulty($connection) => $call,
        }
    };
}

impl Endpoint {
    /// A strict endpoint, or one with the quirks of `config`. A client has its request to transmit.
    pub fn new(config: Config) -> Endpoint {
        if config.quirks.is_empty() {
            return Endpoint(Inner::Strict(Box::new(Connection::new(config, Strict))));
        }
        Endpoint::recording(config)
    }

    /// An endpoint that does the same as that of `new`, and records which quirks its steps ask for.
    pub fn recording(config: Config) -> Endpoint {
        let behavior = Faulty::new(config.quirks);
        Endpoint(Inner::Faulty(Box::new(Connection::new(config, behavior))))
    }

    /// The quirks that the steps so far asked for, whether the endpoint has them or not. Any other quirk would have made no
    /// difference, but for those that offer something else (`Quirk::offers_otherwise`). None: a strict endpoint that does not
    /// record.
    pub fn asked(&self) -> Option<QuirkSet> {
        match &self.0 {
            Inner::Strict(_) => None,
            Inner::Faulty(connection) => Some(connection.behavior().asked()),
        }
    }

    /// Takes octets from the peer. They are read by `poll_event`. No octets: a part of a TLS record came.
    pub fn receive(&mut self, now: Duration, octets: &[u8]) {
        connection!(&mut self.0, connection => connection.receive(now, octets));
    }

    /// The peer ended its direction.
    pub fn receive_eof(&mut self, now: Duration) {
        connection!(&mut self.0, connection => connection.receive_eof(now));
    }

    /// The connection was aborted: nothing can be sent any more.
    pub fn receive_reset(&mut self, now: Duration) {
        connection!(&mut self.0, connection => connection.receive_reset(now));
    }

    /// The next event, in the order of the octets that made it happen.
    pub fn poll_event(&mut self) -> Option<Event> {
        connection!(&mut self.0, connection => connection.poll_event())
    }

    /// What the transport shall do next.
    pub fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        connection!(&mut self.0, connection => connection.poll_transmit(now))
    }

    /// When `handle_timeout` shall be called.
    pub fn poll_timeout(&self) -> Option<Duration> {
        connection!(&self.0, connection => connection.poll_timeout())
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Duration) {
        connection!(&mut self.0, connection => connection.handle_timeout(now));
    }

    /// Whether nothing is left to read and to transmit.
    pub fn is_ended(&self) -> bool {
        connection!(&self.0, connection => connection.is_done())
    }

    /// Sends a message, RFC 6455 §6.1.
    ///
    /// # Errors
    /// [`Misuse::NotOpen`].
    pub fn send_message(&mut self, kind: MessageKind, payload: &[u8]) -> Result<(), Misuse> {
        connection!(&mut self.0, connection => connection.send_message(kind, payload))
    }

    /// Sends a ping, RFC 6455 §5.5.2. `payload`: at most 125 octets.
    ///
    /// # Errors
    /// [`Misuse::NotOpen`] and [`Misuse::ControlTooLong`].
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), Misuse> {
        connection!(&mut self.0, connection => connection.ping(payload))
    }

    /// Sends a pong that nobody asked for, RFC 6455 §5.5.3. `payload`: at most 125 octets.
    ///
    /// # Errors
    /// [`Misuse::NotOpen`] and [`Misuse::ControlTooLong`].
    pub fn pong(&mut self, payload: &[u8]) -> Result<(), Misuse> {
        connection!(&mut self.0, connection => connection.pong(payload))
    }

    /// Sends a message in that many fragments, RFC 6455 §5.4.
    ///
    /// # Errors
    /// [`Misuse::NotOpen`].
    pub fn send_fragments(
        &mut self,
        kind: MessageKind,
        payload: &[u8],
        fragments: usize,
    ) -> Result<(), Misuse> {
        connection!(&mut self.0, connection => connection.send_fragments(kind, payload, fragments))
    }

    /// Sends text messages of several tasks at once, each in that many fragments, which are not interleaved (RFC 6455 §5.4).
    ///
    /// # Errors
    /// [`Misuse::NotOpen`].
    pub fn send_at_once(&mut self, messages: &[Vec<u8>], fragments: usize) -> Result<(), Misuse> {
        connection!(&mut self.0, connection => connection.send_at_once(messages, fragments))
    }

    /// Ends TCP without a closing handshake.
    ///
    /// # Errors
    /// [`Misuse::NotOpen`].
    pub fn drop_tcp(&mut self) -> Result<(), Misuse> {
        connection!(&mut self.0, connection => connection.drop_tcp())
    }

    /// Whether text that UTF-8 cannot express is encoded all the same: a quirk.
    pub(crate) fn encodes_surrogates(&mut self) -> bool {
        connection!(&mut self.0, connection => connection.encodes_surrogates())
    }

    /// Starts the closing handshake, RFC 6455 §7.1.2. A reason of more than 123 octets is cut between characters.
    ///
    /// # Errors
    /// [`Misuse::NotOpen`], [`Misuse::CloseCode`] and [`Misuse::ReasonWithoutCode`].
    pub fn close(&mut self, code: Option<CloseCode>, reason: &str) -> Result<(), Misuse> {
        connection!(&mut self.0, connection => connection.close(code, reason))
    }
}
