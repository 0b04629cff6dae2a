//! `cut` and `segments`: how writes leave.

use crate::case::script::Cut;
use serde::{Deserialize, Deserializer};

/// The most TCP segments of one TLS record.
const SEGMENTS_MAX: usize = 100;

/// `3`: after every three octets. `[1, 2]`: after the first and the second.
#[derive(Clone, Debug)]
pub(super) enum CutSurface {
    Every(usize),
    At(Vec<usize>),
}

impl<'de> Deserialize<'de> for CutSurface {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = CutSurface;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number of octets, or a list of positions")
            }
            fn visit_i64<E: serde::de::Error>(self, every: i64) -> Result<CutSurface, E> {
                usize::try_from(every).map(CutSurface::Every).map_err(|_| E::custom("`cut` is negative"))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, seq: A) -> Result<CutSurface, A::Error> {
                let positions = Vec::deserialize(serde::de::value::SeqAccessDeserializer::new(seq))?;
                Ok(CutSurface::At(positions))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl CutSurface {
    pub(super) fn build(self) -> Result<Cut, String> {
        match self {
            CutSurface::Every(0) => Err("`cut` is 0".to_owned()),
            CutSurface::Every(every) => Ok(Cut::Every(every)),
            CutSurface::At(positions) if positions.is_sorted() => Ok(Cut::At(positions)),
            CutSurface::At(_) => Err("the positions of `cut` ascend".to_owned()),
        }
    }
}

/// Whether a TLS record can leave in this number of TCP segments.
pub(super) fn check_segments(segments: Option<usize>) -> Result<(), String> {
    match segments {
        None | Some(2..=SEGMENTS_MAX) => Ok(()),
        Some(_) => Err(format!("`segments` is 2 to {SEGMENTS_MAX}")),
    }
}
