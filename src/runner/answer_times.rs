//! How long a target takes to answer, learned from its plays; and the deadlines that follow from it.
//!
//! A target that does not answer costs nothing but waiting, so the wait should be short. The configured deadline has to suit
//! any target; most answer within milliseconds. The runner therefore learns how long the answers of this target take, in the
//! probe and in every play since, and the first play of an instance waits for a multiple of that
//! ([`AnswerTimes::deadline`]). The configured deadline is the ceiling.
//!
//! Such a deadline is a guess. A wrong guess costs one more play and never changes a verdict: whatever expired under it is
//! played again with the configured deadline, or longer, before it is reported. [`exceeds`] tells whether the guess was wrong.

use std::time::Duration;
use wsgauntlet_suite::transcript::{EventKind, Transcript};

/// The deadline of a first play: this many times as long as 99 of 100 answers took, and at least `DEADLINE_MIN`.
const DEADLINE_FACTOR: u32 = 5;
const DEADLINE_SHARE: u64 = 99;
const DEADLINE_MIN: Duration = Duration::from_millis(200);

/// A play in which nothing happened for this many times as long as 90 of 100 answers took, and at least for `QUIET_MIN`, only
/// waits: it puts no load on the target.
const QUIET_FACTOR: u32 = 2;
const QUIET_SHARE: u64 = 90;
const QUIET_MIN: Duration = Duration::from_millis(10);

/// Answers are counted by the number of bits of their microseconds: the last class holds those beyond half an hour.
const CLASSES: usize = 32;

/// How long the answers of a target took.
#[derive(Clone, Debug, Default)]
pub struct AnswerTimes {
    /// The number of answers that took less than `1 << class` microseconds, and not less than half of that.
    counts: [u32; CLASSES],
}

impl AnswerTimes {
    /// Adds the answers of one play.
    pub fn learn(&mut self, transcript: &Transcript) {
        waits(transcript).for_each(|wait| self.add(wait));
    }

    fn add(&mut self, wait: Duration) {
        let micros = wait.as_micros().min(u128::from(u32::MAX)) as u32;
        let class = (u32::BITS - micros.leading_zeros()) as usize;
        self.counts[class.min(CLASSES - 1)] += 1;
    }

    /// At least `share` of 100 answers took less. `None`: no answer was seen.
    fn usual(&self, share: u64) -> Option<Duration> {
        let all: u64 = self.counts.iter().map(|count| u64::from(*count)).sum();
        let mut counted = 0;
        for (class, count) in self.counts.iter().enumerate() {
            counted += u64::from(*count);
            if counted > 0 && counted * 100 >= all * share {
                return Some(Duration::from_micros(1 << class));
            }
        }
        None
    }

    /// How long a first play waits for the target: `full`, the configured deadline, at most.
    pub fn deadline(&self, full: Duration) -> Duration {
        self.usual(DEADLINE_SHARE).map_or(full, |usual| (usual * DEADLINE_FACTOR).max(DEADLINE_MIN).min(full))
    }

    /// After how long without any octet a play counts as waiting.
    pub fn quiet_after(&self) -> Duration {
        self.usual(QUIET_SHARE).map_or(DEADLINE_MIN, |usual| (usual * QUIET_FACTOR).max(QUIET_MIN))
    }
}

/// Whether the target took longer than `deadline` for something that then came.
pub(super) fn exceeds(transcript: &Transcript, deadline: Duration) -> bool {
    waits(transcript).any(|wait| wait > deadline)
}

/// How long each read was waited for: from the octets before it, of either side. A deadline counts from there, too.
fn waits(transcript: &Transcript) -> impl Iterator<Item = Duration> {
    let mut last = None;
    transcript.judged().iter().filter_map(move |event| match event.kind {
        EventKind::Connected | EventKind::Sent(_) => {
            last = Some(event.at);
            None
        }
        EventKind::Received(_) | EventKind::ReceivedEof | EventKind::ReceivedReset => {
            let before = last.replace(event.at)?;
            Some(event.at.saturating_sub(before))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsgauntlet_suite::transcript::Capabilities;
    use wsgauntlet_wire::Role;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    /// A play in which each answer of the target took this many milliseconds.
    fn answered(waits: &[u64]) -> Transcript {
        let mut transcript = Transcript::new(Role::Server, Capabilities::FULL);
        let mut now = Duration::ZERO;
        for wait in waits {
            transcript.push(now, EventKind::Sent(b"x".to_vec()));
            now += MS(*wait);
            transcript.push(now, EventKind::Received(b"x".to_vec()));
        }
        transcript
    }

    /// A target that answers slowly gets a long deadline, a fast one a short one, nobody a longer one than is configured.
    #[test]
    fn the_deadline_follows_the_answers_of_the_target() {
        for (waits, expected) in [
            (&[][..], MS(1000)),
            (&[1, 1, 2], MS(200)),
            (&[1, 1, 60], Duration::from_micros(327_680)),
            (&[1, 1, 400], MS(1000)),
        ] {
            let mut times = AnswerTimes::default();
            times.learn(&answered(waits));
            assert_eq!(times.deadline(MS(1000)), expected, "{waits:?}");
        }
    }

    /// One slow answer of a hundred, such as one beside the garbage collector of the target, does not make every wait long.
    #[test]
    fn one_slow_answer_of_a_hundred_does_not_count() {
        let mut times = AnswerTimes::default();
        (0..99).for_each(|_| times.add(MS(1)));
        times.add(MS(900));
        assert_eq!(times.deadline(MS(1000)), DEADLINE_MIN);
        times.add(MS(900));
        assert_eq!(times.deadline(MS(1000)), MS(1000));
    }

    /// The guess was wrong where an answer came after the deadline that was guessed, not where none came.
    #[test]
    fn a_wrong_guess_is_seen_by_a_late_answer() {
        let mut silent = answered(&[5]);
        silent.push(MS(1005), EventKind::StepExpired(1));
        assert!(!exceeds(&silent, MS(200)));
        assert!(exceeds(&answered(&[5, 300]), MS(200)));
    }
}
