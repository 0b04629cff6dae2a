//! What frames do to an endpoint: pings, Close frames and violations.

use super::{Endpoint, Phase};
use crate::closing::Closing;
use crate::event::{Event, Transmit};
use crate::quirk::catalogue::{ClosingFault, Failing, Pongs};
use crate::quirk::closing::{Reply, TcpEnd};
use crate::quirk::death::Mortal;
use crate::quirk::failing::{Failure, Then};
use crate::quirk::pongs::PingContext;
use crate::receive::Incoming;
use crate::variant::Variant;
use crate::violation::Violation;
use std::time::Duration;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::{CloseCode, Frame, Opcode};

impl Endpoint {
    /// Reads frames until something arrived, or no octet is left. Whether something arrived.
    pub(super) fn read_frames(&mut self, octets: &mut &[u8]) -> bool {
        let mut read = match self.receiver.ready() {
            Ok(None) => self.receiver.receive(octets),
            ready => ready,
        };
        if octets.is_empty() && read == Ok(None) {
            read = self.receiver.segment_end();
        }
        let arrived = matches!(read, Ok(Some(_)));
        match read {
            Ok(None) => {}
            Ok(Some(incoming)) => self.incoming(incoming, !octets.is_empty()),
            Err(violation) => {
                self.fail(violation);
                // Only a quirk reads on.
                self.receiver.skip(octets);
            }
        }
        arrived
    }

    /// What is left of octets that were read already: nothing, without a quirk.
    pub(super) fn read_ready(&mut self) -> bool {
        let Phase::Frames(Closing::Open | Closing::Sent { .. }) = self.phase else {
            return false;
        };
        match self.receiver.ready() {
            Ok(None) => return false,
            Ok(Some(incoming)) => self.incoming(incoming, false),
            Err(violation) => self.fail(violation),
        }
        true
    }

    /// The peer's direction ended after the opening handshake.
    pub(super) fn frames_end(&mut self) {
        for fault in self.faults.each::<ClosingFault>() {
            match fault {
                ClosingFault::EofIgnored => self.stick(),
                ClosingFault::Close1006OnEof if self.check_open().is_ok() => {
                    self.control(Opcode::Close, &1006u16.to_be_bytes());
                }
                _ => {}
            }
        }
    }

    /// `unread`: octets behind it arrived with it.
    fn incoming(&mut self, incoming: Incoming, unread: bool) {
        match incoming {
            Incoming::Message { kind, payload } => {
                self.messages += 1;
                self.events.push_back(Event::Message { kind, payload });
            }
            Incoming::Ping(payload) => self.pinged(payload),
            Incoming::Pong(payload) => {
                if let Some(mortal) = self.faults.showing(|mortal: Mortal| mortal.dies_of_pong(&payload)) {
                    return self.die(mortal.demise());
                }
                for fault in self.faults.each::<Pongs>() {
                    for frame in fault.answer_pong() {
                        self.send(frame, Duration::ZERO);
                    }
                }
                self.events.push_back(Event::Pong(payload));
            }
            Incoming::Close(close) => self.peer_closes(close, unread),
        }
    }

    /// §5.5.2: "MUST send a Pong frame in response, unless it already received a Close frame."
    fn pinged(&mut self, payload: Vec<u8>) {
        match self.faults.pongs() {
            None => {
                let pong = Frame::new(Opcode::Pong, payload.as_slice());
                if self.config.varies(Variant::PongForNewest) {
                    self.newest_pong = Some(pong);
                } else {
                    self.send(pong, Duration::ZERO);
                }
            }
            Some(fault) => {
                let context =
                    PingContext { amid_message: self.receiver.is_amid_message(), messages: self.messages };
                for frame in fault.answer(&payload, context, &mut self.pong_memory) {
                    self.send(frame, fault.delay());
                }
            }
        }
        self.events.push_back(Event::Ping(payload));
    }

    fn peer_closes(&mut self, close: ClosePayload, unread: bool) {
        let deadline = self.now + self.config.close_timeout;
        let Phase::Frames(closing) = &mut self.phase else {
            unreachable!("Close frames are read after the opening handshake");
        };
        let answer = closing.received(self.config.role, deadline);
        let payload = self.close_reply(&close);
        let amid_message = self.receiver.is_amid_message();
        let mut replies = self.faults.each::<ClosingFault>().map(|fault| {
            let reply = fault.reply(&close, &payload, amid_message, self.messages);
            fault.unread(unread, reply)
        });
        let lawful = Reply::lawful(payload.clone());
        let reply = replies.find(|reply| *reply != lawful).unwrap_or(lawful);
        if answer.close_frame {
            for frame in reply.frames {
                self.send(frame, reply.delay);
            }
        }
        self.events.push_back(Event::Closing { code: close.code, reason: close.reason });
        match reply.tcp_end {
            TcpEnd::Lawful if answer.close_tcp || self.config.varies(Variant::ClientClosesTcp) => {
                self.end();
            }
            TcpEnd::Lawful => {}
            TcpEnd::Now => self.end(),
            TcpEnd::Reset => self.end_with(Transmit::ResetTcp),
            TcpEnd::Late(delay) => {
                self.outbox.push_at(self.now + delay, Transmit::CloseTcp);
                self.stop();
            }
            TcpEnd::AfterPeer => self.phase = Phase::Stuck { until_eof: true },
            TcpEnd::Never if reply.reads_on => self.phase = Phase::Frames(Closing::Open),
            TcpEnd::Never => self.stick(),
        }
    }

    /// §5.5.1: "the endpoint typically echos the status code it received", or as the variant
    /// has it.
    fn close_reply(&self, close: &ClosePayload) -> Vec<u8> {
        let encode = |code: Option<CloseCode>, reason: &[u8]| {
            code.map(|code| ClosePayload::encode(code, reason)).unwrap_or_default()
        };
        match self.config.variant {
            Some(Variant::CloseReplyNormal) => encode(Some(CloseCode::NORMAL), b""),
            Some(Variant::CloseReplyGoingAway) => encode(Some(CloseCode(1001)), b""),
            Some(Variant::CloseReplyInternalError) => encode(Some(CloseCode(1011)), b""),
            Some(Variant::CloseReplyPrivate) => encode(Some(CloseCode(4000)), b""),
            Some(Variant::CloseReplyProtocolError) => encode(Some(CloseCode::PROTOCOL_ERROR), b""),
            Some(Variant::CloseReplyEmpty) => Vec::new(),
            Some(Variant::CloseReplyReasonEchoed) => encode(close.code, close.reason.as_bytes()),
            Some(Variant::CloseReplyReason) => {
                encode(close.code.or(Some(CloseCode::NORMAL)), "tsch\u{fc}ss".as_bytes())
            }
            Some(_) | None => encode(close.code, b""),
        }
    }

    /// _Fail the WebSocket Connection_, §7.1.7.
    fn fail(&mut self, violation: Violation) {
        if let Some(mortal) = self.faults.showing(|mortal: Mortal| mortal.dies_of(violation)) {
            self.die(mortal.demise());
            if !mortal.demise().goes_on() {
                return;
            }
        }
        let names_it = self.config.varies(Variant::FailsWithReason);
        let reason = if names_it { violation.to_string() } else { String::new() };
        let lawful = Failure::lawful(violation, &reason);
        let mut failures = self.faults.each::<Failing>().map(|fault| fault.fail(violation));
        let failure = failures.find(|failure| *failure != lawful).unwrap_or(lawful);
        if self.check_open().is_ok() {
            for frame in failure.frames {
                self.send(frame, failure.delay);
            }
        }
        self.events.push_back(Event::Failed(violation));
        let deadline = self.now + self.config.close_timeout;
        match failure.then {
            Then::CloseTcp => self.end(),
            Then::ResetTcp => self.end_with(Transmit::ResetTcp),
            Then::ReadOn => {}
            Then::AwaitClose => self.phase = Phase::Frames(Closing::Sent { deadline }),
            Then::Hang => self.stick(),
        }
    }
}
