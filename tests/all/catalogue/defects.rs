//! The words and severities of defects (`src/diagnosis/defects`): each quirk and each requirement has them, and a reader
//! understands them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::Path;
use wsgauntlet::diagnosis::catalogue::{Defects, Entry, Severity, defects};
use wsgauntlet::embedded;
use wsgauntlet_reference::{Quirk, Roles};
use wsgauntlet_suite::requirement::{Binds, Level};
use wsgauntlet_wire::Role;

/// A title stands on one line of a terminal, behind its severity.
const TITLE_LEN_MAX: usize = 69;

/// Words of the house's list of riddles (see "Plain English" of its style): a maintainer reads the texts once.
const RIDDLES: [&str; 11] = [
    "borne",
    "told",
    "amid",
    "so many",
    "is none",
    "says nothing",
    "comes to",
    "in vain",
    "of which",
    "what is to be",
    "the one that",
];

/// Name and text of each file of defects.
fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnosis/defects");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of defects") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            files.push((name, fs::read_to_string(&path).expect("UTF-8")));
        }
    }
    files
}

/// Every entry that a report can show in this role, with what it is about.
fn entries(role: Role) -> Vec<(String, &'static Entry)> {
    let quirks = Quirk::all().filter(|quirk| quirk.info().roles.contains(role)).map(|quirk| {
        let name = quirk.info().name.to_owned();
        (name, defects().of_quirk(quirk, role).expect("every_quirk_has_one_row"))
    });
    let requirements = embedded::catalogue().iter().filter(|requirement| binds(requirement.binds, role)).map(
        |requirement| {
            let id = requirement.id.as_str();
            (id.to_owned(), defects().of_requirement(id).expect("every_requirement_has_one_row"))
        },
    );
    quirks.chain(requirements).collect()
}

fn binds(binds: Binds, role: Role) -> bool {
    match binds {
        Binds::Both => true,
        Binds::Server => role == Role::Server,
        Binds::Client => role == Role::Client,
        Binds::Intermediary | Binds::SpecAuthor => false,
    }
}

/// All files keep the rules of a row. What is embedded is what stands there.
#[test]
fn files_parse() {
    let files = files();
    let read = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let parsed = Defects::parse(read).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(parsed.quirks().count(), defects().quirks().count());
    assert_eq!(parsed.requirements().count(), defects().requirements().count());
}

/// A quirk without words could not be reported. (A row without a quirk does not parse.)
#[test]
fn every_quirk_has_one_row() {
    let with_row: HashSet<Quirk> = defects().quirks().collect();
    let missing: Vec<&str> =
        Quirk::all().filter(|quirk| !with_row.contains(quirk)).map(|quirk| quirk.info().name).collect();
    assert!(missing.is_empty(), "add a row to src/diagnosis/defects/AREA.toml for {missing:?}");
}

/// A requirement without words could not be reported; a row for another id is a slip of the pen.
#[test]
fn every_requirement_has_one_row() {
    let rows: BTreeSet<&str> = defects().requirements().map(|(id, _)| id.as_str()).collect();
    let ids: BTreeSet<&str> =
        embedded::catalogue().iter().map(|requirement| requirement.id.as_str()).collect();
    let missing: Vec<_> = ids.difference(&rows).collect();
    let unknown: Vec<_> = rows.difference(&ids).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing: {missing:?}; unknown: {unknown:?}");
}

/// The row of a quirk stands in the file of its area.
#[test]
fn rows_stand_in_the_file_of_their_area() {
    let files: BTreeMap<String, String> = files().into_iter().collect();
    for quirk in Quirk::all() {
        let info = quirk.info();
        let text = files.get(&format!("{}.toml", info.area)).map_or("", String::as_str);
        assert!(
            text.contains(&format!("quirk = {:?}\n", info.name)),
            "{} is not in {}.toml",
            info.name,
            info.area
        );
    }
}

/// Two defects of one title would look like one. Quirks and requirements are shown in one list.
#[test]
fn titles_are_unique_in_a_role() {
    for role in [Role::Client, Role::Server] {
        let mut titles: BTreeMap<&str, String> = BTreeMap::new();
        for (about, entry) in entries(role) {
            if let Some(other) = titles.insert(&entry.title, about.clone()) {
                panic!("{role:?}: {about} and {other} have the title {:?}", entry.title);
            }
        }
    }
}

/// Titles are verb phrases on one line, meanings one or two sentences, reasons a clause.
#[test]
fn texts_have_their_form() {
    for (about, entry) in [Role::Client, Role::Server].into_iter().flat_map(entries) {
        let title = &entry.title;
        assert!(title.chars().count() <= TITLE_LEN_MAX, "{about}: the title has {} characters", title.len());
        assert!(
            title.starts_with(|c: char| c.is_ascii_uppercase()) && !title.ends_with('.'),
            "{about}: {title}"
        );
        if let Some(means) = &entry.means {
            assert!(means.ends_with('.') && means.chars().count() <= 240, "{about}: {means}");
        }
        if let Some(why) = &entry.why {
            assert!(!why.ends_with('.'), "{about}: {why}");
        }
    }
}

#[test]
fn texts_are_plain() {
    for (about, entry) in [Role::Client, Role::Server].into_iter().flat_map(entries) {
        let texts = std::iter::once(&entry.title).chain(&entry.means).chain(&entry.why);
        for text in texts {
            let words = format!(" {} ", text.replace(|c: char| !c.is_alphanumeric(), " ").to_lowercase());
            let riddle = RIDDLES.iter().find(|riddle| words.contains(&format!(" {riddle} ")));
            assert!(riddle.is_none(), "{about}: {riddle:?} in {text:?}");
        }
    }
}

/// Only a quirk of both roles can differ between them.
#[test]
fn keys_of_clients_are_for_quirks_of_both_roles() {
    for quirk in Quirk::all().filter(|quirk| quirk.info().roles != Roles::Both) {
        let [server, client] = [Role::Server, Role::Client].map(|role| defects().of_quirk(quirk, role));
        assert_eq!(server, client, "{}", quirk.info().name);
    }
}

/// What a peer may do or leave undone is no rule to be strict about, and what no case looks at ends no process.
#[test]
fn severities_fit_the_level() {
    for requirement in embedded::catalogue().iter().filter(|requirement| requirement.level != Level::Must) {
        let entry = defects().of_requirement(requirement.id.as_str()).expect("every_requirement_has_one_row");
        assert_ne!(entry.severity, Severity::Strictness, "{}: nothing obliges to reject", requirement.id);
    }
}

/// The examples by which `README.md` draws its borders.
#[test]
fn examples_of_the_criteria() {
    use Severity::{Critical, Hygiene, Interop, Security, Strictness};
    for (name, role, severity, ordinary) in [
        ("abort-on-short-close", Role::Client, Critical, false),
        ("accept-unmasked", Role::Server, Security, false),
        ("accept-unmasked-empty", Role::Server, Strictness, false),
        ("accept-masked", Role::Client, Strictness, false),
        ("masking-key-counter", Role::Client, Security, false),
        ("client-does-not-mask", Role::Client, Security, true),
        ("accept-host-absent", Role::Server, Strictness, false),
        ("accept-key-not-base64", Role::Server, Hygiene, false),
        ("accept-body", Role::Server, Security, false),
        ("bare-cr-ends-line", Role::Server, Security, false),
        ("bare-cr-ends-line", Role::Client, Strictness, false),
        ("accept-response-other-accept", Role::Client, Security, false),
        ("accept-response-two-accepts", Role::Client, Strictness, false),
        ("accept-utf8-overlong-2", Role::Server, Strictness, false),
        ("refuse-length-126", Role::Server, Interop, true),
        ("refuse-length-1337", Role::Server, Interop, false),
        ("lose-empty-message", Role::Client, Interop, false),
        ("close-reply-late", Role::Server, Interop, true),
        ("tcp-closed-late", Role::Server, Interop, false),
        ("send-non-minimal-16", Role::Server, Interop, true),
        ("send-non-minimal-16", Role::Client, Interop, false),
        ("accept-non-minimal-16", Role::Server, Hygiene, false),
        ("fail-without-close", Role::Server, Hygiene, false),
        ("fail-keeps-tcp", Role::Server, Strictness, false),
        ("refuses-by-hanging", Role::Server, Interop, false),
        ("426-without-upgrade", Role::Server, Hygiene, false),
    ] {
        let quirk: Quirk = name.parse().expect(name);
        let entry = defects().of_quirk(quirk, role).expect("every_quirk_has_one_row");
        assert_eq!((entry.severity, entry.ordinary), (severity, ordinary), "{name} ({role:?})");
    }
}
