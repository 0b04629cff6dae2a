//! What monitors find in the opening head of a target.

use super::beginning::Beginning;
use crate::matching::structure::{Detail, Structure};
use std::fmt;
use wsgauntlet_wire::opening::head::Fields;
use wsgauntlet_wire::opening::key::KeyError;
use wsgauntlet_wire::opening::strict::HeadViolation;

/// What is wrong with a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadBreach {
    /// A CR that no LF follows.
    BareCr,
    /// White space between the start line and the first field.
    SpaceBeforeFields,
    /// Other departures from the grammar of RFC 9112.
    Form(Vec<HeadViolation>),
    /// The minor version of a response.
    ResponseVersion(u8),
    /// A request line that does not begin an opening.
    RequestLine {
        /// The method.
        method: String,
        /// The request target.
        target: String,
        /// The minor version of HTTP/1.
        minor_version: u8,
    },
    /// A request target that RFC 6455 §3 does not allow.
    RequestTarget(String),
    /// A status line that is malformed.
    StatusLine(String),
    /// The field of that name, and its values, of one line each. None: it is absent.
    Field {
        /// The name of the field.
        name: &'static str,
        /// The values of its lines; empty if the field is absent.
        values: Vec<String>,
    },
    /// Two fields with their values.
    Fields(Box<HeadBreach>, Box<HeadBreach>),
    /// `Upgrade` without the connection option.
    NoConnectionOption,
    /// A response of that status lacks the field.
    Lacks {
        /// The status code.
        status: u16,
        /// The name of the field.
        name: &'static str,
    },
    /// A response of that status has the field, which it may not have.
    Holds {
        /// The status code.
        status: u16,
        /// The name of the field.
        name: &'static str,
    },
    /// A field that may stand once, and how many lines of it there are.
    Repeated {
        /// The name of the field.
        name: &'static str,
        /// The number of its lines.
        count: usize,
    },
    /// A value that is malformed, or was not offered.
    Value(String),
    /// The lines of a list, one of which holds no element.
    Lines(Vec<String>),
    /// An invalid Sec-WebSocket-Key.
    Key {
        /// The value of the field.
        value: String,
        /// Why it is no key.
        error: KeyError,
    },
    /// A Sec-WebSocket-Key from an example of RFC 6455.
    ExampleKey(String),
    /// How many octets a client sent before the response, and how they begin.
    Early {
        /// How many octets came early.
        len: usize,
        /// The first of these octets.
        octets: Beginning,
    },
}

impl HeadBreach {
    /// The values that `fields` has for that name.
    pub fn field(name: &'static str, fields: &Fields) -> HeadBreach {
        let values = fields.values(name).map(|value| String::from_utf8_lossy(value).into_owned());
        HeadBreach::Field { name, values: values.collect() }
    }

    /// One line of a field.
    pub fn line(name: &'static str, value: &[u8]) -> HeadBreach {
        HeadBreach::Field { name, values: vec![String::from_utf8_lossy(value).into_owned()] }
    }

    /// A value that may not stand where it stands.
    pub fn value(value: &[u8]) -> HeadBreach {
        HeadBreach::Value(String::from_utf8_lossy(value).into_owned())
    }

    /// What tells this breach from others, without lengths and payloads.
    pub fn structure(&self) -> Structure {
        match self {
            HeadBreach::BareCr => Structure::new("bare-cr"),
            HeadBreach::SpaceBeforeFields => Structure::new("space-before-fields"),
            HeadBreach::Form(violations) => {
                Structure::new("form").with(Detail::Words(violations.iter().map(|v| word(*v)).collect()))
            }
            HeadBreach::ResponseVersion(_) => Structure::new("http-version"),
            HeadBreach::RequestLine { .. } => Structure::new("request-line"),
            HeadBreach::RequestTarget(_) => Structure::new("request-target"),
            HeadBreach::StatusLine(_) => Structure::new("status-line"),
            HeadBreach::Field { name, values } => match values.len() {
                0 => Structure::of_word("field-absent", name),
                1 => Structure::of_word("field", name),
                _ => Structure::of_word("field-repeated", name),
            },
            HeadBreach::Fields(first, second) => {
                let names = [first, second].map(|field| match &**field {
                    HeadBreach::Field { name, .. } => *name,
                    _ => "other",
                });
                Structure::new("fields").with(Detail::Words(names.to_vec()))
            }
            HeadBreach::NoConnectionOption => Structure::new("no-connection-option"),
            HeadBreach::Lacks { name, .. } => Structure::of_word("field-absent", name),
            HeadBreach::Holds { name, .. } => Structure::of_word("field", name),
            HeadBreach::Repeated { name, .. } => Structure::of_word("field-repeated", name),
            HeadBreach::Value(_) => Structure::new("value"),
            HeadBreach::Lines(_) => Structure::new("lines"),
            HeadBreach::Key { error: KeyError::NotBase64, .. } => Structure::of_word("key", "not-base64"),
            HeadBreach::Key { error: KeyError::WrongLength(_), .. } => {
                Structure::of_word("key", "wrong-length")
            }
            HeadBreach::ExampleKey(_) => Structure::of_word("key", "example"),
            HeadBreach::Early { .. } => Structure::new("octets-before-response"),
        }
    }
}

fn word(violation: HeadViolation) -> &'static str {
    match violation {
        HeadViolation::BareLf => "bare-lf",
        HeadViolation::BareCr => "bare-cr",
        HeadViolation::SpaceAfterStartLine => "space-after-start-line",
        HeadViolation::Folded => "folded",
        HeadViolation::SpaceBeforeColon => "space-before-colon",
        HeadViolation::NoColon => "no-colon",
        HeadViolation::NameNotToken => "name-not-token",
        HeadViolation::ControlOctet => "control-octet",
    }
}

impl fmt::Display for HeadBreach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeadBreach::BareCr => f.write_str("a bare CR in the head"),
            HeadBreach::SpaceBeforeFields => f.write_str("whitespace before the first field"),
            HeadBreach::Form(violations) => {
                let violations: Vec<String> = violations.iter().map(HeadViolation::to_string).collect();
                f.write_str(&violations.join(", "))
            }
            HeadBreach::ResponseVersion(minor) => write!(f, "a response of HTTP/1.{minor}"),
            HeadBreach::RequestLine { method, target, minor_version } => {
                write!(f, "{method} {target} HTTP/1.{minor_version}")
            }
            HeadBreach::RequestTarget(target) => write!(f, "the request target {target:?}"),
            HeadBreach::StatusLine(line) => write!(f, "{line:?}"),
            HeadBreach::Field { name, values } if values.is_empty() => write!(f, "no {name}"),
            HeadBreach::Field { name, values } => write!(f, "{name}: {}", values.join(" | ")),
            HeadBreach::Fields(first, second) => write!(f, "{first}, {second}"),
            HeadBreach::NoConnectionOption => f.write_str("Upgrade without the connection option"),
            HeadBreach::Lacks { status, name } => write!(f, "a {status} without {name}"),
            HeadBreach::Holds { status, name } => write!(f, "{name} in a {status}"),
            HeadBreach::Repeated { name, count } => write!(f, "{count} lines of {name}"),
            HeadBreach::Value(value) => write!(f, "{value:?}"),
            HeadBreach::Lines(lines) => write!(f, "the lines {lines:?}, one of which has no element"),
            HeadBreach::Key { value, error } => write!(f, "Sec-WebSocket-Key: {value}, {error}"),
            HeadBreach::ExampleKey(value) => {
                write!(f, "Sec-WebSocket-Key: {value}, the nonce of an example in RFC 6455")
            }
            HeadBreach::Early { len, octets } => write!(f, "{len} octets after the request: {octets}"),
        }
    }
}
