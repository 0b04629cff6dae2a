//! How the player goes through the steps of its script.

use super::Player;
use crate::case::expectation::Outcome;
use crate::case::script::Step;
use crate::matching::{self, Context};
use crate::peer::deadline::Deadline;
use crate::peer::endpoint::AfterClose;
use crate::transcript::{EventKind, Seen};
use std::time::Duration;
use wsgauntlet_wire::opening::DeflateParams;

impl Player {
    /// Shows our endpoint what was seen since the last time.
    pub(super) fn show(&mut self) {
        let after_close = if self.looks_who_lingers() { AfterClose::Linger } else { AfterClose::EndTcp };
        let had_opened = self.endpoint.has_opened();
        for observation in &self.observer.observations()[self.shown..] {
            self.endpoint.see(&observation.seen, &self.script.opening, after_close);
        }
        self.shown = self.observer.observations().len();
        if !had_opened && self.endpoint.has_opened() {
            // What was waited for until now was the request, not a step.
            self.deadline = None;
        }
    }

    fn looks_who_lingers(&self) -> bool {
        match self.cursor.step(&self.script.steps) {
            Some(Step::Expect(expectation)) => expectation.outcomes.contains(&Outcome::Lingers),
            _ => false,
        }
    }

    /// Goes on until a step has to wait, or the script is over.
    pub(super) fn advance(&mut self, now: Duration) {
        let script = self.script.clone();
        while !self.finished {
            if !self.endpoint.has_opened() {
                // The client speaks first; its silence is that of the first step.
                self.enter(now);
                if self.ended() {
                    self.decide(now, true);
                    // Without a request, no later step has a subject.
                    self.finish(now);
                }
                return;
            }
            let Some(step) = self.cursor.step(&script.steps) else {
                self.finish(now);
                return;
            };
            if self.deadline.is_none() {
                self.enter(now);
                self.begin(step);
            }
            match step {
                Step::Send(_) | Step::HalfClose | Step::Answer | Step::Reset => self.next_step(),
                Step::IfDeflate(wanted) if self.accepted() && wanted.holds(self.agreed().as_ref()) => {
                    self.next_step();
                }
                Step::IfOffered(wanted) if wanted.holds(self.offered().as_ref()) => self.next_step(),
                Step::IfDeflate(_) | Step::IfOffered(_) => self.skip(now),
                Step::Wait(_) => {
                    if !self.ended() {
                        return;
                    }
                    self.next_step();
                }
                Step::Open | Step::Alive { .. } | Step::Expect(_) | Step::Close => {
                    if !self.decide(now, false) {
                        return;
                    }
                }
            }
        }
    }

    fn enter(&mut self, now: Duration) {
        if self.deadline.is_some() {
            return;
        }
        let silence = |patience| Deadline::of_silence(now, patience);
        self.deadline = Some(match self.cursor.step(&self.script.steps) {
            Some(Step::Wait(pause)) => Deadline::of_pause(now, *pause),
            Some(Step::Expect(expectation)) => silence(expectation.within.unwrap_or(self.config.deadline)),
            _ => silence(self.config.deadline),
        });
    }

    pub(super) fn next_step(&mut self) {
        self.cursor.advance();
        self.deadline = None;
    }

    fn ended(&self) -> bool {
        self.observer.observations().iter().any(|observation| observation.seen.is_end())
    }

    /// Does what a step asks our peer to do first.
    fn begin(&mut self, step: &Step) {
        let index = self.cursor.index();
        match step {
            Step::Send(write) => {
                let agreed = self.agreed();
                self.endpoint.write(write, Some(index), agreed);
            }
            Step::Alive { evidence } => {
                let opcode = matching::barrier_opcode(*evidence, &self.context());
                self.endpoint.send(opcode, matching::barrier_payload(index));
            }
            Step::Close => self.endpoint.close(Some(index)),
            Step::HalfClose => self.endpoint.half_close(),
            Step::Answer => self.endpoint.answer_held(),
            Step::Reset => self.endpoint.reset(),
            Step::Open | Step::IfDeflate(_) | Step::IfOffered(_) | Step::Expect(_) | Step::Wait(_) => {}
        }
    }

    /// What was agreed about permessage-deflate, as far as is known.
    fn agreed(&self) -> Option<DeflateParams> {
        self.endpoint.agreed(self.observer.agreed())
    }

    /// Whether a server under test did not refuse to open.
    fn accepted(&self) -> bool {
        !matching::is_refused(self.observer.observations(), self.config.capabilities)
    }

    /// What the client under test offered, all its offers together.
    fn offered(&self) -> Option<DeflateParams> {
        self.observer.observations().iter().find_map(|observation| match &observation.seen {
            Seen::Request(head) => DeflateParams::offered_in(&head.fields),
            _ => None,
        })
    }

    /// Leaves out what cannot be decided, up to the closing handshake.
    fn skip(&mut self, now: Duration) {
        self.record(now, EventKind::StepDecided(self.cursor.index()));
        self.deadline = None;
        let opened = self.accepted();
        self.cursor.skip(&self.script.steps, opened);
    }

    fn context(&self) -> Context<'_> {
        Context {
            role: self.target(),
            capabilities: self.config.capabilities,
            observations: self.observer.observations(),
            ledger: self.ledger,
            step: self.cursor.index(),
            since: self.since,
            pings: &self.pings,
            accept: self.accept.as_deref(),
        }
    }

    /// Decides the current step, if it can be decided. `expired`: its deadline passed. Whether it was decided.
    pub(super) fn decide(&mut self, now: Duration, expired: bool) -> bool {
        if self.accept.is_none() {
            self.accept = matching::expected_accept(&self.transcript);
        }
        self.since = matching::since(self.cursor.cause(&self.script.steps), &self.transcript);
        let Some(step) = self.cursor.step(&self.script.steps) else { return false };
        let context = self.context();
        let Some(expectation) = matching::expectation(step, &context) else { return false };
        let Some(decision) = matching::decide(&expectation, &context, expired) else { return false };
        if decision.grade.is_none() && self.is_driven && matching::declined(&context).is_some() {
            // What later steps sent may still be answered: nothing more is played.
            self.record(now, EventKind::StepDecided(self.cursor.index()));
            self.finish(now);
            return true;
        }
        self.ledger = decision.ledger;
        self.record(now, EventKind::StepDecided(self.cursor.index()));
        if decision.ends {
            self.finish(now);
        } else {
            self.next_step();
        }
        true
    }

    fn finish(&mut self, now: Duration) {
        if !self.finished {
            self.finished = true;
            self.deadline = None;
            self.record(now, EventKind::Frozen);
        }
    }
}
