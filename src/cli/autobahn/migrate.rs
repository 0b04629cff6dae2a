//! `migrate`: a wsgauntlet.toml of a configuration, baselines of old results.

use super::files::{AutobahnFile, CaseResult, Fuzzing, client_words, read, sort_patterns};
use crate::cli::config::FILE;
use crate::cli::init::write_new;
use crate::cli::output::print;
use crate::cli::setup_args::MigrateArgs;
use crate::cli::status::{Failure, Status};
use crate::embedded;
use crate::report::registry::slug;
use std::collections::BTreeMap;
use std::fmt::Write;
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
    for (name, text) in &made {
        match &args.out {
            Some(dir) => {
                write_new(&dir.join(name), text, args.force)?;
                print(&format!("wrote {}\n", dir.join(name).display()))?;
            }
            None => print(&format!("# {name}\n{text}\n"))?,
        }
    }
    Ok(Status::Good)
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
        let _ = writeln!(out, "\n[targets.{}]", slug(server.name()).replace('.', "-"));
        let _ = writeln!(out, "name = {}\nurl = {}", quoted(server.name()), quoted(&server.url));
        if baselines.iter().any(|(agent, _)| agent == server.name()) {
            let _ = writeln!(out, "baseline = {}", quoted(&baseline_file(server.name())));
        }
        if let Some(excluded) = fuzzing.exclude_agent_cases.get(server.name()).filter(|list| !list.is_empty())
        {
            let _ = writeln!(
                out,
                "# Of this agent were excluded: {}. List deviations in a baseline.",
                excluded.join(", ")
            );
        }
    }
    if selects {
        let _ = writeln!(out, "\n[profiles.autobahn]\nbase = \"volume\"");
        if !cases.is_empty() {
            let _ = writeln!(out, "case = {}", list(&cases));
        }
        if !exclude.is_empty() {
            let _ = writeln!(out, "exclude = {}", list(&exclude));
        }
    }
    if !foreign.is_empty() {
        let _ = writeln!(out, "# No case here has these ids: {}", foreign.join(", "));
    }
    out
}

/// The command that audits clients as fuzzingserver.json did.
fn clients(fuzzing: &Fuzzing, library: &Library) -> String {
    let words: Vec<String> = client_words(fuzzing, library)
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
        insta::assert_snapshot!(format!("{made}\n{text}").replace(known.as_str(), "KNOWN"));
    }
}
