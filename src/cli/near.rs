//! Common mistakes, and the next step for each: a name that is nearly right, a missing word.

use super::status::Failure;
use crate::report::stored::quoted;
use std::collections::BTreeSet;
use wsgauntlet_suite::case::{Library, Pattern};
use wsgauntlet_suite::requirement::edit_distance;
use wsgauntlet_wire::Role;

/// How many names are suggested.
const NAMES_MAX: usize = 3;

/// Nothing has that name: why, and what is near.
pub(super) fn no_match(what: &str, role: Role, library: &Library) -> Failure {
    let said = format!("no case of a {role} matches {what:?}");
    let pattern = Pattern::new(what);
    let other = match role {
        Role::Server => Role::Client,
        Role::Client => Role::Server,
    };
    let next = if library.instances(other).any(|instance| pattern.matches(instance)) {
        format!("it names a case of a {other}: `wsgauntlet list --role {other}` shows those")
    } else {
        match near(what, role, library).as_slice() {
            [] => format!("`wsgauntlet list --role {role}` shows all"),
            names => format!("did you mean {}?", names.join(" or ")),
        }
    };
    Failure::NothingSelected(format!("{said}; {next}"))
}

/// The names of cases, suites, areas and Autobahn's ids that are nearest.
pub(super) fn near(what: &str, role: Role, library: &Library) -> Vec<String> {
    let is_alias = what.starts_with(|c: char| c.is_ascii_digit());
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for instance in library.instances(role) {
        if is_alias {
            names.extend(instance.autobahn.iter().map(String::as_str));
            continue;
        }
        let path = instance.case.as_str();
        names.insert(path);
        names.extend(path.match_indices('/').map(|(end, _)| &path[..end]));
        names.extend(path.split('/').next_back());
    }
    let what = what.trim_end_matches("/**").trim_end_matches("/*");
    // A part of a path is compared with the part of other paths that has as many segments.
    let far = (what.len() / 3).max(if is_alias { 2 } else { 1 });
    let mut found: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let last = name.rsplit('/').next().unwrap_or(name);
            let shown = edit_distance(what, name);
            let by_part = if what.contains('/') { usize::MAX } else { edit_distance(what, last) };
            let distance = shown.min(by_part);
            (distance <= far).then_some((distance, name))
        })
        .collect();
    found.sort_by_key(|(distance, name)| (*distance, name.len(), *name));
    found.into_iter().take(NAMES_MAX).map(|(_, name)| name.to_owned()).collect()
}

/// The command line that was probably meant, where a word is missing.
pub(super) fn meant(words: &[String]) -> Option<String> {
    let first = words.first()?.as_str();
    let second = words.get(1).map(String::as_str);
    let line = |words: &[&str], rest: &[String]| {
        let mut line = format!("wsgauntlet {}", words.join(" "));
        for word in rest {
            line.push(' ');
            line.push_str(&match is_address(word) {
                true => quoted(&format!("ws://{word}")),
                false => quoted(word),
            });
        }
        Some(line)
    };
    match (first, second) {
        ("run" | "fuzz", Some(word)) if is_url(word) || is_address(word) || word == "--launch" => {
            line(&[first, "server"], &words[1..])
        }
        ("run" | "fuzz", Some("--")) => line(&[first, "client"], &words[1..]),
        ("server" | "client", _) => line(&["run", first], &words[1..]),
        ("audit" | "test", Some(word)) if is_url(word) => line(&["run", "server"], &words[1..]),
        (word, _) if is_url(word) || is_address(word) => line(&["run", "server"], words),
        _ => None,
    }
}

/// The WebSocket URL that was meant by a URL with another scheme.
pub(super) fn with_scheme(url: &str) -> Option<String> {
    let rest = |scheme: &str| url.strip_prefix(scheme);
    rest("http://")
        .map(|rest| format!("ws://{rest}"))
        .or(rest("https://").map(|rest| format!("wss://{rest}")))
}

pub(super) fn is_url(word: &str) -> bool {
    word.starts_with("ws://") || word.starts_with("wss://")
}

/// `localhost:9001`, with a path or without.
pub(super) fn is_address(word: &str) -> bool {
    let authority = word.split('/').next().unwrap_or_default();
    let Some((host, port)) = authority.rsplit_once(':') else { return false };
    !host.is_empty() && !port.is_empty() && port.bytes().all(|octet| octet.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;

    #[test]
    fn a_missing_word_is_named() {
        for (words, expected) in [
            ("ws://h:1", Some("wsgauntlet run server ws://h:1")),
            ("run ws://h:1 --area opening", Some("wsgauntlet run server ws://h:1 --area opening")),
            ("run localhost:9001", Some("wsgauntlet run server ws://localhost:9001")),
            ("server ws://h:1", Some("wsgauntlet run server ws://h:1")),
            ("client -- ./c {url}", Some("wsgauntlet run client -- ./c '{url}'")),
            ("run -- ./c {url}", Some("wsgauntlet run client -- ./c '{url}'")),
            ("fuzz ws://h:1", Some("wsgauntlet fuzz server ws://h:1")),
            ("lst", None),
            ("", None),
        ] {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            assert_eq!(meant(&words).as_deref(), expected, "{words:?}");
        }
    }

    #[test]
    fn names_that_are_nearly_right() {
        let library = embedded::library();
        for (what, expected) in [
            ("pinng", "ping"),
            ("control/pingg", "control/ping"),
            ("contrl", "control"),
            ("maskingg/**", "masking"),
            ("7.9.99", "7.9.9"),
        ] {
            let found = near(what, Role::Server, library);
            assert_eq!(found.first().map(String::as_str), Some(expected), "{what}: {found:?}");
        }
        assert!(near("zzzzzzzzzz", Role::Server, library).is_empty());
    }
}
