//! What quirks do with pings, pongs and Close frames, and where a connection fails.

use crate::behavior::{
    Closing, FailedOpening, Failure, PingContext, Pongs as Answer, Reply, ReplyContext, Strict, TcpEnd,
};
use crate::event::Demise;
use crate::quirk::catalogue::{ClosingFault, Failing, Mortal, OpeningFlow, Pongs};
use crate::quirk::faulty::Faulty;
use crate::response_error::ResponseError;
use crate::violation::Violation;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::{CloseCode, Frame};

impl Closing for Faulty {
    fn pong(&mut self, payload: &[u8], context: PingContext) -> Answer {
        let faults = self.all::<Pongs>();
        let lawful = Strict.pong(payload, context);
        let keeps_all = self.has(Pongs::NotRepeated);
        let ping = self.pongs.note(payload, keeps_all);
        let held = &mut self.pongs.held;
        let mut answers = faults.map(|fault| fault.answer(payload, context, &ping, held));
        answers.find(|answer| *answer != lawful).unwrap_or(lawful)
    }

    fn held_pongs(&mut self, mid_message: bool) -> Vec<Frame> {
        if mid_message { Vec::new() } else { std::mem::take(&mut self.pongs.held) }
    }

    fn frames_for_pong(&mut self) -> Vec<Frame> {
        self.all().flat_map(Pongs::answer_pong).collect()
    }

    fn dies_of_pong(&mut self, payload: &[u8]) -> Option<Demise> {
        self.all().find(|mortal: &Mortal| mortal.dies_of_pong(payload)).map(Mortal::demise)
    }

    fn close_reply(&mut self, close: &ClosePayload, payload: &[u8], context: ReplyContext) -> Reply {
        let lawful = Strict.close_reply(close, payload, context);
        let mut reply = lawful.clone();
        for fault in self.all::<ClosingFault>() {
            let other = fault.reply(close, payload, context);
            if reply.frames == lawful.frames {
                reply.frames = other.frames;
            }
            if reply.tcp_end == TcpEnd::Lawful {
                (reply.tcp_end, reply.reads_on) = (other.tcp_end, other.reads_on);
            }
            reply.delay = reply.delay.max(other.delay);
        }
        reply
    }

    fn fail(&mut self, violation: Violation, reason: &str) -> Failure {
        let lawful = Strict.fail(violation, reason);
        let mut failure = lawful.clone();
        let mortal = self.all().find(|mortal: &Mortal| mortal.dies_of(violation));
        failure.demise = mortal.map(Mortal::demise);
        for fault in self.all::<Failing>() {
            let other = fault.fail(violation, self.received.judged);
            if failure.frames == lawful.frames {
                failure.frames = other.frames;
            }
            if failure.then == lawful.then {
                failure.then = other.then;
            }
            failure.delay = failure.delay.max(other.delay);
        }
        failure
    }

    fn fail_opening(&mut self, error: &ResponseError) -> FailedOpening {
        let mut mortals = self.all::<Mortal>();
        if let Some(mortal) = mortals.find(|mortal| mortal.dies_of_response(error)) {
            return FailedOpening::Die(mortal.demise());
        }
        if self.has(OpeningFlow::HangsOnFailure) {
            FailedOpening::Hang
        } else if self.has(OpeningFlow::CloseFrameOnFailure) {
            FailedOpening::SendClose
        } else if self.has(OpeningFlow::RequestsAgain) {
            FailedOpening::RequestAgain
        } else {
            Strict.fail_opening(error)
        }
    }

    fn ends_after_peer(&mut self) -> bool {
        !self.has(ClosingFault::EofIgnored)
    }

    fn close_at_eof(&mut self) -> Option<CloseCode> {
        self.has(ClosingFault::Close1006OnEof).then_some(CloseCode(1006))
    }
}
