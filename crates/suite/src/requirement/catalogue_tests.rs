//! What the catalogue holds, and what its parser tells of mistakes.

use crate::testing;
use std::collections::BTreeSet;

use super::*;
use crate::requirement::{Binds, Level, Observability, Severity};

/// The statements that the raw reading of the documents found; it only grows.
const REQUIREMENT_COUNT: usize = 436;

/// A report prints a quote as one paragraph, so it has at most this many characters.
const QUOTE_LEN_MAX: usize = 400;

fn mistakes(files: &[(&str, &str)]) -> String {
    let errors = Catalogue::parse(files).expect_err("the files have mistakes");
    errors.iter().map(CatalogueError::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_embedded_catalogue_is_whole() {
    let catalogue = testing::catalogue();
    assert_eq!(catalogue.len(), REQUIREMENT_COUNT);
    let documents: BTreeSet<&str> = catalogue.iter().map(|r| r.id.document()).collect();
    let expected = [
        "rfc6455", "rfc7692", "rfc7936", "rfc8307", "rfc8441", "rfc9110", "rfc9112", "rfc9113", "rfc9114",
        "rfc9220", "whatwg",
    ];
    assert_eq!(documents.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn a_requirement_is_found_by_its_id() {
    let found = testing::catalogue().get("rfc6455/5.1/server-closes-on-unmasked").expect("cases name it");
    assert_eq!(found.citation(), "RFC 6455 §5.1");
    assert_eq!((found.level, found.binds, found.severity), (Level::Must, Binds::Server, Severity::Security));
    assert_eq!(
        found.quote,
        "The server MUST close the connection upon receiving a frame that is not masked."
    );
    assert_eq!(found.observation, Observability::Yes);
    assert!(found.is_observable() && found.observed_by.is_some() && !found.implied);
    assert_eq!(testing::catalogue().get("rfc6455/5.1/"), None);
}

#[test]
fn an_erratum_corrects_the_level() {
    let found = testing::catalogue().get("rfc6455/11.3.2/extensions-repeated-in-response").unwrap();
    assert!(found.quote.contains("MUST NOT"));
    assert_eq!((found.level, found.erratum), (Level::May, Some(3433)));
}

/// A level that is not implied stands in the quote as a keyword, unless an erratum corrects it.
#[test]
fn levels_agree_with_the_quotes() {
    for requirement in testing::catalogue().iter() {
        let words: &[&str] = match requirement.level {
            Level::Must => &["MUST", "SHALL", "REQUIRED", "must"],
            Level::Should => &["SHOULD", "RECOMMENDED"],
            Level::May => &["MAY", "OPTIONAL", "may", "can"],
        };
        let exempt =
            requirement.implied || requirement.erratum.is_some() || requirement.id.document() == "whatwg";
        assert!(
            exempt || words.iter().any(|word| requirement.quote.contains(word)),
            "{} is {}, yet says {:?}",
            requirement.id,
            requirement.level,
            requirement.quote
        );
    }
}

#[test]
fn quotes_fit_a_report() {
    for requirement in testing::catalogue().iter() {
        let quote = &requirement.quote;
        assert!(quote.chars().count() <= QUOTE_LEN_MAX, "{}: the quote is too long", requirement.id);
        assert_eq!(*quote, quote.split_whitespace().collect::<Vec<_>>().join(" "), "{}", requirement.id);
    }
}

#[test]
fn a_mistyped_id_finds_its_like() {
    let near =
        |text| testing::catalogue().near(text).into_iter().map(RequirementId::as_str).collect::<Vec<_>>();
    assert_eq!(near("rfc6455/5.1/client-mask").first(), Some(&"rfc6455/5.1/client-masks"));
    assert_eq!(
        near("rfc6455/5.2/server-closes-on-unmasked").first(),
        Some(&"rfc6455/5.1/server-closes-on-unmasked")
    );
    assert_eq!(near("unknown-opcode-fail").first(), Some(&"rfc6455/5.2/unknown-opcode-fails"));
    assert!(near("rfc6455/5.1/nothing-that-exists-here").is_empty());
    assert!(near("").is_empty());
}

#[test]
fn all_mistakes_are_told_at_once() {
    let first = r#"
[[requirement]]
id = "rfc6455/5.1/client-masks"
level = "ALWAYS"
role = "everyone"
severity = "high"
colour = "red"
quote = ""
partly = 3

[[requirement]]
id = "rfc6455/5.1/Client Masks"
erratum = "3433"
normative = "maybe"
unobservable = "no reason"
observed-by = "looking"
"#;
    let second = "requirment = []\n[[requirement]]\nid = \"rfc6455/5.1/client-masks\"\n";
    let third = "[[requirement]\nid = ";
    insta::assert_snapshot!(
        mistakes(&[("rfc6455.toml", first), ("rfc7692.toml", second), ("rfc8441.toml", third)]),
        @r#"
rfc6455.toml:2:1: missing key `observed-by`
rfc6455.toml:4:9: `level`: unknown name "ALWAYS", expected one of MUST, SHOULD, MAY
rfc6455.toml:5:8: `role`: unknown name "everyone", expected one of server, client, both, intermediary, spec-author
rfc6455.toml:6:12: `severity`: unknown name "high", expected one of security, interop, robustness
rfc6455.toml:7:1: unknown key `colour`, expected one of id, level, role, severity, normative, erratum, quote, observed-by, partly, unobservable
rfc6455.toml:8:9: `quote` is blank, expected words
rfc6455.toml:9:10: `partly` is of type integer, expected a string
rfc6455.toml:11:1: missing key `level`
rfc6455.toml:11:1: missing key `role`
rfc6455.toml:11:1: missing key `severity`
rfc6455.toml:11:1: missing key `quote`
rfc6455.toml:12:6: `id`: an id's name is kebab-case, expected for example client-masks
rfc6455.toml:13:11: `erratum` is of type string, expected an erratum's number
rfc6455.toml:14:13: `normative`: unknown name "maybe", expected one of implied
rfc6455.toml:15:16: `observed-by` stands beside `unobservable`, expected only one of them
rfc7692.toml:1:1: unknown key `requirment`, expected one of out-of-scope, requirement
rfc7692.toml:2:1: missing key `level`
rfc7692.toml:2:1: missing key `role`
rfc7692.toml:2:1: missing key `severity`
rfc7692.toml:2:1: missing key `quote`
rfc7692.toml:2:1: missing key `observed-by`
rfc7692.toml:3:6: `id` is of document "rfc6455", expected "rfc7692" as the file's name says
rfc8441.toml:1:15: not TOML: unclosed array table, expected `]`
"#
    );
}

#[test]
fn an_id_is_given_once() {
    let entry = r#"[[requirement]]
id = "rfc6455/5.1/client-masks"
level = "MUST"
role = "client"
severity = "security"
quote = "a client MUST mask all frames"
observed-by = "MASK is 1"
"#;
    assert_eq!(Catalogue::parse(&[("cases/rfc6455.toml", entry)]).expect("the entry is right").len(), 1);
    let twice = format!("{entry}\n{entry}");
    insta::assert_snapshot!(mistakes(&[("rfc6455.toml", &twice)]), @r#"
rfc6455.toml:10:6: `id` "rfc6455/5.1/client-masks" is taken, expected a new one: first given at rfc6455.toml:2
"#);
}

#[test]
fn requirements_are_tables() {
    insta::assert_snapshot!(mistakes(&[("rfc6455.toml", "requirement = 1\n")]), @r#"
rfc6455.toml:1:15: `requirement` is of type integer, expected tables written [[requirement]]
"#);
    insta::assert_snapshot!(mistakes(&[("rfc6455.toml", "requirement = [1, {}]\n")]), @r#"
rfc6455.toml:1:16: `requirement` is of type integer, expected tables written [[requirement]]
rfc6455.toml:1:19: missing key `id`
rfc6455.toml:1:19: missing key `level`
rfc6455.toml:1:19: missing key `role`
rfc6455.toml:1:19: missing key `severity`
rfc6455.toml:1:19: missing key `quote`
rfc6455.toml:1:19: missing key `observed-by`
"#);
}
