//! What a connection consists of, and how it transmits and ends.

use crate::behavior::Behavior;
use crate::closing::ClosingState;
use crate::config::Config;
use crate::event::{Demise, Event, Transmit};
use crate::misuse::Misuse;
use crate::opening_client::ClientOpening;
use crate::opening_server::ServerOpening;
use crate::outbox::Outbox;
use crate::receive::Receiver;
use crate::send::Sender;
use crate::variant::Variant;
use std::collections::VecDeque;
use std::time::Duration;
use wsgauntlet_wire::{Frame, Opcode};

/// One end of one connection.
#[derive(Debug)]
pub(crate) struct Connection<B> {
    pub(super) config: Config,
    pub(super) behavior: B,
    /// The time of the last call.
    pub(super) now: Duration,
    pub(super) phase: Phase,
    /// What was received and not read yet, one element for each call.
    pub(super) input: VecDeque<Segment>,
    /// The peer ended its direction.
    pub(super) input_end: bool,
    pub(super) receiver: Receiver,
    pub(super) sender: Sender,
    pub(super) events: VecDeque<Event>,
    pub(super) outbox: Outbox,
    /// Whole messages that arrived.
    pub(super) messages: u64,
    /// A pong that waits for a newer ping: a variant.
    pub(super) newest_pong: Option<Frame>,
}

/// Octets that arrived in one call.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) octets: Vec<u8>,
    /// How many of them are read.
    pub(super) read: usize,
    /// How many messages and control frames they held so far.
    pub(super) things: u64,
}

/// How far a connection is.
#[derive(Debug)]
pub(super) enum Phase {
    /// §4.2: the request is awaited.
    ServerOpening(ServerOpening),
    /// §4.1: the response is awaited.
    ClientOpening(ClientOpening),
    /// The connection is open, closing or ended.
    Frames(ClosingState),
    /// Nothing is read. TCP is not ended, unless `until_eof` is set and the peer ends it. Only quirks come here, and clients
    /// that open no connection.
    Stuck { until_eof: bool },
}

impl<B: Behavior> Connection<B> {
    pub(crate) fn behavior(&self) -> &B {
        &self.behavior
    }

    pub(super) fn check_open(&self) -> Result<(), Misuse> {
        match &self.phase {
            Phase::Frames(closing) if closing.may_send_data() => Ok(()),
            Phase::Frames(_) | Phase::ServerOpening(_) | Phase::ClientOpening(_) | Phase::Stuck { .. } => {
                Err(Misuse::NotOpen)
            }
        }
    }

    pub(super) fn is_opened(&self) -> bool {
        match &self.phase {
            Phase::Frames(_) | Phase::Stuck { .. } => true,
            Phase::ServerOpening(_) | Phase::ClientOpening(_) => false,
        }
    }

    pub(super) fn is_ended(&self) -> bool {
        matches!(self.phase, Phase::Frames(ClosingState::Ended))
    }

    /// Sends a control frame at once.
    pub(super) fn control(&mut self, opcode: Opcode, payload: &[u8]) {
        self.send(Frame::new(opcode, payload), Duration::ZERO);
    }

    /// Sends a control frame after a delay.
    pub(super) fn send(&mut self, frame: Frame, delay: Duration) {
        let octets = self.sender.control(frame, &mut self.behavior);
        self.transmit(octets, delay);
    }

    pub(super) fn transmit(&mut self, octets: Vec<u8>, delay: Duration) {
        const LATE: Duration = Duration::from_millis(20);
        self.flush_pong();
        let late = self.config.varies(Variant::WritesLate);
        let delay = if late { LATE } else { delay };
        if delay.is_zero() {
            self.outbox.push(Transmit::Octets(octets));
        } else {
            self.outbox.push_at(self.now + delay, Transmit::Octets(octets));
        }
    }

    /// Sends the pong that waited for a newer ping: something else is sent.
    pub(super) fn flush_pong(&mut self) {
        if let Some(pong) = self.newest_pong.take() {
            self.send(pong, Duration::ZERO);
        }
    }

    /// Ends our direction of TCP after what is to be transmitted.
    pub(super) fn end(&mut self) {
        self.end_with(Transmit::CloseTcp);
    }

    pub(super) fn end_with(&mut self, transmit: Transmit) {
        self.flush_pong();
        self.outbox.push_last(transmit);
        self.stop();
    }

    /// Reads nothing any more.
    pub(super) fn stop(&mut self) {
        if !self.is_ended() {
            self.phase = Phase::Frames(ClosingState::Ended);
            self.input.clear();
            self.events.push_back(Event::Ended);
        }
    }

    /// Neither reads nor ends: a quirk.
    pub(super) fn stick(&mut self) {
        self.phase = Phase::Stuck { until_eof: false };
        self.input.clear();
    }

    /// Ends the process: a quirk. The connection may go on.
    pub(super) fn die(&mut self, demise: Demise) {
        self.outbox.push_last(Transmit::Die(demise));
        match demise {
            Demise::Abort | Demise::Panic => self.end(),
            Demise::Hang => self.stick(),
            Demise::AbortLate | Demise::Spin => {}
        }
    }
}
