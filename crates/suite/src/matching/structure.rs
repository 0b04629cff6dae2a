//! The structural part of an observation: what stays the same when lengths, payloads and texts change. It holds words of
//! ours and numbers of the protocol, so that nothing that a peer wrote can get into it. Fingerprints are made of it.

use std::fmt;
use wsgauntlet_wire::Opcode;

/// What kind of thing was observed. Written as `kind`, `kind:detail` or `kind:detail+mark`: `close:1002+stays-open`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Structure {
    /// One word in kebab case: `close`, `end`, `message`, `masked-frame`.
    pub kind: &'static str,
    /// Its code, status or word.
    pub detail: Detail,
    /// What else is structural, in a fixed order: `no-close`.
    pub marks: Vec<&'static str>,
}

/// The one code, status or word that tells observations of a kind apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detail {
    /// The kind says all.
    Nothing,
    /// A close code, RFC 6455 §7.4.
    CloseCode(u16),
    /// A status code of HTTP.
    Status(u16),
    /// The status with which a process exited.
    ExitStatus(i32),
    /// The signal that ended a process.
    Signal(i32),
    /// The kind of a frame or message. Reserved opcodes are one kind each for data and control.
    Opcode(&'static str),
    /// Words of ours, in a fixed order.
    Words(Vec<&'static str>),
}

impl Structure {
    /// A kind without a detail and without marks.
    pub fn new(kind: &'static str) -> Structure {
        Structure { kind, detail: Detail::Nothing, marks: Vec::new() }
    }

    /// `message:text`, `stray:reserved-data`.
    pub fn of_opcode(kind: &'static str, opcode: Opcode) -> Structure {
        Structure { detail: Detail::Opcode(opcode_word(opcode)), ..Structure::new(kind) }
    }

    /// `field:host`.
    pub fn of_word(kind: &'static str, word: &'static str) -> Structure {
        Structure { detail: Detail::Words(vec![word]), ..Structure::new(kind) }
    }

    /// Sets the detail.
    #[must_use]
    pub fn with(mut self, detail: Detail) -> Structure {
        self.detail = detail;
        self
    }

    /// Adds a mark.
    #[must_use]
    pub fn marked(mut self, mark: &'static str) -> Structure {
        self.marks.push(mark);
        self
    }

    /// Adds a mark if `holds`.
    #[must_use]
    pub fn marked_if(self, holds: bool, mark: &'static str) -> Structure {
        if holds { self.marked(mark) } else { self }
    }
}

/// The word for an opcode. What a case makes a target send back must not make another fingerprint, so that the numbers of
/// reserved opcodes are left out.
pub fn opcode_word(opcode: Opcode) -> &'static str {
    match opcode {
        Opcode::Continuation => "continuation",
        Opcode::Text => "text",
        Opcode::Binary => "binary",
        Opcode::Close => "close",
        Opcode::Ping => "ping",
        Opcode::Pong => "pong",
        Opcode::ReservedData(_) => "reserved-data",
        Opcode::ReservedControl(_) => "reserved-control",
    }
}

impl fmt::Display for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)?;
        match &self.detail {
            Detail::Nothing => {}
            Detail::CloseCode(code) | Detail::Status(code) => write!(f, ":{code}")?,
            Detail::ExitStatus(number) | Detail::Signal(number) => write!(f, ":{number}")?,
            Detail::Opcode(word) => write!(f, ":{word}")?,
            Detail::Words(words) => write!(f, ":{}", words.join(","))?,
        }
        for mark in &self.marks {
            write!(f, "+{mark}")?;
        }
        Ok(())
    }
}
