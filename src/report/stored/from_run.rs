//! A stored run made of a run that has just ended.

use super::again::Again;
use super::failure::StoredFailure;
use super::instance::{StoredApplication, StoredInstance};
use super::model::{Selection, StoredRequirement, StoredRun, StoredTarget, Suite, Summary};
use super::schema::SCHEMA;
use crate::report::features;
use crate::report::tally::Tally;
use std::collections::BTreeMap;
use wsgauntlet_suite::oracle::record::Application;
use wsgauntlet_suite::oracle::verdict::Source;
use wsgauntlet_suite::oracle::{Record, Run, TargetInfo, VerdictKind};
use wsgauntlet_suite::requirement::{Catalogue, Level};
use wsgauntlet_suite::transcript::notation;
use wsgauntlet_suite::transcript::{EventKind, Transcript};

/// What a run does not know of itself.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// When it began, RFC 3339 in UTC.
    pub started: Option<String>,
    /// The seed of the run.
    pub seed: u64,
    /// Which instances were selected.
    pub selection: Selection,
    /// The target is the built-in reference.
    pub built_in: bool,
    /// How the target is reached again.
    pub again: Option<Again>,
    /// How long an answer is awaited, in milliseconds.
    pub timeout_ms: Option<u64>,
}

impl StoredRun {
    /// What reports show of a run.
    pub fn of(run: &Run, catalogue: &Catalogue, circumstances: &Circumstances) -> StoredRun {
        let features = features::count(&run.records);
        let instances = run.records.iter().map(|record| StoredInstance::of(record, catalogue)).collect();
        StoredRun::with(run, instances, features, catalogue, circumstances)
    }

    /// The same. No transcript is in memory twice, as octets and as lines.
    pub fn from_run(mut run: Run, catalogue: &Catalogue, circumstances: &Circumstances) -> StoredRun {
        let features = features::count(&run.records);
        let records = std::mem::take(&mut run.records);
        let instances = records.into_iter().map(|record| StoredInstance::of(&record, catalogue)).collect();
        StoredRun::with(&run, instances, features, catalogue, circumstances)
    }

    fn with(
        run: &Run,
        instances: Vec<StoredInstance>,
        features: BTreeMap<String, Tally>,
        catalogue: &Catalogue,
        circumstances: &Circumstances,
    ) -> StoredRun {
        let mut stored = StoredRun {
            schema: SCHEMA.to_owned(),
            suite: Suite {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                cases: run.cases,
                instances: instances.len(),
            },
            target: target(&run.target, circumstances),
            summary: Summary { duration_ms: run.duration.as_millis() as u64, ..Summary::default() },
            started: circumstances.started.clone(),
            seed: circumstances.seed,
            jobs: run.jobs,
            selection: circumstances.selection.clone(),
            timeout_ms: circumstances.timeout_ms,
            interrupted: run.interrupted.clone(),
            unfinished: false,
            deaths: run.deaths.clone(),
            crashes: run.crashes.clone(),
            features,
            defects: None,
            grades: None,
            gate: None,
            requirements: BTreeMap::new(),
            instances,
        };
        stored.name_requirements(catalogue);
        stored.summarise();
        stored
    }

    /// Takes the sentences of all requirements that are named and not yet there.
    pub(super) fn name_requirements(&mut self, catalogue: &Catalogue) {
        for instance in &self.instances {
            let broken = instance.failures().map(|failure| &failure.requirement);
            for id in instance.requirements.iter().chain(&instance.met).chain(broken) {
                if self.requirements.contains_key(id) {
                    continue;
                }
                let Some(requirement) = catalogue.get(id) else { continue };
                let stored = StoredRequirement {
                    citation: requirement.citation(),
                    level: requirement.level,
                    severity: requirement.severity,
                    quote: requirement.quote.clone(),
                };
                self.requirements.insert(id.clone(), stored);
            }
        }
    }
}

fn target(info: &TargetInfo, circumstances: &Circumstances) -> StoredTarget {
    let can = info.capabilities;
    let capabilities = [
        ("echo", can.echo),
        ("echo-binary", can.echo_binary),
        ("pong", can.pong),
        ("closing", can.closing),
        ("permessage-deflate", can.deflate),
        ("driver", can.driver),
    ];
    StoredTarget {
        role: info.role,
        name: info.name.clone(),
        url: info.url.clone(),
        built_in: circumstances.built_in,
        again: circumstances.again.clone(),
        capabilities: capabilities.into_iter().map(|(name, has)| (name.to_owned(), has)).collect(),
        overlooked: can.overlooked.iter().map(|fault| fault.name().to_owned()).collect(),
        remarks: info.remarks.clone(),
    }
}

impl StoredInstance {
    /// One record, as in `instances` and in `events.ndjson`.
    pub fn of(record: &Record, catalogue: &Catalogue) -> StoredInstance {
        let (instance, verdict) = (&record.instance, &record.verdict);
        // A pass is explained by its case; octets are kept where somebody has to look at them.
        let shown = !matches!(verdict.kind, VerdictKind::Pass | VerdictKind::Inapplicable);
        let lines = |transcript: Option<&Transcript>| match transcript {
            Some(transcript) if shown => notation::lines(transcript),
            _ => Vec::new(),
        };
        let levels = instance.verifies.iter().filter_map(|id| catalogue.get(id.as_str())).map(|r| r.level);
        StoredInstance {
            id: instance.id.to_string(),
            case: instance.case.clone(),
            doc: instance.doc.clone(),
            aliases: instance.autobahn.clone(),
            level: levels.min().unwrap_or(Level::May),
            requirements: instance.verifies.iter().map(ToString::to_string).collect(),
            verdict: verdict.kind,
            reference: record.reference.as_ref().map(|reference| reference.kind),
            reason: verdict.reason.clone(),
            failure: verdict.failure.as_ref().map(StoredFailure::of),
            others: verdict.others.iter().map(StoredFailure::of).collect(),
            met: verdict.met.iter().map(ToString::to_string).collect(),
            accepted: None,
            plays: record.plays,
            duration_us: record.duration().as_micros() as u64,
            waited_ms: waited_ms(record),
            close_code: record.close_code(),
            evidence: record.evidence(),
            application: record.application.as_ref().map(application),
            transcript: lines(record.transcript.as_ref()),
            reference_transcript: lines(record.reference.as_ref().map(|reference| &reference.transcript)),
        }
    }
}

fn application(application: &Application) -> StoredApplication {
    StoredApplication {
        exit: application.exit.map(|exit| exit.to_string()),
        stderr: application.stderr.clone(),
        page: application.page.clone(),
    }
}

/// How long the silence lasted that ended the failing step.
fn waited_ms(record: &Record) -> Option<u64> {
    let Source::Step(step) = record.verdict.failure.as_ref()?.source else { return None };
    let events = record.transcript.as_ref()?.judged();
    let expired = events.iter().position(|event| event.kind == EventKind::StepExpired(step))?;
    let before = events[..expired].last().map(|event| event.at).unwrap_or_default();
    Some(events[expired].at.saturating_sub(before).as_millis() as u64)
}
