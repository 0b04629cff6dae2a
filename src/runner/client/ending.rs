//! How launched clients end, and what of it is a failure. No sockets, no clock.
//!
//! A client may exit with 1, or with an exception that nobody caught, each time a connection fails: that is how its
//! application reports it, and no RFC speaks of it. So what a client does in a quarter of the cases whose connections ended
//! alike is its habit, and only what is no habit of it is a crash. A signal always is one. See `finding` for the rest.

use crate::embedded;
use crate::runner::crash_signs::{self, CrashSigns, Sign, Signed};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;
use wsgauntlet_suite::case::{Instance, Need};
use wsgauntlet_suite::oracle::observed::ApplicationEnd;
use wsgauntlet_suite::oracle::{Exit, Failure, Observed, Record, Verdict, VerdictKind, died};
use wsgauntlet_suite::transcript::{Death, Died, EventKind, Observer, Seen, Transcript};
use wsgauntlet_wire::Role;

/// A habit shows in at least this many cases, of those whose connections ended alike.
const HABIT_CASES_MIN: usize = 3;

/// And at least in one of this many.
const HABIT_SHARE: usize = 4;

/// With fewer cases of one manner a habit cannot be recognised.
const CASES_KNOWN_MIN: usize = 8;

/// How many instances with an exit status of their own a remark names.
const REMARKED_MAX: usize = 5;

/// The statuses by which a shell, or another program, says that what it ran was ended by SIGILL, SIGTRAP, SIGABRT, SIGBUS,
/// SIGFPE or SIGSEGV.
const SHELL_SIGNALS: [i32; 6] = [132, 133, 134, 135, 136, 139];

/// What a shell adds to the number of a signal.
const SHELL_SIGNAL_BASE: i32 = 128;

/// Instances whose connections end in all the usual ways. They are played to learn the habits of a client where a run is too
/// small to tell them.
const CALIBRATIONS: &[&str] = &[
    "framing/reserved-opcodes/",
    "framing/reserved-bits/",
    "framing/cut-short/behind-a-message",
    "framing/cut-short/after-the-opening",
    "masking/direction/",
    "fragmentation/",
    "text/",
    "closing/codes/defined[code=1002]",
    "closing/codes/defined[code=1011]",
    "closing/codes/reserved[code=1004]",
    "opening/accept/absent",
    "opening/response-status/",
    "opening/response-negotiation/",
];

/// How the connection of a play ended, as the octets show it: an application learns of no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Manner {
    /// The client sent no frame: it refused the opening, or left at once.
    Silent,
    /// A Close of the client without a code, with 1000 or with 1001.
    Closed,
    /// A Close of it with another code.
    Failed,
    /// Frames, and no Close.
    Lost,
}

/// What a client did at its end, as far as another play can repeat it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Habit {
    Status(i32),
    /// A line that tells of a crash, without its numbers.
    Crash(String),
    /// An exception that tells of a defect of the program: its name.
    Defect(String),
    /// Another exception that nobody caught.
    Uncaught,
    Spins,
}

/// What is wrong with the end of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Finding {
    /// The program crashed: a failure.
    Death(Death),
    /// It ended by an exception that may report what the peer did, and did not use to do so; or with a status that was
    /// declared not to be in order. No RFC speaks of that.
    Odd(ApplicationEnd),
}

/// What was learned of how a client ends.
#[derive(Debug, Default)]
pub(super) struct Customs {
    signs: CrashSigns,
    /// The statuses that are declared to be in order; none: they are learned.
    ok: Vec<i32>,
    /// The cases whose connections ended so.
    cases: BTreeMap<Manner, BTreeSet<String>>,
    habits: BTreeMap<Habit, BTreeMap<Manner, BTreeSet<String>>>,
    /// Which instances ended with a status.
    statuses: BTreeMap<i32, BTreeSet<String>>,
    /// The verdicts of first plays, by instance, before the end of their commands was judged.
    verdicts: HashMap<String, Verdict>,
}

impl Customs {
    pub(super) fn new(signs: CrashSigns, ok: Vec<i32>) -> Customs {
        Customs { signs, ok, ..Customs::default() }
    }

    /// Takes the end of a play into account.
    pub(super) fn learn(&mut self, record: &Record) {
        let (Some(exit), Some(manner)) = (exit_of(record), manner_of(record)) else { return };
        let case = record.instance.case.to_string();
        if let Exit::Status(status) = exit {
            self.statuses.entry(status).or_default().insert(record.instance.id.to_string());
        }
        self.cases.entry(manner).or_default().insert(case.clone());
        for habit in self.habits_of(record) {
            self.habits.entry(habit).or_default().entry(manner).or_default().insert(case.clone());
        }
    }

    /// Judges the ends of the commands of the plays of an instance, the last one new, beside what they exchanged. What the
    /// first play showed is judged again by what was learned since.
    pub(super) fn judge(&mut self, mut plays: Vec<Record>) -> Vec<Record> {
        let count = plays.len();
        if let Some(last) = plays.last() {
            self.learn(last);
        }
        if count > 1
            && let Some(first) = plays.first_mut()
            && let Some(verdict) = self.verdicts.remove(first.instance.id.as_str())
        {
            first.verdict = verdict;
            if let Some(transcript) = &mut first.transcript {
                transcript.events.retain(|event| !matches!(event.kind, EventKind::TargetDied(_)));
            }
            self.apply(first);
        }
        if let Some(last) = plays.last_mut() {
            let before = last.verdict.clone();
            if self.apply(last) && count == 1 {
                self.verdicts.insert(last.instance.id.to_string(), before);
            }
        }
        plays
    }

    /// Puts what is wrong with the end of its command into a record. False: nothing is.
    fn apply(&self, record: &mut Record) -> bool {
        match self.finding(record) {
            Some(Finding::Death(death)) => {
                put_death(record, death, Vec::new());
                true
            }
            Some(Finding::Odd(observed)) => {
                put_odd(record, observed);
                true
            }
            None => false,
        }
    }

    /// Takes a play of a loop into account that its process survived.
    pub(super) fn survived(&mut self, record: &Record) {
        if let Some(manner) = manner_of(record) {
            self.cases.entry(manner).or_default().insert(record.instance.case.to_string());
        }
    }

    /// Judges the end of a loop that does not get past the play of `record`, if the instances `after` were played before.
    /// `silence`: how long it was silent before it was ended.
    pub(super) fn judge_loop(&self, record: &mut Record, after: Vec<String>, silence: Option<Duration>) {
        match (self.finding(record), silence) {
            (Some(Finding::Death(death)), _) => put_death(record, death, after),
            (Some(Finding::Odd(observed)), _) => put_odd(record, observed),
            (None, Some(silence)) => {
                put_odd(record, ApplicationEnd::LoopSilent(silence));
            }
            (None, None) => {}
        }
    }

    /// Whether the end of the command of a play is judged to be wrong.
    pub(super) fn is_judged(&self, record: &Record) -> bool {
        self.finding(record).is_some()
    }

    /// Whether too few connections ended like that of `record` to tell what is a habit.
    pub(super) fn is_thin(&self, record: &Record) -> bool {
        let of_manner = manner_of(record).and_then(|manner| self.cases.get(&manner));
        of_manner.is_none_or(|cases| cases.len() < CASES_KNOWN_MIN)
    }

    /// What is wrong with how the command of a play ended, and is no habit of it.
    fn finding(&self, record: &Record) -> Option<Finding> {
        let exit = exit_of(record)?;
        let stderr =
            record.application.as_ref().map(|application| application.stderr.as_str()).unwrap_or_default();
        if let Exit::Signal(signal) = exit {
            return Some(Finding::Death(Death::Signal(signal)));
        }
        if self.habits_of(record).iter().any(|habit| self.is_custom(habit)) {
            return None;
        }
        let signed = self.signs.of_text(stderr);
        let odd = matches!(exit, Exit::Status(status) if !self.is_ok(status));
        match (exit, signed) {
            (Exit::Spinning, _) => Some(Finding::Death(Death::Spins)),
            (_, Some(Signed { sign: Sign::Crash, line })) => Some(Finding::Death(Death::Crashed(line))),
            (Exit::Status(status), _) if SHELL_SIGNALS.contains(&status) => {
                Some(Finding::Death(Death::Signal(status - SHELL_SIGNAL_BASE)))
            }
            (_, Some(Signed { sign: Sign::Uncaught | Sign::Trace, line })) if odd => {
                Some(match crash_signs::defect(stderr) {
                    Some(defect) => Finding::Death(Death::Crashed(defect.to_owned())),
                    None => Finding::Odd(ApplicationEnd::UnusualLine { exit, line }),
                })
            }
            (Exit::Status(_), None) if odd && !self.ok.is_empty() => {
                Some(Finding::Odd(ApplicationEnd::UndeclaredStatus(exit)))
            }
            (Exit::Status(_) | Exit::Ended | Exit::Signal(_), _) => None,
        }
    }

    /// Whether a status is in order whatever was written: 0, or one that is declared.
    fn is_ok(&self, status: i32) -> bool {
        if self.ok.is_empty() { status == 0 } else { self.ok.contains(&status) }
    }

    /// What of the end of a play may be a habit. A status that is only a status goes for itself.
    fn habits_of(&self, record: &Record) -> Vec<Habit> {
        let Some(application) = &record.application else { return Vec::new() };
        let stderr = application.stderr.as_str();
        match (application.exit, self.signs.of_text(stderr)) {
            (Some(Exit::Spinning), _) => vec![Habit::Spins],
            (_, Some(Signed { sign: Sign::Crash, line })) => vec![Habit::Crash(without_numbers(&line))],
            (_, Some(Signed { sign: Sign::Uncaught | Sign::Trace, .. })) => match crash_signs::defect(stderr)
            {
                Some(defect) => {
                    vec![Habit::Defect(without_numbers(defect.split(':').next().unwrap_or(defect)))]
                }
                None => vec![Habit::Uncaught],
            },
            (Some(Exit::Status(status)), None) if SHELL_SIGNALS.contains(&status) => {
                vec![Habit::Status(status)]
            }
            (Some(Exit::Status(_) | Exit::Ended | Exit::Signal(_)) | None, None) => Vec::new(),
        }
    }

    fn is_custom(&self, habit: &Habit) -> bool {
        let seen = self.habits.get(habit).into_iter().flatten();
        seen.into_iter().any(|(manner, cases)| {
            let all = self.cases.get(manner).map_or(0, BTreeSet::len);
            cases.len() >= HABIT_CASES_MIN && cases.len() * HABIT_SHARE >= all
        })
    }

    /// What a run tells of the client's ends beside its verdicts.
    pub(super) fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        for habit in self.habits.keys().filter(|habit| self.is_custom(habit)) {
            let what = match habit {
                Habit::Crash(line) => format!("it ends with the line {line:?} on stderr"),
                Habit::Defect(name) => format!("it ends with {name}, which nobody catches,"),
                Habit::Uncaught => "it ends with an exception that nobody catches".to_owned(),
                Habit::Spins => "it keeps a processor busy after its connection has ended".to_owned(),
                Habit::Status(status) => format!("it exits with status {status}"),
            };
            remarks.push(format!(
                "{what} in many unlike cases: taken for its way to report an end, not for crashes"
            ));
        }
        let all: usize = self.statuses.values().map(BTreeSet::len).sum();
        for (status, ids) in &self.statuses {
            if self.ok.is_empty() && ids.len() <= REMARKED_MAX && all > ids.len() * CASES_KNOWN_MIN {
                let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                remarks.push(format!("exit status {status} only after {}", ids.join(", ")));
            }
        }
        remarks
    }
}

/// The instances by which the habits of a client are learned.
pub(super) fn calibrations() -> Vec<&'static Instance> {
    let playable = |place: &&&str| {
        embedded::library().instances(Role::Client).find(|instance| {
            // One that does not echo ends its connection all the same.
            let plain = instance
                .needs
                .iter()
                .all(|need| matches!(need, Need::Text | Need::Echo | Need::EchoBinary | Need::Alive));
            plain && instance.id.as_str().starts_with(**place)
        })
    };
    CALIBRATIONS.iter().filter_map(|place| playable(&place)).collect()
}

fn exit_of(record: &Record) -> Option<Exit> {
    record.application.as_ref().and_then(|application| application.exit)
}

fn manner_of(record: &Record) -> Option<Manner> {
    record.transcript.as_ref().map(manner)
}

fn manner(transcript: &Transcript) -> Manner {
    let mut observer = Observer::new(transcript.role, 0);
    for (index, event) in transcript.events.iter().enumerate() {
        observer.take(index, &event.kind);
    }
    let mut manner = Manner::Silent;
    for observation in observer.observations() {
        manner = match &observation.seen {
            Seen::Close(payload) => match payload.as_slice() {
                [] | [0x03, 0xe8 | 0xe9, ..] => Manner::Closed,
                _ => Manner::Failed,
            },
            Seen::Message { .. } | Seen::Undecodable { .. } | Seen::Ping(_) | Seen::Pong(_)
                if manner == Manner::Silent =>
            {
                Manner::Lost
            }
            _ => manner,
        };
    }
    manner
}

/// A line without what differs from play to play: numbers, addresses, and what stands in quotes.
fn without_numbers(line: &str) -> String {
    let unquoted: Vec<&str> = line.split(['"', '`']).step_by(2).collect();
    let mut kept = String::new();
    for part in unquoted.join("\"").chars() {
        match part.is_ascii_digit() {
            true if kept.ends_with('0') => {}
            true => kept.push('0'),
            false => kept.push(part),
        }
    }
    kept
}

/// The record of a play that the client did not survive.
pub(super) fn put_death(record: &mut Record, death: Death, after: Vec<String>) {
    let exit = exit_of(record);
    let Some(transcript) = &mut record.transcript else { return };
    if transcript.death().is_some() {
        return;
    }
    transcript.note_death(Died { death, after });
    let verdict = std::mem::replace(&mut record.verdict, Verdict::without_play(VerdictKind::Fail, ""));
    record.verdict = died(verdict, transcript, embedded::catalogue());
    // A signal is named by what was observed already.
    if let (Some(Exit::Status(status)), Some(failure)) = (exit, &mut record.verdict.failure)
        && let Observed::Death { exit_status, .. } = &mut failure.observed
    {
        *exit_status = Some(status);
    }
}

const VALIDATED: &str = "rfc6455/10.7/incoming-data-validated";

/// The record of a play whose command ended in an odd way, of which no RFC speaks.
fn put_odd(record: &mut Record, observed: ApplicationEnd) {
    let Some(requirement) = embedded::catalogue().get(VALIDATED).map(|requirement| requirement.id.clone())
    else {
        return;
    };
    let event =
        record.transcript.as_ref().map_or(0, |transcript| transcript.judged().len().saturating_sub(1));
    let expected = "the command exits as it does after other connections";
    let odd =
        Failure::by_monitor("application", requirement, expected, observed).at_event(event).tolerated(true);
    match record.verdict.kind {
        VerdictKind::Pass => {
            record.verdict.kind = VerdictKind::Lenient;
            record.verdict.failure = Some(odd);
        }
        VerdictKind::Lenient | VerdictKind::Fail => record.verdict.others.push(odd),
        VerdictKind::Info
        | VerdictKind::Inapplicable
        | VerdictKind::Blocked
        | VerdictKind::Flaky
        | VerdictKind::Error => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use wsgauntlet_suite::oracle::Application;
    use wsgauntlet_suite::transcript::Capabilities;

    const PANIC: &str = "thread 'main' panicked at src/main.rs:7:9:\ncalled `Result::unwrap()`\n";
    const OTHER_PANIC: &str =
        "thread 'main' panicked at /registry/websockets/frame.rs:70:1:\nindex out of range\n";
    const TRACE: &str = "Traceback (most recent call last):\nConnectionClosedError: 1002\n";
    const DEFECT: &str = "Traceback (most recent call last):\nIndexError: list index out of range\n";

    /// The end of a play of the `case`th case, whose connection a client ended without a frame.
    fn play(case: usize, exit: Exit, stderr: &str) -> Record {
        let mut cases = BTreeSet::new();
        let mut all = embedded::library().instances(Role::Client);
        let instance = all.by_ref().filter(|instance| cases.insert(instance.case.clone())).nth(case);
        let instance = instance.expect("there are more than a hundred cases").clone();
        let mut record = Record::unplayed(Arc::new(instance), VerdictKind::Pass, "");
        record.transcript = Some(Transcript::new(Role::Client, Capabilities::NONE));
        record.application =
            Some(Application { exit: Some(exit), stderr: stderr.to_owned(), page: Vec::new() });
        record
    }

    fn verdicts(customs: &mut Customs, exit: Exit, stderr: &str) -> VerdictKind {
        let judged = customs.judge(vec![play(99, exit, stderr)]);
        judged[0].verdict.kind
    }

    /// One that ends so in each of ten cases.
    fn customs(exit: Exit, stderr: &str) -> Customs {
        let mut customs = Customs::default();
        (0..10).for_each(|case| customs.learn(&play(case, exit, stderr)));
        customs
    }

    /// What tells of a crash, and what does not, where nothing is a habit.
    #[test]
    fn ends_of_one_that_exits_in_order() {
        use VerdictKind::{Fail, Lenient, Pass};
        for (exit, stderr, verdict) in [
            (Exit::Status(0), "", Pass),
            (Exit::Status(1), "", Pass),
            (Exit::Status(1), "the connection failed\n", Pass),
            (Exit::Ended, "", Pass),
            // A logged trace of an error that was handled.
            (Exit::Status(0), TRACE, Pass),
            (Exit::Status(0), DEFECT, Pass),
            (Exit::Ended, DEFECT, Pass),
            (Exit::Status(1), TRACE, Lenient),
            (Exit::Status(1), DEFECT, Fail),
            (Exit::Status(101), PANIC, Fail),
            // A thread that panics, beside which the process goes on.
            (Exit::Status(0), PANIC, Fail),
            (Exit::Ended, PANIC, Fail),
            (Exit::Signal(11), "", Fail),
            (Exit::Status(139), "", Fail),
            (Exit::Spinning, "", Fail),
        ] {
            let mut customs = customs(Exit::Status(0), "");
            assert_eq!(verdicts(&mut customs, exit, stderr), verdict, "{exit} {stderr}");
        }
    }

    /// What a client does after many connections is its way to report them, but for a signal; another crash is one all the same.
    #[test]
    fn habits() {
        use VerdictKind::{Fail, Pass};
        for (habit, end, verdict) in [
            ((Exit::Status(101), PANIC), (Exit::Status(101), PANIC), Pass),
            ((Exit::Status(101), PANIC), (Exit::Status(101), OTHER_PANIC), Fail),
            ((Exit::Status(1), TRACE), (Exit::Status(1), TRACE), Pass),
            ((Exit::Status(1), TRACE), (Exit::Status(1), DEFECT), Fail),
            ((Exit::Spinning, ""), (Exit::Spinning, ""), Pass),
            ((Exit::Signal(6), ""), (Exit::Signal(6), ""), Fail),
        ] {
            let mut customs = customs(habit.0, habit.1);
            assert_eq!(verdicts(&mut customs, end.0, end.1), verdict, "{end:?}");
        }
    }

    /// A first play is judged again by what was learned since, and then its own verdict counts.
    #[test]
    fn a_habit_that_shows_later() {
        let mut customs = Customs::default();
        let first = customs.judge(vec![play(0, Exit::Status(101), PANIC)]);
        assert_eq!(first[0].verdict.kind, VerdictKind::Fail);
        assert!(customs.is_thin(&first[0]));
        (1..10).for_each(|case| customs.learn(&play(case, Exit::Status(101), PANIC)));
        let mut plays = first;
        plays.push(play(0, Exit::Status(101), PANIC));
        let kinds: Vec<VerdictKind> = customs.judge(plays).iter().map(|record| record.verdict.kind).collect();
        assert_eq!(kinds, [VerdictKind::Pass, VerdictKind::Pass]);
    }

    /// Statuses that are declared: another one is reported, and gates nothing.
    #[test]
    fn declared_statuses() {
        let mut customs = Customs::new(CrashSigns::default(), vec![0, 1]);
        assert_eq!(verdicts(&mut customs, Exit::Status(1), TRACE), VerdictKind::Pass);
        assert_eq!(verdicts(&mut customs, Exit::Status(3), ""), VerdictKind::Lenient);
    }

    #[test]
    fn each_calibration_is_there() {
        assert_eq!(calibrations().len(), CALIBRATIONS.len());
    }
}
