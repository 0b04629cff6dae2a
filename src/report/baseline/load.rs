//! The baseline's file, with the place of every mistake.
//!
//! ```toml
//! [[deviation]]
//! instance = "masking/direction/wrong-masking[len=126]@server+h1"   # or pattern = "masking/**"
//! verdict = "fail"                    # fail, lenient or flaky
//! # of the failure, as reports show it; "any" until an update; older files have 16 hexadecimal digits
//! fingerprint = "v2 rfc6455/5.1/server-closes-on-unmasked fail answer"
//! reason = "frames of 126 octets are read by the old parser"
//! link = "https://example.org/issues/12"   # optional
//! expires = "2026-12-31"              # optional: the last day on which it is accepted
//! flaky = true                        # optional: it may pass, too
//!
//! [[defect]]
//! id = "accept-host-invalid"          # as reports show it; all its instances are accepted
//! reason = "the proxy in front checks Host"
//! link = "https://example.org/issues/13"   # optional
//! expires = "2026-12-31"              # optional
//! ```

use super::model::{AcceptedDefect, Baseline, Entry, Subject};
use serde::Deserialize;
use toml::Value;
use toml::value::{Date, Datetime};
use wsgauntlet_suite::case::Pattern;
use wsgauntlet_suite::case::load::{Key, Mistake, Places, Source, read};
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_suite::oracle::fingerprint::is_fingerprint;

/// Stands for every failure, until an update writes down which one it is.
const ANY: &str = "any";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntrySurface {
    instance: Option<String>,
    pattern: Option<String>,
    verdict: String,
    fingerprint: Option<String>,
    reason: String,
    link: Option<String>,
    expires: Option<Value>,
    #[serde(default)]
    flaky: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DefectSurface {
    id: String,
    reason: String,
    link: Option<String>,
    expires: Option<Value>,
}

/// Reads a baseline, or tells all its mistakes.
pub fn load(file: &str, text: &str) -> Result<Baseline, Vec<Mistake>> {
    let source = Source { path: file.to_owned(), file: file.to_owned(), text: text.to_owned() };
    let places = Places::new(&source).map_err(|mistake| vec![mistake])?;
    let mut baseline = Baseline { file: file.to_owned(), entries: Vec::new(), defects: Vec::new() };
    let mut mistakes = Vec::new();
    for (key, value) in &places.table {
        match (key.as_str(), value) {
            ("deviation", Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    match entry(&places, index, item) {
                        Ok(entry) => baseline.entries.push(entry),
                        Err(mistake) => mistakes.push(mistake),
                    }
                }
            }
            ("defect", Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    match defect(&places, index, item) {
                        Ok(defect) => baseline.defects.push(defect),
                        Err(mistake) => mistakes.push(mistake),
                    }
                }
            }
            _ => {
                let message = format!("unexpected `{key}`, expected `[[deviation]]` or `[[defect]]`");
                mistakes.push(places.mistake(&[Key::Name(key.clone())], message));
            }
        }
    }
    mistakes.sort();
    if mistakes.is_empty() { Ok(baseline) } else { Err(mistakes) }
}

fn entry(places: &Places<'_>, index: usize, item: &Value) -> Result<Entry, Mistake> {
    let base = vec![Key::Name("deviation".into()), Key::Index(index)];
    let at = |key: &str| {
        let mut path = base.clone();
        path.push(Key::Name(key.to_owned()));
        path
    };
    let surface: EntrySurface =
        read(item.clone(), &base).map_err(|(path, message)| places.mistake(&path, message))?;
    let subject = match (surface.instance, surface.pattern) {
        (Some(instance), None) => Subject::Instance(instance),
        (None, Some(pattern)) => Subject::Pattern(Pattern::new(pattern)),
        (Some(_), Some(_)) => {
            return Err(places.mistake(&at("pattern"), "either `instance` or `pattern`, not both".to_owned()));
        }
        (None, None) => return Err(places.mistake(&base, "neither `instance` nor `pattern`".to_owned())),
    };
    let verdict = verdict(&surface.verdict).map_err(|message| places.mistake(&at("verdict"), message))?;
    if surface.reason.trim().is_empty() {
        return Err(places.mistake(&at("reason"), "a deviation is accepted for a reason".to_owned()));
    }
    let flaky = surface.flaky || verdict == VerdictKind::Flaky;
    match &surface.fingerprint {
        None if flaky => {}
        None => {
            return Err(
                places.mistake(&base, "no `fingerprint`: reports show it beside the failure".to_owned())
            );
        }
        Some(any) if any == ANY => {}
        Some(text) if is_fingerprint(text) => {}
        // Of version 1.
        Some(digits) if digits.len() == 16 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => {}
        Some(_) => {
            let message = format!("not a fingerprint: copy it from a report, or write \"{ANY}\"");
            return Err(places.mistake(&at("fingerprint"), message));
        }
    }
    let expires = expiry(surface.expires.as_ref())
        .ok_or_else(|| places.mistake(&at("expires"), "a date is written \"YYYY-MM-DD\"".to_owned()))?;
    Ok(Entry {
        subject,
        verdict,
        fingerprint: surface.fingerprint.filter(|text| text != ANY),
        reason: surface.reason,
        link: surface.link,
        expires,
        flaky,
        line: places.mistake(&base, String::new()).line,
    })
}

/// The date in an entry, if it has one. `None`: it is not a date.
fn expiry(value: Option<&Value>) -> Option<Option<Date>> {
    value.map_or(Some(None), |value| date(value).map(Some))
}

fn defect(places: &Places<'_>, index: usize, item: &Value) -> Result<AcceptedDefect, Mistake> {
    let base = vec![Key::Name("defect".into()), Key::Index(index)];
    let at = |key: &str| [base.clone(), vec![Key::Name(key.to_owned())]].concat();
    let surface: DefectSurface =
        read(item.clone(), &base).map_err(|(path, message)| places.mistake(&path, message))?;
    if surface.reason.trim().is_empty() {
        return Err(places.mistake(&at("reason"), "a defect is accepted for a reason".to_owned()));
    }
    let expires = expiry(surface.expires.as_ref())
        .ok_or_else(|| places.mistake(&at("expires"), "a date is written \"YYYY-MM-DD\"".to_owned()))?;
    Ok(AcceptedDefect {
        id: surface.id,
        reason: surface.reason,
        link: surface.link,
        expires,
        line: places.mistake(&base, String::new()).line,
    })
}

fn verdict(text: &str) -> Result<VerdictKind, String> {
    match VerdictKind::parse(text) {
        Some(kind @ (VerdictKind::Fail | VerdictKind::Lenient | VerdictKind::Flaky)) => Ok(kind),
        Some(VerdictKind::Error | VerdictKind::Blocked) => {
            Err(format!("`{text}` says nothing about the target, so it cannot be accepted"))
        }
        Some(VerdictKind::Pass | VerdictKind::Info | VerdictKind::Inapplicable) => {
            Err(format!("`{text}` needs no entry"))
        }
        None => Err(format!("unknown verdict `{text}`, expected one of `fail`, `lenient`, `flaky`")),
    }
}

fn date(value: &Value) -> Option<Date> {
    let datetime = match value {
        Value::Datetime(datetime) => *datetime,
        Value::String(text) => text.parse::<Datetime>().ok()?,
        _ => return None,
    };
    match (datetime.date, datetime.time) {
        (Some(date), None) => Some(date),
        _ => None,
    }
}
