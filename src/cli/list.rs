//! `list`: the instances.

use super::args::ListArgs;
use super::select::select;
use super::status::{Failure, Status};
use serde_json::json;
use wsgauntlet_reference::{Quirk, Variant};
use wsgauntlet_wire::Role;

pub(super) fn main(args: ListArgs) -> Result<Status, Failure> {
    if args.quirks || args.variants {
        let lines = if args.quirks { quirks(args.role.into()) } else { variants(args.role.into()) };
        super::output::print(&lines)?;
        return Ok(Status::Good);
    }
    let instances = select(&args.select, args.role.into())?;
    let mut out = String::new();
    for instance in &instances {
        if args.json {
            let line = json!({
                "id": instance.id.as_str(),
                "case": instance.case,
                "doc": instance.doc,
                "autobahn": instance.autobahn,
                "requirements": instance.verifies.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "needs": instance.needs.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "origin": instance.origin,
                "profile": instance.profile.to_string(),
                "info": instance.info,
            });
            out.push_str(&line.to_string());
        } else {
            out.push_str(instance.id.as_str());
            if !instance.autobahn.is_empty() {
                out.push_str(&format!("  (Autobahn {})", instance.autobahn.join(", ")));
            }
        }
        out.push('\n');
    }
    super::output::print(&out)?;
    Ok(Status::Good)
}

fn quirks(role: Role) -> String {
    let of_role = Quirk::all().map(Quirk::info).filter(|info| info.roles.contains(role));
    of_role
        .map(|info| format!("{}: {} ({})\n", info.name, info.description, info.breaks.join(", ")))
        .collect()
}

fn variants(role: Role) -> String {
    let of_role = Variant::all().map(Variant::info).filter(|info| info.roles.contains(role));
    of_role
        .map(|info| format!("{}: {} ({}: \"{}\")\n", info.name, info.description, info.section, info.quote))
        .collect()
}
