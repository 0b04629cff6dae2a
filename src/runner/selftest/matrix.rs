//! The text of `reports/quirks.txt`: for each quirk the cases that notice it, folded so that a
//! person can read it: `area/**` and `area/suite/*` stand for all of them, braces for some, and
//! where there are many, numbers.

use super::SelftestResult;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use wsgauntlet_wire::hash::fnv1a;

/// How many cases of one quirk are named.
const NAMED_MAX: usize = 24;

/// Cases by area and suite.
type Tree<'c> = BTreeMap<&'c str, BTreeMap<&'c str, BTreeSet<&'c str>>>;

pub(super) fn render(outcome: &SelftestResult) -> String {
    let mut out = String::from(
        "Quirks of the reference implementation, and the cases that fail on them; ~ where they are lenient\n\n",
    );
    for line in lines(outcome) {
        let _ = writeln!(out, "{line}");
    }
    out
}

/// The quirks that were tried and whose line does not stand in `stored`, the text of another run.
pub(super) fn differing(outcome: &SelftestResult, stored: &str) -> Vec<String> {
    let stored: BTreeSet<&str> = stored.lines().collect();
    let differing = lines(outcome).filter(|line| !stored.contains(line.as_str()));
    differing.map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect()
}

fn lines(outcome: &SelftestResult) -> impl Iterator<Item = String> {
    outcome.matrix.iter().map(|(quirk, notices)| {
        let all = match quirk.ends_with("(client)") {
            true => &outcome.client_cases,
            false => &outcome.server_cases,
        };
        let count = notices.fail.len() + notices.lenient.len();
        if count == 0 {
            return format!("{quirk}: NOT CAUGHT");
        }
        let lenient = fold(&notices.lenient, all).into_iter().map(|cases| format!("~{cases}"));
        let cases: Vec<String> = name(&notices.fail, all).into_iter().chain(lenient).collect();
        format!("{quirk}: {count} of {}: {}", all.len(), cases.join(" "))
    })
}

/// Few cases by name. Of many, how many of each area, and a digest, so that no change goes unseen.
fn name(cases: &BTreeSet<String>, all: &BTreeSet<String>) -> Vec<String> {
    if cases.len() <= NAMED_MAX {
        return fold(cases, all);
    }
    let all = tree(all);
    let len = |suites: &BTreeMap<&str, BTreeSet<&str>>| suites.values().map(BTreeSet::len).sum::<usize>();
    let areas = tree(cases);
    let areas =
        areas.iter().map(|(area, suites)| format!("{area} {}/{}", len(suites), all.get(area).map_or(0, len)));
    areas.chain([format!("#{:016x}", digest(cases))]).collect()
}

fn digest(cases: &BTreeSet<String>) -> u64 {
    fnv1a(cases.iter().flat_map(|case| case.bytes().chain([b'\n'])))
}

fn tree(cases: &BTreeSet<String>) -> Tree<'_> {
    let mut tree = Tree::new();
    for case in cases {
        let mut parts = case.splitn(3, '/');
        let mut part = || parts.next().unwrap_or_default();
        let (area, suite, name) = (part(), part(), part());
        tree.entry(area).or_default().entry(suite).or_default().insert(name);
    }
    tree
}

/// The cases, `all` of them being known.
fn fold(cases: &BTreeSet<String>, all: &BTreeSet<String>) -> Vec<String> {
    let all = tree(all);
    let mut folded = Vec::new();
    for (area, suites) in &tree(cases) {
        if all.get(area) == Some(suites) {
            folded.push(format!("{area}/**"));
            continue;
        }
        for (suite, names) in suites {
            let whole = all.get(area).and_then(|suites| suites.get(suite)) == Some(names);
            let names: Vec<&str> = names.iter().copied().collect();
            folded.push(match &names[..] {
                _ if whole => format!("{area}/{suite}/*"),
                [name] => format!("{area}/{suite}/{name}"),
                names => format!("{area}/{suite}/{{{}}}", names.join(",")),
            });
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_folded() {
        let set = |cases: &[&str]| cases.iter().map(|case| (*case).to_owned()).collect::<BTreeSet<_>>();
        let all = set(&["a/b/c", "a/b/d", "a/e/f", "g/h/i", "g/h/j", "g/k/l", "g/k/m", "g/k/n"]);
        let some = set(&["a/b/c", "a/b/d", "a/e/f", "g/h/i", "g/k/l", "g/k/n"]);
        assert_eq!(fold(&some, &all), ["a/**", "g/h/i", "g/k/{l,n}"]);
        assert_eq!(fold(&set(&["g/h/i", "g/h/j"]), &all), ["g/h/*"]);
        assert!(fold(&BTreeSet::new(), &all).is_empty());
        let many: BTreeSet<String> = (0..=NAMED_MAX).map(|n| format!("a/b/{n}")).collect();
        assert_eq!(name(&many, &many)[0], "a 25/25");
        let fewer: BTreeSet<String> = many.iter().skip(1).cloned().collect();
        assert_ne!(name(&fewer, &many), name(&many, &many));
    }
}
