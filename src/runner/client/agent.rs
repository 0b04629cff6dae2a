//! Autobahn's loop, one agent: which cases it played, and what its questions are answered with.

use super::route::CaseRef;
use crate::case::Instance;
use crate::oracle::{Record, VerdictKind};
use crate::runner::again;
use serde_json::json;
use std::sync::Arc;

/// What an agent did so far. It is asked for in the order in which it likes to play.
#[derive(Debug)]
pub struct Agent {
    pub name: String,
    records: Vec<Option<Record>>,
    /// How many plays are under way.
    pub playing: usize,
    /// It asked for its reports.
    pub updated: bool,
}

impl Agent {
    pub fn new(name: &str, instances: usize) -> Agent {
        Agent { name: name.to_owned(), records: vec![None; instances], playing: 0, updated: false }
    }

    /// How often the case of that index was played.
    pub fn plays(&self, index: usize) -> u32 {
        self.records[index].as_ref().map_or(0, |record| record.plays)
    }

    pub fn record(&self, index: usize) -> Option<&Record> {
        self.records[index].as_ref()
    }

    /// Takes a play. A case that was played again and differs is flaky.
    pub fn played(&mut self, index: usize, record: Record) {
        let before = self.records[index].take();
        self.records[index] = Some(match before {
            Some(before) if before.verdict.kind == VerdictKind::Flaky => before,
            Some(before) if !again::same(&before.verdict, &record.verdict) => again::flaky(&[before], record),
            _ => record,
        });
    }

    pub fn is_complete(&self) -> bool {
        self.playing == 0 && self.records.iter().all(Option::is_some)
    }

    /// It played everything that was selected, and asked for its reports.
    pub fn is_done(&self) -> bool {
        self.updated && self.is_complete()
    }

    /// The records; what it never asked for is blocked.
    pub fn into_records(self, instances: &[Arc<Instance>]) -> Vec<Record> {
        let all = self.records.into_iter().zip(instances);
        all.map(|(record, instance)| match record {
            Some(record) => record,
            None => Record::unplayed(instance.clone(), VerdictKind::Blocked, "the agent never asked for it"),
        })
        .collect()
    }
}

/// The index of a case, or what is wrong with the reference.
pub fn find(instances: &[Arc<Instance>], case: &CaseRef) -> Result<usize, String> {
    match case {
        CaseRef::Number(number) if (1..=instances.len()).contains(number) => Ok(number - 1),
        CaseRef::Number(number) => Err(format!("no case {number}: there are 1 to {}", instances.len())),
        CaseRef::Id(id) => instances
            .iter()
            .position(|instance| {
                instance.autobahn.iter().any(|alias| alias == id)
                    || instance.id.as_str() == id
                    || instance.id.without_role() == id
            })
            .ok_or_else(|| format!("no case {id:?} is selected")),
    }
}

/// What `/getCaseInfo` is answered with.
pub fn info(instance: &Instance) -> String {
    let id = instance.autobahn.first().map_or(instance.id.without_role(), String::as_str);
    json!({ "id": id, "description": instance.doc }).to_string()
}

/// What `/getCaseStatus` is answered with, in the words of Autobahn's reports.
pub fn status(record: Option<&Record>) -> String {
    let behavior = match record.map(|record| record.verdict.kind) {
        Some(VerdictKind::Pass) => "OK",
        Some(VerdictKind::Lenient) => "NON-STRICT",
        Some(VerdictKind::Info) => "INFORMATIONAL",
        Some(VerdictKind::Inapplicable) => "UNIMPLEMENTED",
        Some(VerdictKind::Fail | VerdictKind::Flaky | VerdictKind::Error) => "FAILED",
        Some(VerdictKind::Blocked) | None => "MISSING",
    };
    json!({ "behavior": behavior }).to_string()
}
