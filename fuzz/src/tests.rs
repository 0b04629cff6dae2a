//! Every target over its seeds, on stable.

use super::inputs::{CutFrames, CutHead, PlayedFrames};
use super::seeds::Kind;
use super::{ALL, seeds};
use wsgauntlet::wire::choices::Chosen;
use wsgauntlet::wire::deflate::Message;
use wsgauntlet::wire::opening::Extension;

/// No seed makes a target panic.
#[test]
fn targets_bear_their_seeds() {
    for (name, body, kind) in ALL {
        let seeds = seeds::of(*kind);
        assert!(!seeds.is_empty(), "{name} has seeds");
        for (index, seed) in seeds.iter().enumerate() {
            let outcome = std::panic::catch_unwind(|| body(seed));
            assert!(outcome.is_ok(), "{name}, seed {index}: {seed:02x?}");
        }
        body(&[]);
    }
}

/// What a case sends is a value that its seed makes again: frames, edits of heads, extensions and messages.
#[test]
fn seeds_are_the_values_of_the_cases() {
    fn check<T: Chosen + PartialEq>(kind: Kind) {
        let seeds = seeds::of(kind);
        assert!(seeds.len() >= 5, "{kind:?}: {}", seeds.len());
        for seed in &seeds {
            assert!(T::from_choices(seed).choices() == *seed, "{kind:?}: {seed:02x?}");
        }
    }
    check::<CutFrames>(Kind::CutFrames);
    check::<PlayedFrames>(Kind::PlayedFrames);
    check::<CutHead>(Kind::RequestEdits);
    check::<CutHead>(Kind::ResponseEdits);
    check::<Vec<Extension>>(Kind::ExtensionLists);
    check::<Vec<Message>>(Kind::Messages);
}

/// A structured seed of frames writes the octets of the seed that the targets of octets have.
#[test]
fn structured_seeds_send_the_same() {
    let mut plain = seeds::all(Kind::Frames);
    let before = plain.len();
    let structured: Vec<Vec<u8>> =
        seeds::all(Kind::CutFrames).iter().map(|seed| CutFrames::from_choices(seed).octets()).collect();
    // Octets that are no whole frame are in the plain ones only.
    plain.retain(|octets| structured.contains(octets));
    assert!(plain.len() * 10 >= before * 9, "{} of {before}", plain.len());
}

/// How many rows of octets each structured target is given.
const ROWS: u64 = 300;

/// Octets that nobody wrote are values too, and no structured target finds fault with them.
#[test]
fn structured_targets_take_any_octets() {
    let structured =
        ALL.iter().filter(|(name, ..)| name.ends_with("_values") || ["script", "player"].contains(name));
    for (name, body, _) in structured {
        for seed in 0..ROWS {
            let mut rng = wsgauntlet::fuzz::Rng::new(seed);
            let len = rng.below(600);
            let octets = rng.octets(len);
            let outcome = std::panic::catch_unwind(|| body(&octets));
            assert!(outcome.is_ok(), "{name}, seed {seed}");
        }
    }
}

/// A target that is built has its glue, and glue has its target.
#[test]
fn each_target_has_its_glue() {
    let manifest = include_str!("../Cargo.toml");
    for (name, ..) in ALL {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
    assert_eq!(manifest.matches("fuzz_targets/").count(), ALL.len());
}
