//! Autobahn's loop, one agent: which cases it played, and what its questions are answered with.

use super::numbers::Numbers;
use super::pace::{self, Pace, SharedPace};
use super::route::CaseRef;
use crate::embedded;
use crate::runner::retry::{self, RetryDecision};
use crate::runner::wrong_opening::{self, WrongOpening};
use serde_json::json;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{Record, VerdictKind};
use wsgauntlet_suite::transcript::OpeningFaults;

/// What an agent did so far. It is asked for in the order in which it likes to play.
#[derive(Debug)]
pub(super) struct Agent {
    pub name: String,
    records: Vec<Option<Record>>,
    /// What deviated, with its plays so far, until it is played again: the most pressing first.
    again: VecDeque<(usize, Vec<Record>)>,
    /// How many plays are under way.
    pub playing: usize,
    /// It asked for its reports.
    pub updated: bool,
    /// What is wrong with the requests of its first plays, and how many these are.
    wrong: Option<WrongOpening>,
    looked_at: usize,
    /// How long it is waited for.
    pub pace: SharedPace,
}

/// How many plays tell what is wrong with every request of an agent. They report it, and the others overlook it.
const LOOKED_AT_MAX: usize = 3;

impl Agent {
    pub(super) fn new(name: &str, instances: usize, deadline: Duration) -> Agent {
        Agent {
            name: name.to_owned(),
            records: vec![None; instances],
            again: VecDeque::new(),
            playing: 0,
            updated: false,
            wrong: None,
            looked_at: 0,
            pace: Arc::new(Mutex::new(Pace::new(deadline))),
        }
    }

    /// Looks at the request of one of its first plays.
    pub(super) fn learn(&mut self, last: Option<&Record>) {
        let Some((instance, transcript)) =
            last.and_then(|record| Some((&record.instance, record.transcript.as_ref()?)))
        else {
            return;
        };
        if self.looked_at >= LOOKED_AT_MAX || !transcript.capabilities.overlooked.is_empty() {
            return;
        }
        self.looked_at += 1;
        let wrong = wrong_opening::look_at_request(instance, transcript, embedded::catalogue());
        match &mut self.wrong {
            Some(known) => known.keep(&wrong),
            None => self.wrong = Some(wrong),
        }
    }

    fn known(&self) -> Option<&WrongOpening> {
        self.wrong.as_ref().filter(|_| self.looked_at >= LOOKED_AT_MAX)
    }

    /// What is overlooked in the next play of a case that was played `before`. Its plays are alike.
    pub(super) fn overlooked(&self, before: &[Record]) -> OpeningFaults {
        match before.first().and_then(|first| first.transcript.as_ref()) {
            Some(first) => first.capabilities.overlooked,
            None => self.known().map_or(OpeningFaults::NONE, |wrong| wrong.faults),
        }
    }

    /// What is said of it at the head of its run.
    pub(super) fn remarks(&self) -> Vec<String> {
        let mut remarks = self.known().map_or(Vec::new(), |wrong| wrong.remarks.clone());
        remarks.extend(pace::lock(&self.pace).remarks());
        remarks
    }

    /// How often the case of that index was played.
    pub(super) fn plays(&self, index: usize) -> u32 {
        self.records[index].as_ref().map_or(0, |record| record.plays)
    }

    pub(super) fn record(&self, index: usize) -> Option<&Record> {
        self.records[index].as_ref()
    }

    /// Takes the plays of a case, the last one new. Gives its record when that is final, as far as we know: an agent may ask
    /// for a case twice, which is flaky if it then differs.
    pub(super) fn played(&mut self, index: usize, mut plays: Vec<Record>) -> Option<Record> {
        if plays.len() == 1
            && let Some(before) = self.records[index].take()
        {
            self.again.retain(|(waiting, _)| *waiting != index);
            let record = match plays.pop() {
                Some(last)
                    if before.verdict.kind != VerdictKind::Flaky
                        && !retry::same(&before.verdict, &last.verdict) =>
                {
                    retry::flaky(&[before], last)
                }
                Some(last) if before.verdict.kind != VerdictKind::Flaky => last,
                _ => before,
            };
            self.records[index] = Some(record.clone());
            return Some(record);
        }
        match retry::decide_retry(plays) {
            RetryDecision::Final(record) => {
                self.records[index] = Some(*record.clone());
                Some(*record)
            }
            RetryDecision::Again(plays) => {
                self.records[index] = undecided(&plays);
                let place = self.again.partition_point(|(_, before)| rank(before) <= rank(&plays));
                self.again.insert(place, (index, plays));
                None
            }
        }
    }

    /// Keeps a record that is final, whatever was kept before.
    pub(super) fn put(&mut self, index: usize, record: Record) {
        self.again.retain(|(waiting, _)| *waiting != index);
        self.records[index] = Some(record);
    }

    /// The last play counts for nothing: what deviated in the plays before it is still to be played again.
    pub(super) fn without_last(&mut self, index: usize, mut plays: Vec<Record>) {
        plays.pop();
        if !plays.is_empty() {
            self.again.push_front((index, plays));
        }
    }

    /// The indices of what was not played yet.
    pub(super) fn unplayed(&self) -> Vec<usize> {
        let missing = self.records.iter().enumerate().filter(|(_, record)| record.is_none());
        missing.map(|(index, _)| index).collect()
    }

    /// Whether something is to be played again.
    pub(super) fn has_again(&self) -> bool {
        !self.again.is_empty()
    }

    /// What is to be played again next.
    pub(super) fn next_again(&mut self) -> Option<(usize, Vec<Record>)> {
        self.again.pop_front()
    }

    /// What deviated, and will not be played again any more.
    pub(super) fn undecided(&self) -> impl Iterator<Item = &Record> {
        self.again.iter().filter_map(|(index, _)| self.record(*index))
    }

    pub(super) fn is_complete(&self) -> bool {
        self.playing == 0 && self.records.iter().all(Option::is_some)
    }

    /// It played everything that was selected, and asked for its reports.
    pub(super) fn is_done(&self) -> bool {
        self.updated && self.is_complete()
    }

    /// Nothing is played again any more. What was only silence once is not decided; octets are what they are.
    pub(super) fn give_up(&mut self, reason: &str) {
        for (index, _) in std::mem::take(&mut self.again) {
            if let Some(record) = self.records[index].take() {
                self.records[index] = Some(retry::unconfirmed(record, reason));
            }
        }
    }

    /// The records; what it never asked for is blocked, with the reason.
    pub(super) fn into_records(self, instances: &[Arc<Instance>], reason: &str) -> Vec<Record> {
        let all = self.records.into_iter().zip(instances);
        all.map(|(record, instance)| match record {
            Some(record) => record,
            None => Record::unplayed(instance.clone(), VerdictKind::Blocked, reason),
        })
        .collect()
    }
}

/// What is played again first. There are not numbers for all: what one more play decides, then what fails, and among that
/// silence, which a busy machine makes up.
fn rank(plays: &[Record]) -> (bool, bool, bool) {
    let first = plays.first();
    let fails = first.is_some_and(|play| play.verdict.kind == VerdictKind::Fail);
    (plays.len() < 2, !fails, !first.is_some_and(retry::timed_out))
}

/// The record of an instance that is not played again any more, though its plays do not decide it.
fn undecided(plays: &[Record]) -> Option<Record> {
    // A pass and a tolerated outcome mean the same to a gate.
    if plays.iter().all(|play| matches!(play.verdict.kind, VerdictKind::Pass | VerdictKind::Lenient)) {
        return plays.iter().rfind(|play| play.verdict.kind == VerdictKind::Lenient).cloned();
    }
    let (last, before) = plays.split_last()?;
    let same = before.iter().all(|play| retry::same(&play.verdict, &last.verdict));
    Some(if same { last.clone() } else { retry::flaky(before, last.clone()) })
}

/// What `/getCaseInfo` is answered with for a spare number.
pub(super) fn spare_info() -> String {
    json!({ "id": "again", "description": "One that deviated is played again, if there is one." }).to_string()
}

/// The index of a case, or what is wrong with the reference.
pub(super) fn find(instances: &[Arc<Instance>], numbers: &Numbers, case: &CaseRef) -> Result<usize, String> {
    match case {
        CaseRef::Number(number) => numbers
            .index(*number)
            .ok_or_else(|| format!("no case {number}: there are 1 to {}", numbers.dealt().len())),
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
pub(super) fn info(instance: &Instance) -> String {
    let id = instance.autobahn.first().map_or(instance.id.without_role(), String::as_str);
    json!({ "id": id, "description": instance.doc }).to_string()
}

const INFORMATIONAL: &str = "INFORMATIONAL";

/// What `/getCaseStatus` is answered with for a number that is no instance's.
pub(super) fn spare_status() -> String {
    json!({ "behavior": INFORMATIONAL }).to_string()
}

/// What `/getCaseStatus` is answered with, in the words of Autobahn's reports.
pub(super) fn status(record: Option<&Record>) -> String {
    let behavior = match record.map(|record| record.verdict.kind) {
        Some(VerdictKind::Pass) => "OK",
        Some(VerdictKind::Lenient) => "NON-STRICT",
        Some(VerdictKind::Info) => INFORMATIONAL,
        Some(VerdictKind::Inapplicable) => "UNIMPLEMENTED",
        Some(VerdictKind::Fail | VerdictKind::Flaky | VerdictKind::Error) => "FAILED",
        Some(VerdictKind::Blocked) | None => "MISSING",
    };
    json!({ "behavior": behavior }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::client::probes::Probe;
    use wsgauntlet_suite::oracle::Verdict;

    fn play(kind: VerdictKind) -> Record {
        let mut record = Record::unplayed(Arc::new(Probe::Close.instance()), kind, "");
        record.verdict = Verdict::without_play(kind, "");
        record
    }

    /// Where the numbers do not suffice for a third play.
    #[test]
    fn two_plays_that_differ_are_flaky_unless_both_are_borne() {
        use VerdictKind::{Fail, Flaky, Lenient, Pass};
        for (plays, expected) in [([Lenient, Pass], Lenient), ([Fail, Pass], Flaky), ([Lenient, Fail], Flaky)]
        {
            let mut agent = Agent::new("a", 1, Duration::from_secs(1));
            assert!(agent.played(0, vec![play(plays[0])]).is_none());
            let (index, mut before) = agent.next_again().expect("it deviated");
            before.push(play(plays[1]));
            assert!(agent.played(index, before).is_none(), "a third play decides");
            let record = agent.record(0).expect("it was played");
            assert_eq!(record.verdict.kind, expected);
        }
    }

    #[test]
    fn what_one_more_play_decides_comes_first() {
        let mut agent = Agent::new("a", 3, Duration::from_secs(1));
        for index in 0..3 {
            let kind = if index == 1 { VerdictKind::Fail } else { VerdictKind::Lenient };
            assert!(agent.played(index, vec![play(kind)]).is_none());
        }
        let (index, mut plays) = agent.next_again().expect("three wait");
        assert_eq!(index, 1, "a failure before what is tolerated");
        plays.push(play(VerdictKind::Pass));
        agent.played(index, plays);
        assert_eq!(agent.next_again().map(|(index, plays)| (index, plays.len())), Some((1, 2)));
    }
}
