//! `explain`: a case with its steps and octets, or a requirement with its cases.

use super::args::ExplainArgs;
use super::near::no_match;
use super::output::print;
use super::select::{hint, library};
use super::status::{Failure, Status};
use crate::diagnosis::catalogue::defects;
use crate::embedded;
use crate::report::coverage::{binds, watch};
use crate::runner::reference::{self, Link};
use std::fmt::Write;
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::case::{Instance, Library, Pattern};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_suite::requirement::{Catalogue, Observability, Requirement};
use wsgauntlet_suite::transcript::notation;
use wsgauntlet_wire::Role;

/// How many instances of a case are listed.
const INSTANCES_SHOWN: usize = 12;

pub(super) fn main(args: ExplainArgs) -> Result<Status, Failure> {
    let library = library(&args.dirs)?;
    let catalogue = embedded::catalogue();
    if let Some(requirement) = catalogue.get(&args.what) {
        print(&explain_requirement(requirement, &library, args.role.map(Role::from)))?;
        return Ok(Status::Good);
    }
    let pattern = Pattern::new(&args.what);
    let matching: Vec<&Instance> = library
        .cases
        .iter()
        .flat_map(|case| &case.instances)
        .filter(|instance| args.role.is_none_or(|role| instance.role == Role::from(role)))
        .filter(|instance| pattern.matches(instance))
        .collect();
    if matching.is_empty() {
        if let Some(role) = args.role {
            return Err(no_match(&args.what, role.into(), &library));
        }
        let mut near: Vec<String> = catalogue.near(&args.what).iter().map(ToString::to_string).collect();
        for role in [Role::Server, Role::Client] {
            let of_role = super::near::near(&args.what, role, &library);
            near.extend(of_role.into_iter().filter(|name| !near.contains(name)).collect::<Vec<_>>());
        }
        return Err(Failure::NothingSelected(format!(
            "{:?} names no case and no requirement{}",
            args.what,
            hint(&near)
        )));
    }
    let mut paths: Vec<&str> = matching.iter().map(|instance| instance.case.as_str()).collect();
    paths.dedup();
    let mut out = String::new();
    for path in paths {
        let instances: Vec<&Instance> =
            matching.iter().filter(|instance| instance.case == path).copied().collect();
        explain_case(&mut out, &instances, catalogue);
    }
    print(&out)?;
    Ok(Status::Good)
}

/// How grave it is to break a requirement where no known cause says more.
pub(super) fn severity(requirement: &Requirement) -> &'static str {
    defects().of_requirement(requirement.id.as_str()).map_or("unknown", |entry| entry.severity.name())
}

fn explain_requirement(requirement: &Requirement, library: &Library, only: Option<Role>) -> String {
    let mut out = format!(
        "{}\n{} {}, binds: {}, severity: {}\n\n  \"{}\"\n\n",
        requirement.id,
        requirement.citation(),
        requirement.level,
        requirement.binds,
        severity(requirement),
        requirement.quote
    );
    match &requirement.observation {
        Observability::Yes => {}
        Observability::Partly(part) => {
            let _ = writeln!(out, "observable in part: {part}");
        }
        Observability::No { reason } => {
            let _ = writeln!(out, "not observable: {reason}");
        }
        Observability::OutOfScope { reason } => {
            let _ = writeln!(out, "out of scope: {reason}");
        }
    }
    let roles = [Role::Server, Role::Client].into_iter().filter(|role| only.is_none_or(|only| only == *role));
    for role in roles.filter(|role| binds(requirement, *role)) {
        let watch = watch(requirement, role, &library.cases);
        let _ = writeln!(out, "for a {role}:");
        for case in &watch.cases {
            let _ = writeln!(out, "  case     {case}");
        }
        for monitor in &watch.monitors {
            let _ = writeln!(out, "  monitor  {monitor}");
        }
        if watch.is_empty() {
            out.push_str("  nothing watches it\n");
        }
        for info in Quirk::all().map(Quirk::info) {
            let breaks = info.breaks.contains(&requirement.id.as_str());
            if breaks && info.roles.contains(role) {
                let _ = writeln!(out, "  quirk    {}: {}", info.name, info.description);
            }
        }
    }
    out
}

fn explain_case(out: &mut String, instances: &[&Instance], catalogue: &Catalogue) {
    let first = instances[0];
    let _ = writeln!(out, "{}\n  {}", first.case, first.doc);
    if let Some(origin) = &first.origin {
        let _ = writeln!(out, "  origin: {origin}");
    }
    if !first.autobahn.is_empty() {
        let _ = writeln!(out, "  Autobahn: {}", first.autobahn.join(", "));
    }
    for id in &first.verifies {
        if let Some(requirement) = catalogue.get(id.as_str()) {
            let _ = writeln!(out, "  {id} ({})\n      \"{}\"", requirement.level, requirement.quote);
        }
    }
    for need in &first.needs {
        let _ = writeln!(out, "  needs {need}");
    }
    let _ = writeln!(out, "  {} instances:", instances.len());
    for instance in instances.iter().take(INSTANCES_SHOWN) {
        let _ = writeln!(out, "    {}", instance.id);
    }
    if instances.len() > INSTANCES_SHOWN {
        let _ = writeln!(out, "    .. and {} more", instances.len() - INSTANCES_SHOWN);
    }
    let _ = writeln!(out, "  with the reference, {} looks like this:", first.id);
    let transcript =
        reference::play(first, &PlayConfig::new("localhost"), reference::config(first.role), Link::Direct);
    for line in notation::lines(&transcript) {
        let _ = writeln!(out, "    {line}");
    }
    out.push('\n');
}
