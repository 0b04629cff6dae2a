//! Instances: a script, and what it is about.

use super::{list, perhaps_text};
use crate::case::boundary::{CASES, LABELS};
use crate::case::model::{Instance, Need, Profile, made};
use crate::case::name::InstanceId;
use crate::case::script::Script;
use crate::requirement::RequirementId;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::choices::{Choices, Chosen};
use wsgauntlet_wire::{chosen_of, generated};

chosen_of! {
    Profile: Default Volume Intrusive;
    Need: Text Echo EchoBinary Alive Deflate NoDeflate Tls Subprotocol Launch Verification Driver;
}

generated!(Instance, Need, Profile);

/// An instance of a case that no file has. It has no prelude.
impl Chosen for Instance {
    const OCTETS_MAX: usize = 512;

    fn simplest() -> Self {
        Instance {
            id: InstanceId::new(CASES[0], &[], Role::Server),
            case: CASES[0].to_owned(),
            doc: "A script that was generated.".to_owned(),
            verifies: vec![RequirementId::simplest()],
            role: Role::Server,
            autobahn: Vec::new(),
            origin: None,
            profile: Profile::Default,
            info: false,
            needs: Vec::new(),
            script: made(Script::simplest()),
            plain: None,
        }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let Instance { id, case, doc, verifies, role, autobahn, origin, profile, info, needs, script, plain } =
            self;
        role.choose(choices);
        choices.text(case, CASES);
        let mut params = params(id);
        perhaps_text(&mut params, choices, LABELS);
        choices.text(doc, &["A script that was generated."]);
        if choices.is_reading() {
            *id = InstanceId::new(case, params.as_slice(), *role);
            *plain = None;
            verifies.clear();
        }
        super::at_least_one(verifies, choices);
        list(autobahn, choices, String::new, |alias, choices| choices.text(alias, &["1.1.1"]));
        perhaps_text(origin, choices, &[]);
        profile.choose(choices);
        choices.flag(info, false);
        needs.choose(choices);
        let mut made_script = Script::clone(script);
        made_script.choose(choices);
        if choices.is_reading() {
            *script = made(made_script);
        }
    }
}

/// The labels of an id's parameters, joined as they are in it.
fn params(id: &InstanceId) -> Option<String> {
    let (_, rest) = id.without_role().split_once('[')?;
    Some(rest.trim_end_matches(']').to_owned())
}
