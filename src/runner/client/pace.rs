//! How long plays wait for a silent client: what its answers take so far, and which silences were waited for in full before.
//! No sockets, no clock.
//!
//! A first play that would deviate stops after a short silence, since it decides nothing: it is played again. Where nothing is
//! played again, and in second plays, the first plays of each kind of wait last for the whole deadline. When that has happened
//! in a few instances, and no answer came late, further plays that show the same stop early: they rest on the whole waits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// An answer that takes this many times as long as nine in ten answers did is not expected any more.
const ANSWERS_FACTOR: u32 = 12;

/// The shortest wait: a busy machine or a garbage collector may stop a client for that long.
const WAIT_MIN: Duration = Duration::from_millis(60);

/// A closing handshake has several answers.
const FAREWELL_FACTOR: u32 = 2;

/// With fewer answers nothing is known of the time that they take.
const ANSWERS_MIN: usize = 3;

/// How many answers are kept, the latest.
const ANSWERS_KEPT: usize = 256;

/// The instances that have to wait for the whole deadline before others of the same kind wait for less.
const WHOLE_WAITS: usize = 2;

/// After this many whole waits, a client with few or no answers is not waited for in full any more.
const WHOLE_WAITS_OF_MUTE: usize = 6;

/// The part of the deadline that a new cause of a known kind is waited for.
const KNOWN_KIND_DIVISOR: u32 = 8;

/// How many instances a remark names.
const NAMED_MAX: usize = 4;

/// A play that decides waits for this many deadlines: the second play of an instance, but in a loop, and every third play.
const DECIDING_FACTOR: u32 = 3;

/// The pace of one client, which its plays share.
pub(super) type SharedPace = Arc<Mutex<Pace>>;

/// The pace, also after a panic of another play: it holds figures only.
pub(super) fn lock(pace: &SharedPace) -> MutexGuard<'_, Pace> {
    pace.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long the next play of an instance waits.
#[derive(Clone, Debug)]
pub(super) struct PlayPace {
    pub pace: SharedPace,
    /// The longest wait.
    pub deadline: Duration,
    /// It is certain to be played again if it deviates. An agent of a loop may run out of numbers before.
    pub first: bool,
    /// It decides alone, and is never cut short.
    pub whole: bool,
}

impl PlayPace {
    /// Of an instance that was played `before` times. `repeats`: what deviates is certain to be played again, and holds nothing
    /// up, as in all runs but loops.
    pub(super) fn new(pace: &SharedPace, before: usize, deadline: Duration, repeats: bool) -> PlayPace {
        let deadline = match before {
            0 => deadline,
            1 if !repeats => deadline,
            _ => deadline * DECIDING_FACTOR,
        };
        PlayPace { pace: pace.clone(), deadline, first: before == 0 && repeats, whole: before > 1 }
    }
}

/// What a play waits for, as far as it matters for how long that may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WaitKind {
    /// The outcome that is awaited, such as `pong`.
    pub awaited: &'static str,
    /// The client has sent its Close: only the end of TCP is missing.
    pub closed: bool,
    /// The longest wait.
    pub deadline: Duration,
}

/// What a silence is put down to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cause {
    pub kind: WaitKind,
    /// The requirement that the silence breaks, and the fingerprint of the failure. `None`: it breaks none.
    pub failure: Option<(String, String)>,
    /// The instance is played again before that is a verdict.
    pub played_again: bool,
}

/// How long a silent client is waited for in a play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// No longer: its silence is known.
    Enough,
    /// This long, from its last sign of life.
    For(Duration),
}

/// The waits for one cause, or for all causes of one kind.
#[derive(Clone, Debug, Default)]
struct Waits {
    /// The instances in which the client was silent for the whole deadline.
    whole: BTreeSet<String>,
    /// The instances in which it was silent for a part of the deadline that is long enough for this cause.
    part: BTreeSet<String>,
    /// An answer came so late that a shorter wait would have missed it.
    late: bool,
}

/// What is known of how long a client takes.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    deadline: Duration,
    answers: Vec<Duration>,
    next_answer: usize,
    kinds: BTreeMap<WaitKind, Waits>,
    causes: BTreeMap<Cause, Waits>,
    whole_waits: usize,
    /// How many plays stopped early.
    cut: usize,
}

impl Pace {
    /// `deadline` is the longest wait.
    pub(super) fn new(deadline: Duration) -> Pace {
        Pace {
            deadline,
            answers: Vec::new(),
            next_answer: 0,
            kinds: BTreeMap::new(),
            causes: BTreeMap::new(),
            whole_waits: 0,
            cut: 0,
        }
    }

    /// The client took this long to answer.
    pub(super) fn answered(&mut self, after: Duration) {
        if self.answers.len() < ANSWERS_KEPT {
            self.answers.push(after);
        } else {
            self.answers[self.next_answer] = after;
        }
        self.next_answer = (self.next_answer + 1) % ANSWERS_KEPT;
    }

    /// After this silence it is worth to ask whether it is known.
    pub(super) fn shortest_wait(&self) -> Duration {
        if self.answers.len() < ANSWERS_MIN {
            let known_mute = self.whole_waits >= WHOLE_WAITS_OF_MUTE;
            return if known_mute { self.deadline / KNOWN_KIND_DIVISOR } else { self.deadline };
        }
        let mut answers = self.answers.clone();
        answers.sort_unstable();
        let nine_in_ten = answers[(answers.len() - 1) * 9 / 10];
        (nine_in_ten * ANSWERS_FACTOR).max(WAIT_MIN).min(self.deadline)
    }

    /// How long a client is waited for in a connection from which nothing is to be learned.
    pub(super) fn farewell(&self) -> Duration {
        (self.shortest_wait() * FAREWELL_FACTOR).min(self.deadline)
    }

    /// How long a silence of that cause is waited for.
    pub(super) fn wait(&self, cause: &Cause) -> Wait {
        let deadline = cause.kind.deadline;
        if cause.played_again {
            return Wait::Enough;
        }
        let (none, waits) = (Waits::default(), self.causes.get(cause));
        let waits = waits.unwrap_or(&none);
        if waits.late {
            return Wait::For(deadline);
        }
        let kind = self.kinds.get(&cause.kind).unwrap_or(&none);
        let known_kind = kind.whole.len() >= WHOLE_WAITS && !kind.late;
        match (known_kind, waits.whole.len(), waits.part.len()) {
            (_, WHOLE_WAITS.., _) => Wait::Enough,
            (true, 1.., _) | (true, _, 1..) => Wait::Enough,
            (true, 0, 0) => Wait::For((deadline / KNOWN_KIND_DIVISOR).max(self.shortest_wait())),
            (false, _, _) => Wait::For(deadline),
        }
    }

    /// A play of `instance` waited for so long, and the client was silent all the time.
    pub(super) fn waited(&mut self, cause: &Cause, instance: &str, waited: Duration) {
        let whole = waited >= cause.kind.deadline;
        self.whole_waits += usize::from(whole);
        for waits in
            [self.kinds.entry(cause.kind).or_default(), self.causes.entry(cause.clone()).or_default()]
        {
            let instances = if whole { &mut waits.whole } else { &mut waits.part };
            instances.insert(instance.to_owned());
        }
    }

    /// An answer came when the client had been silent for longer than the shortest wait.
    pub(super) fn came_late(&mut self, cause: &Cause) {
        self.kinds.entry(cause.kind).or_default().late = true;
        self.causes.entry(cause.clone()).or_default().late = true;
    }

    /// A play stopped early.
    pub(super) fn cut(&mut self) {
        self.cut += 1;
    }

    /// What the run rests on, where plays stopped early.
    pub(super) fn remarks(&self) -> Vec<String> {
        if self.cut == 0 {
            return Vec::new();
        }
        let whole: BTreeSet<&String> = self.kinds.values().flat_map(|waits| &waits.whole).collect();
        let named: Vec<&str> = whole.iter().take(NAMED_MAX).map(|id| id.as_str()).collect();
        let more = match whole.len().saturating_sub(NAMED_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let longest = self.kinds.keys().map(|kind| kind.deadline).max().unwrap_or(self.deadline);
        vec![format!(
            "silence was waited for up to {} s in {}{more}; {} plays that showed the same silence stopped after {} ms",
            longest.as_secs_f32(),
            if named.is_empty() { "no instance".to_owned() } else { named.join(", ") },
            self.cut,
            self.shortest_wait().as_millis()
        )]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEADLINE: Duration = Duration::from_secs(2);
    const FAST: Duration = Duration::from_millis(1);

    fn cause(awaited: &'static str, requirement: &str) -> Cause {
        let failure = Some((requirement.to_owned(), "0123".to_owned()));
        let kind = WaitKind { awaited, closed: false, deadline: DEADLINE };
        Cause { kind, failure, played_again: false }
    }

    fn quick_client() -> Pace {
        let mut pace = Pace::new(DEADLINE);
        (0..10).for_each(|_| pace.answered(FAST));
        pace
    }

    /// Before anything is known the whole deadline is waited for; a quick client has a floor, a slow one the deadline.
    #[test]
    fn the_shortest_wait_follows_the_answers() {
        assert_eq!(Pace::new(DEADLINE).shortest_wait(), DEADLINE);
        assert_eq!(quick_client().shortest_wait(), WAIT_MIN);
        let mut slow = Pace::new(DEADLINE);
        (0..10).for_each(|_| slow.answered(Duration::from_millis(50)));
        assert_eq!(slow.shortest_wait(), Duration::from_millis(50) * ANSWERS_FACTOR);
        (0..ANSWERS_KEPT).for_each(|_| slow.answered(Duration::from_secs(1)));
        assert_eq!(slow.shortest_wait(), DEADLINE);
    }

    /// One answer in ten may be slow without slowing all waits down.
    #[test]
    fn rare_slow_answers_do_not_count() {
        let mut pace = quick_client();
        pace.answered(Duration::from_secs(1));
        assert_eq!(pace.shortest_wait(), WAIT_MIN);
    }

    /// The whole deadline is waited for in two instances; the same instance twice is one.
    #[test]
    fn a_cause_is_known_after_two_instances() {
        let mut pace = quick_client();
        let pong = cause("pong", "a");
        assert_eq!(pace.wait(&pong), Wait::For(DEADLINE));
        pace.waited(&pong, "one", DEADLINE);
        pace.waited(&pong, "one", DEADLINE);
        assert_eq!(pace.wait(&pong), Wait::For(DEADLINE));
        pace.waited(&pong, "two", DEADLINE);
        assert_eq!(pace.wait(&pong), Wait::Enough);
        assert_eq!(pace.wait(&cause("close", "a")), Wait::For(DEADLINE), "another kind of wait");
    }

    /// A first play that deviates decides nothing. Second plays have whole waits of their own.
    #[test]
    fn a_first_play_that_deviates_does_not_wait() {
        let mut pace = quick_client();
        let first = Cause { played_again: true, ..cause("pong", "a") };
        assert_eq!(pace.wait(&first), Wait::Enough);
        pace.waited(&cause("pong", "a"), "one", DEADLINE);
        pace.waited(&cause("pong", "a"), "two", DEADLINE);
        let mut second = cause("pong", "a");
        second.kind.deadline = DEADLINE * DECIDING_FACTOR;
        assert_eq!(pace.wait(&second), Wait::For(DEADLINE * DECIDING_FACTOR));
    }

    /// A second play outside a loop, and each third play, has three times the deadline; only a third play is whole.
    #[test]
    fn plays_that_decide_wait_longer() {
        let pace: SharedPace = Arc::new(Mutex::new(Pace::new(DEADLINE)));
        let of = |before, repeats| {
            let play = PlayPace::new(&pace, before, DEADLINE, repeats);
            (play.deadline.as_secs(), play.first, play.whole)
        };
        assert_eq!(
            [of(0, true), of(1, true), of(2, true)],
            [(2, true, false), (6, false, false), (6, false, true)]
        );
        assert_eq!(
            [of(0, false), of(1, false), of(2, false)],
            [(2, false, false), (2, false, false), (6, false, true)]
        );
    }

    /// Another cause of a kind that is known is waited for in part, once.
    #[test]
    fn another_cause_of_a_known_kind_is_waited_for_in_part() {
        let mut pace = quick_client();
        pace.waited(&cause("pong", "a"), "one", DEADLINE);
        pace.waited(&cause("pong", "a"), "two", DEADLINE);
        let other = cause("pong", "b");
        let part = DEADLINE / KNOWN_KIND_DIVISOR;
        assert_eq!(pace.wait(&other), Wait::For(part));
        pace.waited(&other, "three", part);
        assert_eq!(pace.wait(&other), Wait::Enough);
    }

    /// An answer that came late keeps its cause, and new causes of its kind, at the whole deadline.
    #[test]
    fn a_late_answer_keeps_the_whole_wait() {
        let mut pace = quick_client();
        for id in ["one", "two"] {
            pace.waited(&cause("pong", "a"), id, DEADLINE);
        }
        pace.came_late(&cause("pong", "b"));
        pace.waited(&cause("pong", "b"), "three", DEADLINE);
        pace.waited(&cause("pong", "b"), "four", DEADLINE);
        assert_eq!(pace.wait(&cause("pong", "b")), Wait::For(DEADLINE));
        assert_eq!(pace.wait(&cause("pong", "c")), Wait::For(DEADLINE));
        assert_eq!(pace.wait(&cause("pong", "a")), Wait::Enough, "what was seen twice stands");
    }

    /// A client that never answers is known to be mute after some whole waits.
    #[test]
    fn a_mute_client_is_not_waited_for_in_full() {
        let mut pace = Pace::new(DEADLINE);
        for id in 0..WHOLE_WAITS_OF_MUTE {
            assert_eq!(pace.shortest_wait(), DEADLINE);
            pace.waited(&cause("open", "a"), &id.to_string(), DEADLINE);
        }
        assert_eq!(pace.shortest_wait(), DEADLINE / KNOWN_KIND_DIVISOR);
    }

    /// A run that was cut short somewhere names what it rests on.
    #[test]
    fn the_evidence_is_named() {
        let mut pace = quick_client();
        pace.waited(&cause("pong", "a"), "one", DEADLINE);
        assert!(pace.remarks().is_empty());
        pace.cut();
        let remark = pace.remarks().remove(0);
        assert!(remark.contains("up to 2 s in one;") && remark.contains("1 plays"), "{remark}");
    }
}
