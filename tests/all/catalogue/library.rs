//! The embedded case library as a whole.

use wsgauntlet::embedded;
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet_reference::quirk::catalogue::ResponseCheck;
use wsgauntlet_suite::case::{Library, Profile};
use wsgauntlet_suite::oracle::{self, VerdictKind};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_wire::Role;

/// Every embedded case loads, without a mistake.
#[test]
fn embedded_cases_load() {
    if let Err(mistakes) = Library::parse(&embedded::sources(), embedded::catalogue()) {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        panic!("{} mistakes:\n{}", lines.len(), lines.join("\n"));
    }
    assert!(!embedded::library().cases.is_empty());
}

/// What the build compiled is what the files say.
#[test]
fn compiled_cases_are_those_of_the_files() {
    let parsed =
        Library::parse(&embedded::sources(), embedded::catalogue()).expect("the cases have no mistakes");
    let compiled = embedded::library();
    assert_eq!(parsed.cases.len(), compiled.cases.len());
    for (parsed, compiled) in parsed.cases.iter().zip(&compiled.cases) {
        assert_eq!(
            (&parsed.path, &parsed.doc, &parsed.verifies, &parsed.roles, parsed.profile, parsed.info),
            (
                &compiled.path,
                &compiled.doc,
                &compiled.verifies,
                &compiled.roles,
                compiled.profile,
                compiled.info
            )
        );
        assert_eq!(parsed.instances.len(), compiled.instances.len(), "{}", parsed.path);
        for (parsed, compiled) in parsed.instances.iter().zip(&compiled.instances) {
            assert!(**parsed.script == **compiled.script, "{}: the scripts differ", parsed.id);
            // The scripts were compared; the rest is data that prints in full.
            let (mut parsed, mut compiled) = (parsed.clone(), compiled.clone());
            parsed.script = compiled.script.clone();
            compiled.plain = parsed.plain.clone();
            assert_eq!(format!("{parsed:?}"), format!("{compiled:?}"));
        }
    }
}

/// The self-test plays the default profile. The floods and bombs find the reference as sound.
#[test]
fn the_reference_bears_what_is_intrusive() {
    const SENT_LEN_MAX: usize = 4 << 20;
    let intrusive = embedded::library().cases.iter().flat_map(|case| &case.instances).filter(|instance| {
        instance.profile == Profile::Intrusive && instance.script.payload_len() <= SENT_LEN_MAX
    });
    let mut played = 0;
    for instance in intrusive {
        let config = reference::config(instance.role);
        let transcript = reference::play(instance, &PlayConfig::new("localhost"), config, Link::Direct);
        let verdict = oracle::judge(instance, &transcript, embedded::catalogue());
        assert!(
            matches!(verdict.kind, VerdictKind::Pass | VerdictKind::Info),
            "{}: {verdict:?}",
            instance.id
        );
        played += 1;
    }
    assert!(played >= 10, "{played}");
}

/// Each octet above 127 stands alone before and behind the accept value, in the volume profile, which the self-test does not
/// play: the reference refuses each response, and a client that takes any accept value none.
#[test]
fn each_octet_stands_around_the_accept_value() {
    let instances = embedded::library().instances(Role::Client);
    let instances: Vec<_> =
        instances.filter(|instance| instance.case.ends_with("/each-octet-around-accept")).collect();
    assert_eq!(instances.len(), 2 * 128);
    for instance in instances {
        for (quirk, expected) in
            [(None, VerdictKind::Pass), (Some(ResponseCheck::AcceptOther), VerdictKind::Fail)]
        {
            let mut config = reference::config(Role::Client);
            config.quirks = quirk.into_iter().collect();
            let transcript = reference::play(instance, &PlayConfig::new("localhost"), config, Link::Direct);
            let verdict = oracle::judge(instance, &transcript, embedded::catalogue());
            assert_eq!(verdict.kind, expected, "{}", instance.id);
        }
    }
}

/// What a quirk says that it breaks stands in the catalogue.
#[test]
fn quirks_break_requirements_that_exist() {
    for quirk in wsgauntlet_reference::Quirk::all() {
        let info = quirk.info();
        for id in info.breaks {
            assert!(embedded::catalogue().get(id).is_some(), "{}: {id}", info.name);
        }
    }
}
