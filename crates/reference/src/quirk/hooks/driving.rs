//! What quirks do with what an application asks for.

use crate::behavior::{Driving, Strict};
use crate::misuse::Misuse;
use crate::quirk::catalogue::Driven;
use crate::quirk::faulty::Faulty;
use wsgauntlet_wire::{CloseCode, Frame};

impl Driving for Faulty {
    fn own_close(&mut self, code: Option<CloseCode>, reason: &str) -> Result<Vec<u8>, Misuse> {
        let lawful = Strict.own_close(code, reason);
        let other = self.all().find_map(|fault: Driven| fault.close(code, reason, &lawful));
        other.map_or(lawful, Ok)
    }

    fn close_drops_messages(&mut self) -> bool {
        self.has(Driven::MessagesDropped)
    }

    fn closes_again(&mut self) -> bool {
        self.has(Driven::ClosesAgain)
    }

    fn sends_after_close(&mut self) -> bool {
        self.has(Driven::SendsAfterClose)
    }

    fn answers_after_own_close(&mut self) -> bool {
        self.has(Driven::AnswersTwice)
    }

    fn own_ping(&mut self, payload: &[u8]) -> Result<Vec<u8>, Misuse> {
        self.driven.last_ping = Some(payload.to_vec());
        if self.has(Driven::PingEmpty) {
            return Ok(Vec::new());
        }
        if self.has(Driven::PingTooLong) { Ok(payload.to_vec()) } else { Strict.own_ping(payload) }
    }

    fn own_pong(&mut self, payload: &[u8]) -> Result<Option<Vec<u8>>, Misuse> {
        if self.has(Driven::PongLost) {
            return Ok(None);
        }
        if self.has(Driven::PongTooLong) { Ok(Some(payload.to_vec())) } else { Strict.own_pong(payload) }
    }

    fn fails_at_pong(&mut self, payload: &[u8]) -> bool {
        let differs = self.driven.last_ping.as_ref().is_some_and(|ping| ping != payload);
        differs && self.has(Driven::ForeignPongFails)
    }

    fn own_fragments(&mut self, frames: Vec<Frame>) -> Vec<Frame> {
        self.all().fold(frames, |frames, fault: Driven| fault.fragments(frames))
    }

    fn in_turn(&mut self, messages: Vec<Vec<Frame>>) -> Vec<Frame> {
        let other = self.all().find_map(|fault: Driven| fault.in_turn(&messages));
        other.unwrap_or_else(|| Strict.in_turn(messages))
    }

    fn encodes_surrogates(&mut self) -> bool {
        self.has(Driven::Surrogates)
    }
}
