//! Shards: `slice:1/4` takes every fourth instance, `hash:1/4` those whose id falls into the first
//! quarter, wherever others come and go. Where machines are counted from 0, as the pods of a job
//! are, `hash:0+1/4` is the first.

use std::fmt;
use std::str::FromStr;
use wsgauntlet_wire::hash::fnv1a;

/// One shard of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    kind: Kind,
    /// From 1.
    part: usize,
    count: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Hash,
    Slice,
}

impl Partition {
    /// Whether the shard holds the instance of that place and id.
    pub fn holds(self, index: usize, id: &str) -> bool {
        let key = match self.kind {
            Kind::Slice => index as u64,
            Kind::Hash => hash(id),
        };
        key % self.count as u64 == self.part as u64 - 1
    }
}

/// FNV-1a, mixed at the end: its low bits alone are poor.
fn hash(id: &str) -> u64 {
    let hash = fnv1a(id.bytes());
    hash ^ (hash >> 32)
}

/// A text that is no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a shard is slice:PART/COUNT or hash:PART/COUNT, with PART from 1 to COUNT")]
pub struct PartitionError;

impl FromStr for Partition {
    type Err = PartitionError;

    fn from_str(text: &str) -> Result<Partition, PartitionError> {
        let (kind, shard) = text.split_once(':').ok_or(PartitionError)?;
        let kind = match kind {
            "slice" => Kind::Slice,
            "hash" => Kind::Hash,
            _ => return Err(PartitionError),
        };
        let (part, count) = shard.split_once('/').ok_or(PartitionError)?;
        let number = |text: &str| text.parse::<usize>().map_err(|_| PartitionError);
        let part = match part.strip_suffix("+1") {
            Some(index) => number(index)?.checked_add(1).ok_or(PartitionError)?,
            None => number(part)?,
        };
        let count = number(count)?;
        if part == 0 || part > count { Err(PartitionError) } else { Ok(Partition { kind, part, count }) }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Hash => "hash",
            Kind::Slice => "slice",
        };
        write!(f, "{kind}:{}/{}", self.part, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each instance is in one shard.
    #[test]
    fn shards_are_a_partition() {
        for kind in ["slice", "hash"] {
            let shards: Vec<Partition> =
                (1..=4).map(|part| format!("{kind}:{part}/4").parse().expect("a shard")).collect();
            let mut sizes = [0; 4];
            for index in 0..1000 {
                let id = format!("a/b/c[len={index}]@server+h1");
                let holders: Vec<usize> = (0..4).filter(|shard| shards[*shard].holds(index, &id)).collect();
                assert_eq!(holders.len(), 1, "{kind} {index}");
                sizes[holders[0]] += 1;
            }
            assert!(sizes.iter().all(|size| (200..300).contains(size)), "{kind}: {sizes:?}");
        }
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        for bad in [
            "",
            "slice",
            "slice:1",
            "slice:0/4",
            "slice:5/4",
            "count:1/4",
            "slice:a/4",
            "hash:1/0",
            "hash:4+1/4",
            "hash:1+2/4",
        ] {
            assert!(bad.parse::<Partition>().is_err(), "{bad}");
        }
        assert_eq!("hash:1+1/3".parse::<Partition>(), "hash:2/3".parse());
        assert_eq!("hash:2/3".parse::<Partition>().expect("a shard").to_string(), "hash:2/3");
    }
}
