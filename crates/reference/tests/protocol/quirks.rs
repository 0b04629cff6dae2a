//! Each quirk must show: for one probe at least, an endpoint that has it transmits something else
//! than the reference.

use super::probes::{Probe, open, probes};
use super::run::{Run, Write, sent_to};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::Duration;
use wsgauntlet_reference::{Config, DeflateConfig, Quirk, Transmit, Variant};
use wsgauntlet_wire::{Frame, Header, Role};

const QUIRKS_MIN: usize = 200;
const VARIANTS_MIN: usize = 25;

fn is_kebab_case(name: &str) -> bool {
    let words = name.split(['-', '.']);
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    words.into_iter().all(is_word)
}

#[test]
fn the_table_of_quirks_is_sound() {
    let mut names = BTreeSet::new();
    for quirk in Quirk::all() {
        let info = quirk.info();
        assert!(is_kebab_case(info.name), "{}", info.name);
        assert!(names.insert(info.name), "{} stands twice", info.name);
        assert_eq!(info.name.parse(), Ok(quirk));
        assert_eq!(quirk.to_string(), info.name);
        assert!(info.description.ends_with('.'), "{}", info.name);
    }
    assert!(names.len() >= QUIRKS_MIN, "{}", names.len());
    for variant in Variant::all() {
        let info = variant.info();
        assert!(is_kebab_case(info.name), "{}", info.name);
        assert!(names.insert(info.name), "{} stands twice", info.name);
        assert_eq!(info.name.parse(), Ok(variant));
        assert!(info.section.starts_with("RFC ") && !info.quote.is_empty());
    }
    assert!(Variant::all().count() >= VARIANTS_MIN);
    assert!("no-such-quirk".parse::<Quirk>().is_err());
    assert!("no-such-variant".parse::<Variant>().is_err());
}

pub fn config(role: Role) -> Config {
    Config {
        host: "example.com:8080".into(),
        target: "/chat?room=1".into(),
        subprotocols: vec!["Chat".into(), "superchat".into()],
        deflate: Some(DeflateConfig::default()),
        message_len_max: 200_000,
        frame_len_max: 200_000,
        ..Config::new(role)
    }
}

/// What an endpoint transmits when it is probed.
fn transmitted(config: Config, probe: &Probe) -> (Vec<u8>, Vec<(usize, Transmit)>) {
    let mut run = Run::new(config);
    (probe.play)(&mut run);
    (run.output.octets, run.output.ends)
}

#[test]
fn each_quirk_shows() {
    let mut hidden = Vec::new();
    for role in [Role::Server, Role::Client] {
        let probes = probes(role);
        let lawful: Vec<_> =
            probes.iter().map(|probe| transmitted((probe.config)(config(role)), probe)).collect();
        for quirk in Quirk::all().filter(|quirk| quirk.info().roles.contains(role)) {
            let shows = probes.iter().zip(&lawful).any(|(probe, lawful)| {
                let mut config = (probe.config)(config(role));
                quirk.install(&mut config);
                transmitted(config, probe) != *lawful
            });
            if !shows {
                hidden.push(format!("{role} {} {quirk}", quirk.info().area));
            }
        }
    }
    assert!(hidden.is_empty(), "{} are hidden: {hidden:#?}", hidden.len());
}

/// A variant is of no use unless it differs.
#[test]
fn each_variant_shows() {
    let mut hidden = Vec::new();
    for role in [Role::Server, Role::Client] {
        let probes = probes(role);
        for variant in Variant::all().filter(|v| v.info().roles.contains(role)) {
            let shows = probes.iter().any(|probe| {
                let mut config = (probe.config)(config(role));
                let lawful = writes(config.clone(), probe);
                variant.install(&mut config);
                writes(config, probe) != lawful
            });
            if !shows {
                hidden.push(format!("{role} {variant}"));
            }
        }
    }
    assert!(hidden.is_empty(), "{} are hidden: {hidden:#?}", hidden.len());
}

/// What is transmitted, in the pieces in which it is.
fn writes(config: Config, probe: &Probe) -> (Vec<Write>, usize) {
    let mut run = Run::new(config);
    (probe.play)(&mut run);
    (run.writes, run.output.ends.len())
}

/// The longest payload of a frame, in octets.
const PAYLOAD_LEN_MAX: usize = 130;

/// Frames of any kind, and among them octets that are not frames.
fn stream(role: Role) -> impl Strategy<Value = Vec<Vec<u8>>> {
    let frame = any::<Frame>().prop_map(move |mut frame| {
        frame.payload.truncate(PAYLOAD_LEN_MAX);
        // Most streams would end early where a header declares another length than there is.
        let Header { fin, rsv, opcode, .. } = frame.header;
        frame.header = Header { fin, rsv, ..Header::new(opcode, frame.payload.len() as u64) };
        sent_to(role, frame)
    });
    let garbage = prop::collection::vec(any::<u8>(), 0..30);
    prop::collection::vec(prop_oneof![6 => frame, 1 => garbage], 0..12)
}

proptest! {
    /// Whatever a peer sends, an endpoint with a quirk or a variant neither panics nor sends without end.
    #[test]
    fn no_octets_overcome_an_endpoint(
        (role, segments) in any::<Role>().prop_flat_map(|role| (Just(role), stream(role))),
        index: prop::sample::Index,
        eof: bool,
    ) {
        let quirks: Vec<Quirk> = Quirk::all().collect();
        let variants: Vec<Variant> = Variant::all().collect();
        let index = index.index(quirks.len() + variants.len());
        let mut config = config(role);
        match index.checked_sub(quirks.len()) {
            None => config.quirks = quirks[index].into(),
            Some(index) => config.variant = Some(variants[index]),
        }
        let mut run = Run::new(config);
        open(&mut run, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        for segment in &segments {
            run.receive(segment);
        }
        if eof {
            run.receive_eof();
        }
        run.pass(Duration::from_secs(60));
        let received: usize = segments.iter().map(Vec::len).sum();
        prop_assert!(run.output.octets.len() < 20_000 + 100 * received);
    }
}
