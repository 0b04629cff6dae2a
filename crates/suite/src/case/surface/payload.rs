//! Payloads: a string, or a table that says how the octets are made.

use super::shape::{KeywordOrTable, keyword_or_table};
use crate::case::corpus::Corpus;
use crate::case::payload::{PAYLOAD_LEN_MAX, Payload};
use serde::{Deserialize, Deserializer};
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::{CloseCode, hex};

#[derive(Clone, Debug)]
pub(crate) struct PayloadSurface(pub Payload);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct PayloadTable {
    hex: Option<String>,
    /// What is repeated to this length.
    fill: Option<Box<PayloadSurface>>,
    len: Option<usize>,
    /// 0x00 to 0xff again and again, to this length.
    cycle: Option<usize>,
    utf8: Option<usize>,
    random: Option<usize>,
    seed: Option<u64>,
    /// So many octets (`len`) of data that looks like this.
    corpus: Option<CorpusSurface>,
    concat: Option<Vec<PayloadSurface>>,
    /// A close payload: the code, and `reason` after it.
    code: Option<u16>,
    reason: Option<Box<PayloadSurface>>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CorpusSurface {
    Html,
    Image,
    Json,
    Random,
    Text,
}

impl From<CorpusSurface> for Corpus {
    fn from(corpus: CorpusSurface) -> Corpus {
        match corpus {
            CorpusSurface::Html => Corpus::Html,
            CorpusSurface::Image => Corpus::Image,
            CorpusSurface::Json => Corpus::Json,
            CorpusSurface::Random => Corpus::Random,
            CorpusSurface::Text => Corpus::Text,
        }
    }
}

impl KeywordOrTable for PayloadSurface {
    type Table = PayloadTable;
    const EXPECTING: &'static str = "a string, or a table with one of `hex`, `fill`, `cycle`, `utf8`, `random`, `corpus`, `concat`, `code`";

    fn from_keyword(word: &str) -> Option<PayloadSurface> {
        Some(PayloadSurface(Payload::Literal(word.as_bytes().to_vec())))
    }

    fn from_table(table: PayloadTable) -> Result<PayloadSurface, String> {
        let mut made = Vec::new();
        if let Some(text) = &table.hex {
            made.push(Payload::Literal(hex::decode(text).map_err(|error| error.to_string())?));
        }
        if let Some(unit) = &table.fill {
            let len = table.len.ok_or("`fill` needs a `len`")?;
            let unit = unit.0.octets();
            if unit.is_empty() {
                return Err("`fill` is empty".to_owned());
            }
            made.push(Payload::Fill { unit, len });
        }
        made.extend(table.cycle.map(|len| Payload::Cycle { len }));
        made.extend(table.utf8.map(|len| Payload::Utf8 { len }));
        made.extend(table.random.map(|len| Payload::Random { len, seed: table.seed.unwrap_or(1) }));
        if let Some(parts) = table.concat {
            made.push(Payload::Concat(parts.into_iter().map(|part| part.0).collect()));
        }
        if let Some(code) = table.code {
            let reason = table.reason.map(|reason| reason.0.octets()).unwrap_or_default();
            made.push(Payload::Literal(ClosePayload::encode(CloseCode(code), &reason)));
        }
        if let Some(corpus) = table.corpus {
            let len = table.len.ok_or("`corpus` needs a `len`")?;
            made.push(Payload::Corpus { corpus: corpus.into(), start: 0, len });
        }
        if table.len.is_some() && table.fill.is_none() && table.corpus.is_none() {
            return Err("`len` belongs to `fill` and to `corpus`".to_owned());
        }
        match <[Payload; 1]>::try_from(made) {
            Ok([payload]) if payload.len() <= PAYLOAD_LEN_MAX => Ok(PayloadSurface(payload)),
            Ok(_) => Err(format!("a payload has at most {PAYLOAD_LEN_MAX} octets")),
            Err(_) => Err(format!("expected {}", Self::EXPECTING)),
        }
    }
}

impl<'de> Deserialize<'de> for PayloadSurface {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        keyword_or_table(deserializer)
    }
}
