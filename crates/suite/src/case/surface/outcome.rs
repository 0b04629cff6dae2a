//! What an `expect` or `tolerate` holds.

use super::payload::PayloadSurface;
use super::shape::{KeywordOrTable, OneOrMany, keyword_or_table};
use crate::case::expectation::{
    CloseCodes, DeflateMatch, DeflateParam, DeflateParamMatch, FailCodes, HeadMatch, Outcome, StatusMatch,
    StatusRange,
};
use crate::case::payload::Payload;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use wsgauntlet_wire::opening::extension;
use wsgauntlet_wire::{CloseCode, Opcode};

#[derive(Clone, Debug)]
pub(crate) struct OutcomeSurface(pub Outcome);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct OutcomeTable {
    text: Option<PayloadSurface>,
    binary: Option<PayloadSurface>,
    ping: Option<PayloadSurface>,
    pong: Option<PayloadSurface>,
    /// A text message that begins like this.
    begins: Option<String>,
    close_frame: Option<CloseFrameSurface>,
    tasks: Option<TasksSurface>,
    close: Option<OneOrMany<CodeSurface>>,
    fail: Option<OneOrMany<CodeSurface>>,
    open: Option<HeadMatchSurface>,
    refused: Option<ResponseSurface>,
    response: Option<ResponseSurface>,
}

impl KeywordOrTable for OutcomeSurface {
    type Table = OutcomeTable;
    const EXPECTING: &'static str = "`open`, `refused`, `response`, `end`, `lingers`, `no-request`, `unanswered`, `silence`, or a table with one of \
                                     `text`, `binary`, `begins`, `ping`, `pong`, `close`, `close-frame`, `tasks`, `fail`, `open`, `refused`, `response`";

    fn from_keyword(word: &str) -> Option<OutcomeSurface> {
        Some(OutcomeSurface(match word {
            "open" => Outcome::Open(HeadMatch::default()),
            "refused" => Outcome::Refused(StatusMatch::default(), HeadMatch::default()),
            "response" => Outcome::Response(StatusMatch::default(), HeadMatch::default()),
            "end" => Outcome::End,
            "no-request" => Outcome::NoRequest,
            "lingers" => Outcome::Lingers,
            "unanswered" => Outcome::Unanswered,
            "silence" => Outcome::Silence,
            _ => return None,
        }))
    }

    fn from_table(table: OutcomeTable) -> Result<OutcomeSurface, String> {
        let mut made = Vec::new();
        made.extend(table.text.map(|p| Outcome::Message { opcode: Opcode::Text, payload: p.0 }));
        made.extend(table.binary.map(|p| Outcome::Message { opcode: Opcode::Binary, payload: p.0 }));
        made.extend(table.ping.map(|p| Outcome::Ping(p.0)));
        made.extend(table.pong.map(|p| Outcome::Pong(p.0)));
        made.extend(table.begins.map(Outcome::Greeting));
        if let Some(frame) = table.close_frame {
            made.push(Outcome::CloseFrame(close_codes(&frame.codes), frame.reason));
        }
        if let Some(tasks) = table.tasks {
            made.push(tasks.build()?);
        }
        if let Some(codes) = table.close {
            made.push(Outcome::Close(close_codes(&codes.0)));
        }
        if let Some(codes) = table.fail {
            made.push(Outcome::Fail(fail_codes(&codes.0)?));
        }
        made.extend(table.open.map(|head| Outcome::Open(head.build())));
        if let Some(response) = table.refused {
            made.push(Outcome::Refused(response.status, response.head));
        }
        if let Some(response) = table.response {
            made.push(Outcome::Response(response.status, response.head));
        }
        match <[Outcome; 1]>::try_from(made) {
            Ok([outcome]) => Ok(OutcomeSurface(outcome)),
            Err(_) => Err(format!("expected {}", Self::EXPECTING)),
        }
    }
}

impl<'de> Deserialize<'de> for OutcomeSurface {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        keyword_or_table(deserializer)
    }
}

/// What a Close frame holds: a code, a list of codes, or a table with `code` and `reason`.
#[derive(Clone, Debug)]
struct CloseFrameSurface {
    codes: Vec<CodeSurface>,
    reason: Option<Payload>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CloseFrameTable {
    code: OneOrMany<CodeSurface>,
    reason: Option<PayloadSurface>,
}

impl KeywordOrTable for CloseFrameSurface {
    type Table = CloseFrameTable;
    const EXPECTING: &'static str =
        "a close code, `any`, `no-fault`, `none`, or a table with `code` and `reason`";

    fn from_keyword(word: &str) -> Option<CloseFrameSurface> {
        let codes = vec![match word {
            "any" => CodeSurface::Any,
            "none" => CodeSurface::NoCode,
            "no-fault" => CodeSurface::NoFault,
            _ => return None,
        }];
        Some(CloseFrameSurface { codes, reason: None })
    }

    fn from_integer(integer: i64) -> Option<CloseFrameSurface> {
        let code = CloseCode(u16::try_from(integer).ok()?);
        Some(CloseFrameSurface { codes: vec![CodeSurface::Code(code)], reason: None })
    }

    fn from_table(table: CloseFrameTable) -> Result<CloseFrameSurface, String> {
        let reason = table.reason.map(|reason| reason.0);
        Ok(CloseFrameSurface { codes: table.code.0, reason })
    }
}

impl<'de> Deserialize<'de> for CloseFrameSurface {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        keyword_or_table(deserializer)
    }
}

/// The most messages of all tasks together.
const TASK_MESSAGES_MAX: usize = 10_000;

/// `{ tasks = { tasks = 4, count = 10, size = 100 } }`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TasksSurface {
    tasks: usize,
    count: usize,
    size: usize,
    beside: Option<PayloadSurface>,
}

impl TasksSurface {
    fn build(self) -> Result<Outcome, String> {
        let TasksSurface { tasks, count, size, beside } = self;
        if tasks.saturating_mul(count) > TASK_MESSAGES_MAX {
            return Err(format!("all tasks send at most {TASK_MESSAGES_MAX} messages"));
        }
        Ok(Outcome::Tasks { tasks, count, size, beside: beside.map(|payload| payload.0) })
    }
}

/// A close code, `"any"`, `"no-fault"` or `"none"`.
#[derive(Clone, Copy, Debug)]
enum CodeSurface {
    Any,
    Code(CloseCode),
    NoCode,
    NoFault,
}

impl<'de> Deserialize<'de> for CodeSurface {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = CodeSurface;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a close code, `any`, `no-fault` or `none`")
            }
            fn visit_i64<E: serde::de::Error>(self, code: i64) -> Result<CodeSurface, E> {
                let code = u16::try_from(code).map_err(|_| E::custom("a close code has two octets"))?;
                Ok(CodeSurface::Code(CloseCode(code)))
            }
            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<CodeSurface, E> {
                match word {
                    "any" => Ok(CodeSurface::Any),
                    "none" => Ok(CodeSurface::NoCode),
                    "no-fault" => Ok(CodeSurface::NoFault),
                    _ => Err(E::custom(format!(
                        "unknown {word:?}, expected a close code, `any`, `no-fault` or `none`"
                    ))),
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

fn close_codes(codes: &[CodeSurface]) -> CloseCodes {
    let mut listed = Vec::new();
    for code in codes {
        match code {
            CodeSurface::Any => return CloseCodes::Any,
            CodeSurface::NoFault => return CloseCodes::NoFault,
            CodeSurface::Code(code) => listed.push(Some(*code)),
            CodeSurface::NoCode => listed.push(None),
        }
    }
    CloseCodes::OneOf(listed)
}

fn fail_codes(codes: &[CodeSurface]) -> Result<FailCodes, String> {
    let mut listed = Vec::new();
    for code in codes {
        match code {
            CodeSurface::Any => return Ok(FailCodes::Any),
            CodeSurface::Code(code) => listed.push(*code),
            CodeSurface::NoCode | CodeSurface::NoFault => {
                return Err("`fail` takes codes or `any`".to_owned());
            }
        }
    }
    Ok(FailCodes::OneOf(listed))
}

/// `{ Field = "value" }` that must be there, and names that must not.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct HeadMatchSurface {
    target: Option<OneOrMany<String>>,
    #[serde(default)]
    headers: BTreeMap<String, OneOrMany<String>>,
    #[serde(default)]
    absent: Vec<String>,
    deflate: Option<DeflateSurface>,
}

/// `true`: agreed; `false`: declined; or parameters that are agreed: `"server_max_window_bits=9"`, and with a `!` those
/// that are not: `"!client_no_context_takeover"`, several of them with `;` between.
#[derive(Clone, Debug)]
pub(crate) struct DeflateSurface(pub DeflateMatch);

#[derive(Debug, Deserialize)]
pub(crate) struct NoTable {}

impl KeywordOrTable for DeflateSurface {
    type Table = NoTable;
    const EXPECTING: &'static str =
        "`true`, `false`, or parameters such as \"server_max_window_bits=9; !client_no_context_takeover\"";

    fn from_keyword(word: &str) -> Option<DeflateSurface> {
        if word.is_empty() {
            return Some(DeflateSurface(DeflateMatch::agreed()));
        }
        let extensions = extension::parse(format!("x; {word}").as_bytes()).ok()?;
        let [extension] = extensions.as_slice() else { return None };
        let mut wanted = Vec::new();
        for (name, value) in &extension.params {
            let param = DeflateParam::from_name(name.trim_start_matches('!'))?;
            wanted.push(match (name.starts_with('!'), value) {
                (true, None) => DeflateParamMatch::Absent(param),
                (false, None) => DeflateParamMatch::Present(param),
                (false, Some(value)) => DeflateParamMatch::Value(param, value.parse().ok()?),
                (true, Some(_)) => return None,
            });
        }
        Some(DeflateSurface(DeflateMatch::Agreed(wanted)))
    }

    fn from_bool(value: bool) -> Option<DeflateSurface> {
        Some(DeflateSurface(if value { DeflateMatch::agreed() } else { DeflateMatch::Declined }))
    }

    fn from_table(_table: NoTable) -> Result<DeflateSurface, String> {
        Err(format!("expected {}", Self::EXPECTING))
    }
}

impl<'de> Deserialize<'de> for DeflateSurface {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        keyword_or_table(deserializer)
    }
}

impl HeadMatchSurface {
    fn build(self) -> HeadMatch {
        let mut fields = Vec::new();
        for (name, values) in self.headers {
            fields.extend(values.0.into_iter().map(|value| (name.clone(), value)));
        }
        let targets = self.target.map(|targets| targets.0).unwrap_or_default();
        HeadMatch { targets, fields, absent: self.absent, deflate: self.deflate.map(|deflate| deflate.0) }
    }
}

/// A status, a list of them, or a table with `status`, `headers`, `absent`.
#[derive(Clone, Debug)]
struct ResponseSurface {
    status: StatusMatch,
    head: HeadMatch,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ResponseTable {
    status: Option<OneOrMany<StatusSurface>>,
    #[serde(default)]
    headers: BTreeMap<String, OneOrMany<String>>,
    #[serde(default)]
    absent: Vec<String>,
}

impl KeywordOrTable for ResponseSurface {
    type Table = ResponseTable;
    const EXPECTING: &'static str =
        "a status such as 400 or `4xx`, or a table with `status`, `headers`, `absent`";

    fn from_keyword(word: &str) -> Option<ResponseSurface> {
        let status = StatusMatch(vec![status_range(word)?]);
        Some(ResponseSurface { status, head: HeadMatch::default() })
    }

    fn from_integer(integer: i64) -> Option<ResponseSurface> {
        let status = StatusMatch(vec![status_code(integer)?]);
        Some(ResponseSurface { status, head: HeadMatch::default() })
    }

    fn from_table(table: ResponseTable) -> Result<ResponseSurface, String> {
        let status = table.status.map(|list| list.0.into_iter().map(|status| status.0).collect());
        let head =
            HeadMatchSurface { target: None, headers: table.headers, absent: table.absent, deflate: None }
                .build();
        Ok(ResponseSurface { status: StatusMatch(status.unwrap_or_default()), head })
    }
}

impl<'de> Deserialize<'de> for ResponseSurface {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        keyword_or_table(deserializer)
    }
}

#[derive(Clone, Copy, Debug)]
struct StatusSurface(StatusRange);

impl KeywordOrTable for StatusSurface {
    type Table = NoTable;
    const EXPECTING: &'static str = "a status such as 400 or `4xx`";

    fn from_keyword(word: &str) -> Option<StatusSurface> {
        status_range(word).map(StatusSurface)
    }

    fn from_integer(integer: i64) -> Option<StatusSurface> {
        status_code(integer).map(StatusSurface)
    }

    fn from_table(_table: NoTable) -> Result<StatusSurface, String> {
        Err(format!("expected {}", Self::EXPECTING))
    }
}

impl<'de> Deserialize<'de> for StatusSurface {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        keyword_or_table(deserializer)
    }
}

fn status_code(integer: i64) -> Option<StatusRange> {
    let status = u16::try_from(integer).ok().filter(|status| (100..=599).contains(status))?;
    Some(StatusRange { first: status, last: status })
}

fn status_range(word: &str) -> Option<StatusRange> {
    let hundreds: u16 = word.strip_suffix("xx")?.parse().ok().filter(|digit| (1..=5).contains(digit))?;
    Some(StatusRange { first: hundreds * 100, last: hundreds * 100 + 99 })
}
