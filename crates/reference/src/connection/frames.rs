//! What frames do to a connection: messages, pings and pongs, Close frames and violations, RFC 6455 §5.5 and §7.

use super::state::{Connection, Phase};
use crate::behavior::{Behavior, PingContext, ReplyContext, TcpEnd, Then};
use crate::closing::ClosingState;
use crate::event::{Event, Transmit};
use crate::receive::Incoming;
use crate::variant::Variant;
use crate::violation::Violation;
use std::time::Duration;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::{CloseCode, Opcode};

impl<B: Behavior> Connection<B> {
    /// Reads frames until something arrived, or no octet is left. Whether something arrived.
    pub(super) fn read_frames(&mut self, octets: &mut &[u8]) -> bool {
        let mut read = match self.behavior.held() {
            Ok(None) => self.receiver.receive_as(octets, &mut self.behavior),
            held => held,
        };
        if octets.is_empty() && read == Ok(None) {
            read = self.receiver.segment_end(&mut self.behavior);
        }
        let arrived = matches!(read, Ok(Some(_)));
        match read {
            Ok(None) => {}
            Ok(Some(incoming)) => self.incoming(incoming, !octets.is_empty()),
            Err(violation) => {
                self.fail(violation);
                // For quirks that read on.
                self.receiver.skip(octets);
            }
        }
        arrived
    }

    /// Takes what was read before and held back: only quirks hold something back.
    pub(super) fn read_held(&mut self) -> bool {
        let Phase::Frames(ClosingState::Open | ClosingState::Sent { .. }) = self.phase else {
            return false;
        };
        match self.behavior.held() {
            Ok(None) => return false,
            Ok(Some(incoming)) => self.incoming(incoming, false),
            Err(violation) => self.fail(violation),
        }
        true
    }

    /// The peer's direction ended after the opening handshake.
    pub(super) fn frames_end(&mut self) {
        if !self.behavior.ends_after_peer() {
            return self.stick();
        }
        if let Some(code) = self.behavior.close_at_eof()
            && self.check_open().is_ok()
        {
            self.control(Opcode::Close, &code.0.to_be_bytes());
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
            Incoming::Pong(payload) => self.ponged(payload),
            Incoming::Close(close) => self.peer_closes(close, unread),
        }
    }

    /// §5.5.2: "MUST send a Pong frame in response, unless it already received a Close frame."
    fn pinged(&mut self, payload: Vec<u8>) {
        let context = PingContext { mid_message: self.receiver.is_mid_message(), messages: self.messages };
        let mut pongs = self.behavior.pong(&payload, context);
        if self.config.varies(Variant::PongForNewest) {
            self.newest_pong = pongs.frames.pop();
        }
        for frame in pongs.frames {
            self.send(frame, pongs.delay);
        }
        self.events.push_back(Event::Ping(payload));
    }

    /// §5.5.3: a pong may be unsolicited, and nothing answers it.
    fn ponged(&mut self, payload: Vec<u8>) {
        if let Some(demise) = self.behavior.dies_of_pong(&payload) {
            return self.die(demise);
        }
        if self.behavior.fails_at_pong(&payload) {
            return self.fail(Violation::ControlFragmented);
        }
        for frame in self.behavior.frames_for_pong() {
            self.send(frame, Duration::ZERO);
        }
        self.events.push_back(Event::Pong(payload));
    }

    /// §5.5.1: "If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint MUST send a Close
    /// frame in response."
    fn peer_closes(&mut self, close: ClosePayload, unread: bool) {
        let deadline = self.now + self.config.close_timeout;
        let Phase::Frames(closing) = &mut self.phase else {
            unreachable!("Close frames are read after the opening handshake");
        };
        let answer = closing.received(self.config.role, deadline);
        let payload = self.close_reply(&close);
        let mid_message = self.receiver.is_mid_message();
        let context = ReplyContext { mid_message, messages: self.messages, unread };
        let reply = self.behavior.close_reply(&close, &payload, context);
        if answer.close_frame || self.behavior.answers_after_own_close() {
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
            TcpEnd::Never if reply.reads_on => self.phase = Phase::Frames(ClosingState::Open),
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
        let names_it = self.config.varies(Variant::FailsWithReason);
        let reason = if names_it { violation.to_string() } else { String::new() };
        let failure = self.behavior.fail(violation, &reason);
        if let Some(demise) = failure.demise {
            self.die(demise);
            if !demise.goes_on() {
                return;
            }
        }
        // §7.1.7: "If _The WebSocket Connection is Established_ prior to the point where the endpoint is required to _Fail the
        // WebSocket Connection_, the endpoint SHOULD send a Close frame with an appropriate status code".
        if self.check_open().is_ok() {
            for frame in failure.frames {
                self.send(frame, failure.delay);
            }
        }
        self.events.push_back(Event::Failed(violation));
        match failure.then {
            Then::CloseTcp => self.end(),
            Then::ResetTcp => self.end_with(Transmit::ResetTcp),
            Then::ReadOn => {}
            Then::AwaitClose => self.await_close(),
            Then::Hang => self.stick(),
        }
    }
}
