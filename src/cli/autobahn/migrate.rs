//! `migrate`: a wsgauntlet.toml of a configuration, baselines of old results.

use super::files::{AutobahnFile, CaseResult, Fuzzing, client_words, read, sort_patterns};
use crate::cli::config::FILE;
use crate::cli::init::write_new;
use crate::cli::output::print;
use crate::cli::setup_args::MigrateArgs;
use crate::cli::status::{Failure, Status};
use crate::embedded;
use crate::report::made::slug;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use wsgauntlet_suite::case::Library;
use wsgauntlet_wire::Role;

pub(crate) fn main(args: MigrateArgs) -> Result<Status, Failure> {
    let files = args.files.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    let baselines: Vec<(String, String)> = files
        .iter()
        .filter_map(|file| match file {
            AutobahnFile::Index(index) => Some(index),
            AutobahnFile::Client(_) | AutobahnFile::Server(_) => None,
        })
        .flatten()
        .map(|(agent, results)| (agent.clone(), baseline(agent, results, embedded::library())))
        .collect();
    let mut made: Vec<(String, String)> = Vec::new();
    for file in &files {
        match file {
            AutobahnFile::Client(fuzzing) => {
                made.push((FILE.to_owned(), servers(fuzzing, embedded::library(), &baselines)));
            }
            AutobahnFile::Server(fuzzing) => print(&clients(fuzzing, embedded::library()))?,
            AutobahnFile::Index(_) => {}
        }
    }
    made.extend(baselines.iter().map(|(agent, text)| (baseline_file(agent), text.clone())));
    let targets: Vec<String> = files
        .iter()
        .filter_map(|file| match file {
            AutobahnFile::Client(fuzzing) => Some(&fuzzing.servers),
            AutobahnFile::Server(_) | AutobahnFile::Index(_) => None,
        })
        .flatten()
        .map(|server| target_name(server.name()))
        .collect();
    for (name, text) in &made {
        match &args.out {
            Some(dir) => {
                write_new(&dir.join(name), text, args.force)?;
                print(&format!("wrote {}\n", dir.join(name).display()))?;
            }
            None => print(&format!("# {name}\n{text}\n"))?,
        }
    }
    if let (Some(dir), Some(target)) = (&args.out, targets.first()) {
        print(&next(dir, target, !baselines.is_empty()))?;
    }
    Ok(Status::Good)
}

/// The command that uses what was written.
fn next(dir: &Path, target: &str, has_baselines: bool) -> String {
    let file = dir.join(FILE);
    let config = match file == Path::new(FILE) || file == Path::new(".").join(FILE) {
        true => String::new(),
        false => format!(" --config {}", crate::report::stored::quoted(&file.display().to_string())),
    };
    let update = if has_baselines { " --update-baseline" } else { "" };
    format!("next: wsgauntlet run server {target}{config}{update}\n")
}

fn target_name(agent: &str) -> String {
    slug(agent).replace('.', "-")
}

/// The profile of an agent that has excluded cases of its own.
fn profile_of(agent: &str) -> String {
    format!("autobahn-{}", target_name(agent))
}

fn baseline_file(agent: &str) -> String {
    format!("wsgauntlet-baseline-{}.toml", slug(agent))
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn list(texts: &[&str]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

/// A wsgauntlet.toml with a target for each server, and a profile of the selection.
fn servers(fuzzing: &Fuzzing, library: &Library, baselines: &[(String, String)]) -> String {
    let mut out = String::from("# Made of Autobahn|Testsuite's fuzzingclient.json.\n\n");
    if let Some(outdir) = &fuzzing.outdir {
        let _ = writeln!(out, "out = {}\nreports = [\"autobahn\"]", quoted(outdir));
    }
    let (cases, foreign) = sort_patterns(&fuzzing.cases, library, Role::Server);
    let (exclude, _) = sort_patterns(&fuzzing.exclude_cases, library, Role::Server);
    let selects = !cases.is_empty() || !exclude.is_empty();
    if selects {
        out.push_str("profile = \"autobahn\"\n");
    }
    for server in &fuzzing.servers {
        let _ = writeln!(out, "\n[targets.{}]", target_name(server.name()));
        let _ = writeln!(out, "name = {}\nurl = {}", quoted(server.name()), quoted(&server.url));
        if baselines.iter().any(|(agent, _)| agent == server.name()) {
            let _ = writeln!(out, "baseline = {}", quoted(&baseline_file(server.name())));
        }
        if !fuzzing.excluded_of(server.name()).is_empty() {
            let _ = writeln!(out, "profile = {}", quoted(&profile_of(server.name())));
        }
    }
    let mut profile = |name: &str, exclude: &[&str]| {
        let _ = writeln!(out, "\n[profiles.{name}]\nbase = \"volume\"");
        if !cases.is_empty() {
            let _ = writeln!(out, "case = {}", list(&cases));
        }
        if !exclude.is_empty() {
            let _ = writeln!(out, "exclude = {}", list(exclude));
        }
    };
    if selects {
        profile("autobahn", &exclude);
    }
    for server in &fuzzing.servers {
        let of_agent = fuzzing.excluded_of(server.name());
        if !of_agent.is_empty() {
            let (of_agent, _) = sort_patterns(&of_agent, library, Role::Server);
            profile(&profile_of(server.name()), &[&exclude[..], &of_agent[..]].concat());
        }
    }
    if !foreign.is_empty() {
        let _ = writeln!(out, "# No case here has these ids: {}", foreign.join(", "));
    }
    out
}

/// The command that audits clients as fuzzingserver.json did.
fn clients(fuzzing: &Fuzzing, library: &Library) -> String {
    let cases = match fuzzing.plays_all() {
        true => Vec::new(),
        false => fuzzing.autobahn_cases(library, Role::Client),
    };
    let words: Vec<String> = client_words(fuzzing, &cases, library)
        .into_iter()
        .map(|word| if word.contains(['*', ' ', '\'']) { format!("'{word}'") } else { word })
        .collect();
    format!("# fuzzingserver.json is this command:\n{}\n\n", words.join(" "))
}

/// A baseline of old results. Their reasons are not known, so that any failure is accepted at first;
/// an update writes down which one it is.
fn baseline(agent: &str, results: &BTreeMap<String, CaseResult>, library: &Library) -> String {
    let mut out = format!(
        "# Made of Autobahn|Testsuite's results of {agent}. \"any\" failure is accepted at first: run\n\
         # `wsgauntlet run server --baseline .. --update-baseline` once, to write down which it is.\n"
    );
    for (id, result) in results {
        let verdict = match result.behavior.as_str() {
            "FAILED" | "WRONG CODE" | "UNCLEAN" | "FAILED BY CLIENT" => "fail",
            "NON-STRICT" => "lenient",
            _ => continue,
        };
        let named = library.instances(Role::Server).any(|instance| instance.autobahn.contains(id));
        if !named {
            let _ = writeln!(out, "\n# {id} was {}; no case here has this id.", result.behavior);
            continue;
        }
        let _ = writeln!(
            out,
            "\n[[deviation]]\npattern = {}\nverdict = \"{verdict}\"\nfingerprint = \"any\"\nreason = {}",
            quoted(id),
            quoted(&format!("{} in Autobahn|Testsuite", result.behavior)),
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::baseline;

    #[test]
    fn a_configuration_and_results_become_ours() {
        let library = embedded::library();
        let known =
            library.instances(Role::Server).find_map(|instance| instance.autobahn.first()).expect("an alias");
        let fuzzing = Fuzzing {
            outdir: Some("./reports/servers".to_owned()),
            servers: vec![super::super::files::Server {
                agent: Some("My 1.0".to_owned()),
                url: "ws://a".to_owned(),
            }],
            cases: vec!["*".to_owned(), "99.*".to_owned()],
            exclude_cases: vec![known.clone()],
            exclude_agent_cases: BTreeMap::from([("My*".to_owned(), vec!["9.*".to_owned()])]),
            ..Fuzzing::default()
        };
        let results = BTreeMap::from([
            (known.clone(), CaseResult { behavior: "FAILED".to_owned() }),
            ("99.1".to_owned(), CaseResult { behavior: "NON-STRICT".to_owned() }),
            ("1.1.2".to_owned(), CaseResult { behavior: "OK".to_owned() }),
        ]);
        let text = baseline(fuzzing.servers[0].name(), &results, library);
        let loaded = baseline::load("b.toml", &text).expect("a baseline");
        assert_eq!(loaded.entries.len(), 1);
        let made = servers(&fuzzing, library, &[("My 1.0".to_owned(), text.clone())]);
        assert_eq!(next(Path::new("."), "My-1-0", false), "next: wsgauntlet run server My-1-0\n");
        assert_eq!(
            next(Path::new("new"), "My-1-0", true),
            "next: wsgauntlet run server My-1-0 --config new/wsgauntlet.toml --update-baseline\n"
        );
        insta::assert_snapshot!(format!("{made}\n{text}").replace(known.as_str(), "KNOWN"));
    }
}
