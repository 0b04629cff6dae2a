//! Where a deviation was noticed: at a kind of step, or by a monitor. Never at which step: a target that at times gets one
//! step further deviates all the same.

use crate::case::expectation::Outcome;
use crate::case::script::Step;
use std::fmt;

/// What noticed a deviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A step of the script.
    Step(StepKind),
    /// A monitor, or another watch, by its name.
    Monitor(&'static str),
}

/// What a step waits for, without its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// The opening handshake.
    Open,
    /// A ping of ours that has to be answered.
    Evidence,
    /// An echo, or a pong, that shows that all before it was processed.
    Barrier,
    /// The whole closing handshake.
    ClosingHandshake,
    /// A message.
    Message,
    /// A message that the target sends by itself after the opening.
    Greeting,
    /// A ping.
    Ping,
    /// A pong.
    Pong,
    /// A Close frame.
    Close,
    /// A Close frame with a certain payload.
    CloseFrame,
    /// Messages of several tasks.
    Tasks,
    /// The end of the connection, on an error of our peer.
    Fail,
    /// The end of TCP.
    End,
    /// That a client sends no request.
    NoRequest,
    /// That the target keeps TCP open.
    Lingers,
    /// That what was sent is not answered.
    Unanswered,
    /// That the opening is refused.
    Refused,
    /// A certain response to the opening.
    Response,
    /// That the target sends nothing.
    Silence,
    /// A step that waits for nothing.
    Nothing,
    /// The whole play of a case that only records what is observed.
    Info,
}

impl StepKind {
    /// The kind of a step.
    pub fn of(step: &Step) -> StepKind {
        match step {
            Step::Open => StepKind::Open,
            Step::Alive { evidence: true } => StepKind::Evidence,
            Step::Alive { evidence: false } => StepKind::Barrier,
            Step::Close => StepKind::ClosingHandshake,
            Step::Expect(expectation) => match expectation.outcomes.first() {
                Some(Outcome::Message { .. }) => StepKind::Message,
                Some(Outcome::Greeting(_)) => StepKind::Greeting,
                Some(Outcome::Ping(_)) => StepKind::Ping,
                Some(Outcome::Pong(_)) => StepKind::Pong,
                Some(Outcome::Close(_)) => StepKind::Close,
                Some(Outcome::CloseFrame(..)) => StepKind::CloseFrame,
                Some(Outcome::Tasks { .. }) => StepKind::Tasks,
                Some(Outcome::Fail(_)) => StepKind::Fail,
                Some(Outcome::End) => StepKind::End,
                Some(Outcome::NoRequest) => StepKind::NoRequest,
                Some(Outcome::Lingers) => StepKind::Lingers,
                Some(Outcome::Unanswered) => StepKind::Unanswered,
                Some(Outcome::Open(_)) => StepKind::Open,
                Some(Outcome::Refused(..)) => StepKind::Refused,
                Some(Outcome::Response(..)) => StepKind::Response,
                Some(Outcome::Silence) | None => StepKind::Silence,
            },
            Step::IfDeflate(_)
            | Step::IfOffered(_)
            | Step::Send(_)
            | Step::HalfClose
            | Step::Answer
            | Step::Reset
            | Step::Wait(_) => StepKind::Nothing,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            StepKind::Open => "open",
            StepKind::Evidence => "evidence",
            StepKind::Barrier => "barrier",
            StepKind::ClosingHandshake => "closing-handshake",
            StepKind::Message => "message",
            StepKind::Greeting => "greeting",
            StepKind::Ping => "ping",
            StepKind::Pong => "pong",
            StepKind::Close => "close",
            StepKind::CloseFrame => "close-frame",
            StepKind::Tasks => "tasks",
            StepKind::Fail => "fail",
            StepKind::End => "end",
            StepKind::NoRequest => "no-request",
            StepKind::Lingers => "lingers",
            StepKind::Unanswered => "unanswered",
            StepKind::Refused => "refused",
            StepKind::Response => "response",
            StepKind::Silence => "silence",
            StepKind::Nothing => "nothing",
            StepKind::Info => "info",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Place::Step(kind) => kind.as_str(),
            Place::Monitor(name) => name,
        })
    }
}
