//! The opening handshake of a connection, RFC 6455 §4.

use super::dial::dial;
use super::state::{Connection, Phase};
use crate::behavior::{Behavior, FailedOpening, OpeningAnswer, Refusing};
use crate::closing::ClosingState;
use crate::config::Config;
use crate::event::{Event, Transmit};
use crate::opening_client::{ClientOpening, ResponseError, ResponseOutcome};
use crate::opening_server::{RequestOutcome, ServerOpening};
use crate::outbox::Outbox;
use crate::receive::Receiver;
use crate::refusal::Refusal;
use crate::send::Sender;
use crate::variant::Variant;
use std::collections::VecDeque;
use std::time::Duration;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{Opcode, Role, SplitMix64};

impl<B: Behavior> Connection<B> {
    /// A server awaits a request. A client has sent its own, if it opens a connection at all.
    pub(crate) fn new(mut config: Config, mut behavior: B) -> Connection<B> {
        let mut rng = SplitMix64::new(config.seed);
        let mut outbox = Outbox::default();
        let mut early = None;
        let phase = if config.role == Role::Server {
            Phase::ServerOpening(ServerOpening::default())
        } else if dial(&mut config, &mut outbox, &mut behavior) {
            let (request, opening) = ClientOpening::new_as(&config, rng.nonce(), &mut behavior);
            outbox.push(Transmit::Octets(request));
            early = behavior.frame_before_response();
            Phase::ClientOpening(opening)
        } else {
            Phase::Stuck { until_eof: false }
        };
        let mut connection = Connection {
            now: Duration::ZERO,
            behavior,
            phase,
            input: VecDeque::new(),
            input_end: false,
            receiver: Receiver::new(&config),
            sender: Sender::new(&config, rng),
            events: VecDeque::new(),
            outbox,
            messages: 0,
            newest_pong: None,
            config,
        };
        if let Some(frame) = early {
            connection.send(frame, Duration::ZERO);
        }
        connection
    }

    /// Reads octets of the peer's head; those after it stay.
    pub(super) fn read_head(&mut self, octets: &mut &[u8]) {
        let len = octets.windows(4).position(|end| end == b"\r\n\r\n").unwrap_or(octets.len());
        if !self.behavior.takes_head_octets(&octets[..len]) {
            *octets = &[];
            return self.stick();
        }
        match &mut self.phase {
            Phase::ServerOpening(opening) => {
                let outcome = opening.receive_as(&self.config, octets, &mut self.behavior);
                self.server_opening(outcome);
            }
            Phase::ClientOpening(opening) => {
                match opening.receive_as(&self.config, octets, &mut self.behavior) {
                    ResponseOutcome::Incomplete => {}
                    ResponseOutcome::Opened(opened) => {
                        let target = self.config.target.clone();
                        self.open(target, opened.subprotocol, opened.deflate);
                    }
                    ResponseOutcome::Failed(error) => {
                        let location = opening.location();
                        self.events.extend(location.map(|location| Event::Redirected(location.to_vec())));
                        self.opening_failed(error);
                    }
                }
            }
            Phase::Frames(_) | Phase::Stuck { .. } => {}
        }
        if self.is_opened() && !self.behavior.keeps_octets_after_head() {
            *octets = &[];
        }
    }

    /// The peer's direction ended within its head.
    pub(super) fn head_end(&mut self) {
        if let Phase::ServerOpening(opening) = &mut self.phase {
            let outcome = opening.receive_eof(&self.config, &mut self.behavior);
            self.server_opening(outcome);
        } else {
            self.opening_failed(ResponseError::CutShort);
        }
    }

    fn server_opening(&mut self, outcome: RequestOutcome) {
        if matches!(outcome, RequestOutcome::Incomplete) {
            return;
        }
        let delay = match self.behavior.answer() {
            OpeningAnswer::Respond(delay) => delay,
            OpeningAnswer::Never => return self.stick(),
            OpeningAnswer::CloseTcp => return self.end(),
        };
        match outcome {
            RequestOutcome::Incomplete => {}
            RequestOutcome::Accepted(accepted) => {
                self.transmit(accepted.response, delay);
                self.open(accepted.target, accepted.subprotocol, accepted.deflate);
            }
            RequestOutcome::Refused { refusal, response } => self.refuse(refusal, response),
        }
    }

    /// §4.2.1: the server "MUST stop processing the client's handshake and return an HTTP response with an appropriate error
    /// code".
    fn refuse(&mut self, refusal: Refusal, response: Vec<u8>) {
        let refusing = self.behavior.refuse(&refusal, response);
        if let Refusing::Die(demise) = refusing {
            return self.die(demise);
        }
        let keeps = self.config.varies(Variant::RefusalKeepsConnection) && refusal.leaves_framing_sound();
        self.events.push_back(Event::Refused(refusal));
        match refusing {
            Refusing::Respond(response) => self.transmit(response, Duration::ZERO),
            Refusing::CloseTcp | Refusing::Die(_) => {}
            Refusing::ResetTcp => return self.end_with(Transmit::ResetTcp),
            Refusing::Hang => return self.stick(),
        }
        if keeps {
            self.phase = Phase::ServerOpening(ServerOpening::default());
        } else {
            self.end();
        }
    }

    /// _The WebSocket Connection is Established_, §4.1 and §4.2.2.
    fn open(&mut self, target: String, subprotocol: Option<String>, deflate: Option<DeflateParams>) {
        self.sender.agree(deflate, &mut self.behavior);
        self.receiver.agree_as(deflate, &mut self.behavior);
        self.phase = Phase::Frames(ClosingState::Open);
        self.events.push_back(Event::Open { target, subprotocol, deflate });
        if let Some(code) = self.behavior.close_when_open(deflate.as_ref()) {
            self.control(Opcode::Close, &code.0.to_be_bytes());
            self.await_close();
        }
        let transmits = self.behavior.transmit_when_open(self.config.role);
        self.transmit_all(transmits);
    }

    /// §4.1: the client fails the connection. No frame may be sent: it was never open.
    fn opening_failed(&mut self, error: ResponseError) {
        let failed = self.behavior.fail_opening(&error);
        if let FailedOpening::Die(demise) = failed {
            return self.die(demise);
        }
        self.events.push_back(Event::OpeningFailed(error));
        match failed {
            FailedOpening::CloseTcp | FailedOpening::Die(_) => self.end(),
            FailedOpening::Hang => self.stick(),
            FailedOpening::SendClose => {
                self.control(Opcode::Close, &[0x03, 0xea]);
                self.end();
            }
            FailedOpening::RequestAgain => {
                let nonce = SplitMix64::new(self.config.seed).nonce();
                let (request, _) = ClientOpening::new_as(&self.config, nonce, &mut self.behavior);
                self.transmit(request, Duration::ZERO);
                self.stick();
            }
        }
    }
}
