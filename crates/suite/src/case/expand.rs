//! Expansion: a case's parameters, put in, make its instances, for each role that it binds.

mod bindings;
mod implied;
mod mistakes;
mod needs;
mod parts;

use super::model::{Case, Instance, LazyScript, Profile};
use super::name::{InstanceId, is_kebab};
use super::script::Script;
use super::surface::{CaseSurface, ProfileSurface, RoleSurface};
use super::template::Binding;
use crate::requirement::{Binds, Catalogue, RequirementId};
use bindings::{bindings, predefined};
use implied::complete;
use mistakes::{Mistakes, at, entry};
use needs::needs;
use parts::{Parts, build};
use std::sync::Arc;
use wsgauntlet_wire::Role;

/// All instances of a case. The paths of mistakes start within the case.
pub fn expand(
    suite: &str,
    surface: CaseSurface,
    catalogue: &Catalogue,
    volume_messages: u32,
) -> Result<Case, Mistakes> {
    let surface = Arc::new(surface);
    let mut mistakes = Mistakes::new();
    if !is_kebab(&surface.name) {
        mistakes.push((at("name"), format!("{:?} is not in kebab-case", surface.name)));
    }
    if surface.doc.trim().is_empty() || !surface.doc.trim_end().ends_with('.') {
        mistakes.push((at("doc"), "a doc is a sentence that ends with a full stop".to_owned()));
    }
    let verifies = requirements(&surface.verifies, catalogue, &mut mistakes);
    let roles = roles(&verifies, surface.only, catalogue);
    if roles.is_empty() && mistakes.is_empty() {
        mistakes.push((at("verifies"), "no requirement binds a role that the case is for".to_owned()));
    }
    let bindings = bindings(&surface, &mut mistakes);
    let mut case = Case {
        path: format!("{suite}/{}", surface.name),
        doc: surface.doc.clone(),
        verifies,
        roles,
        origin: surface.origin.clone(),
        profile: profile(surface.profile),
        info: surface.info,
        instances: Vec::new(),
    };
    for (labels, binding) in &bindings {
        for role in case.roles.clone() {
            let messages = checked_messages(case.profile, volume_messages);
            match build(&surface, &[binding.clone(), predefined(role, messages)].concat()) {
                Ok(parts) if parts.opening.address.is_some() && role == Role::Server => {
                    let message = "only a client is given an address: write only = \"client\"".to_owned();
                    mistakes.push((at("opening"), message));
                }
                Ok(parts) => {
                    let bound = [binding.clone(), predefined(role, volume_messages)].concat();
                    instantiate(&mut case, &surface, labels, role, parts, bound, catalogue);
                }
                Err(found) => {
                    let (_, new): (Mistakes, Mistakes) =
                        found.into_iter().partition(|mistake| mistakes.contains(mistake));
                    mistakes.extend(new);
                }
            }
        }
    }
    if mistakes.is_empty() { Ok(case) } else { Err(mistakes) }
}

fn requirements(ids: &[String], catalogue: &Catalogue, mistakes: &mut Mistakes) -> Vec<RequirementId> {
    let mut verifies = Vec::new();
    if ids.is_empty() {
        mistakes.push((at("verifies"), "a case verifies at least one requirement".to_owned()));
    }
    for (index, id) in ids.iter().enumerate() {
        match catalogue.get(id) {
            Some(requirement) => verifies.push(requirement.id.clone()),
            None => {
                let near: Vec<String> = catalogue.near(id).iter().map(|id| id.to_string()).collect();
                let hint =
                    if near.is_empty() { String::new() } else { format!(", is it {}?", near.join(" or ")) };
                mistakes.push((entry("verifies", index), format!("unknown requirement {id:?}{hint}")));
            }
        }
    }
    verifies
}

fn binds_role(id: &RequirementId, role: Role, catalogue: &Catalogue) -> bool {
    catalogue.get(id.as_str()).is_some_and(|requirement| match requirement.binds {
        Binds::Both => true,
        Binds::Server => role == Role::Server,
        Binds::Client => role == Role::Client,
        Binds::Intermediary | Binds::SpecAuthor => false,
    })
}

fn roles(verifies: &[RequirementId], only: Option<RoleSurface>, catalogue: &Catalogue) -> Vec<Role> {
    let only = only.map(|role| match role {
        RoleSurface::Client => Role::Client,
        RoleSurface::Server => Role::Server,
    });
    [Role::Server, Role::Client]
        .into_iter()
        .filter(|role| only.is_none_or(|only| only == *role))
        .filter(|role| verifies.iter().any(|id| binds_role(id, *role, catalogue)))
        .collect()
}

/// With how many messages a script is made to be checked: the others are as the first.
fn checked_messages(profile: Profile, volume_messages: u32) -> u32 {
    match profile {
        Profile::Default => volume_messages,
        Profile::Volume | Profile::Intrusive => 1,
    }
}

fn instantiate(
    case: &mut Case,
    surface: &Arc<CaseSurface>,
    labels: &[String],
    role: Role,
    parts: Parts,
    bound: Binding,
    catalogue: &Catalogue,
) {
    let autobahn = parts.autobahn.clone();
    let script = complete(surface, parts);
    let needs = needs(surface, &script);
    let script: Box<dyn FnOnce() -> Box<Script> + Send + Sync> = match case.profile {
        Profile::Default => Box::new(|| Box::new(script)),
        Profile::Volume | Profile::Intrusive => {
            let surface = surface.clone();
            Box::new(move || {
                let parts = build(&surface, &bound).expect("it was made once, when it was checked");
                Box::new(complete(&surface, parts))
            })
        }
    };
    let verifies: Vec<RequirementId> =
        case.verifies.iter().filter(|id| binds_role(id, role, catalogue)).cloned().collect();
    case.instances.push(Instance {
        id: InstanceId::new(&case.path, labels, role),
        case: case.path.clone(),
        doc: case.doc.clone(),
        verifies,
        role,
        autobahn,
        origin: case.origin.clone(),
        profile: case.profile,
        info: case.info,
        needs,
        script: Arc::new(LazyScript::new(script)),
        plain: None,
    });
}

fn profile(surface: ProfileSurface) -> Profile {
    match surface {
        ProfileSurface::Default => Profile::Default,
        ProfileSurface::Volume => Profile::Volume,
        ProfileSurface::Intrusive => Profile::Intrusive,
    }
}
