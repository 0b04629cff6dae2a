//! The endpoint that this project audits itself with: it sends each message back.

use super::config::Config;
use super::endpoint::Endpoint;
use super::event::{Event, Transmit};
use std::collections::VecDeque;
use std::time::Duration;

/// `Endpoint`, and an application that echoes.
#[derive(Debug)]
pub struct EchoEndpoint {
    endpoint: Endpoint,
    events: VecDeque<Event>,
}

impl EchoEndpoint {
    pub fn new(config: Config) -> EchoEndpoint {
        EchoEndpoint { endpoint: Endpoint::new(config), events: VecDeque::new() }
    }

    pub fn receive(&mut self, now: Duration, octets: &[u8]) {
        self.endpoint.receive(now, octets);
        self.echo();
    }

    pub fn receive_eof(&mut self, now: Duration) {
        self.endpoint.receive_eof(now);
        self.echo();
    }

    pub fn receive_reset(&mut self, now: Duration) {
        self.endpoint.receive_reset(now);
        self.echo();
    }

    /// What happened; echoes are sent already.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        self.endpoint.poll_transmit(now)
    }

    pub fn poll_timeout(&self) -> Option<Duration> {
        self.endpoint.poll_timeout()
    }

    pub fn handle_timeout(&mut self, now: Duration) {
        self.endpoint.handle_timeout(now);
        self.echo();
    }

    pub fn is_ended(&self) -> bool {
        self.endpoint.is_ended()
    }

    /// The endpoint, for an application that also begins something itself.
    pub fn endpoint(&mut self) -> &mut Endpoint {
        &mut self.endpoint
    }

    fn echo(&mut self) {
        while let Some(event) = self.endpoint.poll_event() {
            if let Event::Message { kind, payload } = &event {
                // A Close frame was sent already: the message has nobody to go to.
                let _not_open = self.endpoint.send_message(*kind, payload);
            }
            self.events.push_back(event);
        }
    }
}
