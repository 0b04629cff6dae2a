//! What the numbers of Autobahn's loop stand for: from 1 on the instances that are dealt, then some under which an agent plays
//! again what deviated.

use super::route::CaseRef;

/// What the numbers stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    /// The indices of the instances, in the order of their numbers.
    dealt: Vec<usize>,
    spare: usize,
}

impl Numbers {
    /// All these instances, and spare numbers.
    pub(super) fn all(dealt: Vec<usize>) -> Numbers {
        let instances = dealt.len();
        Numbers::some(dealt, instances)
    }

    /// Some of this many instances, and spare numbers.
    pub(super) fn some(dealt: Vec<usize>, instances: usize) -> Numbers {
        Numbers { dealt, spare: spare_numbers(instances) }
    }

    /// These instances alone.
    pub(super) fn only(dealt: Vec<usize>) -> Numbers {
        Numbers { dealt, spare: 0 }
    }

    /// What `/getCaseCount` is answered with.
    pub(super) fn count(&self) -> usize {
        self.dealt.len() + self.spare
    }

    /// The instances in the order of their numbers.
    pub(super) fn dealt(&self) -> &[usize] {
        &self.dealt
    }

    /// The index of the instance that a number stands for.
    pub(super) fn index(&self, number: usize) -> Option<usize> {
        number.checked_sub(1).and_then(|place| self.dealt.get(place)).copied()
    }

    /// Whether something that deviated is played again under it.
    pub(super) fn is_spare(&self, case: &CaseRef) -> bool {
        matches!(case, CaseRef::Number(number) if *number > self.dealt.len() && *number <= self.count())
    }
}

/// How many numbers the loop has beyond those of the instances. Under them an agent, which asks for one number after another,
/// plays again what deviated.
fn spare_numbers(instances: usize) -> usize {
    const SHARE: usize = 8;
    (instances / SHARE).clamp(8, 256).min(instances)
}
