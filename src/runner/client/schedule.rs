//! What is played next, and when everything is: the probes, each instance once, then the deviating
//! ones again, at last those that were played while a browser hung, each alone. No sockets, no clock.

use super::application;
use super::probes::{Probe, Probed};
use crate::runner::reporter::Reporter;
use crate::runner::retry::{self, Provides, RetryDecision};
use crate::runner::wrong_opening::WrongOpening;
use std::collections::VecDeque;
use std::sync::Arc;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{Record, VerdictKind};
use wsgauntlet_suite::transcript::Capabilities;

/// One play for one connection.
#[derive(Debug)]
pub(super) enum Task {
    Probe(Probe),
    /// Plays an instance to learn how the client ends; it has no verdict.
    Calibrate(Arc<Instance>),
    Play {
        instance: Arc<Instance>,
        /// The plays before this one.
        plays: Vec<Record>,
    },
}

/// The state of a run.
#[derive(Debug)]
pub(super) struct Schedule {
    provides: Provides,
    /// The client is a driver, whatever the probe shows.
    demands_driver: bool,
    probes: VecDeque<Probe>,
    probing: usize,
    remarks: Vec<String>,
    /// What is wrong with all requests so far.
    wrong: Option<WrongOpening>,
    reporter: Reporter,
    waiting: VecDeque<Arc<Instance>>,
    again: VecDeque<Vec<Record>>,
    playing: usize,
    /// What is played to learn how the client ends.
    calibrations: VecDeque<Arc<Instance>>,
    calibrating: usize,
    /// The browser hung while they were played, with the plays before.
    suspects: VecDeque<(Arc<Instance>, Vec<Record>)>,
    /// One of them is being played, and nothing beside it.
    alone: bool,
}

impl Schedule {
    /// `means`: what is known before the probes.
    pub(super) fn new(instances: &[Arc<Instance>], provides: Provides) -> Schedule {
        Schedule {
            provides: Provides { capabilities: Capabilities::NONE, subprotocol: false, ..provides },
            demands_driver: false,
            probes: Probe::ALL.into(),
            probing: 0,
            remarks: Vec::new(),
            wrong: None,
            reporter: Reporter::default(),
            waiting: instances.iter().cloned().collect(),
            again: VecDeque::new(),
            playing: 0,
            calibrations: VecDeque::new(),
            calibrating: 0,
            suspects: VecDeque::new(),
            alone: false,
        }
    }

    /// The client is a driver, whatever the probe shows.
    pub(super) fn demanding_driver(self, demands_driver: bool) -> Schedule {
        Schedule { demands_driver, ..self }
    }

    /// What the next connection is for. `None`: nothing yet, or nothing any more.
    pub(super) fn next(&mut self) -> Option<Task> {
        if let Some(probe) = self.probes.pop_front() {
            self.probing += 1;
            return Some(Task::Probe(probe));
        }
        if self.probing > 0 || self.alone {
            return None;
        }
        if let Some(instance) = self.calibrations.pop_front() {
            self.calibrating += 1;
            return Some(Task::Calibrate(instance));
        }
        let first = self.waiting.pop_front().map(|instance| (instance, Vec::new()));
        if first.is_none() && self.calibrating > 0 {
            // What deviated is judged by what the calibrations teach.
            return None;
        }
        let again = || self.again.pop_front().map(|plays| (plays[0].instance.clone(), plays));
        let (instance, plays) = match first.or_else(again) {
            Some(next) => next,
            None => self.next_suspect()?,
        };
        self.playing += 1;
        Some(Task::Play { instance, plays })
    }

    fn next_suspect(&mut self) -> Option<(Arc<Instance>, Vec<Record>)> {
        if self.playing > 0 {
            return None;
        }
        let suspect = self.suspects.pop_front();
        self.alone = suspect.is_some();
        suspect
    }

    /// Takes the outcome of a probe. After the last: the instances that the client cannot play.
    pub(super) fn probed(&mut self, probed: Probed) -> Option<Vec<Record>> {
        self.probing -= 1;
        let capabilities = &mut self.provides.capabilities;
        match probed.probe {
            Probe::Ping => capabilities.pong = probed.passed,
            Probe::Text => capabilities.echo = probed.passed,
            Probe::Binary => capabilities.echo_binary = probed.passed,
            Probe::Close => capabilities.closing = probed.passed,
        }
        capabilities.deflate |= probed.offers_deflate;
        capabilities.driver |= probed.is_driver;
        self.provides.subprotocol |= probed.offers_subprotocols;
        if !probed.passed {
            self.remarks.push(probed.probe.remark().to_owned());
        }
        if let Some(wrong) = probed.wrong {
            match &mut self.wrong {
                Some(known) => known.keep(&wrong),
                None => self.wrong = Some(wrong),
            }
        }
        if self.is_probing() {
            return None;
        }
        self.provides.capabilities.driver |= self.demands_driver;
        self.overlook();
        let provides = self.provides;
        let mut unplayed = Vec::new();
        self.waiting.retain(|instance| match retry::unmet_need(instance, provides) {
            Some(need) => {
                unplayed.push(Record::unplayed(
                    instance.clone(),
                    VerdictKind::Inapplicable,
                    format!("needs {need}"),
                ));
                false
            }
            None => true,
        });
        Some(unplayed)
    }

    /// What is wrong with every request is reported by the instances that are about it, or by the first one.
    fn overlook(&mut self) {
        let wrong = self.wrong.take().unwrap_or_default();
        self.provides.capabilities.overlooked = wrong.faults;
        self.remarks.splice(0..0, wrong.remarks);
        self.reporter = Reporter::new(wrong.faults, self.waiting.make_contiguous(), self.provides);
    }

    /// What the client can do in an instance, and what is overlooked in it.
    pub(super) fn capabilities_for(&self, instance: &Instance) -> Capabilities {
        self.reporter.capabilities(self.provides.capabilities, instance)
    }

    /// Takes the plays of an instance, the last one new. Gives its record when it is final.
    pub(super) fn played(&mut self, plays: Vec<Record>) -> Option<Record> {
        self.playing -= 1;
        self.alone = false;
        match retry::decide_retry(plays) {
            RetryDecision::Final(record) => Some(*record),
            RetryDecision::Again(plays) => {
                self.again.push_back(plays);
                None
            }
        }
    }

    /// Plays these before anything is played again, to learn how the client ends.
    pub(super) fn calibrate(&mut self, instances: impl IntoIterator<Item = Arc<Instance>>) {
        self.calibrations.extend(instances);
    }

    pub(super) fn calibrated(&mut self) {
        self.calibrating -= 1;
    }

    /// A play was lost with the browser. Gives the record of one that was played alone: that was what the browser did not
    /// survive, twice.
    pub(super) fn lost(
        &mut self,
        instance: Arc<Instance>,
        plays: Vec<Record>,
        last: Option<Record>,
    ) -> Option<Record> {
        self.playing -= 1;
        if !std::mem::take(&mut self.alone) {
            self.suspects.push_back((instance, plays));
            return None;
        }
        let mut record = match last {
            Some(last) => application::with_hang(last),
            None => Record::unplayed(instance, VerdictKind::Blocked, "the browser hung before it connected"),
        };
        record.plays = record.plays.max(2);
        Some(record)
    }

    pub(super) fn is_probing(&self) -> bool {
        self.probing > 0 || !self.probes.is_empty()
    }

    /// Whether a connection was given anything.
    pub(super) fn has_begun(&self) -> bool {
        self.probes.len() < Probe::ALL.len()
    }

    pub(super) fn is_over(&self) -> bool {
        let nothing_left = self.waiting.is_empty() && self.again.is_empty() && self.suspects.is_empty();
        let learned = self.calibrations.is_empty() && self.calibrating == 0;
        !self.is_probing() && nothing_left && learned && self.playing == 0
    }

    /// How many deviating instances are to be played again.
    pub(super) fn again(&self) -> usize {
        self.again.len()
    }

    pub(super) fn capabilities(&self) -> Capabilities {
        self.provides.capabilities
    }

    pub(super) fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Ends the run early: what was never played is blocked, and so is silence that was seen once. Octets that deviated once are
    /// reported.
    pub(super) fn give_up(&mut self, reason: &str) -> Vec<Record> {
        self.probes.clear();
        self.calibrations.clear();
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut left = std::mem::take(&mut self.again);
        for (instance, plays) in std::mem::take(&mut self.suspects) {
            match plays.is_empty() {
                true => waiting.push_back(instance),
                false => left.push_back(plays),
            }
        }
        let unplayed =
            waiting.into_iter().map(|instance| Record::unplayed(instance, VerdictKind::Blocked, reason));
        let deviating =
            left.into_iter().filter_map(|mut plays| Some(retry::unconfirmed(plays.pop()?, reason)));
        unplayed.chain(deviating).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsgauntlet_suite::oracle::Verdict;

    fn instances(count: usize) -> Vec<Arc<Instance>> {
        (0..count).map(|_| Arc::new(Probe::Close.instance())).collect()
    }

    fn provides() -> Provides {
        Provides::new(Capabilities::FULL, false)
    }

    fn probed(schedule: &mut Schedule, passed: bool) {
        while schedule.is_probing() {
            let Some(Task::Probe(probe)) = schedule.next() else { panic!("a probe is left") };
            schedule.probed(Probed { passed, ..Probed::failed(probe) });
        }
    }

    fn play(schedule: &mut Schedule, kind: VerdictKind) -> Option<Record> {
        let Some(Task::Play { instance, mut plays }) = schedule.next() else { panic!("nothing to play") };
        let mut record = Record::unplayed(instance, kind, "");
        record.verdict = Verdict::without_play(kind, "");
        record.plays = plays.len() as u32 + 1;
        plays.push(record);
        schedule.played(plays)
    }

    /// Instances wait for the probes, deviating ones for all others.
    #[test]
    fn order() {
        let mut schedule = Schedule::new(&instances(2), provides());
        assert!(!schedule.has_begun());
        for _ in Probe::ALL {
            assert!(matches!(schedule.next(), Some(Task::Probe(_))));
        }
        assert!(schedule.has_begun() && schedule.next().is_none() && !schedule.is_over());
        for probe in Probe::ALL {
            schedule.probed(Probed { passed: true, offers_deflate: true, ..Probed::failed(probe) });
        }
        assert!(schedule.capabilities().deflate);
        assert!(play(&mut schedule, VerdictKind::Fail).is_none());
        assert!(play(&mut schedule, VerdictKind::Pass).is_some() && !schedule.is_over());
        let record = play(&mut schedule, VerdictKind::Fail).expect("the same again");
        assert_eq!((record.verdict.kind, record.plays), (VerdictKind::Fail, 2));
        assert!(schedule.is_over());
    }

    #[test]
    fn plays_that_differ_are_flaky() {
        let mut schedule = Schedule::new(&instances(1), provides());
        probed(&mut schedule, true);
        assert!(play(&mut schedule, VerdictKind::Fail).is_none());
        assert!(play(&mut schedule, VerdictKind::Pass).is_none());
        let record = play(&mut schedule, VerdictKind::Fail).expect("three plays decide");
        assert_eq!((record.verdict.kind, record.plays), (VerdictKind::Flaky, 3));
    }

    /// What passes or is tolerated each time is no more than tolerated.
    #[test]
    fn plays_that_are_lenient_at_times_are_lenient() {
        use VerdictKind::{Lenient, Pass};
        for plays in [[Lenient, Pass, Lenient], [Pass, Pass, Pass], [Lenient, Pass, Pass]] {
            let mut schedule = Schedule::new(&instances(1), provides());
            probed(&mut schedule, true);
            let record = plays.into_iter().find_map(|kind| play(&mut schedule, kind)).expect("they decide");
            let expected =
                if plays == [Lenient, Pass, Lenient] { (Lenient, 3) } else { (Pass, record.plays) };
            assert_eq!((record.verdict.kind, record.plays), expected);
        }
    }

    /// What was played while a browser hung is played again, each alone; what it does not survive alone fails.
    #[test]
    fn a_hang_is_put_down_to_one_instance() {
        let mut schedule = Schedule::new(&instances(3), provides());
        probed(&mut schedule, true);
        let next = |schedule: &mut Schedule| match schedule.next() {
            Some(Task::Play { instance, plays }) => (instance, plays),
            other => panic!("a play, not {other:?}"),
        };
        let (a, b) = (next(&mut schedule), next(&mut schedule));
        for (instance, plays) in [a, b] {
            assert!(schedule.lost(instance, plays, None).is_none());
        }
        let third = next(&mut schedule);
        assert!(schedule.next().is_none(), "a suspect is played when nothing else is");
        assert!(schedule.played(vec![Record::unplayed(third.0, VerdictKind::Pass, "")]).is_some());
        let (culprit, plays) = next(&mut schedule);
        assert!(schedule.next().is_none() && !schedule.is_over(), "and nothing beside it");
        let silent = Record::unplayed(culprit.clone(), VerdictKind::Pass, "");
        let record = schedule.lost(culprit, plays, Some(silent)).expect("it was alone");
        assert_eq!((record.verdict.kind, record.plays), (VerdictKind::Fail, 2));
        let (bystander, _) = next(&mut schedule);
        assert!(schedule.played(vec![Record::unplayed(bystander, VerdictKind::Pass, "")]).is_some());
        assert!(schedule.is_over());
    }

    #[test]
    fn giving_up_leaves_no_instance_without_a_verdict() {
        let mut schedule = Schedule::new(&instances(3), provides());
        probed(&mut schedule, false);
        assert_eq!(schedule.remarks().len(), 4);
        assert!(play(&mut schedule, VerdictKind::Fail).is_none());
        let kinds: Vec<VerdictKind> =
            schedule.give_up("gone").iter().map(|record| record.verdict.kind).collect();
        assert_eq!(kinds, [VerdictKind::Blocked, VerdictKind::Blocked, VerdictKind::Fail]);
        assert!(schedule.is_over());
    }
}
