//! The embedded case library as a whole.

use wsgauntlet::case::library::embedded_sources;
use wsgauntlet::case::{Library, Profile};
use wsgauntlet::oracle::{self, VerdictKind};
use wsgauntlet::peer::PlayConfig;
use wsgauntlet::requirement::Catalogue;
use wsgauntlet::runner::reference::{self, Link};

/// Every embedded case loads, without a mistake.
#[test]
fn embedded_cases_load() {
    if let Err(mistakes) = Library::parse(&embedded_sources(), Catalogue::embedded()) {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        panic!("{} mistakes:\n{}", lines.len(), lines.join("\n"));
    }
    assert!(!Library::embedded().cases.is_empty());
}

/// The self-test plays the default profile. The floods and bombs find the reference as sound.
#[test]
fn the_reference_bears_what_is_intrusive() {
    const SENT_LEN_MAX: usize = 4 << 20;
    let intrusive = Library::embedded().cases.iter().flat_map(|case| &case.instances).filter(|instance| {
        instance.profile == Profile::Intrusive && instance.script.payload_len() <= SENT_LEN_MAX
    });
    let mut played = 0;
    for instance in intrusive {
        let config = reference::config(instance.role);
        let transcript = reference::play(instance, &PlayConfig::new("localhost"), config, Link::Direct);
        let verdict = oracle::judge(instance, &transcript, Catalogue::embedded());
        assert!(
            matches!(verdict.kind, VerdictKind::Pass | VerdictKind::Info),
            "{}: {verdict:?}",
            instance.id
        );
        played += 1;
    }
    assert!(played >= 10, "{played}");
}
