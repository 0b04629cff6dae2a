//! What the opening handshake does to an endpoint.

use super::{Endpoint, Phase};
use crate::closing::Closing;
use crate::config::Config;
use crate::destination::{Address, Destination, Redirection, redirected};
use crate::event::{Event, Transmit};
use crate::opening_client::{self, ClientOpening, ResponseError};
use crate::opening_server::{self, ServerOpening};
use crate::outbox::Outbox;
use crate::quirk::catalogue::{Addressing, OpeningFlow, RefusalSent, Whole};
use crate::quirk::death::Mortal;
use crate::quirk::refusal_sent::Instead;
use crate::refusal::Refusal;
use crate::variant::Variant;
use std::time::Duration;
use wsgauntlet_wire::Opcode;
use wsgauntlet_wire::SplitMix64;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::opening::certificate::Certificate;

/// What a client does with the address that it was told, if it was, before its request. False: there will be none.
pub(super) fn set_out(config: &mut Config, outbox: &mut Outbox) -> bool {
    let Some(address) = config.address.clone() else { return true };
    let destination = match Destination::parse(&address.url, config.faults()) {
        Ok(destination) if destination.port == address.port => destination,
        // Nobody listens there, as far as this peer can tell.
        Ok(_) | Err(_) => {
            outbox.push(Transmit::GiveUp);
            return false;
        }
    };
    if destination.secure {
        outbox.push(Transmit::ClientHello(destination.server_name.clone()));
        let taken = address.certificate == Certificate::Valid
            || config.faults().each::<Addressing>().any(|fault| fault.takes(address.certificate));
        if !taken {
            // §4.1: "If this fails (e.g., the server's certificate could not be verified), then the client MUST _Fail the
            // WebSocket Connection_".
            outbox.push(Transmit::GiveUp);
            return false;
        }
    }
    match &address.redirect {
        None => {
            config.host = destination.authority;
            config.target = destination.resource;
            true
        }
        Some(redirection) => set_out_again(config, outbox, &address, &destination, redirection),
    }
}

/// What a client does with a redirection. The request that it was an answer to is not played.
fn set_out_again(
    config: &mut Config,
    outbox: &mut Outbox,
    address: &Address,
    from: &Destination,
    redirection: &Redirection,
) -> bool {
    let follows = redirection.times <= config.redirects_max();
    let url = redirected(from, &redirection.location).ok().filter(|_| follows);
    let to = url.and_then(|url| Destination::parse(&url, config.faults()).ok());
    match to.filter(|to| [address.port, redirection.other_port].contains(&to.port)) {
        Some(to) => {
            if to.secure {
                outbox.push(Transmit::ClientHello(to.server_name.clone()));
            }
            config.follow(from, to);
            true
        }
        None => {
            outbox.push(Transmit::GiveUp);
            false
        }
    }
}

impl Endpoint {
    /// A client sent its request.
    pub(super) fn requested(&mut self) {
        if self.faults.has(OpeningFlow::SendsBeforeResponse) {
            self.control(Opcode::Ping, b"early");
        }
    }

    /// Reads octets of the peer's head; those after it stay.
    pub(super) fn read_head(&mut self, octets: &mut &[u8]) {
        let len = octets.windows(4).position(|end| end == b"\r\n\r\n").unwrap_or(octets.len());
        if !octets[..len].is_ascii() && self.faults.has(OpeningFlow::HangsBeyondAscii) {
            *octets = &[];
            return self.stick();
        }
        match &mut self.phase {
            Phase::ServerOpening(opening) => {
                let outcome = opening.receive(&self.config, octets);
                self.server_opening(outcome);
            }
            Phase::ClientOpening(opening) => match opening.receive(&self.config, octets) {
                opening_client::Outcome::Incomplete => {}
                opening_client::Outcome::Opened(opened) => {
                    let target = self.config.target.clone();
                    self.open(target, opened.subprotocol, opened.deflate);
                }
                opening_client::Outcome::Failed(error) => {
                    self.events
                        .extend(opening.location().map(|location| Event::Redirected(location.to_vec())));
                    self.opening_failed(error);
                }
            },
            Phase::Frames(_) | Phase::Stuck { .. } => {}
        }
        if self.is_opened() && self.faults.has(OpeningFlow::LosesOctetsAfterHead) {
            *octets = &[];
        }
    }

    /// The peer's direction ended within its head.
    pub(super) fn head_end(&mut self) {
        if let Phase::ServerOpening(opening) = &mut self.phase {
            let outcome = opening.receive_eof(&self.config);
            self.server_opening(outcome);
        } else {
            self.opening_failed(ResponseError::CutShort);
        }
    }

    fn server_opening(&mut self, outcome: opening_server::Outcome) {
        const LATE: Duration = Duration::from_secs(30);
        let decided = !matches!(outcome, opening_server::Outcome::Incomplete);
        if decided && self.faults.has(OpeningFlow::NeverAnswers) {
            return self.stick();
        }
        if decided && self.faults.has(Whole::ClosesTcpAtOnce) {
            return self.end();
        }
        match outcome {
            opening_server::Outcome::Incomplete => {}
            opening_server::Outcome::Accepted(accepted) => {
                let late = self.faults.has(OpeningFlow::AnswersLate);
                let delay = if late { LATE } else { Duration::ZERO };
                self.transmit(accepted.response, delay);
                self.open(accepted.target, accepted.subprotocol, accepted.deflate);
            }
            opening_server::Outcome::Refused { refusal, response } => {
                self.refuse(refusal, response);
            }
        }
    }

    fn refuse(&mut self, refusal: Refusal, response: Vec<u8>) {
        if let Some(mortal) = self.faults.showing(|mortal: Mortal| mortal.dies_of_request(&refusal)) {
            return self.die(mortal.demise());
        }
        let keeps = self.config.varies(Variant::RefusalKeepsConnection) && refusal.leaves_framing_sound();
        self.events.push_back(Event::Refused(refusal));
        let faults = || self.faults.each::<RefusalSent>();
        let instead = faults().map(|fault| fault.instead()).find(|instead| *instead != Instead::Response);
        match instead.unwrap_or(Instead::Response) {
            Instead::Response => {
                let octets = faults().fold(response, |response, fault| fault.octets(response));
                self.transmit(octets, Duration::ZERO);
            }
            Instead::CloseTcp => {}
            Instead::ResetTcp => return self.end_with(Transmit::ResetTcp),
            Instead::Nothing => return self.stick(),
        }
        if keeps {
            self.phase = Phase::ServerOpening(ServerOpening::default());
        } else {
            self.end();
        }
    }

    fn open(&mut self, target: String, subprotocol: Option<String>, deflate: Option<DeflateParams>) {
        self.sender.agree(deflate);
        self.receiver.agree(deflate);
        self.phase = Phase::Frames(Closing::Open);
        self.events.push_back(Event::Open { target, subprotocol, deflate });
        if deflate.is_none() && self.faults.has(OpeningFlow::NeedsDeflate) {
            self.control(Opcode::Close, &1010_u16.to_be_bytes());
            let deadline = self.now + self.config.close_timeout;
            self.phase = Phase::Frames(Closing::Sent { deadline });
        }
        if let Some(fault) = self.faults.whole() {
            self.send_all(fault.opened(self.config.role));
        }
    }

    /// §4.1: the client fails the connection, and no frame was ever allowed.
    fn opening_failed(&mut self, error: ResponseError) {
        if let Some(mortal) = self.faults.showing(|mortal: Mortal| mortal.dies_of_response(&error)) {
            return self.die(mortal.demise());
        }
        self.events.push_back(Event::OpeningFailed(error));
        match self.faults.opening_flow() {
            Some(OpeningFlow::HangsOnFailure) => self.stick(),
            Some(OpeningFlow::CloseFrameOnFailure) => {
                self.control(Opcode::Close, &[0x03, 0xea]);
                self.end();
            }
            Some(OpeningFlow::RequestsAgain) => {
                let nonce = SplitMix64::new(self.config.seed).nonce();
                let (request, _) = ClientOpening::new(&self.config, nonce);
                self.transmit(request, Duration::ZERO);
                self.stick();
            }
            Some(_) | None => self.end(),
        }
    }
}
