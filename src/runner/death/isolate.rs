//! Which of the suspects brings a death about: the one that does it alone, or the shortest sequence that does. Sans-io: it
//! proposes what to play in a fresh process, in that order, and learns how far that process got. Clients and servers share it.

/// How many plays before the one at which a death was seen are tried alone first: a death can come late.
const LATE_MAX: usize = 3;

/// How one process fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fared {
    /// All were played, and the process lives.
    Survived,
    /// The process was seen dead behind the play of that index in the sequence.
    Died(usize),
}

/// A suspect that brings a death about, behind those that have to be played before it in the same process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Killer {
    pub suspect: usize,
    pub before: Vec<usize>,
}

/// Looks for the killers among suspects, which are numbers from 0 on in the order in which they were played.
#[derive(Debug)]
pub(crate) struct Isolation {
    /// Not cleared yet, in order.
    rest: Vec<usize>,
    phase: Phase,
    killers: Vec<Killer>,
    /// How many more processes may be used.
    processes_left: usize,
    /// What was proposed last.
    proposed: Vec<usize>,
}

#[derive(Debug)]
enum Phase {
    /// All of the rest are played in one process.
    Screen,
    /// The screen died behind this prefix of the rest. These are still to be tried alone, the last one first.
    Alone {
        prefix: Vec<usize>,
        candidates: Vec<usize>,
    },
    /// No single one does it: fewer before the last, `chunk` at a time left out, from `at` on.
    Sequence {
        before: Vec<usize>,
        last: usize,
        chunk: usize,
        at: usize,
    },
    /// A sequence was found. Each that stands before its last is tried alone: its death may only have come late.
    Before {
        before: Vec<usize>,
        last: usize,
        at: usize,
    },
    /// The screen survived, and each is tried alone, the last one first.
    Singles {
        candidates: Vec<usize>,
    },
    Done,
}

impl Isolation {
    /// At most `processes_max` processes are asked for.
    pub(crate) fn new(suspects: usize, processes_max: usize) -> Isolation {
        let phase = if suspects == 0 { Phase::Done } else { Phase::Screen };
        Isolation {
            rest: (0..suspects).collect(),
            phase,
            killers: Vec::new(),
            processes_left: processes_max,
            proposed: Vec::new(),
        }
    }

    /// What to play next in a fresh process. Call `report` before the next call. None: all is decided, or too many were used.
    pub(crate) fn propose(&mut self) -> Option<Vec<usize>> {
        self.processes_left = self.processes_left.checked_sub(1)?;
        self.proposed = match &mut self.phase {
            Phase::Screen => self.rest.clone(),
            Phase::Alone { candidates, .. } | Phase::Singles { candidates } => vec![*candidates.last()?],
            Phase::Sequence { before, last, chunk, at } => {
                let end = (*at + *chunk).min(before.len());
                let left = before[..*at].iter().chain(&before[end..]);
                left.copied().chain([*last]).collect()
            }
            Phase::Before { before, at, .. } => vec![before[*at]],
            Phase::Done => return None,
        };
        Some(self.proposed.clone())
    }

    /// How the process fared in which the last proposal was played.
    pub(crate) fn report(&mut self, fared: Fared) {
        let phase = std::mem::replace(&mut self.phase, Phase::Done);
        self.phase = match (phase, fared) {
            (Phase::Screen, Fared::Died(at)) => self.screened(at),
            (Phase::Screen, Fared::Survived) if self.killers.is_empty() => {
                Phase::Singles { candidates: self.rest.clone() }
            }
            (Phase::Screen, Fared::Survived) => Phase::Done,
            (Phase::Alone { .. } | Phase::Before { .. } | Phase::Singles { .. }, Fared::Died(_)) => {
                let suspect = self.proposed[0];
                self.found(Killer { suspect, before: Vec::new() })
            }
            (Phase::Alone { prefix, mut candidates }, Fared::Survived) => {
                candidates.pop();
                match candidates.is_empty() {
                    true => sequence(prefix),
                    false => Phase::Alone { prefix, candidates },
                }
            }
            (Phase::Before { before, last, at }, Fared::Survived) if at + 1 < before.len() => {
                Phase::Before { before, last, at: at + 1 }
            }
            (Phase::Before { before, last, .. }, Fared::Survived) => {
                self.found(Killer { suspect: last, before })
            }
            (Phase::Singles { mut candidates }, Fared::Survived) => {
                candidates.pop();
                if candidates.is_empty() { Phase::Done } else { Phase::Singles { candidates } }
            }
            (Phase::Sequence { chunk, at, .. }, Fared::Died(behind)) => {
                let mut before = self.proposed[..=behind].to_vec();
                let last = before.pop().unwrap_or_default();
                let chunk = chunk.min(before.len());
                self.shortened(before, last, chunk, at)
            }
            (Phase::Sequence { before, last, chunk, at }, Fared::Survived) => {
                self.shortened(before, last, chunk, at + chunk)
            }
            (Phase::Done, _) => Phase::Done,
        };
    }

    /// The killers that were found.
    pub(crate) fn killers(&self) -> &[Killer] {
        &self.killers
    }

    /// Whether a death was seen, or looked for, of which no killer is known.
    pub(crate) fn is_open(&self) -> bool {
        self.killers.is_empty() || !matches!(self.phase, Phase::Done)
    }

    fn screened(&mut self, at: usize) -> Phase {
        if at == 0 {
            // It was the first in a fresh process: alone.
            return self.found(Killer { suspect: self.proposed[0], before: Vec::new() });
        }
        let prefix = self.proposed[..=at].to_vec();
        let candidates = prefix[prefix.len().saturating_sub(LATE_MAX + 1)..].to_vec();
        Phase::Alone { prefix, candidates }
    }

    /// What is left out next, if anything is.
    fn shortened(&mut self, before: Vec<usize>, last: usize, mut chunk: usize, mut at: usize) -> Phase {
        if before.is_empty() {
            return self.found(Killer { suspect: last, before });
        }
        if at >= before.len() {
            if chunk <= 1 {
                return Phase::Before { before, last, at: 0 };
            }
            (chunk, at) = (chunk.div_ceil(2), 0);
        }
        Phase::Sequence { before, last, chunk, at }
    }

    fn found(&mut self, killer: Killer) -> Phase {
        // What was played before it, or survived the screen up to it, did nothing.
        self.rest.retain(|suspect| *suspect > killer.suspect);
        self.killers.push(killer);
        if self.rest.is_empty() { Phase::Done } else { Phase::Screen }
    }
}

/// Starts to leave out what stands before the last one, half of it at once.
fn sequence(mut before: Vec<usize>) -> Phase {
    let last = before.pop().unwrap_or_default();
    let chunk = before.len().div_ceil(2);
    Phase::Sequence { before, last, chunk, at: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Isolates with a process that dies once `dead` says so of what it was played.
    fn isolate(suspects: usize, dead: impl Fn(&[usize]) -> bool) -> (Vec<Killer>, usize) {
        let mut isolation = Isolation::new(suspects, 1000);
        let mut processes = 0;
        while let Some(sequence) = isolation.propose() {
            processes += 1;
            let at = (0..sequence.len()).find(|at| dead(&sequence[..=*at]));
            isolation.report(at.map_or(Fared::Survived, Fared::Died));
        }
        (isolation.killers().to_vec(), processes)
    }

    fn alone(suspect: usize) -> Killer {
        Killer { suspect, before: Vec::new() }
    }

    /// One suspect that kills is found in few processes, wherever it stands.
    #[test]
    fn a_single_killer() {
        for killer in 0..40 {
            let (killers, processes) = isolate(40, |played| played.contains(&killer));
            assert_eq!(killers, [alone(killer)]);
            assert!(processes <= 3, "{processes}");
        }
    }

    /// Several killers are all found, neighbours too.
    #[test]
    fn several_killers() {
        let (killers, _) = isolate(20, |played| played.iter().any(|suspect| [3, 4, 17].contains(suspect)));
        assert_eq!(killers, [alone(3), alone(4), alone(17)]);
    }

    /// A death that shows one play late, if more is played, is put down to the right one.
    #[test]
    fn a_late_death() {
        let dead = |played: &[usize]| match played {
            [only] => *only == 5,
            [before @ .., _] => before.contains(&5),
            [] => false,
        };
        assert_eq!(isolate(12, dead).0, [alone(5)]);
    }

    /// A death that comes many plays late is put down to the right one.
    #[test]
    fn a_death_that_is_very_late() {
        let dead = |played: &[usize]| match played {
            [only] => *only == 5,
            // It takes thirty more plays, or a wait behind the last one of a few.
            played => {
                played.iter().position(|suspect| *suspect == 5).is_some_and(|at| at + 30 < played.len())
            }
        };
        let waits = |played: &[usize], all: usize| dead(played) || played.len() == all && played.contains(&5);
        let mut isolation = Isolation::new(64, 1000);
        while let Some(sequence) = isolation.propose() {
            let at = (0..sequence.len()).find(|at| waits(&sequence[..=*at], sequence.len()));
            isolation.report(at.map_or(Fared::Survived, Fared::Died));
        }
        assert_eq!(isolation.killers(), [alone(5)]);
    }

    /// No single one kills: the shortest sequence is named, the last one blamed.
    #[test]
    fn a_sequence() {
        let both = |played: &[usize]| played.contains(&2) && played.contains(&11);
        assert_eq!(isolate(20, both).0, [Killer { suspect: 11, before: vec![2] }]);
        let three = |played: &[usize]| [1, 8, 14].iter().all(|needed| played.contains(needed));
        assert_eq!(isolate(16, three).0, [Killer { suspect: 14, before: vec![1, 8] }]);
    }

    /// So many of a kind that a leak takes: how many they are is kept, not which.
    #[test]
    fn a_count() {
        let (killers, _) = isolate(30, |played| played.len() >= 4);
        assert_eq!(killers[0].before.len(), 3);
    }

    /// What nobody brings about alone or in order stays open, and nobody is blamed.
    #[test]
    fn nobody() {
        let mut isolation = Isolation::new(5, 1000);
        while isolation.propose().is_some() {
            isolation.report(Fared::Survived);
        }
        assert!(isolation.killers().is_empty() && isolation.is_open());
    }

    /// No more processes are used than are allowed, and what is not decided is said.
    #[test]
    fn bounded() {
        let mut isolation = Isolation::new(100, 4);
        let mut processes = 0;
        while let Some(sequence) = isolation.propose() {
            processes += 1;
            let both = sequence.contains(&1) && sequence.contains(&90);
            let at = sequence.iter().position(|suspect| *suspect == 90);
            isolation.report(if both { Fared::Died(at.expect("it is there")) } else { Fared::Survived });
        }
        assert_eq!(processes, 4);
        assert!(isolation.killers().is_empty() && isolation.is_open());
    }
}
