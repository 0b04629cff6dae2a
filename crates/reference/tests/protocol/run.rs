//! Drives one endpoint without a transport.

use std::time::Duration;
use wsgauntlet_reference::{Config, EchoEndpoint, Event, Transmit};
use wsgauntlet_wire::{Frame, Role};

/// The request of RFC 6455 §1.2, shortened.
pub const REQUEST: &str = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// All events and octets of an endpoint.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Output {
    pub events: Vec<Event>,
    pub octets: Vec<u8>,
    /// `CloseTcp` and `ResetTcp`, and how many octets went before.
    pub ends: Vec<(usize, Transmit)>,
}

/// One transmission: when, how many ends of TCP before it, and its octets.
pub type Write = (Duration, usize, Vec<u8>);

pub struct Run {
    pub role: Role,
    pub endpoint: EchoEndpoint,
    pub now: Duration,
    pub output: Output,
    pub writes: Vec<Write>,
}

impl Run {
    pub fn new(config: Config) -> Run {
        Run::of(config.role, EchoEndpoint::new(config))
    }

    /// Of an endpoint that records which quirks its steps ask for.
    pub fn recording(config: Config) -> Run {
        Run::of(config.role, EchoEndpoint::recording(config))
    }

    fn of(role: Role, endpoint: EchoEndpoint) -> Run {
        let mut run =
            Run { role, writes: Vec::new(), endpoint, now: Duration::ZERO, output: Output::default() };
        run.drain();
        run
    }

    /// An endpoint whose opening handshake is done, its output cleared.
    pub fn open(role: Role) -> Run {
        Run::open_with(Config::new(role))
    }

    pub fn open_with(config: Config) -> Run {
        let role = config.role;
        let mut run = Run::new(config);
        match role {
            Role::Server => run.receive(REQUEST.as_bytes()),
            Role::Client => {
                let response = response_to(&run.output.octets);
                run.receive(&response);
            }
        }
        assert!(matches!(run.output.events[..], [Event::Open { .. }]), "{:?}", run.output);
        run.output = Output::default();
        run
    }

    pub fn receive(&mut self, octets: &[u8]) {
        self.endpoint.receive(self.now, octets);
        self.drain();
    }

    pub fn receive_eof(&mut self) {
        self.endpoint.receive_eof(self.now);
        self.drain();
    }

    /// Lets time pass up to the next timeout.
    pub fn wait(&mut self) {
        self.now = self.endpoint.poll_timeout().expect("a timeout");
        self.endpoint.handle_timeout(self.now);
        self.drain();
    }

    /// Lets time pass, and timeouts with it.
    pub fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(timeout) = self.endpoint.poll_timeout().filter(|at| *at <= until) {
            self.now = timeout;
            self.endpoint.handle_timeout(timeout);
            self.drain();
        }
        self.now = until;
    }

    fn drain(&mut self) {
        while let Some(event) = self.endpoint.poll_event() {
            self.output.events.push(event);
        }
        while let Some(transmit) = self.endpoint.poll_transmit(self.now) {
            match transmit {
                Transmit::Octets(octets) => {
                    let ends = self.output.ends.len();
                    self.output.octets.extend_from_slice(&octets);
                    self.writes.push((self.now, ends, octets));
                }
                end @ (Transmit::CloseTcp
                | Transmit::ResetTcp
                | Transmit::ClientHello(_)
                | Transmit::GiveUp
                | Transmit::Die(_)) => {
                    self.output.ends.push((self.output.octets.len(), end));
                }
            }
        }
    }

    /// The output as text, for heads.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.output.octets).into_owned()
    }

    /// The frames that were sent, unmasked.
    pub fn frames(&self) -> Vec<(u8, Vec<u8>)> {
        frames(&self.output.octets)
    }

    pub fn is_closed(&self) -> bool {
        matches!(self.output.ends[..], [(_, Transmit::CloseTcp)]) && self.endpoint.is_ended()
    }
}

/// First octet and payload of each frame.
pub fn frames(octets: &[u8]) -> Vec<(u8, Vec<u8>)> {
    wsgauntlet_wire::naive::frames(octets)
        .into_iter()
        .map(|frame| (octets[frame.start], frame.payload))
        .collect()
}

/// The octets of a frame as the peer of `role` sends it.
pub fn sent_to(role: Role, frame: Frame) -> Vec<u8> {
    match role {
        Role::Server => frame.masked([0x37, 0xfa, 0x21, 0x3d]).to_octets(),
        Role::Client => frame.to_octets(),
    }
}

/// A response that opens.
pub fn response_to(request: &[u8]) -> Vec<u8> {
    response_with(request, "")
}

/// A response that opens, with further lines.
pub fn response_with(request: &[u8], lines: &str) -> Vec<u8> {
    let accept = accept_of(request);
    format!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{lines}\r\n").into_bytes()
}

pub fn accept_of(request: &[u8]) -> String {
    let (head, _) = wsgauntlet_wire::opening::RequestHead::parse(request).expect("a request").expect("whole");
    let key = head.fields.single("Sec-WebSocket-Key").expect("a key");
    wsgauntlet_wire::opening::key::accept(key)
}
