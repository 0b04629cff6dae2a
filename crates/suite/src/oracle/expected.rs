//! What was expected where a target deviated, as a value. `Display` makes the sentence of reports.

use crate::case::expectation::{CloseCodes, Expectation, FailCodes, Outcome, StatusMatch};
use std::fmt;
use wsgauntlet_wire::Role;

/// What was expected.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// One of the outcomes of a step.
    Outcomes(Expectation),
    /// A rule that holds in all cases. `{}` in its text stands for the value.
    Rule {
        /// The rule, as a sentence.
        rule: &'static str,
        /// A value that the sentence refers to.
        value: Option<String>,
    },
    /// Nothing: the case only records what is observed.
    Anything,
    /// The target of that role survives what it receives.
    Survives(Role),
    /// The target uses no more memory than this, in MiB.
    Memory {
        /// The limit in MiB.
        max_mib: u64,
    },
}

impl Expected {
    /// A rule with a value in place of `{}`.
    pub fn rule(rule: &'static str, value: impl Into<String>) -> Expected {
        Expected::Rule { rule, value: Some(value.into()) }
    }

    /// The word of its kind: `outcomes`, `rule`, `anything`, `survives`, `memory`.
    pub fn kind(&self) -> &'static str {
        match self {
            Expected::Outcomes(_) => "outcomes",
            Expected::Rule { .. } => "rule",
            Expected::Anything => "anything",
            Expected::Survives(_) => "survives",
            Expected::Memory { .. } => "memory",
        }
    }

    /// The outcomes of a step, ideal first, as `observed::Structure` is written: `message:text`, `close:1000`. What is only
    /// tolerated is not among them. Empty for what is not expected of a step.
    pub fn outcomes(&self) -> Vec<String> {
        match self {
            Expected::Outcomes(expectation) => expectation.outcomes.iter().map(outcome).collect(),
            Expected::Rule { .. } | Expected::Anything | Expected::Survives(_) | Expected::Memory { .. } => {
                Vec::new()
            }
        }
    }
}

fn outcome(outcome: &Outcome) -> String {
    let with = |kind: &str, detail: Vec<String>| match detail.is_empty() {
        true => kind.to_owned(),
        false => format!("{kind}:{}", detail.join(",")),
    };
    let status = |status: &StatusMatch| match status.0.is_empty() {
        true => Vec::new(),
        false => vec![status.to_string().replace(" or ", ",")],
    };
    match outcome {
        Outcome::Message { opcode, .. } => format!("message:{opcode}"),
        Outcome::Greeting(_) => "greeting".to_owned(),
        Outcome::Tasks { .. } => "tasks".to_owned(),
        Outcome::Ping(_) => "ping".to_owned(),
        Outcome::Pong(_) => "pong".to_owned(),
        Outcome::CloseFrame(CloseCodes::Any | CloseCodes::NoFault, reason) => {
            with("close-frame", reason.iter().map(|_| "reason".to_owned()).collect())
        }
        Outcome::CloseFrame(CloseCodes::OneOf(codes), reason) => {
            let codes = codes.iter().map(|code| code.map_or("none".to_owned(), |c| c.0.to_string()));
            with("close-frame", codes.chain(reason.iter().map(|_| "reason".to_owned())).collect())
        }
        Outcome::Close(CloseCodes::Any | CloseCodes::NoFault) => "close".to_owned(),
        Outcome::Close(CloseCodes::OneOf(codes)) => with(
            "close",
            codes.iter().map(|code| code.map_or("none".to_owned(), |c| c.0.to_string())).collect(),
        ),
        Outcome::Fail(FailCodes::Any) => "fail".to_owned(),
        Outcome::Fail(FailCodes::OneOf(codes)) => {
            with("fail", codes.iter().map(|code| code.0.to_string()).collect())
        }
        Outcome::End => "end".to_owned(),
        Outcome::Unanswered => "end+no-response".to_owned(),
        Outcome::Lingers => "close+stays-open".to_owned(),
        Outcome::NoRequest => "no-request".to_owned(),
        Outcome::Open(_) => "open".to_owned(),
        Outcome::Refused(codes, _) => with("refused", status(codes)),
        Outcome::Response(codes, _) => with("response", status(codes)),
        Outcome::Silence => "silence".to_owned(),
    }
}

impl From<&'static str> for Expected {
    fn from(rule: &'static str) -> Expected {
        Expected::Rule { rule, value: None }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Outcomes(expectation) => write!(f, "{expectation}"),
            Expected::Rule { rule, value: Some(value) } => match rule.split_once("{}") {
                Some((before, after)) => write!(f, "{before}{value}{after}"),
                None => f.write_str(rule),
            },
            Expected::Rule { rule, value: None } => f.write_str(rule),
            Expected::Anything => f.write_str("nothing in particular: the case records what happens"),
            Expected::Survives(Role::Server) => {
                f.write_str("the server neither crashes nor hangs, and serves other connections")
            }
            Expected::Survives(Role::Client) => f.write_str("the client neither crashes nor hangs"),
            Expected::Memory { max_mib } => write!(f, "at most {max_mib} MiB of resident memory"),
        }
    }
}
