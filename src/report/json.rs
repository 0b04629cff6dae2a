//! `report.json`, schema `wsgauntlet/report/1`: fields are added, never changed.

use super::score::{self, Tally};
use crate::oracle::verdict::Source;
use crate::oracle::{Record, Run, VerdictKind};
use crate::requirement::{Catalogue, Level};
use crate::transcript::notation;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The name of the schema.
pub const SCHEMA: &str = "wsgauntlet/report/1";

#[derive(Serialize)]
struct TallyJson {
    met: usize,
    exercised: usize,
}

impl From<Tally> for TallyJson {
    fn from(tally: Tally) -> TallyJson {
        TallyJson { met: tally.met, exercised: tally.exercised }
    }
}

/// The report as a value.
pub fn report(run: &Run, catalogue: &Catalogue) -> Value {
    let score = score::of_run(run, catalogue);
    let mut summary = Map::new();
    for kind in VerdictKind::ALL {
        summary.insert(kind.as_str().to_owned(), json!(run.count(kind)));
    }
    summary.insert("must".to_owned(), json!(TallyJson::from(score.must)));
    summary.insert("should".to_owned(), json!(TallyJson::from(score.should)));
    summary.insert("grade".to_owned(), json!(score.grade.to_string()));
    summary.insert("duration_ms".to_owned(), json!(run.duration.as_millis() as u64));
    let capabilities = run.target.capabilities;
    json!({
        "schema": SCHEMA,
        "suite": { "version": env!("CARGO_PKG_VERSION"), "cases": run.cases, "instances": run.records.len() },
        "target": {
            "role": run.target.role.to_string(),
            "name": run.target.name,
            "url": run.target.url,
            "capabilities": {
                "echo": capabilities.echo,
                "echo-binary": capabilities.echo_binary,
                "pong": capabilities.pong,
                "closing": capabilities.closing,
                "permessage-deflate": capabilities.deflate,
            },
            "remarks": run.target.remarks,
        },
        "summary": summary,
        "jobs": run.jobs,
        "interrupted": run.interrupted,
        "deaths": run.deaths,
        "instances": run.records.iter().map(|record| instance(record, catalogue)).collect::<Vec<_>>(),
    })
}

/// One instance, as in `instances` and in `events.ndjson`.
pub fn instance(record: &Record, catalogue: &Catalogue) -> Value {
    let verdict = &record.verdict;
    let failure = verdict.failure.as_ref().map(|failure| {
        let (step, monitor) = match failure.source {
            Source::Step(step) => (Some(step), None),
            Source::Monitor(monitor) => (None, Some(monitor)),
        };
        json!({
            "step": step,
            "monitor": monitor,
            "requirement": failure.requirement.to_string(),
            "expected": failure.expected,
            "observed": failure.observed,
            "fingerprint": failure.fingerprint,
        })
    });
    let application = record.application.as_ref().map(|application| {
        json!({
            "exit": application.exit.map(|exit| exit.to_string()),
            "stderr": application.stderr,
            "page": application.page,
        })
    });
    let others: Vec<String> = verdict.others.iter().map(|failure| failure.requirement.to_string()).collect();
    // What passed is told by its case; octets are kept where somebody has to look at them.
    let shown = !matches!(verdict.kind, VerdictKind::Pass | VerdictKind::Inapplicable);
    let transcript = match &record.transcript {
        Some(transcript) if shown => notation::lines(transcript),
        _ => Vec::new(),
    };
    let reference_transcript = match &record.reference {
        Some(reference) if shown => notation::lines(&reference.transcript),
        _ => Vec::new(),
    };
    json!({
        "id": record.instance.id.as_str(),
        "case": record.instance.case,
        "autobahn": record.instance.autobahn.first(),
        "level": level(record, catalogue),
        "requirements": record.instance.verifies.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "verdict": verdict.kind.as_str(),
        "reference": record.reference.as_ref().map(|reference| reference.kind.as_str()),
        "reason": verdict.reason,
        "failure": failure,
        "also_broken": others,
        "met": verdict.met.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "plays": record.plays,
        "evidence": record.evidence(),
        "application": application,
        "duration_us": record.duration().as_micros() as u64,
        "transcript": transcript,
        "reference_transcript": reference_transcript,
    })
}

/// The strongest level among the requirements of the case.
fn level(record: &Record, catalogue: &Catalogue) -> &'static str {
    let levels = record.instance.verifies.iter().filter_map(|id| catalogue.get(id.as_str())).map(|r| r.level);
    match levels.min() {
        Some(Level::Must) => "MUST",
        Some(Level::Should) => "SHOULD",
        Some(Level::May) | None => "MAY",
    }
}
