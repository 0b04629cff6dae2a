//! Expansion: a case's parameters, put in, make its instances, for each role that it binds.

use super::address::Redirect;
use super::expectation::{DeflateMatch, Outcome};
use super::load::{Key, read};
use super::model::{Case, Instance, LazyScript, Need, Profile};
use super::name::{InstanceId, is_kebab, is_label};
use super::octets;
use super::script::{Opening, Piece, Script, Step};
use super::surface::opening::OpeningSurface;
use super::surface::shape::OneOrMany;
use super::surface::step::StepSurface;
use super::surface::{CaseSurface, NeedSurface, ProfileSurface, RoleSurface};
use super::template::{self, Binding};
use crate::requirement::{Binds, Catalogue, RequirementId};
use std::sync::Arc;
use toml::Value;
use wsgauntlet_wire::opening::certificate::Certificate;
use wsgauntlet_wire::{Opcode, Role};

/// The most instances of one case.
const INSTANCES_MAX: usize = 4096;

type Mistakes = Vec<(Vec<Key>, String)>;

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
                    let message = "an address is what a client is told: say only = \"client\"".to_owned();
                    mistakes.push((at("opening"), message));
                }
                Ok(parts) => {
                    let bound = [binding.clone(), predefined(role, volume_messages)].concat();
                    instantiate(&mut case, &surface, labels, role, parts, bound, catalogue);
                }
                Err(found) => {
                    let new = |mistake: &(Vec<Key>, String)| !mistakes.contains(mistake);
                    let new: Vec<_> = found.into_iter().filter(new).collect();
                    mistakes.extend(new);
                }
            }
        }
    }
    if mistakes.is_empty() { Ok(case) } else { Err(mistakes) }
}

fn at(key: &str) -> Vec<Key> {
    vec![Key::Name(key.to_owned())]
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
                let path = vec![Key::Name("verifies".into()), Key::Index(index)];
                mistakes.push((path, format!("unknown requirement {id:?}{hint}")));
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

/// The product of `params`, times `rows`. Each with its labels.
fn bindings(surface: &CaseSurface, mistakes: &mut Mistakes) -> Vec<(Vec<String>, Binding)> {
    let mut bindings: Vec<(Vec<String>, Binding)> = vec![(Vec::new(), Vec::new())];
    for (name, values) in surface.params.iter().flatten() {
        let named: Vec<(String, Value)> = match values {
            Value::Array(values) => values.iter().map(|v| (template::label(v), v.clone())).collect(),
            Value::Table(values) => values.iter().map(|(label, v)| (label.clone(), v.clone())).collect(),
            Value::String(text) => match octets::values(text) {
                Ok(values) => values,
                Err(message) => {
                    let path = vec![Key::Name("params".into()), Key::Name(name.clone())];
                    mistakes.push((path, message));
                    continue;
                }
            },
            _ => {
                let message = format!(
                    "`{name}` is a list of values, a table of named ones, or octets such as \"80..ff\""
                );
                mistakes.push((at("params"), message));
                continue;
            }
        };
        for (label, _) in named.iter().filter(|(label, _)| !is_label(label)) {
            let message = format!(
                "the value {label:?} of `{name}` cannot stand in an id: give it a name, \
                                   {name} = {{ some-name = .. }}"
            );
            mistakes.push((vec![Key::Name("params".into()), Key::Name(name.clone())], message));
        }
        bindings = bindings
            .iter()
            .flat_map(|(labels, binding)| {
                named.iter().map(move |(label, value)| {
                    let mut labels = labels.clone();
                    labels.push(format!("{name}={label}"));
                    let mut binding = binding.clone();
                    binding.push((name.clone(), value.clone()));
                    (labels, binding)
                })
            })
            .collect();
    }
    if let Some(rows) = &surface.rows {
        let rows: Vec<(Vec<String>, Binding)> =
            rows.iter().enumerate().map(|(index, row)| row_binding(row, index, mistakes)).collect();
        bindings = bindings
            .iter()
            .flat_map(|(labels, binding)| {
                rows.iter().map(move |(row_labels, row)| {
                    ([labels.clone(), row_labels.clone()].concat(), [binding.clone(), row.clone()].concat())
                })
            })
            .collect();
    }
    if bindings.len() > INSTANCES_MAX {
        mistakes.push((at("params"), format!("{} instances, at most {INSTANCES_MAX}", bindings.len())));
        bindings.truncate(1);
    }
    let mut seen = std::collections::BTreeSet::new();
    for (labels, _) in &bindings {
        if !seen.insert(labels) {
            mistakes.push((at("params"), format!("two instances have the parameters {}", labels.join(","))));
        }
    }
    bindings
}

/// A row is named by its `name`, or by all its columns but `autobahn`.
fn row_binding(row: &toml::Table, index: usize, mistakes: &mut Mistakes) -> (Vec<String>, Binding) {
    let binding: Binding = row.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let labels: Vec<String> = match row.get("name") {
        Some(name) => vec![template::label(name)],
        None => binding
            .iter()
            .filter(|(name, _)| name != "autobahn")
            .map(|(name, value)| format!("{name}={}", template::label(value)))
            .collect(),
    };
    for label in &labels {
        let value = label.split_once('=').map_or(label.as_str(), |(_, value)| value);
        if !is_label(value) {
            let path = vec![Key::Name("rows".into()), Key::Index(index)];
            mistakes.push((path, format!("{value:?} cannot stand in an id: give the row a `name`")));
        }
    }
    (labels, binding)
}

/// The parameters that every case has: the roles of the target and of our peer, `client` or `server`, as the names of
/// extension parameters start with them; and how many messages an exchange of the volume profile has.
fn predefined(role: Role, volume_messages: u32) -> Binding {
    let value = |role: Role| Value::String(role.to_string());
    vec![
        ("target".to_owned(), value(role)),
        ("peer".to_owned(), value(role.peer())),
        ("volume-messages".to_owned(), Value::Integer(volume_messages.into())),
    ]
}

/// With how many messages a script is made to be checked: the others are as the first.
fn checked_messages(profile: Profile, volume_messages: u32) -> u32 {
    match profile {
        Profile::Default => volume_messages,
        Profile::Volume | Profile::Intrusive => 1,
    }
}

/// The parts of an instance.
struct Parts {
    opening: Opening,
    steps: Vec<Step>,
    autobahn: Vec<String>,
}

fn build(surface: &CaseSurface, binding: &Binding) -> Result<Parts, Mistakes> {
    let mut mistakes = Mistakes::new();
    let mut opening = Opening::default();
    if let Some(value) = &surface.opening {
        let built = filled::<OpeningSurface>(value, binding, at("opening"))
            .and_then(|surface| surface.build().map_err(|message| (at("opening"), message)));
        match built {
            Ok(built) => opening = built,
            Err(mistake) => mistakes.push(mistake),
        }
    }
    let mut steps = Vec::new();
    for (index, value) in surface.steps.iter().enumerate() {
        let path = vec![Key::Name("steps".into()), Key::Index(index)];
        match filled::<StepSurface>(value, binding, path) {
            Ok(surface) => steps.extend(surface.0),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    let autobahn = aliases(surface, binding).map_err(|message| vec![(at("autobahn"), message)])?;
    if mistakes.is_empty() { Ok(Parts { opening, steps, autobahn }) } else { Err(mistakes) }
}

fn filled<T: serde::de::DeserializeOwned>(
    value: &Value,
    binding: &Binding,
    path: Vec<Key>,
) -> Result<T, (Vec<Key>, String)> {
    match template::fill(value, binding) {
        Ok(value) => read(value, &path),
        Err(error) => Err((path, error.to_string())),
    }
}

fn aliases(surface: &CaseSurface, binding: &Binding) -> Result<Vec<String>, String> {
    let column = binding.iter().find(|(name, _)| name == "autobahn").map(|(_, value)| value.clone());
    let own = surface.autobahn.as_ref().map(|OneOrMany(ids)| ids.clone()).unwrap_or_default();
    let mut aliases = Vec::new();
    for id in own {
        let filled = template::fill(&Value::String(id), binding).map_err(|error| error.to_string())?;
        aliases.push(template::label(&filled));
    }
    match column {
        None => {}
        Some(Value::Array(ids)) => aliases.extend(ids.iter().map(template::label)),
        Some(id) => aliases.push(template::label(&id)),
    }
    aliases.retain(|alias| !alias.is_empty());
    aliases.dedup();
    let is_alias = |alias: &String| alias.split('.').all(|part| part.parse::<u16>().is_ok());
    match aliases.iter().find(|alias| !is_alias(alias)) {
        Some(alias) => Err(format!("{alias:?} is not an id of Autobahn, such as 5.6")),
        None => Ok(aliases),
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

/// Puts in what every script implies: the opening, the evidence of life, the closing handshake.
fn complete(surface: &CaseSurface, parts: Parts) -> Script {
    let mut steps = parts.steps;
    let judges_opening = steps.iter().any(|step| match step {
        Step::Open => true,
        Step::Expect(expectation) => expectation.outcomes.iter().any(|outcome| {
            matches!(
                outcome,
                Outcome::Open(_) | Outcome::NoRequest | Outcome::Refused(..) | Outcome::Response(..)
            )
        }),
        _ => false,
    });
    let opens_at =
        if parts.opening.coalesced { usize::from(matches!(steps.first(), Some(Step::Send(_)))) } else { 0 };
    if !judges_opening {
        steps.insert(opens_at, Step::Open);
        if parts.opening.deflate.is_some() {
            steps.insert(opens_at + 1, Step::IfDeflate(DeflateMatch::agreed()));
        }
    }
    let must_end = steps.iter().any(|step| match step {
        Step::Expect(expectation) => {
            let first = expectation.outcomes.first();
            matches!(first, Some(Outcome::Close(_) | Outcome::Fail(_) | Outcome::End))
        }
        _ => false,
    });
    // Where a refusal is borne, a ping that has to be answered would ask for more.
    let bears_refusal = steps.iter().any(|step| match step {
        Step::Expect(expectation) => {
            expectation.tolerate.iter().any(|outcome| matches!(outcome, Outcome::Refused(..)))
        }
        _ => false,
    });
    let proof = surface.proof.unwrap_or(!judges_opening && !bears_refusal);
    if must_end && proof && opens_at == 0 {
        let opened_at = steps.iter().position(Step::opens).map_or(0, |at| at + 1);
        let conditions = steps[opened_at..]
            .iter()
            .take_while(|step| matches!(step, Step::IfDeflate(_) | Step::IfOffered(_)));
        let after_open = opened_at + conditions.count();
        steps.insert(after_open, Step::Alive { evidence: true });
    }
    let ended = steps.iter().any(|step| match step {
        Step::Close | Step::Reset => true,
        Step::Expect(expectation) => {
            expectation.outcomes.iter().any(|outcome| {
                matches!(
                    outcome,
                    Outcome::Close(_)
                        | Outcome::Fail(_)
                        | Outcome::End
                        | Outcome::Lingers
                        | Outcome::NoRequest
                        | Outcome::Unanswered
                        | Outcome::Refused(..)
                        | Outcome::Response(..)
                )
            }) && !expectation.outcomes.iter().any(|outcome| {
                matches!(outcome, Outcome::Open(_) | Outcome::Message { .. } | Outcome::Pong(_))
            })
        }
        _ => false,
    });
    let closing_added = surface.closing.unwrap_or(!ended);
    if closing_added {
        steps.push(Step::Close);
    }
    Script { opening: parts.opening, steps, closing_added }
}

fn needs(surface: &CaseSurface, script: &Script) -> Vec<Need> {
    let mut needs: Vec<Need> = surface
        .needs
        .iter()
        .map(|need| match need {
            NeedSurface::Alive => Need::Alive,
            NeedSurface::Deflate => Need::Deflate,
            NeedSurface::Echo => Need::Echo,
            NeedSurface::EchoBinary => Need::EchoBinary,
            NeedSurface::NoDeflate => Need::NoDeflate,
            NeedSurface::Subprotocol => Need::Subprotocol,
            NeedSurface::Tls => Need::Tls,
        })
        .collect();
    for step in &script.steps {
        match step {
            Step::Alive { .. } => needs.push(Need::Alive),
            Step::Expect(expectation) => {
                // Where something else than the echo is allowed too, a target without one is judged.
                if let [Outcome::Message { opcode, .. }] = expectation.outcomes.as_slice() {
                    needs.push(if *opcode == Opcode::Text { Need::Echo } else { Need::EchoBinary });
                }
            }
            Step::Send(write) if write.pieces.iter().any(Piece::is_text) => needs.push(Need::Text),
            Step::Open
            | Step::IfDeflate(_)
            | Step::IfOffered(_)
            | Step::Send(_)
            | Step::Close
            | Step::HalfClose
            | Step::Reset
            | Step::Wait(_) => {}
        }
    }
    if let Some(address) = &script.opening.address {
        needs.push(Need::Launch);
        if address.is_secure() || address.redirect.as_ref().is_some_and(Redirect::is_secure) {
            needs.push(Need::Tls);
        }
        if address.certificate != Certificate::Valid {
            needs.push(Need::Verification);
        }
    }
    if script.segments_records() {
        needs.push(Need::Tls);
    }
    if script.opening.deflate.is_some() {
        needs.push(Need::Deflate);
    }
    needs.sort_unstable();
    needs.dedup();
    needs
}

fn profile(surface: ProfileSurface) -> Profile {
    match surface {
        ProfileSurface::Default => Profile::Default,
        ProfileSurface::Volume => Profile::Volume,
        ProfileSurface::Intrusive => Profile::Intrusive,
    }
}
