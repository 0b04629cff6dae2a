//! The calls of an endpoint in one play, with their results: enough to check whether another endpoint would have done the same,
//! without playing again.

use super::pair::Tested;
use std::time::Duration;
use wsgauntlet_reference::{Config, EchoEndpoint, QuirkSet, Transmit};

/// One call of an endpoint, with what it gave.
#[derive(Debug)]
enum Call {
    Receive(Duration, Vec<u8>),
    Eof(Duration),
    Reset(Duration),
    PollTransmit(Duration, Option<Transmit>),
    PollTimeout(Option<Duration>),
    HandleTimeout(Duration),
}

/// The calls of one play, in their order.
#[derive(Debug)]
pub struct Tape {
    config: Config,
    calls: Vec<Call>,
    asked: QuirkSet,
}

impl Tape {
    /// The quirks that the endpoint's steps asked for. Another one shows in this play only if its endpoint offers something else.
    pub fn asked(&self) -> QuirkSet {
        self.asked
    }

    /// Whether an endpoint that differs in `config` does the same at each call. If it does, the
    /// play against it is the one that was taped: same octets, same times, same transcript.
    pub fn is_same_for(&self, differ: impl FnOnce(&mut Config)) -> bool {
        let mut config = self.config.clone();
        differ(&mut config);
        let mut endpoint = EchoEndpoint::new(config);
        self.calls.iter().all(|call| is_same(&mut endpoint, call))
    }

    /// How many octets the endpoint received and sent.
    pub fn octets_len(&self) -> usize {
        let len = |call: &Call| match call {
            Call::Receive(_, octets) | Call::PollTransmit(_, Some(Transmit::Octets(octets))) => octets.len(),
            Call::Eof(_)
            | Call::Reset(_)
            | Call::PollTransmit(..)
            | Call::PollTimeout(_)
            | Call::HandleTimeout(_) => 0,
        };
        self.calls.iter().map(len).sum()
    }
}

fn is_same(endpoint: &mut EchoEndpoint, call: &Call) -> bool {
    match call {
        Call::Receive(now, octets) => Tested::receive(endpoint, *now, octets),
        Call::Eof(now) => Tested::receive_eof(endpoint, *now),
        Call::Reset(now) => Tested::receive_reset(endpoint, *now),
        Call::PollTransmit(now, transmit) => return Tested::poll_transmit(endpoint, *now) == *transmit,
        Call::PollTimeout(timeout) => return Tested::poll_timeout(endpoint) == *timeout,
        Call::HandleTimeout(now) => Tested::handle_timeout(endpoint, *now),
    }
    true
}

/// An endpoint whose calls are kept.
#[derive(Debug)]
pub(super) struct Recorder {
    endpoint: EchoEndpoint,
    tape: Tape,
}

impl Recorder {
    pub(super) fn new(config: Config) -> Recorder {
        let tape = Tape { config: config.clone(), calls: Vec::new(), asked: QuirkSet::default() };
        Recorder { endpoint: EchoEndpoint::recording(config), tape }
    }

    pub(super) fn into_tape(self) -> Tape {
        Tape { asked: self.endpoint.asked().unwrap_or_default(), ..self.tape }
    }
}

impl Tested for Recorder {
    fn receive(&mut self, now: Duration, octets: &[u8]) {
        Tested::receive(&mut self.endpoint, now, octets);
        self.tape.calls.push(Call::Receive(now, octets.to_vec()));
    }

    fn receive_eof(&mut self, now: Duration) {
        Tested::receive_eof(&mut self.endpoint, now);
        self.tape.calls.push(Call::Eof(now));
    }

    fn receive_reset(&mut self, now: Duration) {
        Tested::receive_reset(&mut self.endpoint, now);
        self.tape.calls.push(Call::Reset(now));
    }

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        let transmit = Tested::poll_transmit(&mut self.endpoint, now);
        self.tape.calls.push(Call::PollTransmit(now, transmit.clone()));
        transmit
    }

    fn poll_timeout(&mut self) -> Option<Duration> {
        let timeout = Tested::poll_timeout(&mut self.endpoint);
        self.tape.calls.push(Call::PollTimeout(timeout));
        timeout
    }

    fn handle_timeout(&mut self, now: Duration) {
        Tested::handle_timeout(&mut self.endpoint, now);
        self.tape.calls.push(Call::HandleTimeout(now));
    }
}
