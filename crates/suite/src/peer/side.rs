//! What a transport calls of our end of a connection.

use super::action::Action;
use std::time::Duration;

/// Our end of a connection, whoever decides what it says. Sans-io: `now` counts from the start of the connection attempt, and
/// never decreases.
pub trait Side {
    /// The transport (TCP, or TLS over it) is established.
    fn connected(&mut self, now: Duration);
    /// The target sent octets.
    fn receive(&mut self, now: Duration, octets: &[u8]);
    /// The target closed its direction in order.
    fn receive_eof(&mut self, now: Duration);
    /// The connection was reset.
    fn receive_reset(&mut self, now: Duration);
    /// The next thing to do with the transport. It counts as done at `now`.
    fn poll_transmit(&mut self, now: Duration) -> Option<Action>;
    /// When `handle_timeout` is to be called, if nothing happens before.
    fn poll_timeout(&self) -> Option<Duration>;
    /// Tells it that the time of [`Output::Wait`](super::outgoing::Output) has come.
    fn handle_timeout(&mut self, now: Duration);
    /// Whether everything is decided. What is still to transmit need not be sent.
    fn is_finished(&self) -> bool;
}
