//! Every target over its seeds, on stable.

use super::{ALL, seeds};

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

/// A target that is built has its glue, and glue has its target.
#[test]
fn each_target_has_its_glue() {
    let manifest = include_str!("../Cargo.toml");
    for (name, ..) in ALL {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
    assert_eq!(manifest.matches("fuzz_targets/").count(), ALL.len());
}
