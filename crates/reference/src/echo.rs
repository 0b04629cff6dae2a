//! The endpoint that this project audits itself with: it sends each message back, and obeys commands (docs/drivers.md).

use super::config::Config;
use super::driver;
use super::endpoint::Endpoint;
use super::event::{Event, Transmit};
use super::quirk::QuirkSet;
use std::collections::VecDeque;
use std::time::Duration;

/// `Endpoint`, and an application that echoes.
#[derive(Debug)]
pub struct EchoEndpoint {
    endpoint: Endpoint,
    events: VecDeque<Event>,
    /// The application reads nothing until then.
    asleep_until: Option<Duration>,
}

impl EchoEndpoint {
    /// As [`Endpoint::new`].
    pub fn new(config: Config) -> EchoEndpoint {
        EchoEndpoint { endpoint: Endpoint::new(config), events: VecDeque::new(), asleep_until: None }
    }

    /// As [`Endpoint::recording`].
    pub fn recording(config: Config) -> EchoEndpoint {
        EchoEndpoint { endpoint: Endpoint::recording(config), events: VecDeque::new(), asleep_until: None }
    }

    /// As [`Endpoint::asked`].
    pub fn asked(&self) -> Option<QuirkSet> {
        self.endpoint.asked()
    }

    /// As [`Endpoint::receive`]; what arrives is echoed.
    pub fn receive(&mut self, now: Duration, octets: &[u8]) {
        self.endpoint.receive(now, octets);
        self.echo(now);
    }

    /// As [`Endpoint::receive_eof`].
    pub fn receive_eof(&mut self, now: Duration) {
        self.endpoint.receive_eof(now);
        self.echo(now);
    }

    /// As [`Endpoint::receive_reset`].
    pub fn receive_reset(&mut self, now: Duration) {
        self.asleep_until = None;
        self.endpoint.receive_reset(now);
        self.echo(now);
    }

    /// The next event; echoes are sent already.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// As [`Endpoint::poll_transmit`].
    pub fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        self.endpoint.poll_transmit(now)
    }

    /// As [`Endpoint::poll_timeout`].
    pub fn poll_timeout(&self) -> Option<Duration> {
        [self.endpoint.poll_timeout(), self.asleep_until].into_iter().flatten().min()
    }

    /// As [`Endpoint::handle_timeout`].
    pub fn handle_timeout(&mut self, now: Duration) {
        self.endpoint.handle_timeout(now);
        if self.asleep_until.take_if(|until| *until <= now).is_some() {
            driver::awake(&mut self.endpoint);
        }
        self.echo(now);
    }

    /// As [`Endpoint::is_ended`].
    pub fn is_ended(&self) -> bool {
        self.endpoint.is_ended()
    }

    /// The endpoint, for an application that also begins something itself.
    pub fn endpoint(&mut self) -> &mut Endpoint {
        &mut self.endpoint
    }

    fn echo(&mut self, now: Duration) {
        while self.asleep_until.is_none()
            && let Some(event) = self.endpoint.poll_event()
        {
            if let Event::Message { kind, payload } = &event {
                match driver::obey(&mut self.endpoint, *kind, payload) {
                    Some(pause) if !pause.is_zero() => self.asleep_until = Some(now + pause),
                    Some(_) => {}
                    None => {
                        // A Close frame was sent already: the message has nobody to go to.
                        let _not_open = self.endpoint.send_message(*kind, payload);
                    }
                }
            }
            self.events.push_back(event);
        }
    }
}
