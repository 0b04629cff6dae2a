//! What Autobahn|Testsuite reads and writes, as far as it concerns us.

use crate::cli::status::Failure;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use wsgauntlet_suite::case::{Library, Pattern};
use wsgauntlet_wire::Role;

/// One of its files.
#[derive(Debug)]
pub(super) enum AutobahnFile {
    /// fuzzingclient.json: servers under test.
    Client(Fuzzing),
    /// fuzzingserver.json: clients under test.
    Server(Fuzzing),
    /// index.json: agent, case, result.
    Index(BTreeMap<String, BTreeMap<String, CaseResult>>),
}

/// The keys that its two configurations share. It ignores those that it does not know, and so do we.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Fuzzing {
    pub outdir: Option<String>,
    pub servers: Vec<Server>,
    pub url: Option<String>,
    pub cases: Vec<String>,
    pub exclude_cases: Vec<String>,
    pub exclude_agent_cases: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Server {
    #[serde(default)]
    pub agent: Option<String>,
    pub url: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct CaseResult {
    pub behavior: String,
}

impl Server {
    pub(super) fn name(&self) -> &str {
        self.agent.as_deref().unwrap_or(&self.url)
    }
}

impl Fuzzing {
    /// The cases that `exclude-agent-cases` excludes for an agent. As in Autobahn, `*` in the name of an agent matches any text.
    pub(super) fn excluded_of(&self, agent: &str) -> Vec<String> {
        let excluded = self.exclude_agent_cases.iter().filter(|(name, _)| matches(name, agent));
        excluded.flat_map(|(_, cases)| cases.iter().cloned()).collect()
    }

    /// The patterns of the cases to play. `*`, and no pattern at all, mean every case that Autobahn has: the patterns are then
    /// `1.*`, `2.*` and so on. Patterns that match no case of the library are left out.
    pub(super) fn autobahn_cases(&self, library: &Library, role: Role) -> Vec<String> {
        if self.plays_all() {
            let aliases = library.instances(role).flat_map(|instance| &instance.autobahn);
            let chapters: BTreeSet<u32> =
                aliases.filter_map(|alias| alias.split('.').next()?.parse().ok()).collect();
            return chapters.into_iter().map(|chapter| format!("{chapter}.*")).collect();
        }
        sort_patterns(&self.cases, library, role).0.into_iter().map(str::to_owned).collect()
    }

    /// Whether the file selects every case.
    pub(super) fn plays_all(&self) -> bool {
        self.cases.is_empty() || self.cases.iter().any(|pattern| pattern == "*")
    }
}

/// Whether a text matches a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            (0..=rest.len()).any(|at| rest.get(at..).is_some_and(|rest| matches(tail, rest)))
        }),
    }
}

/// Reads a file. Its keys decide which one it is.
pub(super) fn read(path: &Path) -> Result<AutobahnFile, Failure> {
    let mistake = |what: String| Failure::Usage(format!("cannot read {}: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| mistake(error.to_string()))?;
    parse(&text).map_err(mistake)
}

fn parse(text: &str) -> Result<AutobahnFile, String> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let object = value.as_object().ok_or("it is no JSON object")?;
    if object.contains_key("servers") {
        return from(value).map(AutobahnFile::Client);
    }
    if object.contains_key("url") && object.contains_key("cases") {
        return from(value).map(AutobahnFile::Server);
    }
    from(value)
        .map(AutobahnFile::Index)
        .map_err(|error| format!("it has neither `servers` nor `url`, and is no index of results: {error}"))
}

fn from<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T, String> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| format!("at `{}`: {}", error.path(), error.inner()))
}

/// The patterns that name something of ours, and those that do not. `*` alone is everything, and
/// gives neither.
pub(super) fn sort_patterns<'a>(
    patterns: &'a [String],
    library: &Library,
    role: Role,
) -> (Vec<&'a str>, Vec<&'a str>) {
    let named = |pattern: &str| {
        let pattern = Pattern::new(pattern);
        library.instances(role).any(|instance| pattern.matches(instance))
    };
    patterns.iter().map(String::as_str).filter(|pattern| *pattern != "*").partition(|pattern| named(pattern))
}

/// The command line that audits clients as a fuzzingserver.json says, on these cases; on all if there are none.
pub(super) fn client_words(fuzzing: &Fuzzing, cases: &[String], library: &Library) -> Vec<String> {
    let url = fuzzing.url.as_deref().unwrap_or_default();
    let listen = url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/');
    let mut words: Vec<String> =
        ["wsgauntlet", "run", "client", "--listen", listen].map(str::to_owned).to_vec();
    let (exclude, _) = sort_patterns(&fuzzing.exclude_cases, library, Role::Client);
    let cases = cases.iter().map(String::as_str).collect();
    for (flag, patterns) in [("--case", cases), ("--exclude", exclude)] {
        for pattern in patterns {
            words.extend([flag.to_owned(), pattern.to_owned()]);
        }
    }
    if let Some(outdir) = &fuzzing.outdir {
        words.extend(["--out", outdir, "--report", "autobahn"].map(str::to_owned));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;

    /// Fails when `*` selects cases that Autobahn does not have, or when the name of an agent is compared as it stands.
    #[test]
    fn a_star_is_every_case_of_autobahn_and_any_agent() {
        let agents = BTreeMap::from([
            ("My*".to_owned(), vec!["1.1.1".to_owned()]),
            ("Other".to_owned(), vec!["1.1.2".to_owned()]),
        ]);
        let fuzzing =
            Fuzzing { cases: vec!["*".to_owned()], exclude_agent_cases: agents, ..Fuzzing::default() };
        assert_eq!(fuzzing.excluded_of("My 1.0"), ["1.1.1"]);
        assert!(fuzzing.excluded_of("Not My").is_empty());
        let cases = fuzzing.autobahn_cases(embedded::library(), Role::Server);
        let patterns: Vec<Pattern> = cases.iter().map(Pattern::new).collect();
        for instance in embedded::library().instances(Role::Server) {
            let selected = patterns.iter().any(|pattern| pattern.matches(instance));
            assert_eq!(selected, !instance.autobahn.is_empty(), "{}", instance.id);
        }
    }

    #[test]
    fn files_are_told_apart() {
        let client = r#"{"outdir": "./reports/servers", "options": {"failByDrop": false}, "servers": [{"agent": "A",
            "url": "ws://127.0.0.1:9001", "options": {"version": 18}}, {"url": "ws://b"}], "cases": ["*"],
            "exclude-cases": ["9.*"], "exclude-agent-cases": {"A": ["1.1.1"]}}"#;
        let Ok(AutobahnFile::Client(fuzzing)) = parse(client) else { panic!("a fuzzingclient.json") };
        assert_eq!(fuzzing.servers[0].name(), "A");
        assert_eq!(fuzzing.servers[1].name(), "ws://b");
        assert_eq!((fuzzing.exclude_cases.len(), fuzzing.exclude_agent_cases["A"].len()), (1, 1));
        let server = r#"{"url": "ws://127.0.0.1:9001", "outdir": "x", "cases": ["*"], "exclude-cases": []}"#;
        assert!(matches!(parse(server), Ok(AutobahnFile::Server(_))));
        let index = r#"{"A": {"1.1.1": {"behavior": "OK", "behaviorClose": "OK", "duration": 1, "remoteCloseCode": 1000}}}"#;
        assert!(matches!(parse(index), Ok(AutobahnFile::Index(_))));
        for (bad, message) in [
            ("[]", "it is no JSON object"),
            ("{", "EOF while"),
            (r#"{"servers": [{"agent": "A"}]}"#, "at `servers[0]`: missing field `url`"),
            (r#"{"a": 1}"#, "it has neither"),
        ] {
            let error = parse(bad).expect_err(bad);
            assert!(error.starts_with(message), "{error}");
        }
    }
}
