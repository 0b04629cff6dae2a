//! A loop that is launched, one process after the other: what each process is to play, and which instance it did not survive.
//! No sockets, no clock.

use super::numbers::Numbers;
use crate::runner::death::{Fared, Isolation};
use std::collections::HashMap;
use std::time::Duration;
use wsgauntlet_suite::oracle::{Exit, Record};

/// How many plays that ended before a death are suspected beside those that were under way.
const LATE_MAX: usize = 8;

/// How many processes one death is worth.
const PROCESSES_MAX: usize = 48;

/// How many processes a run is worth in all, how many of them may play nothing, one after another, and how many deaths may stay
/// without a culprit.
const LAUNCHES_MAX: usize = 600;
const BARREN_MAX: usize = 4;
const OPEN_MAX: usize = 3;

/// How a process ended.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub exit: Exit,
    pub stderr: String,
    /// How long it was silent before we ended it.
    pub silence: Option<Duration>,
}

/// An instance that a process did not survive.
#[derive(Clone, Debug)]
pub(super) struct Kill {
    pub index: usize,
    /// The play at which the process ended, as its octets show it.
    pub record: Record,
    pub end: End,
    /// The indices of the instances that have to be played before it.
    pub before: Vec<usize>,
}

/// What follows from the end of a process.
#[derive(Debug)]
pub(super) enum Settled {
    /// It had asked for everything.
    InOrder,
    /// It ended earlier; this many instances are suspected.
    Suspected(usize),
    /// It played suspects, and survived them.
    Survived,
    /// It died of suspects, or played nothing.
    Noted,
}

/// What is launched next.
#[derive(Debug)]
pub(super) enum Step {
    Launch(Numbers),
    /// All suspects of a death were played. No kills: the culprit is not known.
    Isolated(Vec<Kill>),
    /// It goes on with what is left.
    Rest,
    GiveUp(String),
}

#[derive(Debug, Default)]
enum Phase {
    #[default]
    Rest,
    Isolating {
        isolation: Isolation,
        suspects: Vec<usize>,
    },
}

/// The processes of a loop.
#[derive(Debug, Default)]
pub(super) struct Looped {
    phase: Phase,
    /// What the present process was dealt.
    dealt: Vec<usize>,
    /// What it began, in order.
    begun: Vec<usize>,
    /// What ended, and the process may not have survived.
    pending: Vec<Pending>,
    /// The process had several plays under way at once.
    side_by_side: bool,
    last: Option<Record>,
    /// It asked for its reports.
    asked_for_reports: bool,
    /// What was dealt to a process that began nothing.
    again: Option<Vec<usize>>,
    kills: HashMap<usize, (Record, End)>,
    launches: usize,
    barren: usize,
    open: usize,
    /// How the last process ended that played nothing.
    unplayed: String,
}

/// A play that has ended.
#[derive(Debug)]
struct Pending {
    index: usize,
    /// The plays of the instance, the last one new.
    plays: Vec<Record>,
    /// How many plays of the process had begun when it ended.
    begun: usize,
}

impl Looped {
    /// What to launch next, unless `Rest`: then `launched` says what that is.
    pub(super) fn step(&mut self) -> Step {
        if self.launches >= LAUNCHES_MAX || self.barren >= BARREN_MAX {
            return Step::GiveUp(format!("the loop plays nothing: {}", self.unplayed));
        }
        if self.open >= OPEN_MAX {
            return Step::GiveUp("the loop ends again and again, and it is not known why".to_owned());
        }
        let again = self.again.take();
        let Phase::Isolating { isolation, suspects } = &mut self.phase else { return Step::Rest };
        let dealt = again.or_else(|| {
            let sequence = isolation.propose()?;
            Some(sequence.into_iter().map(|place| suspects[place]).collect())
        });
        match dealt {
            Some(dealt) => Step::Launch(Numbers::only(dealt)),
            None => Step::Isolated(self.isolated()),
        }
    }

    /// A process was launched that is dealt these.
    pub(super) fn launched(&mut self, numbers: &Numbers) {
        self.launches += 1;
        self.dealt = numbers.dealt().to_vec();
        self.begun.clear();
        self.side_by_side = false;
        self.asked_for_reports = false;
    }

    /// A play began, beside `playing` others.
    pub(super) fn begun(&mut self, index: usize, playing: usize) {
        self.begun.push(index);
        self.side_by_side |= playing > 0;
    }

    /// Whether a question of the loop shows that the process survived all that ended before. Of a process with several
    /// connections at once it does not: the question may have been on its way to us when the process died.
    pub(super) fn asks_when_it_lives(&self) -> bool {
        !self.side_by_side
    }

    /// A play ended. Whether the process survived it shows later.
    pub(super) fn played(&mut self, index: usize, plays: Vec<Record>) {
        self.last = plays.last().cloned();
        self.pending.push(Pending { index, plays, begun: self.begun.len() });
    }

    /// What ended, since the process is known to live.
    pub(super) fn survived(&mut self) -> Vec<(usize, Vec<Record>)> {
        self.pending.drain(..).map(|pending| (pending.index, pending.plays)).collect()
    }

    /// What ended before the latest play of `index` began, since the process answered in that play.
    pub(super) fn survived_before(&mut self, index: usize) -> Vec<(usize, Vec<Record>)> {
        let Some(began) = self.begun.iter().rposition(|begun| *begun == index) else { return Vec::new() };
        let (survived, left) =
            std::mem::take(&mut self.pending).into_iter().partition(|pending| pending.begun <= began);
        self.pending = left;
        let survived: Vec<Pending> = survived;
        survived.into_iter().map(|pending| (pending.index, pending.plays)).collect()
    }

    /// It asked for its reports: it is through.
    pub(super) fn is_through(&mut self) {
        self.asked_for_reports = true;
    }

    pub(super) fn is_isolating(&self) -> bool {
        matches!(self.phase, Phase::Isolating { .. })
    }

    /// The process has ended, and all its plays. What it did not survive is still pending.
    pub(super) fn ended(&mut self, end: End) -> Settled {
        let begun = std::mem::take(&mut self.begun);
        let all_begun = self.dealt.iter().all(|index| begun.contains(index));
        let in_order = self.asked_for_reports || (all_begun && end.exit == Exit::Status(0));
        match (&mut self.phase, begun.last()) {
            (Phase::Rest, _) if in_order => return Settled::InOrder,
            (Phase::Isolating { isolation, .. }, _) if in_order => {
                isolation.report(Fared::Survived);
                self.barren = 0;
                return Settled::Survived;
            }
            (_, None) => {
                self.barren += 1;
                self.unplayed = tail_of(&end);
                self.again = self.is_isolating().then(|| std::mem::take(&mut self.dealt));
                return Settled::Noted;
            }
            (Phase::Isolating { isolation, .. }, Some(last)) => {
                let at = self.dealt.iter().position(|index| index == last).unwrap_or_default();
                isolation.report(Fared::Died(at));
                if let Some(record) = self.last.take() {
                    self.kills.insert(*last, (record, end));
                }
            }
            (Phase::Rest, Some(_)) => {
                let suspects = suspects(&begun, LATE_MAX + self.pending.len());
                let isolation = Isolation::new(suspects.len(), PROCESSES_MAX);
                let count = suspects.len();
                self.phase = Phase::Isolating { isolation, suspects };
                self.barren = 0;
                return Settled::Suspected(count);
            }
        }
        self.barren = 0;
        Settled::Noted
    }

    fn isolated(&mut self) -> Vec<Kill> {
        let Phase::Isolating { isolation, suspects } = std::mem::take(&mut self.phase) else {
            return Vec::new();
        };
        let mut kills = Vec::new();
        for killer in isolation.killers() {
            let index = suspects[killer.suspect];
            let before = killer.before.iter().map(|place| suspects[*place]).collect();
            if let Some((record, end)) = self.kills.remove(&index) {
                kills.push(Kill { index, record, end, before });
            }
        }
        self.kills.clear();
        if kills.is_empty() {
            self.open += 1;
        }
        kills
    }
}

/// The last ones of what was begun, each once, where it was played last.
fn suspects(begun: &[usize], count: usize) -> Vec<usize> {
    let mut suspects: Vec<usize> = Vec::new();
    for index in begun {
        suspects.retain(|known| known != index);
        suspects.push(*index);
    }
    suspects.split_off(suspects.len().saturating_sub(count))
}

/// How a process ended, and the last line that it wrote.
fn tail_of(end: &End) -> String {
    match end.stderr.lines().rfind(|line| !line.trim().is_empty()) {
        Some(line) => format!("{}, stderr: {}", end.exit, line.trim()),
        None => end.exit.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::client::probes::Probe;
    use std::collections::BTreeSet;
    use std::sync::Arc;
    use wsgauntlet_suite::oracle::VerdictKind;

    fn end(exit: Exit) -> End {
        End { exit, stderr: "last words\n".to_owned(), silence: None }
    }

    /// One process, which plays what it is dealt until it dies. Gives what it survived.
    fn process(looped: &mut Looped, numbers: &Numbers, dies: &impl Fn(&[usize]) -> bool) -> Vec<usize> {
        looped.launched(numbers);
        let mut survived = Vec::new();
        let mut played = Vec::new();
        for index in numbers.dealt() {
            looped.begun(*index, 0);
            played.push(*index);
            let record =
                Record::unplayed(Arc::new(Probe::Close.instance()), VerdictKind::Pass, index.to_string());
            looped.played(*index, vec![record]);
            if dies(&played) {
                looped.ended(end(Exit::Signal(6)));
                looped.survived();
                return survived;
            }
            survived.extend(looped.survived().into_iter().map(|(index, _)| index));
        }
        looped.is_through();
        looped.ended(end(Exit::Status(0)));
        survived
    }

    /// A loop over `count` instances. Gives each killer with what has to be played before it, and what was played to its end.
    fn simulate(
        count: usize,
        dies: impl Fn(&[usize]) -> bool,
    ) -> (Vec<(usize, Vec<usize>)>, BTreeSet<usize>) {
        let mut looped = Looped::default();
        let (mut killers, mut done) = (Vec::new(), BTreeSet::new());
        loop {
            let numbers = match looped.step() {
                Step::Launch(numbers) => numbers,
                Step::Isolated(kills) => {
                    for kill in kills {
                        assert!(matches!(kill.end.exit, Exit::Signal(6)));
                        killers.push((kill.index, kill.before));
                    }
                    continue;
                }
                Step::Rest => {
                    let known = |index: &usize| {
                        done.contains(index) || killers.iter().any(|(killer, _)| killer == index)
                    };
                    let rest: Vec<usize> = (0..count).filter(|index| !known(index)).collect();
                    if rest.is_empty() {
                        return (killers, done);
                    }
                    Numbers::some(rest, count)
                }
                Step::GiveUp(_) => return (killers, done),
            };
            done.extend(process(&mut looped, &numbers, &dies));
        }
    }

    /// Each instance that the loop does not survive is found, and everything else is played.
    #[test]
    fn killers_are_found_and_the_rest_is_played() {
        let (killers, done) =
            simulate(50, |played| played.last().is_some_and(|last| [3, 4, 30].contains(last)));
        assert_eq!(killers, [(3, vec![]), (4, vec![]), (30, vec![])]);
        assert_eq!(done.len(), 47);
    }

    /// Two plays that kill together: the second one is named, with the first.
    #[test]
    fn a_sequence_is_found() {
        let (killers, done) = simulate(20, |played| played.contains(&6) && played.contains(&9));
        assert_eq!(killers, [(9, vec![6])]);
        // Alone it survived.
        assert_eq!(done.len(), 20);
    }

    /// What dies now and then, and never alone, is given up, and nobody is blamed.
    #[test]
    fn nobody_is_blamed_without_a_proof() {
        let (killers, _) = simulate(40, |played| played.len() == 20);
        assert!(killers.is_empty(), "{killers:?}");
    }

    /// With several plays at once, what ended is kept when a play was answered that began afterwards, and not before: what
    /// ended with the process may have ended by its death.
    #[test]
    fn plays_side_by_side_survive_when_a_later_one_is_answered() {
        let record = || Record::unplayed(Arc::new(Probe::Close.instance()), VerdictKind::Pass, "");
        let mut looped = Looped::default();
        looped.launched(&Numbers::all((0..4).collect()));
        looped.begun(0, 0);
        assert!(looped.asks_when_it_lives());
        looped.begun(1, 1);
        assert!(!looped.asks_when_it_lives());
        looped.played(0, vec![record()]);
        looped.begun(2, 1);
        looped.played(1, vec![record()]);
        assert!(looped.survived_before(1).is_empty(), "the play of 1 began before the one of 0 ended");
        let survived: Vec<usize> = looped.survived_before(2).into_iter().map(|(index, _)| index).collect();
        assert_eq!(survived, [0], "the play of 1 ended when that of 2 had begun");
        looped.ended(end(Exit::Signal(6)));
        let left: Vec<usize> = looped.survived().into_iter().map(|(index, _)| index).collect();
        assert_eq!(left, [1], "it is played again");
    }

    /// Processes that begin nothing are given up, with their last words.
    #[test]
    fn processes_that_play_nothing_are_given_up() {
        let mut looped = Looped::default();
        for _ in 0..BARREN_MAX {
            assert!(matches!(looped.step(), Step::Rest));
            looped.launched(&Numbers::all((0..3).collect()));
            looped.ended(end(Exit::Status(1)));
        }
        let Step::GiveUp(why) = looped.step() else { panic!("it goes on") };
        assert!(why.contains("exit status 1, stderr: last words"), "{why}");
    }
}
