//! Coverage: each requirement, and the cases and monitors that watch it. A snapshot of this text is
//! committed, and CI compares it.

use std::collections::BTreeMap;
use std::fmt::Write;
use wsgauntlet_suite::case::Case;
use wsgauntlet_suite::oracle::{monitor, page, statistics};
use wsgauntlet_suite::requirement::{Binds, Catalogue, Level, Observability, Requirement};
use wsgauntlet_wire::Role;

/// What watches a requirement.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Paths of cases.
    pub cases: Vec<String>,
    /// Names of monitors.
    pub monitors: Vec<&'static str>,
}

impl Watch {
    /// Whether nothing watches it.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty() && self.monitors.is_empty()
    }
}

/// What watches `requirement` in implementations of `role`.
pub fn watch(requirement: &Requirement, role: Role, cases: &[Case]) -> Watch {
    let mut watch = Watch::default();
    for case in cases {
        let verifies = case
            .instances
            .iter()
            .any(|instance| instance.role == role && instance.verifies.contains(&requirement.id));
        if verifies {
            watch.cases.push(case.path.clone());
        }
    }
    for monitor in monitor::ALL {
        if monitor.requirements.contains(&requirement.id.as_str()) {
            watch.monitors.push(monitor.name);
        }
    }
    if role == Role::Client && page::REQUIREMENTS.contains(&requirement.id.as_str()) {
        watch.monitors.push("page");
    }
    for check in statistics::ALL {
        if role == Role::Client && check.requirements.contains(&requirement.id.as_str()) {
            watch.cases.push(check.case.to_owned());
        }
    }
    watch
}

/// Whether a requirement binds implementations of that role.
pub fn binds(requirement: &Requirement, role: Role) -> bool {
    match requirement.binds {
        Binds::Both => true,
        Binds::Server => role == Role::Server,
        Binds::Client => role == Role::Client,
        Binds::Intermediary | Binds::SpecAuthor => false,
    }
}

/// The snapshot.
pub fn render(catalogue: &Catalogue, cases: &[Case]) -> String {
    let mut shares: BTreeMap<(String, Level, Role), (usize, usize)> = BTreeMap::new();
    let mut body = String::new();
    for requirement in catalogue.iter() {
        for role in [Role::Server, Role::Client] {
            if !binds(requirement, role) {
                continue;
            }
            let watch = watch(requirement, role, cases);
            let mark = match &requirement.observation {
                Observability::No { reason } => format!("not observable: {reason}"),
                Observability::OutOfScope { reason } => format!("out of scope: {reason}"),
                Observability::Yes | Observability::Partly(_) if watch.is_empty() => "NOT WATCHED".to_owned(),
                Observability::Yes | Observability::Partly(_) => {
                    let monitors = watch.monitors.iter().map(|name| format!("monitor {name}"));
                    watch.cases.iter().cloned().chain(monitors).collect::<Vec<_>>().join(", ")
                }
            };
            if requirement.is_observable() {
                let key = (requirement.document.to_string(), requirement.level, role);
                let share = shares.entry(key).or_default();
                share.1 += 1;
                share.0 += usize::from(!watch.is_empty());
            }
            let _ = writeln!(body, "{} {} {role}: {mark}", requirement.id, requirement.level);
        }
    }
    let mut out = String::from("Requirements watched, of those that can be observed\n\n");
    for ((document, level, role), (watched, all)) in shares {
        let _ = writeln!(out, "{document:<10} {:<7} {role:<7} {watched:>4} of {all}", level.as_str());
    }
    out.push('\n');
    out.push_str(&body);
    out
}
