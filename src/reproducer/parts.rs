//! The parts of `python/*.py`, and which of them a program needs.

pub(crate) const LINK: &str = include_str!("python/link.py");
pub(crate) const TLS: &str = include_str!("python/tls.py");
pub(crate) const WATCH: &str = include_str!("python/watch.py");
pub(crate) const DEFLATE: &str = include_str!("python/deflate.py");
pub(crate) const PLAY: &str = include_str!("python/play.py");
pub(crate) const SERVER: &str = include_str!("python/server.py");
pub(crate) const CLIENT: &str = include_str!("python/client.py");
pub(crate) const MAIN_SERVER: &str = include_str!("python/main_server.py");
pub(crate) const MAIN_CLIENT: &str = include_str!("python/main_client.py");
const OUTCOMES: &str = include_str!("python/outcomes.py");
const CHECKS: &str = include_str!("python/checks.py");

/// A section of a file: what stands after `#: `, and the lines after it.
fn sections(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let rest = text.split("\n#: ").skip(if text.starts_with("#: ") { 0 } else { 1 });
    rest.map(|section| {
        let (names, code) = section.split_once('\n').unwrap_or((section, ""));
        (names.trim_start_matches("#: "), code.trim_end())
    })
}

/// The functions of these outcomes, and what they share.
pub(crate) fn outcomes(used: &[&str]) -> Vec<&'static str> {
    let is_needed = |names: &str| match names.strip_prefix("shared: ") {
        Some(names) => names.split(' ').skip(1).any(|name| used.contains(&name)),
        None => used.contains(&names),
    };
    sections(OUTCOMES).filter(|(names, _)| is_needed(names)).map(|(_, code)| code).collect()
}

/// The names of the checks that look for a breach of these requirements, each once, and their code.
pub(crate) fn checks(requirements: &[&str]) -> (Vec<&'static str>, Vec<&'static str>) {
    let looks_for = |names: &str| {
        !names.starts_with("helper: ") && names.split(' ').any(|name| requirements.contains(&name))
    };
    let wanted: Vec<&str> =
        sections(CHECKS).filter(|(names, _)| looks_for(names)).filter_map(|(_, code)| name(code)).collect();
    let is_needed = |names: &str, code: &'static str| match names.strip_prefix("helper: ") {
        Some(users) => users.split(' ').skip(1).any(|user| wanted.contains(&user)),
        None => name(code).is_some_and(|name| wanted.contains(&name)),
    };
    let code = sections(CHECKS).filter(|(names, code)| is_needed(names, code)).map(|(_, code)| code);
    (wanted.clone(), code.collect())
}

/// Whether a check looks for a breach of the requirement.
pub(crate) fn is_checked(requirement: &str) -> bool {
    let mut checks = sections(CHECKS).filter(|(names, _)| !names.starts_with("helper: "));
    checks.any(|(names, _)| names.split(' ').any(|name| name == requirement))
}

/// The name of the first function of a section.
fn name(code: &'static str) -> Option<&'static str> {
    code.strip_prefix("def ")?.split('(').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A section that is not found would leave a name undefined in the programs.
    #[test]
    fn sections_are_found_by_their_names() {
        assert_eq!(outcomes(&["message"]).len(), 1);
        assert_eq!(outcomes(&["fail"]).len(), 2, "with what it shares");
        let (names, code) = checks(&["rfc6455/5.1/server-does-not-mask"]);
        assert_eq!(names, ["check_unmasked"]);
        assert!(code[0].starts_with("def check_unmasked(play):"), "{}", code[0]);
        assert!(!is_checked("helper:") && checks(&["helper:"]).0.is_empty());
    }
}
