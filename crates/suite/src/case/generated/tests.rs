//! Every case of the library, as choices and back; and what every generated script keeps to.

use crate::case::expectation::{CloseCodes, FailCodes, Outcome};
use crate::case::script::{Cut, Step};
use crate::case::{Instance, Script};
use crate::testing;
use arbitrary::{Arbitrary, Unstructured};
use proptest::prelude::*;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::choices::Chosen;

/// The choices of every script of the library make that script again, and leave what follows them.
#[test]
fn every_script_is_inverted() {
    let library = testing::library();
    let mut scripts = 0;
    for instance in library.instances(Role::Server).chain(library.instances(Role::Client)) {
        let script: &Script = &instance.script;
        let choices = [script.choices(), b"more".to_vec()].concat();
        let mut unstructured = Unstructured::new(&choices);
        let read = Script::arbitrary(&mut unstructured).expect("there always is a script");
        assert!(read == *script, "{}", instance.id);
        assert_eq!(unstructured.take_rest(), b"more", "{}", instance.id);
        scripts += 1;
    }
    assert!(scripts > 2000, "{scripts}");
}

/// The choices of every instance of the library make that instance again. Instances have no equality of their own.
#[test]
fn every_instance_is_inverted() {
    let library = testing::library();
    let parts = |instance: &Instance| {
        let Instance { id, case, doc, verifies, role, autobahn, origin, profile, info, needs, script, plain } =
            instance.clone();
        assert!(plain.is_none());
        let about = (id, case, doc, verifies, role, autobahn);
        (about, origin, profile, info, needs, Script::clone(&script))
    };
    for instance in library.instances(Role::Server).chain(library.instances(Role::Client)) {
        let read = Instance::from_choices(&instance.choices());
        assert!(parts(&read) == parts(instance), "{}", instance.id);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scripts_are_inverted(script: Script) {
        prop_assert_eq!(Script::from_choices(&script.choices()), script);
    }

    /// What a peer relies on: cuts move on, positions ascend, expectations and code lists are not empty.
    #[test]
    fn scripts_can_be_played(instance: Instance) {
        for step in &instance.script.steps {
            match step {
                Step::Send(write) => match &write.cut {
                    Cut::Whole => {}
                    Cut::Every(len) => prop_assert!(*len > 0),
                    Cut::At(positions) => prop_assert!(positions.is_sorted()),
                },
                Step::Expect(expectation) => {
                    prop_assert!(!expectation.outcomes.is_empty());
                    for outcome in expectation.outcomes.iter().chain(&expectation.tolerate) {
                        prop_assert!(!matches!(outcome, Outcome::Close(CloseCodes::OneOf(codes)) if codes.is_empty()));
                        prop_assert!(!matches!(outcome, Outcome::Fail(FailCodes::OneOf(codes)) if codes.is_empty()));
                    }
                    // It is printed in reports.
                    prop_assert!(!expectation.to_string().is_empty());
                }
                _ => {}
            }
        }
        // 131,072 octets in each of a few dozen payloads, which a few writes send up to 131,072 times.
        prop_assert!(instance.script.payload_len() < 1 << 42);
    }
}
