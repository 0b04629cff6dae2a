//! `book`: the pages of the book that are generated from the code, so that they cannot differ from it.

use super::args::EXIT_STATUSES;
use super::config::{Begin, template};
use super::explain::severity;
use super::output::{print, write as write_file};
use super::status::{Failure, Status};
use crate::embedded;
use crate::report::coverage::{binds, watch};
use crate::runner::reference::{self, Link};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use wsgauntlet_suite::case::{Instance, Library};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_suite::requirement::{Catalogue, Observability, Requirement};
use wsgauntlet_suite::transcript::notation;
use wsgauntlet_wire::Role;

/// Writes `requirements.md`, `cases.md`, `cases-AREA.md`, `configuration.md` and `exit-statuses.md` into a folder.
pub(super) fn write(dir: &Path) -> Result<Status, Failure> {
    let (library, catalogue) = (embedded::library(), embedded::catalogue());
    let areas = areas(library);
    write_file(dir, "requirements.md", &requirements(catalogue, library, &areas))?;
    write_file(dir, "cases.md", &overview(&areas))?;
    for (area, cases) in &areas {
        write_file(dir, &format!("cases-{area}.md"), &page(area, cases, catalogue))?;
    }
    write_file(dir, "configuration.md", &configuration())?;
    write_file(dir, "exit-statuses.md", &format!("# Exit statuses\n\n```text\n{EXIT_STATUSES}\n```\n"))?;
    print(&format!("wrote {} pages into {}\n", areas.len() + 4, dir.display()))?;
    Ok(Status::Good)
}

/// The instances of each case, by area and path.
type Areas<'a> = BTreeMap<&'a str, BTreeMap<&'a str, Vec<&'a Instance>>>;

fn areas(library: &Library) -> Areas<'_> {
    let mut areas = Areas::new();
    for instance in library.cases.iter().flat_map(|case| &case.instances) {
        let area = instance.case.split('/').next().unwrap_or_default();
        areas.entry(area).or_default().entry(instance.case.as_str()).or_default().push(instance);
    }
    areas
}

fn has_page(areas: &Areas<'_>, case: &str) -> bool {
    areas.values().any(|cases| cases.contains_key(case))
}

/// The anchor that mdBook gives the heading of an id: lower case, and nothing but letters, digits, `-` and `_`.
fn anchor(id: &str) -> String {
    id.to_lowercase().chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
}

fn requirement_link(id: &str) -> String {
    format!("[{id}](requirements.md#{})", anchor(id))
}

fn case_link(path: &str) -> String {
    let area = path.split('/').next().unwrap_or_default();
    format!("[{path}](cases-{area}.md#{})", anchor(path))
}

fn requirements(catalogue: &Catalogue, library: &Library, areas: &Areas<'_>) -> String {
    let mut out = String::from(
        "# Every requirement\n\nEach sentence of the RFCs that binds an implementation, with the cases and monitors that test it.\n",
    );
    for requirement in catalogue.iter() {
        one_requirement(&mut out, requirement, library, areas);
    }
    out
}

fn one_requirement(out: &mut String, requirement: &Requirement, library: &Library, areas: &Areas<'_>) {
    let _ = write!(
        out,
        "\n## {}\n\n{} {}, binds: {}, severity: {}\n\n> {}\n\n",
        requirement.id,
        requirement.citation(),
        requirement.level,
        requirement.binds,
        severity(requirement),
        requirement.quote
    );
    match &requirement.observation {
        Observability::Yes => {}
        Observability::Partly(part) => drop(write!(out, "Observable in part: {part}\n\n")),
        Observability::No { reason } => drop(write!(out, "Not observable: {reason}\n\n")),
        Observability::OutOfScope { reason } => drop(write!(out, "Out of scope: {reason}\n\n")),
    }
    for role in [Role::Server, Role::Client].into_iter().filter(|role| binds(requirement, *role)) {
        let watch = watch(requirement, role, &library.cases);
        // A judgement over a whole run is listed like a case, and has no page.
        let link = |case: &String| if has_page(areas, case) { case_link(case) } else { case.clone() };
        let cases = watch.cases.iter().map(link);
        let monitors = watch.monitors.iter().map(|monitor| format!("monitor {monitor}"));
        let tests: Vec<String> = cases.chain(monitors).collect();
        if !tests.is_empty() {
            let _ = writeln!(out, "* For a {role}: {}", tests.join(", "));
        }
    }
}

fn overview(areas: &Areas<'_>) -> String {
    let mut out =
        String::from("# Every case\n\n| area | cases | instances, both roles |\n| --- | ---: | ---: |\n");
    for (area, cases) in areas {
        let instances: usize = cases.values().map(Vec::len).sum();
        let _ = writeln!(out, "| [{area}](cases-{area}.md) | {} | {instances} |", cases.len());
    }
    out
}

fn page(area: &str, cases: &BTreeMap<&str, Vec<&Instance>>, catalogue: &Catalogue) -> String {
    let mut out = format!(
        "# Cases of the area {area}\n\n`>` is what wsgauntlet sends in the first instance of a case, `<` what the reference answers.\n"
    );
    for (path, instances) in cases {
        let first = instances[0];
        let _ = write!(out, "\n## {path}\n\n{}\n\n", first.doc);
        for id in &first.verifies {
            let level = catalogue.get(id.as_str()).map(|requirement| requirement.level.to_string());
            let _ = writeln!(out, "* {} ({})", requirement_link(id.as_str()), level.unwrap_or_default());
        }
        if !first.autobahn.is_empty() {
            let _ = writeln!(out, "* Autobahn: {}", first.autobahn.join(", "));
        }
        let _ = writeln!(out, "* {} instances, such as `{}`\n\n```text", instances.len(), first.id);
        let config = PlayConfig::new("localhost");
        let transcript = reference::play(first, &config, reference::config(first.role), Link::Direct);
        for line in notation::lines(&transcript) {
            let _ = writeln!(out, "{line}");
        }
        out.push_str("```\n");
    }
    out
}

fn configuration() -> String {
    format!(
        "# Every key of the configuration\n\n`wsgauntlet init` writes this `wsgauntlet.toml`. A line that begins with `# key =` is an\n\
         optional setting.\n\n```toml\n{}```\n",
        template(&Begin::default())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when a page links to a case or a requirement that has no heading of that name.
    #[test]
    fn links_between_generated_pages_lead_somewhere() {
        let (library, catalogue) = (embedded::library(), embedded::catalogue());
        let areas = areas(library);
        let mut pages =
            BTreeMap::from([("requirements.md".to_owned(), requirements(catalogue, library, &areas))]);
        for (area, cases) in &areas {
            pages.insert(format!("cases-{area}.md"), page(area, cases, catalogue));
        }
        let headings = |page: &str| -> Vec<String> {
            pages[page].lines().filter_map(|line| line.strip_prefix("## ")).map(anchor).collect()
        };
        let headings: BTreeMap<&String, Vec<String>> =
            pages.keys().map(|page| (page, headings(page))).collect();
        let mut seen = 0;
        for (name, text) in &pages {
            for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let (page, heading) = link.split_once('#').expect("a link with a heading");
                let known =
                    headings.get(&page.to_owned()).is_some_and(|all| all.contains(&heading.to_owned()));
                assert!(known, "{name}: {link}");
                seen += 1;
            }
        }
        assert!(seen > 500, "{seen} links were found");
    }
}
