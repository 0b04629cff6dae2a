//! What a transport and an application call: octets and the time go in, events and octets come out.

use super::state::{Connection, Phase, Segment};
use crate::behavior::{Behavior, Input};
use crate::closing::ClosingState;
use crate::event::{Event, MessageKind, Transmit};
use crate::misuse::Misuse;
use crate::variant::Variant;
use std::time::Duration;
use wsgauntlet_wire::{CloseCode, Frame, Opcode};

impl<B: Behavior> Connection<B> {
    pub(crate) fn receive(&mut self, now: Duration, octets: &[u8]) {
        self.now = now;
        if octets.is_empty() {
            if !self.behavior.survives_partial_record() {
                self.end();
            }
            return;
        }
        if !self.reads() {
            return;
        }
        let input = match self.is_opened() {
            true => self.behavior.input(octets, self.config.role),
            false => Input::Read(octets.to_vec()),
        };
        match input {
            Input::Read(octets) => self.input.push_back(Segment { octets, read: 0, things: 0 }),
            Input::Ignore => {}
            Input::Transmit(transmits) => self.transmit_all(transmits),
        }
    }

    pub(crate) fn receive_eof(&mut self, now: Duration) {
        self.now = now;
        self.input_end = true;
    }

    pub(crate) fn receive_reset(&mut self, now: Duration) {
        self.now = now;
        self.outbox.clear();
        self.stop();
    }

    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            if !self.read() {
                return None;
            }
        }
    }

    pub(crate) fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        self.now = now;
        self.flush_pong();
        for pong in self.behavior.held_pongs(self.receiver.is_mid_message()) {
            self.send(pong, Duration::ZERO);
        }
        self.outbox.release(now);
        if self.is_opened() && self.behavior.alters_output() {
            return self.altered_output();
        }
        match self.config.variant {
            Some(Variant::WritesSingly) => self.outbox.pop(),
            Some(Variant::WritesInPieces) => self.outbox.pop_piece(),
            Some(_) | None => self.outbox.pop_joined(),
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        let deadline = self.deadline();
        let due = self.outbox.next_due();
        [deadline, due].into_iter().flatten().min()
    }

    pub(crate) fn handle_timeout(&mut self, now: Duration) {
        self.now = now;
        self.outbox.release(now);
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.end();
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.is_ended() && self.outbox.is_empty()
    }

    /// §6.1: _Send a WebSocket Message_.
    pub(crate) fn send_message(&mut self, kind: MessageKind, payload: &[u8]) -> Result<(), Misuse> {
        self.check_may_send()?;
        if self.config.varies(Variant::PingBeforeMessage) {
            self.control(Opcode::Ping, b"before");
        }
        if self.config.varies(Variant::PongEmptyUnsolicited) {
            self.control(Opcode::Pong, b"");
        }
        let delay = self.behavior.message_delay();
        for octets in self.sender.message(kind, payload, &mut self.behavior) {
            self.transmit(octets, delay);
        }
        if self.config.varies(Variant::PongUnsolicited) {
            self.control(Opcode::Pong, b"after");
        }
        Ok(())
    }

    /// §5.5.2: "any time after the connection is established and before the connection is closed".
    pub(crate) fn ping(&mut self, payload: &[u8]) -> Result<(), Misuse> {
        self.check_open()?;
        let payload = self.behavior.own_ping(payload)?;
        self.control(Opcode::Ping, &payload);
        Ok(())
    }

    /// §5.5.3: "A Pong frame MAY be sent unsolicited."
    pub(crate) fn pong(&mut self, payload: &[u8]) -> Result<(), Misuse> {
        self.check_open()?;
        if let Some(payload) = self.behavior.own_pong(payload)? {
            self.control(Opcode::Pong, &payload);
        }
        Ok(())
    }

    /// §5.4: a message in that many fragments.
    pub(crate) fn send_fragments(
        &mut self,
        kind: MessageKind,
        payload: &[u8],
        fragments: usize,
    ) -> Result<(), Misuse> {
        if fragments <= 1 {
            return self.send_message(kind, payload);
        }
        self.check_may_send()?;
        let frames = self.sender.fragments(kind, payload, fragments, &mut self.behavior);
        let frames = self.behavior.own_fragments(frames);
        self.transmit_frames(frames);
        Ok(())
    }

    /// Text messages that several tasks send at once, each in that many fragments.
    pub(crate) fn send_at_once(&mut self, messages: &[Vec<u8>], fragments: usize) -> Result<(), Misuse> {
        self.check_may_send()?;
        let mut frames = Vec::new();
        for message in messages {
            frames.push(self.sender.fragments(MessageKind::Text, message, fragments, &mut self.behavior));
        }
        let frames = self.behavior.in_turn(frames);
        self.transmit_frames(frames);
        Ok(())
    }

    fn transmit_frames(&mut self, frames: Vec<Frame>) {
        for frame in frames {
            let octets = self.sender.frame(frame, &mut self.behavior);
            self.transmit(octets, Duration::ZERO);
        }
    }

    /// Ends TCP without a closing handshake.
    pub(crate) fn drop_tcp(&mut self) -> Result<(), Misuse> {
        self.check_open()?;
        self.end();
        Ok(())
    }

    pub(crate) fn encodes_surrogates(&mut self) -> bool {
        self.behavior.encodes_surrogates()
    }

    /// §6.1: "The endpoint MUST ensure the WebSocket connection is in the OPEN state".
    fn check_may_send(&mut self) -> Result<(), Misuse> {
        match self.check_open() {
            Err(Misuse::NotOpen) if self.awaits_close() && self.behavior.sends_after_close() => Ok(()),
            checked => checked,
        }
    }

    fn awaits_close(&self) -> bool {
        matches!(self.phase, Phase::Frames(ClosingState::Sent { .. }))
    }

    /// §7.1.2: _Start the WebSocket Closing Handshake_.
    pub(crate) fn close(&mut self, code: Option<CloseCode>, reason: &str) -> Result<(), Misuse> {
        let is_again = self.awaits_close() && self.behavior.closes_again();
        if !is_again {
            self.check_open()?;
        }
        let is_own = |code: CloseCode| code == CloseCode::NORMAL || (3000..=4999).contains(&code.0);
        if self.config.varies(Variant::OwnCodesOnly) && !code.is_none_or(is_own) {
            return Err(Misuse::CloseCode);
        }
        let payload = self.behavior.own_close(code, reason)?;
        if self.behavior.close_drops_messages() {
            self.outbox.clear();
        }
        self.control(Opcode::Close, &payload);
        match self.config.varies(Variant::EndsTcpWithClose) {
            true => self.end(),
            false => self.await_close(),
        }
        Ok(())
    }

    /// Our Close frame was sent: the peer's is awaited.
    pub(super) fn await_close(&mut self) {
        let deadline = self.now + self.config.close_timeout;
        self.phase = Phase::Frames(ClosingState::Sent { deadline });
    }

    /// Transmits what a quirk wants to be transmitted.
    pub(super) fn transmit_all(&mut self, transmits: Vec<Transmit>) {
        for transmit in transmits {
            match transmit {
                Transmit::Octets(_) | Transmit::ClientHello(_) | Transmit::GiveUp | Transmit::Die(_) => {
                    self.outbox.push(transmit)
                }
                Transmit::CloseTcp | Transmit::ResetTcp => self.end_with(transmit),
            }
        }
    }

    fn deadline(&self) -> Option<Duration> {
        match &self.phase {
            Phase::Frames(closing) => closing.deadline(),
            Phase::ServerOpening(_) | Phase::ClientOpening(_) | Phase::Stuck { .. } => None,
        }
    }

    fn reads(&self) -> bool {
        match &self.phase {
            Phase::Frames(closing) => closing.reads(),
            Phase::ServerOpening(_) | Phase::ClientOpening(_) => true,
            Phase::Stuck { .. } => false,
        }
    }

    /// Reads on in what was received. False: there is nothing to read.
    fn read(&mut self) -> bool {
        let Some(mut segment) = self.input.pop_front() else {
            return self.read_held() || self.read_end();
        };
        let mut unread = &segment.octets[segment.read..];
        match &mut self.phase {
            Phase::ServerOpening(_) | Phase::ClientOpening(_) => self.read_head(&mut unread),
            Phase::Frames(closing) if closing.reads() => {
                if segment.things >= self.behavior.things_max() {
                    unread = &[];
                }
                segment.things += u64::from(self.read_frames(&mut unread));
            }
            Phase::Frames(_) | Phase::Stuck { .. } => unread = &[],
        }
        segment.read = segment.octets.len() - unread.len();
        if segment.read < segment.octets.len() {
            self.input.push_front(segment);
        }
        true
    }

    /// The peer's direction has ended, and all of it is read.
    fn read_end(&mut self) -> bool {
        if !self.input_end || self.is_ended() {
            return false;
        }
        match &self.phase {
            Phase::Stuck { until_eof: false } => return false,
            Phase::ServerOpening(_) | Phase::ClientOpening(_) => self.head_end(),
            Phase::Frames(_) => self.frames_end(),
            Phase::Stuck { until_eof: true } => {}
        }
        if !self.is_ended() && !matches!(self.phase, Phase::Stuck { until_eof: false }) {
            self.end();
        }
        true
    }

    /// What a quirk makes of the next thing to transmit.
    fn altered_output(&mut self) -> Option<Transmit> {
        while let Some(transmit) = self.outbox.pop() {
            let mut transmits = self.behavior.output(transmit).into_iter();
            if let Some(first) = transmits.next() {
                return Some(first);
            }
        }
        None
    }
}
