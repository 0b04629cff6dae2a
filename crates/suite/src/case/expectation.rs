//! Expectations: what the target may do next, graded.

use super::payload::Payload;
use crate::requirement::RequirementId;
use std::fmt;
use std::time::Duration;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{CloseCode, Opcode};

/// One point at which the peer waits for the target.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Expectation {
    /// The first is ideal, the rest are allowed.
    pub outcomes: Vec<Outcome>,
    /// What breaks a SHOULD only.
    pub tolerate: Vec<Outcome>,
    /// The requirement that is broken when none of these outcomes happens, where it is not the first that
    /// the case verifies.
    pub requirement: Option<RequirementId>,
    /// How long to wait for the target, where it is not the run's deadline.
    pub within: Option<Duration>,
}

/// One thing that the target may do.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Outcome {
    /// A message of that type and payload: the echo.
    Message {
        /// Text or binary.
        opcode: Opcode,
        /// The whole payload, all fragments together and inflated.
        payload: Payload,
    },
    /// A pong with that payload. Pongs to earlier pings may stand before it, RFC 6455 §5.5.3.
    Pong(Payload),
    /// A ping with that payload, which the target sends of its own accord.
    Ping(Payload),
    /// A Close frame with one of these codes (`None`: without a code), then the end of TCP.
    Close(CloseCodes),
    /// The connection is failed, RFC 6455 §7.1.7.
    Fail(FailCodes),
    /// A Close frame with one of these codes, and with that reason where one is given. Messages before it are accounted for,
    /// and the connection is not yet over.
    CloseFrame(CloseCodes, Option<Payload>),
    /// The messages of a driver's tasks, see [`super::driver`]: each whole, those of one task in order, those of several in any.
    Tasks {
        /// How many tasks send at the same time.
        tasks: usize,
        /// How many messages each of them sends.
        count: usize,
        /// The size of each message, in octets.
        size: usize,
        /// An echo, binary, that comes before, between or after them.
        beside: Option<Payload>,
    },
    /// A text message that begins like this, which the target sends of its own accord: see [`super::prelude`].
    Greeting(String),
    /// TCP ends, with or without a Close before it.
    End,
    /// By a server: the end of TCP, before any response.
    Unanswered,
    /// By a client: it answers our Close, and leaves it to us to end TCP.
    Lingers,
    /// By a client: it makes no request at the address that it was given.
    NoRequest,
    /// The opening is accepted.
    Open(HeadMatch),
    /// The opening is refused: as a server with a status that is not 101, as a client by ending
    /// the connection without a frame.
    Refused(StatusMatch, HeadMatch),
    /// A response of that status, whatever it is.
    Response(StatusMatch, HeadMatch),
    /// Nothing came until the deadline. Only for what is observed.
    Silence,
}

/// The codes that a Close may carry.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum CloseCodes {
    /// Any that may be sent, or none.
    Any,
    /// Any that may be sent, or none, but those that report a fault in what was received.
    NoFault,
    /// The first is ideal. `None` is a Close without a code.
    OneOf(Vec<Option<CloseCode>>),
}

/// How a connection is failed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum FailCodes {
    /// The RFC names no code: any Close, and the end of TCP without one, are as good.
    Any,
    /// One of these, any of them ideal. Other codes, no code and no Close are tolerated by §7.1.7.
    OneOf(Vec<CloseCode>),
}

/// The status codes that are asked for. Empty: any.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StatusMatch(pub Vec<StatusRange>);

/// `400`, or `4xx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StatusRange {
    /// The lowest status code, included.
    pub first: u16,
    /// The highest status code, included.
    pub last: u16,
}

/// What the head of a response must hold and lack.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HeadMatch {
    /// Of a request: one of these targets, but for the letter case of what is percent-encoded. Empty: any.
    pub targets: Vec<String>,
    /// The list of the field, over all its lines, has the element.
    pub fields: Vec<(String, String)>,
    /// Names of fields that the response must not have.
    pub absent: Vec<String>,
    /// What must have become of permessage-deflate.
    pub deflate: Option<DeflateMatch>,
}

/// What became of permessage-deflate in an opening.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum DeflateMatch {
    /// The response does not agree to it.
    Declined,
    /// It was agreed, with these parameters and perhaps others.
    Agreed(Vec<DeflateParamMatch>),
}

/// One parameter of the agreement.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum DeflateParamMatch {
    /// The agreement lacks the parameter.
    Absent(DeflateParam),
    /// With any value.
    Present(DeflateParam),
    /// The agreement has the parameter with this value.
    Value(DeflateParam, u8),
}

/// The parameters of RFC 7692 §7.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum DeflateParam {
    /// `server_no_context_takeover`, RFC 7692 §7.1.1.1.
    ServerNoContextTakeover,
    /// `client_no_context_takeover`, RFC 7692 §7.1.1.2.
    ClientNoContextTakeover,
    /// `server_max_window_bits`, RFC 7692 §7.1.2.1.
    ServerMaxWindowBits,
    /// `client_max_window_bits`, RFC 7692 §7.1.2.2.
    ClientMaxWindowBits,
}

impl DeflateParam {
    /// The parameter of that name; `None` if RFC 7692 defines no such parameter.
    pub fn from_name(name: &str) -> Option<DeflateParam> {
        Some(match name {
            "server_no_context_takeover" => DeflateParam::ServerNoContextTakeover,
            "client_no_context_takeover" => DeflateParam::ClientNoContextTakeover,
            "server_max_window_bits" => DeflateParam::ServerMaxWindowBits,
            "client_max_window_bits" => DeflateParam::ClientMaxWindowBits,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            DeflateParam::ServerNoContextTakeover => "server_no_context_takeover",
            DeflateParam::ClientNoContextTakeover => "client_no_context_takeover",
            DeflateParam::ServerMaxWindowBits => "server_max_window_bits",
            DeflateParam::ClientMaxWindowBits => "client_max_window_bits",
        }
    }

    /// Whether it was agreed, and its value.
    fn in_params(self, params: &DeflateParams) -> (bool, Option<u8>) {
        match self {
            DeflateParam::ServerNoContextTakeover => (params.server_no_context_takeover, None),
            DeflateParam::ClientNoContextTakeover => (params.client_no_context_takeover, None),
            DeflateParam::ServerMaxWindowBits => {
                (params.server_max_window_bits.is_some(), params.server_max_window_bits)
            }
            DeflateParam::ClientMaxWindowBits => {
                (params.client_max_window_bits.is_some(), params.client_max_window_bits)
            }
        }
    }
}

impl DeflateMatch {
    /// Agreed, whatever the parameters.
    pub fn agreed() -> DeflateMatch {
        DeflateMatch::Agreed(Vec::new())
    }

    /// Whether `agreed` is as it must be. `None`: the opening agreed to no permessage-deflate.
    pub fn holds(&self, agreed: Option<&DeflateParams>) -> bool {
        match (self, agreed) {
            (DeflateMatch::Declined, agreed) => agreed.is_none(),
            (DeflateMatch::Agreed(_), None) => false,
            (DeflateMatch::Agreed(wanted), Some(agreed)) => wanted.iter().all(|wanted| match wanted {
                DeflateParamMatch::Absent(param) => !param.in_params(agreed).0,
                DeflateParamMatch::Present(param) => param.in_params(agreed).0,
                DeflateParamMatch::Value(param, value) => param.in_params(agreed).1 == Some(*value),
            }),
        }
    }
}

impl fmt::Display for DeflateMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeflateMatch::Declined => f.write_str("permessage-deflate declined"),
            DeflateMatch::Agreed(params) => {
                f.write_str("permessage-deflate agreed")?;
                for param in params {
                    match param {
                        DeflateParamMatch::Absent(param) => write!(f, ", without {}", param.name())?,
                        DeflateParamMatch::Present(param) => write!(f, ", with {}", param.name())?,
                        DeflateParamMatch::Value(param, value) => {
                            write!(f, ", with {}={value}", param.name())?;
                        }
                    }
                }
                Ok(())
            }
        }
    }
}

impl StatusMatch {
    /// Whether a response of that status code matches.
    pub fn holds(&self, status: u16) -> bool {
        self.0.is_empty() || self.0.iter().any(|range| (range.first..=range.last).contains(&status))
    }
}

impl fmt::Display for StatusMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges: Vec<String> = self
            .0
            .iter()
            .map(|range| match range.last - range.first {
                0 => range.first.to_string(),
                _ => format!("{}xx", range.first / 100),
            })
            .collect();
        f.write_str(&ranges.join(" or "))
    }
}

impl fmt::Display for HeadMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.targets.is_empty() {
            write!(f, ", for {}", self.targets.join(" or "))?;
        }
        for (name, value) in &self.fields {
            write!(f, ", with {name}: {value}")?;
        }
        for name in &self.absent {
            write!(f, ", without {name}")?;
        }
        match &self.deflate {
            Some(deflate) => write!(f, ", {deflate}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for CloseCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CloseCodes::Any => f.write_str("any legal code"),
            CloseCodes::NoFault => f.write_str("any legal code that reports no error of the peer"),
            CloseCodes::OneOf(codes) => {
                let codes = codes.iter().map(|code| match code {
                    Some(code) => code.to_string(),
                    None => "no code".to_owned(),
                });
                f.write_str(&codes.collect::<Vec<_>>().join(" or "))
            }
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Message { opcode, payload } => {
                write!(f, "{opcode} message of {} octets", payload.len())?;
                short_text(f, payload)
            }
            Outcome::Pong(payload) => {
                write!(f, "pong of {} octets", payload.len())?;
                short_text(f, payload)
            }
            Outcome::Ping(payload) => {
                write!(f, "ping of {} octets", payload.len())?;
                short_text(f, payload)
            }
            Outcome::Close(codes) => write!(f, "Close with {codes}, then the end of the connection"),
            Outcome::CloseFrame(codes, None) => write!(f, "a Close frame with {codes}"),
            Outcome::CloseFrame(codes, Some(reason)) => {
                write!(f, "a Close frame with {codes} and a reason of {} octets", reason.len())?;
                short_text(f, reason)
            }
            Outcome::Tasks { tasks, count, size, beside: _ } => {
                write!(
                    f,
                    "{count} whole text messages of {size} octets from each of {tasks} tasks, each task's in order"
                )
            }
            Outcome::Fail(FailCodes::Any) => {
                f.write_str("the end of the connection, after a Close or without one")
            }
            Outcome::Fail(FailCodes::OneOf(codes)) => {
                let codes: Vec<String> = codes.iter().map(CloseCode::to_string).collect();
                write!(f, "Close {}, then the end of the connection", codes.join(" or "))
            }
            Outcome::Greeting(begins) => write!(f, "a text message that begins with {begins:?}"),
            Outcome::End => f.write_str("the end of the connection"),
            Outcome::NoRequest => f.write_str("no request"),
            Outcome::Lingers => f.write_str("a Close, then the connection left open"),
            Outcome::Unanswered => f.write_str("the end of the connection without a response"),
            Outcome::Open(head) => write!(f, "the opening handshake is completed{head}"),
            Outcome::Refused(status, head) if status.0.is_empty() => {
                write!(f, "the opening handshake is refused{head}")
            }
            Outcome::Refused(status, head) => {
                write!(f, "the opening handshake is refused with {status}{head}")
            }
            Outcome::Response(status, head) if status.0.is_empty() => write!(f, "a response{head}"),
            Outcome::Response(status, head) => write!(f, "response {status}{head}"),
            Outcome::Silence => f.write_str("silence"),
        }
    }
}

fn short_text(f: &mut fmt::Formatter<'_>, payload: &Payload) -> fmt::Result {
    if payload.len() <= 24
        && let Ok(text) = std::str::from_utf8(&payload.octets())
    {
        return write!(f, " {text:?}");
    }
    Ok(())
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcomes: Vec<String> = self.outcomes.iter().map(Outcome::to_string).collect();
        f.write_str(&outcomes.join("; or "))
    }
}
