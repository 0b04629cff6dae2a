//! The shrinker.

use proptest::prelude::*;
use wsgauntlet::fuzz::shrink::{Shrinker, shrink};
use wsgauntlet::fuzz::{Rng, Session, generate};
use wsgauntlet_suite::case::script::Step;
use wsgauntlet_wire::{Opcode, Role};

fn pings(session: &Session) -> usize {
    let frames = session.pieces().filter(|piece| match piece {
        wsgauntlet_suite::case::Piece::Frame(frame) => frame.opcode == Opcode::Ping,
        _ => false,
    });
    frames.count()
}

fn size(session: &Session) -> usize {
    session.steps_len() + session.pieces().count() + session.payload_len()
}

proptest! {
    /// What is asked for holds of the smallest, and of none of its parts: no single removal keeps it.
    #[test]
    fn the_smallest_is_minimal(seed in any::<u64>(), wanted in 1usize..3) {
        let session = generate::session(&mut Rng::new(seed), Role::Server);
        let shows = |session: &Session| pings(session) >= wanted;
        prop_assume!(shows(&session));
        let smallest = shrink(session, shows);
        prop_assert!(shows(&smallest));
        prop_assert_eq!(smallest.pieces().count(), wanted);
        prop_assert_eq!(smallest.payload_len(), 0);
        for script in 0..smallest.scripts.len() {
            for step in 0..smallest.scripts[script].len() {
                let mut without = smallest.clone();
                without.scripts[script].remove(step);
                prop_assert!(!shows(&without), "step {} of script {} is not needed", step, script);
            }
        }
    }

    /// It ends, whatever is kept, and never grows.
    #[test]
    fn it_ends(seed in any::<u64>(), mut coins in any::<u64>()) {
        let session = generate::session(&mut Rng::new(seed), Role::Client);
        let mut shrinker = Shrinker::new(session);
        let mut tries = 0usize;
        while let Some(smaller) = shrinker.propose() {
            prop_assert!(size(&smaller) <= size(shrinker.best()));
            coins = coins.rotate_left(1);
            shrinker.report(smaller, coins & 1 == 1);
            tries += 1;
            prop_assert!(tries < 200_000);
        }
    }

    /// Where nothing smaller will do, what was given stays.
    #[test]
    fn what_cannot_shrink_stays(seed in any::<u64>()) {
        let session = generate::session(&mut Rng::new(seed), Role::Server);
        prop_assert_eq!(shrink(session.clone(), |_| false), session);
    }
}

/// A script without a step is dropped as a whole.
#[test]
fn empty_scripts_go() {
    let session = Session { scripts: vec![vec![Step::HalfClose], vec![Step::Reset]], ..Session::default() };
    let smallest =
        shrink(session, |session| session.scripts.iter().flatten().any(|step| *step == Step::Reset));
    assert_eq!(smallest.scripts, vec![vec![Step::Reset]]);
}
