//! Expectations: what the target may do next.

use super::{at_least_one, list};
use crate::case::boundary::WAITS_MS;
use crate::case::expectation::{
    CloseCodes, DeflateMatch, DeflateParam, DeflateParamMatch, Expectation, FailCodes, HeadMatch, Outcome,
    StatusMatch, StatusRange,
};
use crate::case::payload::Payload;
use std::time::Duration;
use wsgauntlet_wire::boundary::{self, heads};
use wsgauntlet_wire::choices::{Choices, Chosen};
use wsgauntlet_wire::{Opcode, chosen_of, generated};

chosen_of! {
    DeflateParam: ServerNoContextTakeover ClientNoContextTakeover ServerMaxWindowBits ClientMaxWindowBits;
}

generated!(CloseCodes, DeflateMatch, Expectation, FailCodes, HeadMatch, Outcome, StatusMatch);

/// The largest number of tasks, of messages and of octets.
const TASK_NUMBERS_MAX: usize = 1 << 17;

impl Chosen for Expectation {
    fn simplest() -> Self {
        Expectation { outcomes: vec![Outcome::End], tolerate: Vec::new(), requirement: None, within: None }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let Expectation { outcomes, tolerate, requirement, within } = self;
        if choices.is_reading() {
            outcomes.clear();
        }
        at_least_one(outcomes, choices);
        tolerate.choose(choices);
        requirement.choose(choices);
        let mut is_limited = within.is_some();
        choices.flag(&mut is_limited, false);
        if is_limited {
            choices.duration(within.get_or_insert(Duration::ZERO), WAITS_MS);
        }
    }
}

impl Chosen for Outcome {
    fn simplest() -> Self {
        Outcome::End
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.variant(
            self,
            &[
                Outcome::simplest,
                || Outcome::Message { opcode: Opcode::Text, payload: Payload::empty() },
                || Outcome::Pong(Payload::empty()),
                || Outcome::Close(CloseCodes::Any),
                || Outcome::Fail(FailCodes::Any),
                || Outcome::Open(HeadMatch::default()),
                || Outcome::Refused(StatusMatch::default(), HeadMatch::default()),
                || Outcome::Response(StatusMatch::default(), HeadMatch::default()),
                || Outcome::Silence,
                || Outcome::Greeting(String::new()),
                || Outcome::Unanswered,
                || Outcome::Lingers,
                || Outcome::NoRequest,
                || Outcome::Ping(Payload::empty()),
                || Outcome::CloseFrame(CloseCodes::Any, None),
                || Outcome::Tasks { tasks: 1, count: 1, size: 0, beside: None },
            ],
        );
        match self {
            Outcome::Message { opcode, payload } => {
                choices.one_of(opcode, &[Opcode::Text, Opcode::Binary]);
                payload.choose(choices);
            }
            Outcome::Ping(payload) | Outcome::Pong(payload) => payload.choose(choices),
            Outcome::CloseFrame(codes, reason) => {
                codes.choose(choices);
                choose_perhaps(reason, choices);
            }
            Outcome::Tasks { tasks, count, size, beside } => {
                [tasks, count, size].into_iter().for_each(|number| choices.len(number, TASK_NUMBERS_MAX));
                choose_perhaps(beside, choices);
            }
            Outcome::Close(codes) => codes.choose(choices),
            Outcome::Fail(codes) => codes.choose(choices),
            Outcome::Greeting(begins) => choices.text(begins, boundary::WORDS),
            Outcome::Open(head) => head.choose(choices),
            Outcome::Refused(status, head) | Outcome::Response(status, head) => {
                status.choose(choices);
                head.choose(choices);
            }
            Outcome::End | Outcome::Unanswered | Outcome::Lingers | Outcome::NoRequest | Outcome::Silence => {
            }
        }
    }
}

fn choose_perhaps(payload: &mut Option<Payload>, choices: &mut Choices<'_>) {
    let mut is_there = payload.is_some();
    choices.flag(&mut is_there, false);
    if is_there {
        payload.get_or_insert_with(Payload::empty).choose(choices);
    }
}

impl Chosen for CloseCodes {
    fn simplest() -> Self {
        CloseCodes::Any
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.variant(self, &[Self::simplest, || CloseCodes::NoFault, || CloseCodes::OneOf(Vec::new())]);
        match self {
            CloseCodes::Any | CloseCodes::NoFault => {}
            CloseCodes::OneOf(codes) => at_least_one(codes, choices),
        }
    }
}

impl Chosen for FailCodes {
    fn simplest() -> Self {
        FailCodes::Any
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.variant(self, &[Self::simplest, || FailCodes::OneOf(Vec::new())]);
        match self {
            FailCodes::Any => {}
            FailCodes::OneOf(codes) => at_least_one(codes, choices),
        }
    }
}

impl Chosen for StatusMatch {
    fn simplest() -> Self {
        StatusMatch::default()
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        list(
            &mut self.0,
            choices,
            || StatusRange { first: 400, last: 400 },
            |range, choices| {
                choices.narrow(&mut range.first, &[400, 426, 401, 300, 500], 999);
                choices.narrow(&mut range.last, &[400, 426, 401, 499, 399, 599], 999);
                if choices.is_reading() {
                    range.last = range.last.max(range.first);
                }
            },
        );
    }
}

impl Chosen for HeadMatch {
    fn simplest() -> Self {
        HeadMatch::default()
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let mut asks = *self != HeadMatch::default();
        choices.flag(&mut asks, false);
        if !asks {
            return;
        }
        let HeadMatch { targets, fields, absent, deflate } = self;
        list(targets, choices, String::new, |target, choices| choices.text(target, heads::TARGETS));
        list(fields, choices, Default::default, |(name, value), choices| {
            choices.text(name, heads::FIELD_NAMES);
            choices.text(value, heads::FIELD_VALUES);
        });
        list(absent, choices, String::new, |name, choices| choices.text(name, heads::FIELD_NAMES));
        deflate.choose(choices);
    }
}

impl Chosen for DeflateMatch {
    fn simplest() -> Self {
        DeflateMatch::Declined
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.variant(self, &[Self::simplest, DeflateMatch::agreed]);
        match self {
            DeflateMatch::Declined => {}
            DeflateMatch::Agreed(params) => params.choose(choices),
        }
    }
}

impl Chosen for DeflateParamMatch {
    fn simplest() -> Self {
        DeflateParamMatch::Absent(DeflateParam::ServerNoContextTakeover)
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.variant(
            self,
            &[
                Self::simplest,
                || DeflateParamMatch::Present(DeflateParam::ServerNoContextTakeover),
                || DeflateParamMatch::Value(DeflateParam::ServerMaxWindowBits, 15),
            ],
        );
        match self {
            DeflateParamMatch::Absent(param) | DeflateParamMatch::Present(param) => param.choose(choices),
            DeflateParamMatch::Value(param, value) => {
                param.choose(choices);
                choices.narrow(value, boundary::WINDOW_BITS, u64::from(u8::MAX));
            }
        }
    }
}
