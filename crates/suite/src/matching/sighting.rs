//! What a step of a script saw of the target, as a value. `Display` makes the sentence, `structure` the part that
//! fingerprints are made of.

use super::structure::{Detail, Structure};
use crate::transcript::Seen;
use crate::transcript::notation::{close_text, quote};
use std::fmt;
use wsgauntlet_wire::Opcode;
use wsgauntlet_wire::close::{ClosePayload, ClosePayloadError};
use wsgauntlet_wire::hex;
use wsgauntlet_wire::opening::HeadError;

/// One thing that the target did, or did not do, and what goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// What the target did.
    pub sight: Sight,
    /// What else a report shows of it.
    pub notes: Vec<Note>,
}

/// One thing that the target did, without its octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Nothing was decided yet.
    Nothing,
    /// Nothing came until the deadline, and the connection is open.
    Silence,
    /// The head of a response.
    Response {
        /// The status code.
        status: u16,
        /// The reason phrase.
        reason: String,
    },
    /// The head of a request.
    Request,
    /// A request for another target than that of the URL that the client was given.
    RequestFor(String),
    /// Octets that are not an HTTP head.
    NotAHead(HeadError),
    /// A data message.
    Message {
        /// Text or binary.
        opcode: Opcode,
        /// Whether RSV1 said that it is compressed.
        compressed: bool,
        /// Its payload, inflated.
        payload: Sample,
    },
    /// A compressed message that does not inflate.
    Undecodable {
        /// Text or binary.
        opcode: Opcode,
        /// Why it does not.
        reason: String,
    },
    /// A ping with this payload.
    Ping(Sample),
    /// A pong with this payload.
    Pong(Sample),
    /// The payload of a Close frame.
    Close(Vec<u8>),
    /// A frame without a meaning, and the length of its payload in octets.
    Stray(Opcode, u64),
    /// A frame that declares more octets than can be received.
    TooLong(Opcode, u64),
    /// A client opened no connection, or sent no request.
    NoRequest,
    /// The target closed TCP.
    End,
    /// The target reset TCP.
    Reset,
    /// The target sent more than the harness reads of one connection.
    Flood,
}

/// A payload: its length in octets, and its beginning as a report shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Length in octets.
    pub len: usize,
    /// The payload's beginning, in the notation of reports.
    pub shown: String,
}

/// What goes with a sight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Nothing followed it until the deadline.
    ThenSilence,
    /// The connection ended without a Close frame.
    NoClose,
    /// The connection ended without a response.
    NoResponse,
    /// The connection was still open at the deadline.
    StaysOpen,
    /// It came before the octets that must fail the connection.
    TooEarly,
    /// A response that means to open lacks this.
    Lacks(&'static str),
    /// The value of Sec-WebSocket-Accept, and the value that the key asks for.
    WrongAccept {
        /// The value that the response has.
        given: String,
        /// The value that RFC 6455 §4.2.2 demands.
        due: String,
    },
    /// The field of that name is absent.
    FieldMissing(String),
    /// The field of that name has these values, of one line each.
    FieldDiffers {
        /// The name of the field.
        name: String,
        /// The values of its lines.
        values: Vec<String>,
    },
    /// The response names no extension.
    NoExtensions,
    /// The response names these extensions, of one line each.
    Extensions(Vec<String>),
    /// A pong held a ping's payload as it was masked.
    MaskedPayload,
}

impl Sighting {
    /// The target did nothing before the deadline.
    pub const SILENCE: Sighting = Sighting { sight: Sight::Silence, notes: Vec::new() };

    /// Adds a note.
    #[must_use]
    pub fn noting(mut self, note: Note) -> Sighting {
        self.notes.push(note);
        self
    }

    /// What tells this sighting from others, without lengths and payloads.
    pub fn structure(&self) -> Structure {
        // What came before the silence may come or not: what is missing is the same.
        let silent = self.notes.contains(&Note::ThenSilence);
        let sight = if silent { Structure::new("silence") } else { self.sight.structure() };
        self.notes.iter().filter_map(Note::mark).fold(sight, Structure::marked)
    }
}

impl From<Sight> for Sighting {
    fn from(sight: Sight) -> Sighting {
        Sighting { sight, notes: Vec::new() }
    }
}

impl From<&Seen> for Sighting {
    fn from(seen: &Seen) -> Sighting {
        Sight::from(seen).into()
    }
}

impl From<&Seen> for Sight {
    fn from(seen: &Seen) -> Sight {
        match seen {
            Seen::Response(head) => Sight::Response { status: head.status, reason: head.reason.clone() },
            // Without its target: our address differs from run to run, and what is observed does not.
            Seen::Request(_) => Sight::Request,
            Seen::NotAHead(error) => Sight::NotAHead(error.clone()),
            Seen::Message { opcode, compressed, payload, .. } => {
                Sight::Message { opcode: *opcode, compressed: *compressed, payload: Sample::of(payload) }
            }
            Seen::Undecodable { opcode, reason } => {
                Sight::Undecodable { opcode: *opcode, reason: reason.clone() }
            }
            Seen::Ping(payload) => Sight::Ping(Sample::of(payload)),
            Seen::Pong(payload) => Sight::Pong(Sample::of(payload)),
            Seen::Close(payload) => Sight::Close(payload.clone()),
            Seen::Stray(header) => Sight::Stray(header.opcode, header.payload_len),
            Seen::TooLong(header) => Sight::TooLong(header.opcode, header.payload_len),
            Seen::GaveUp => Sight::NoRequest,
            Seen::Eof => Sight::End,
            Seen::Reset => Sight::Reset,
            Seen::Flood => Sight::Flood,
        }
    }
}

impl Sample {
    fn of(payload: &[u8]) -> Sample {
        let shown = match quote(payload) {
            _ if payload.is_empty() => String::new(),
            Some(text) => text,
            None => hex::encode_short(payload, 12),
        };
        Sample { len: payload.len(), shown }
    }
}

impl Sight {
    fn structure(&self) -> Structure {
        match self {
            Sight::Nothing => Structure::new("nothing"),
            Sight::Silence => Structure::new("silence"),
            Sight::Response { status, .. } => Structure::new("response").with(Detail::Status(*status)),
            Sight::Request => Structure::new("request"),
            Sight::RequestFor(_) => Structure::new("request").marked("other-target"),
            Sight::NotAHead(_) => Structure::new("not-a-head"),
            Sight::Message { opcode, compressed, .. } => {
                Structure::of_opcode("message", *opcode).marked_if(*compressed, "compressed")
            }
            Sight::Undecodable { opcode, .. } => Structure::of_opcode("undecodable", *opcode),
            Sight::Ping(_) => Structure::new("ping"),
            Sight::Pong(_) => Structure::new("pong"),
            Sight::Close(payload) => close_structure(payload),
            Sight::Stray(opcode, _) => Structure::of_opcode("stray", *opcode),
            Sight::TooLong(opcode, _) => Structure::of_opcode("too-long", *opcode),
            Sight::NoRequest => Structure::new("no-request"),
            // Whether octets that the target left unread make a reset of its end is a race.
            Sight::End | Sight::Reset => Structure::new("end"),
            Sight::Flood => Structure::new("flood"),
        }
    }
}

/// `close:1002`, `close:none`, or what is wrong with the payload of a Close.
pub fn close_structure(payload: &[u8]) -> Structure {
    let close = Structure::new("close");
    match ClosePayload::decode(payload) {
        Ok(ClosePayload { code: Some(code), .. }) => close.with(Detail::CloseCode(code.0)),
        Ok(ClosePayload { code: None, .. }) => Structure::of_word("close", "none"),
        Err(ClosePayloadError::OneOctet) => Structure::of_word("close", "one-octet"),
        Err(ClosePayloadError::ReasonNotUtf8) => Structure::of_word("close", "reason-not-utf8"),
    }
}

impl Note {
    fn mark(&self) -> Option<&'static str> {
        Some(match self {
            Note::ThenSilence => return None,
            Note::NoClose => "no-close",
            Note::NoResponse => "no-response",
            Note::StaysOpen => "stays-open",
            Note::TooEarly => "early",
            Note::Lacks(_) => "lacks-field",
            Note::WrongAccept { .. } => "wrong-accept",
            Note::FieldMissing(_) => "field-missing",
            Note::FieldDiffers { .. } => "field-differs",
            Note::NoExtensions => "no-extensions",
            Note::Extensions(_) => "other-extensions",
            Note::MaskedPayload => "masked-payload",
        })
    }
}

/// One observation, in a few words.
pub fn describe(seen: &Seen) -> String {
    Sight::from(seen).to_string()
}

impl fmt::Display for Sighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.sight)?;
        self.notes.iter().try_for_each(|note| write!(f, "{note}"))
    }
}

impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sight::Nothing => f.write_str("nothing"),
            Sight::Silence => f.write_str("silence, the connection open"),
            Sight::Response { status, reason } if reason.trim().is_empty() => write!(f, "response {status}"),
            Sight::Response { status, reason } => write!(f, "response {status} {}", reason.trim_end()),
            Sight::Request => f.write_str("a request"),
            Sight::RequestFor(target) => write!(f, "a request for {target:?}"),
            Sight::NotAHead(error) => write!(f, "octets that are no HTTP head: {error}"),
            Sight::Message { opcode, compressed, payload } => {
                let compressed = if *compressed { "compressed " } else { "" };
                write!(f, "{compressed}{opcode} message of {payload}")
            }
            Sight::Undecodable { opcode, reason } => {
                write!(f, "a compressed {opcode} message that does not inflate: {reason}")
            }
            Sight::Ping(payload) => write!(f, "ping of {payload}"),
            Sight::Pong(payload) => write!(f, "pong of {payload}"),
            Sight::Close(payload) => write!(f, "Close ({})", close_text(payload)),
            Sight::Stray(opcode, len) => write!(f, "a stray {opcode} frame of {len} octets"),
            Sight::TooLong(opcode, len) => write!(f, "a {opcode} frame that declares {len} octets"),
            Sight::NoRequest => f.write_str("no request"),
            Sight::End => f.write_str("the end of the connection"),
            Sight::Reset => f.write_str("a reset of the connection"),
            Sight::Flood => f.write_str("a flood"),
        }
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} octets", self.len)?;
        if self.shown.is_empty() { Ok(()) } else { write!(f, " {}", self.shown) }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::ThenSilence => f.write_str(", then silence, the connection open"),
            Note::NoClose => f.write_str(" without a Close"),
            Note::NoResponse => f.write_str(" without a response"),
            Note::StaysOpen => f.write_str(", then the connection stayed open"),
            Note::TooEarly => f.write_str(" before the octets that must fail the connection"),
            Note::Lacks(field) => write!(f, ", without {field}"),
            Note::WrongAccept { given, due } => write!(f, ", Sec-WebSocket-Accept {given:?}, not {due:?}"),
            Note::FieldMissing(name) => write!(f, ", without {name}"),
            Note::FieldDiffers { name, values } => write!(f, ", {name}: {}", values.join(" | ")),
            Note::NoExtensions => f.write_str(", without extensions"),
            Note::Extensions(values) => write!(f, ", with {}", values.join(" | ")),
            Note::MaskedPayload => f.write_str(": the ping's payload as it was masked"),
        }
    }
}
