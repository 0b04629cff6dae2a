//! What never once worked in a run: a server that cannot echo an empty message fails in twenty places, for one cause. The
//! plays are counted by what their expected outcome needs; reports name a feature that was tried several times and never
//! worked before the failures that follow from it.

use super::tally::Tally;
use std::collections::{BTreeMap, VecDeque};
use wsgauntlet_suite::case::script::{Piece, Step};
use wsgauntlet_suite::case::{Instance, Need, Outcome};
use wsgauntlet_suite::oracle::verdict::Source;
use wsgauntlet_suite::oracle::{Record, VerdictKind};
use wsgauntlet_suite::transcript::{EventKind, Transcript};
use wsgauntlet_wire::{Opcode, Role};

/// With fewer plays, a feature is not judged.
const TRIED_MIN: usize = 3;

/// RSV1 among the bits of `rsv`.
const RSV1: u8 = 4;

/// What the echo of a message may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Feature {
    Binary,
    Compressed,
    Empty,
    Fragmented,
    /// Beyond 125 octets: a length of 16 bits.
    Long,
    /// Beyond 65,535 octets: a length of 64 bits.
    Large,
}

impl Feature {
    const ALL: [Feature; 6] = [
        Feature::Binary,
        Feature::Compressed,
        Feature::Empty,
        Feature::Fragmented,
        Feature::Long,
        Feature::Large,
    ];

    /// As `report.json` names it.
    fn name(self) -> &'static str {
        match self {
            Feature::Binary => "binary-messages",
            Feature::Compressed => "compressed-messages",
            Feature::Empty => "empty-messages",
            Feature::Fragmented => "fragmented-messages",
            Feature::Long => "messages-over-125-octets",
            Feature::Large => "messages-over-65535-octets",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Feature::Binary => "a binary message",
            Feature::Compressed => "a compressed message",
            Feature::Empty => "an empty message in one frame",
            Feature::Fragmented => "a fragmented message",
            Feature::Long => "a message of more than 125 octets",
            Feature::Large => "a message of more than 65,535 octets",
        }
    }
}

/// For each feature: in how many plays it was tried (`exercised`), and in how many of these it worked (`met`).
pub fn count(records: &[Record]) -> BTreeMap<String, Tally> {
    let mut counted: BTreeMap<String, Tally> = BTreeMap::new();
    for record in records {
        match record.verdict.kind {
            VerdictKind::Pass | VerdictKind::Lenient | VerdictKind::Fail | VerdictKind::Flaky => {}
            VerdictKind::Info | VerdictKind::Inapplicable | VerdictKind::Blocked | VerdictKind::Error => {
                continue;
            }
        }
        let Some(transcript) = &record.transcript else { continue };
        for (feature, worked) in tried(record, transcript) {
            let tally = counted.entry(feature.name().to_owned()).or_default();
            tally.exercised += 1;
            tally.met += usize::from(worked);
        }
    }
    counted
}

/// The features that a play came to, and whether each worked at least once in it.
fn tried(record: &Record, transcript: &Transcript) -> BTreeMap<Feature, bool> {
    let failed = |step| record.verdict.failures().any(|failure| failure.source == Source::Step(step));
    let decided = |step| transcript.judged().iter().any(|event| event.kind == EventKind::StepDecided(step));
    let mut tried: BTreeMap<Feature, bool> = BTreeMap::new();
    for (step, features) in wanted(&record.instance) {
        if features.is_empty() || !decided(step) {
            continue;
        }
        let worked = !failed(step);
        for feature in features {
            *tried.entry(feature).or_default() |= worked;
        }
    }
    tried
}

/// How a message was sent.
#[derive(Clone, Copy, Debug, Default)]
struct Sent {
    fragmented: bool,
    compressed: bool,
}

/// The messages of a script whose echo was not waited for yet, in order.
#[derive(Debug, Default)]
struct Messages {
    whole: VecDeque<Sent>,
    begun: Sent,
}

impl Messages {
    fn send(&mut self, piece: &Piece) {
        match piece {
            Piece::Frame(frame) if frame.opcode.is_control() => {}
            Piece::Frame(frame) => {
                self.begun.fragmented |= !frame.fin;
                // Octets that are compressed already.
                self.begun.compressed |= frame.rsv & RSV1 != 0;
                if frame.fin {
                    self.whole.push_back(std::mem::take(&mut self.begun));
                }
            }
            Piece::Compressed(_) => self.whole.push_back(Sent { fragmented: false, compressed: true }),
            Piece::Raw(_) => {}
        }
    }
}

/// The steps that wait for an echo, and what it needs.
fn wanted(instance: &Instance) -> Vec<(usize, Vec<Feature>)> {
    let mut messages = Messages::default();
    let mut wanted = Vec::new();
    if instance.needs.contains(&Need::Driver) {
        // A driver's messages answer none of ours.
        return wanted;
    }
    for (index, step) in instance.script.steps.iter().enumerate() {
        match step {
            Step::Send(write) => write.pieces.iter().for_each(|piece| messages.send(piece)),
            Step::Expect(expectation) => {
                let Some(Outcome::Message { opcode, payload }) = expectation.outcomes.first() else {
                    continue;
                };
                let len = payload.len();
                let Sent { fragmented, compressed } = messages.whole.pop_front().unwrap_or_default();
                let needs = |feature: &Feature| match feature {
                    Feature::Binary => *opcode == Opcode::Binary,
                    Feature::Compressed => compressed,
                    // A compressed empty message has an octet, and one in fragments is put together: both take another way
                    // through an implementation, and may work where an empty frame does not.
                    Feature::Empty => len == 0 && !compressed && !fragmented,
                    Feature::Fragmented => fragmented,
                    Feature::Long => len > 125,
                    Feature::Large => len > 65_535,
                };
                wanted.push((index, Feature::ALL.into_iter().filter(needs).collect()));
            }
            Step::Open
            | Step::Alive { .. }
            | Step::Close
            | Step::IfDeflate(_)
            | Step::IfOffered(_)
            | Step::HalfClose
            | Step::Answer
            | Step::Reset
            | Step::Wait(_) => {}
        }
    }
    wanted
}

/// A sentence for each feature that was tried and never worked.
pub fn never_worked(role: Role, counted: &BTreeMap<String, Tally>) -> Vec<String> {
    let never = |feature: Feature| {
        counted
            .get(feature.name())
            .filter(|tally| tally.met == 0 && tally.exercised >= TRIED_MIN)
            .map(|tally| tally.exercised)
    };
    let mut sentences = Vec::new();
    for feature in Feature::ALL {
        // What is too long for one length is too long for the longer one.
        let said = feature == Feature::Large && never(Feature::Long).is_some();
        if let Some(plays) = never(feature).filter(|_| !said) {
            sentences.push(format!(
                "the {role} never echoed {} as it must (0 of {plays} plays); failures below may follow from that",
                feature.words()
            ));
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only what was tried often enough, and never worked, is named.
    #[test]
    fn what_worked_once_is_not_named() {
        let told = |met, exercised| {
            let counted = BTreeMap::from([(Feature::Empty.name().to_owned(), Tally { met, exercised })]);
            never_worked(Role::Server, &counted)
        };
        assert!(told(1, 20).is_empty() && told(0, 2).is_empty());
        assert_eq!(
            told(0, 20),
            [
                "the server never echoed an empty message in one frame as it must (0 of 20 plays); failures below may follow from that"
            ]
        );
    }

    /// Who echoes nothing long echoes nothing large: one sentence says it.
    #[test]
    fn one_length_is_named_once() {
        let none = Tally { met: 0, exercised: 9 };
        let counted = [Feature::Long, Feature::Large].map(|feature| (feature.name().to_owned(), none));
        let told = never_worked(Role::Client, &counted.into());
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("the client never echoed a message of more than 125 octets"), "{told:?}");
    }
}
