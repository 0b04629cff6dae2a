//! What is found in an endpoint with a quirk is small.

use super::found::find;
use wsgauntlet::fuzz::memory;
use wsgauntlet_reference::Quirk;
use wsgauntlet_wire::Role;

/// What is shrunk is small: one message or frame shows what an endpoint does with each of them.
#[test]
fn findings_are_small() {
    let mut config = memory::config(Role::Server);
    config.quirks.insert("accept-unmasked".parse::<Quirk>().expect("a quirk"));
    let finding = find(&config, 1, 20_000).expect("it is found");
    assert_eq!(finding.session.scripts.len(), 1, "{:#?}", finding.session);
    assert_eq!(finding.session.pieces().count(), 1, "{:#?}", finding.session);
    assert!(finding.session.payload_len() <= 1, "{:#?}", finding.session);
}
