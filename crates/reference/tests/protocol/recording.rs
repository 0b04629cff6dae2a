//! An endpoint that records which quirks its steps ask for does what the strict one does, and misses no quirk.

use super::probes::probes;
use super::quirks::config;
use super::run::{Output, Run, sent_to};
use wsgauntlet_reference::{Quirk, QuirkSet};
use wsgauntlet_wire::{Frame, Opcode, Role};

fn play(mut run: Run, play: &dyn Fn(&mut Run)) -> (Output, Option<QuirkSet>) {
    play(&mut run);
    let asked = run.endpoint.asked();
    (run.output, asked)
}

/// With an empty set of quirks each step is the strict one.
#[test]
fn a_recording_endpoint_is_strict() {
    for role in [Role::Server, Role::Client] {
        for probe in probes(role) {
            let config = (probe.config)(config(role));
            let (strict, none) = play(Run::new(config.clone()), &probe.play);
            let (recording, asked) = play(Run::recording(config), &probe.play);
            assert_eq!(recording, strict, "{role}");
            assert!(none.is_none() && asked.is_some_and(|asked| !asked.is_empty()));
        }
    }
}

/// A quirk that no step asked for does not show. Of the probes every fifth: `selftest --exhaustive` tries all cases.
#[test]
fn what_is_not_asked_for_does_not_show() {
    let mut skipped = 0;
    for role in [Role::Server, Role::Client] {
        for probe in probes(role).into_iter().step_by(5) {
            let config = (probe.config)(config(role));
            let (strict, asked) = play(Run::recording(config.clone()), &probe.play);
            let asked = asked.expect("a recording endpoint");
            let quirks = Quirk::all().filter(|quirk| quirk.info().roles.contains(role));
            for quirk in quirks.filter(|quirk| !asked.contains(*quirk) && !quirk.offers_otherwise()) {
                let mut config = config.clone();
                quirk.install(&mut config);
                assert_eq!(play(Run::new(config), &probe.play).0, strict, "{role} {quirk}");
                skipped += 1;
            }
        }
    }
    assert!(skipped > 1000, "{skipped}");
}

/// Quirks of different areas, and of one area, act at once.
#[test]
fn quirks_act_together() {
    let mut config = config(Role::Server);
    for name in ["accept-rsv2", "accept-rsv3", "accept-unmasked", "pong-without-last-octet"] {
        name.parse::<Quirk>().expect("a quirk").install(&mut config);
    }
    let mut run = Run::open_with(config);
    for rsv in [2, 1] {
        let mut frame = Frame::new(Opcode::Ping, "ab");
        frame.header.rsv = rsv;
        run.receive(&sent_to(Role::Server, frame));
    }
    run.receive(&Frame::new(Opcode::Ping, "").to_octets());
    assert_eq!(run.frames(), [(0x8a, b"a".to_vec()), (0x8a, b"a".to_vec()), (0x8a, Vec::new())]);
}
