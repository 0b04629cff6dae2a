//! The `opening` of a case.

use super::address::AddressSurface;
use super::cut::{CutSurface, check_segments};
use super::shape::{Latin1, OneOrMany};
use crate::case::head_edit::{HeadEdit, NameCase};
use crate::case::script::Opening;
use serde::Deserialize;
use std::collections::BTreeMap;
use wsgauntlet_wire::opening::DeflateOffer;
use wsgauntlet_wire::opening::extension;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct OpeningSurface {
    request: Option<HeadSurface>,
    response: Option<HeadSurface>,
    /// What is offered and agreed: the element `"permessage-deflate; ..."`.
    deflate: Option<String>,
    #[serde(default)]
    ignore_hint: bool,
    cut: Option<CutSurface>,
    #[serde(default)]
    coalesced: bool,
    segments: Option<usize>,
    stop_after: Option<usize>,
    address: Option<AddressSurface>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct HeadSurface {
    raw: Option<Latin1>,
    start_line: Option<Latin1>,
    method: Option<Latin1>,
    target: Option<Latin1>,
    version: Option<Latin1>,
    status: Option<StatusText>,
    reason: Option<Latin1>,
    #[serde(default)]
    set: BTreeMap<String, OneOrMany<Latin1>>,
    #[serde(default)]
    remove: Vec<String>,
    #[serde(default)]
    first: Vec<Latin1>,
    #[serde(default)]
    add: Vec<Latin1>,
    names: Option<NamesSurface>,
    line_break: Option<Latin1>,
    body: Option<Latin1>,
    /// So many more field lines, `X-Filler-1: xxx..`, with values of `filler-len` octets.
    filler: Option<usize>,
    filler_len: Option<usize>,
}

/// A status as an integer or as octets.
#[derive(Debug)]
struct StatusText(Vec<u8>);

impl<'de> Deserialize<'de> for StatusText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = StatusText;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a status code")
            }
            fn visit_i64<E>(self, status: i64) -> Result<StatusText, E> {
                Ok(StatusText(status.to_string().into_bytes()))
            }
            fn visit_str<E>(self, status: &str) -> Result<StatusText, E> {
                Ok(StatusText(status.as_bytes().to_vec()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum NamesSurface {
    Lower,
    Upper,
}

impl OpeningSurface {
    pub(crate) fn build(self) -> Result<Opening, String> {
        let cut = self.cut.map(CutSurface::build).transpose()?.unwrap_or_default();
        check_segments(self.segments)?;
        Ok(Opening {
            request: self.request.unwrap_or_default().build(),
            response: self.response.unwrap_or_default().build(),
            deflate: self.deflate.as_deref().map(deflate_offer).transpose()?,
            ignore_hint: self.ignore_hint,
            cut,
            coalesced: self.coalesced,
            segments: self.segments.unwrap_or_default(),
            stop_after: self.stop_after,
            address: self.address.map(AddressSurface::build).transpose()?,
        })
    }
}

fn deflate_offer(element: &str) -> Result<DeflateOffer, String> {
    let extensions = extension::parse(element.as_bytes()).map_err(|error| error.to_string())?;
    match extensions.as_slice() {
        [extension] => DeflateOffer::parse(extension).map_err(|error| error.to_string()),
        _ => Err("`deflate` holds one element; malformed offers belong to `set`".to_owned()),
    }
}

impl HeadSurface {
    fn build(self) -> HeadEdit {
        let octets = |text: Option<Latin1>| text.map(|text| text.0);
        let mut add: Vec<Vec<u8>> = self.add.into_iter().map(|line| line.0).collect();
        for index in 0..self.filler.unwrap_or_default() {
            let value = "x".repeat(self.filler_len.unwrap_or(8));
            add.push(format!("X-Filler-{index}: {value}").into_bytes());
        }
        HeadEdit {
            raw: octets(self.raw),
            start_line: octets(self.start_line),
            method: octets(self.method),
            target: octets(self.target),
            version: octets(self.version),
            status: self.status.map(|status| status.0),
            reason: octets(self.reason),
            set: self
                .set
                .into_iter()
                .map(|(name, values)| (name.into_bytes(), values.0.into_iter().map(|v| v.0).collect()))
                .collect(),
            remove: self.remove.into_iter().map(String::into_bytes).collect(),
            first: self.first.into_iter().map(|line| line.0).collect(),
            add,
            name_case: match self.names {
                None => NameCase::AsIs,
                Some(NamesSurface::Lower) => NameCase::Lower,
                Some(NamesSurface::Upper) => NameCase::Upper,
            },
            line_break: octets(self.line_break),
            body: octets(self.body).unwrap_or_default(),
        }
    }
}
