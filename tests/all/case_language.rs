//! What case files may say about segments, floods, addresses and octets, and how mistakes in them are reported.

use crate::support::cases::own;
use wsgauntlet_suite::case::{Library, Need};
use wsgauntlet_wire::Role;

/// A library of one case with these lines, or its mistakes.
fn library(lines: &str) -> Result<Library, String> {
    own("own", "rfc6455/6.2/incoming-parsed-as-frames", lines)
}

const STEPS: &str = "steps = [\"alive\"]";

#[test]
fn mistakes_are_reported_with_what_is_allowed() {
    for (lines, told) in [
        ("steps = [{ expect = { pong = \"a\" }, segments = 2 }]", "belong to `send`"),
        ("steps = [{ send = { ping = \"a\" }, segments = 1 }]", "`segments` is 2 to 100"),
        ("steps = [{ send = { ping = \"a\" }, flood = 0 }]", "`flood` is 0"),
        ("steps = [{ send = { ping = \"a\" }, flood = 1000001 }]", "`flood` is less than 1000001"),
        ("steps = [{ send = [{ ping = \"a\" }, { ping = \"b\" }], flood = 2 }]", "`flood` sends one frame"),
        ("steps = [{ send = { ping = \"a\" }, cut = 1, flood = 2 }]", "`flood` sends one frame"),
        (&format!("opening.segments = 101\n{STEPS}"), "`segments` is 2 to 100"),
        (&format!("params.a = \"80..7f\"\n{STEPS}"), "is no octet"),
        (&format!("params.a = 3\n{STEPS}"), "or octets such as"),
    ] {
        let mistakes = library(lines).expect_err(lines);
        assert!(mistakes.contains(told), "{lines}: {mistakes}");
    }
    for (address, told) in [
        ("listen = \"localhost\"", "`listen` is an address"),
        ("listen = \"::1\"", "`listen` is an address"),
        ("redirect = { status = 200, location = \"/\" }", "is 3xx"),
        ("redirect = { status = 302, location = \"/{elsewhere}\" }", "the places of a `location`"),
        ("redirect = { status = 302, location = \"/\", times = 101 }", "are 1 to 100"),
    ] {
        let lines = format!(
            "only = \"client\"\nopening.address = {{ url = \"ws://{{host}}:{{port}}/\", {address} }}\n{STEPS}"
        );
        let mistakes = library(&lines).expect_err(&lines);
        assert!(mistakes.contains(told), "{lines}: {mistakes}");
    }
}

/// Records can be cut into segments only where there are some.
#[test]
fn segments_need_tls() {
    let needs = |lines: &str| {
        let library = library(lines).expect("a case");
        library.instances(Role::Server).next().expect("an instance").needs.clone()
    };
    assert!(needs("steps = [{ send = { ping = \"a\" }, segments = 2 }]").contains(&Need::Tls));
    assert!(needs(&format!("opening.segments = 2\n{STEPS}")).contains(&Need::Tls));
    assert!(!needs("steps = [{ send = { ping = \"a\" }, cut = 2 }]").contains(&Need::Tls));
}

/// A flood counts by all its frames, so that what answers it is not taken for a flood of the target's.
#[test]
fn a_flood_has_the_length_of_all_its_frames() {
    let library = library("steps = [{ send = { ping = \"abc\" }, flood = 1000 }]").expect("a case");
    assert_eq!(library.instances(Role::Server).next().expect("an instance").script.payload_len(), 3000);
}
