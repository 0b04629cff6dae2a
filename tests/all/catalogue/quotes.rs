//! Each quote of the catalogue stands verbatim in its document, and each section exists there.
//!
//! The documents are not part of the package. They are looked for beside it, or in the folder that `WSGAUNTLET_SPEC`
//! names; without them the tests say that they are skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use wsgauntlet::embedded;

use wsgauntlet_suite::requirement::Requirement;

/// Every quote is found in its document: whitespace collapsed, page breaks and markup removed.
#[test]
fn quotes_are_verbatim() {
    let Some(folder) = spec_folder() else { return };
    let missing: Vec<String> = by_document()
        .into_iter()
        .flat_map(|(document, requirements)| {
            let text = flowing_text(&folder, document);
            requirements.into_iter().filter(move |r| !text.contains(&r.quote)).map(not_found)
        })
        .collect();
    assert!(missing.is_empty(), "{} quotes are not verbatim:\n{}", missing.len(), missing.join("\n"));
}

/// Every section number has its heading in the document.
#[test]
fn sections_exist() {
    let Some(folder) = spec_folder() else { return };
    let mut missing = Vec::new();
    for (document, requirements) in by_document() {
        let sections = section_numbers(&folder, document);
        let unknown = requirements.into_iter().filter(|r| !sections.contains(&r.section));
        missing.extend(unknown.map(|r| r.id.to_string()));
    }
    assert!(missing.is_empty(), "no such section: {missing:#?}");
}

/// Within a document, the catalogue has the order of its sections.
#[test]
fn requirements_are_in_the_documents_order() {
    for (document, requirements) in by_document() {
        let sections: Vec<Vec<u32>> = requirements.iter().map(|r| section_key(&r.section)).collect();
        assert!(sections.is_sorted(), "{document} is out of order");
    }
}

fn by_document() -> BTreeMap<&'static str, Vec<&'static Requirement>> {
    let mut documents: BTreeMap<&str, Vec<&Requirement>> = BTreeMap::new();
    for requirement in embedded::catalogue().iter() {
        documents.entry(requirement.id.document()).or_default().push(requirement);
    }
    documents
}

fn not_found(requirement: &Requirement) -> String {
    format!("{}: {:?}", requirement.id, requirement.quote)
}

fn section_key(section: &str) -> Vec<u32> {
    section.split('.').map(|number| number.parse().expect("an id's section is numbers")).collect()
}

/// The folder of the documents, or nothing where they are absent, which is said. A folder that is named must exist.
fn spec_folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("WSGAUNTLET_SPEC") {
        let folder = PathBuf::from(named);
        assert!(folder.is_dir(), "WSGAUNTLET_SPEC names no folder: {}", folder.display());
        return Some(folder);
    }
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../shared/spec", "../../shared/spec"]
        .map(|near| package.join(near))
        .into_iter()
        .find(|f| f.is_dir());
    if found.is_none() {
        eprintln!("skipped: the documents are absent (WSGAUNTLET_SPEC names their folder)");
    }
    found
}

fn read(folder: &Path, document: &str) -> String {
    let path = match document {
        "whatwg" => folder.join("whatwg-websockets.bs"),
        rfc => folder.join(format!("{rfc}.txt")),
    };
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The document as one line, with single spaces.
fn flowing_text(folder: &Path, document: &str) -> String {
    let text = read(folder, document);
    match document {
        "whatwg" => collapse(&without_markup(&text)).replace(" ,", ",").replace(" .", "."),
        _ => collapse(&without_page_breaks(&text)),
    }
}

/// Drops the footers (`Fette & Melnikov  Standards Track  [Page 6]`) and the headers (`RFC 6455  ...  December 2011`).
fn without_page_breaks(text: &str) -> String {
    let is_footer = |line: &str| !line.starts_with(' ') && line.contains("[Page ") && line.ends_with(']');
    let is_header = |line: &str| {
        line.starts_with("RFC ") && line.contains("   ") && line.ends_with(|last: char| last.is_ascii_digit())
    };
    let kept: Vec<&str> = text
        .lines()
        .map(|line| line.trim_matches('\u{c}'))
        .filter(|line| !is_footer(line) && !is_header(line))
        .collect();
    kept.join("\n")
}

/// Single spaces; and none after a line that ends in the hyphen of a compound, which was wrapped there.
fn collapse(text: &str) -> String {
    let mut flowing = String::with_capacity(text.len());
    for line in text.lines() {
        let ends_in_hyphen = {
            let mut last = flowing.chars().rev();
            last.next() == Some('-') && last.next().is_some_and(char::is_alphanumeric)
        };
        for (at, word) in line.split_whitespace().enumerate() {
            if !(flowing.is_empty() || at == 0 && ends_in_hyphen) {
                flowing.push(' ');
            }
            flowing.push_str(word);
        }
    }
    flowing
}

/// Renders Bikeshed's source: `[=a/b|c=]` and `{{a/b}}` are their last part, tags and references vanish.
fn without_markup(source: &str) -> String {
    // An escaped backquote is one that a reader sees; the others mark code.
    let text = source.replace("\\`", "\u{1}").replace('`', "").replace('\u{1}', "`");
    let text = replace_between(&text, "<!--", "-->", |_| Some(String::new()));
    let is_tag =
        |inner: &str| inner.trim_start_matches('/').starts_with(|first: char| first.is_ascii_alphabetic());
    let text = replace_between(&text, "<", ">", |inner| is_tag(inner).then(String::new));
    let text = replace_between(&text, "[[!", "]]", |_| Some(String::new()));
    let text = replace_between(&text, "[=", "=]", |inner| Some(last_part(inner.trim_end_matches('='))));
    replace_between(&text, "{{", "}}", |inner| Some(last_part(inner)))
}

fn last_part(inner: &str) -> String {
    inner.rsplit(['/', '|']).next().unwrap_or(inner).to_owned()
}

/// Replaces each `open inner close` by what `replacement` makes of `inner`, where it makes something.
fn replace_between(
    text: &str,
    open: &str,
    close: &str,
    replacement: impl Fn(&str) -> Option<String>,
) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(open) {
        let inner_start = start + open.len();
        let Some(inner_len) = rest[inner_start..].find(close) else {
            break;
        };
        let inner = &rest[inner_start..inner_start + inner_len];
        replaced.push_str(&rest[..start]);
        match replacement(inner) {
            Some(new) => {
                replaced.push_str(&new);
                rest = &rest[inner_start + inner_len + close.len()..];
            }
            None => {
                replaced.push_str(open);
                rest = &rest[inner_start..];
            }
        }
    }
    replaced + rest
}

fn section_numbers(folder: &Path, document: &str) -> BTreeSet<String> {
    let text = read(folder, document);
    match document {
        "whatwg" => bikeshed_sections(&text),
        _ => text.lines().filter_map(rfc_heading).collect(),
    }
}

/// `5.5.1` of a line such as `5.5.1.  Close`, which begins in the first column.
fn rfc_heading(line: &str) -> Option<String> {
    let (number, title) = line.split_once(". ").or_else(|| line.split_once("  "))?;
    let is_number =
        number.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    (is_number && !title.trim().is_empty()).then(|| number.to_owned())
}

/// Bikeshed numbers the headings itself: `#` opens a section, `##` one within it.
fn bikeshed_sections(text: &str) -> BTreeSet<String> {
    let mut counters: Vec<u32> = Vec::new();
    let mut numbers = BTreeSet::new();
    for line in text.lines().filter(|line| line.starts_with('#')) {
        let depth = line.len() - line.trim_start_matches('#').len();
        counters.resize(depth, 0);
        counters[depth - 1] += 1;
        numbers.insert(counters.iter().map(u32::to_string).collect::<Vec<_>>().join("."));
    }
    numbers
}

/// The tidying of the texts itself is right, whether or not the documents are there.
#[test]
fn texts_are_tidied() {
    let paged = "see per-\n   frame data\n\nFette & Melnikov      Standards Track     [Page 6]\n\u{c}\nRFC 6455     The \
                 WebSocket Protocol     December 2011\n\n\n   and   more";
    assert_eq!(collapse(&without_page_breaks(paged)), "see per-frame data and more");
    let marked =
        "1. If |r|'s [=url/scheme=] is \"`ws`\" <a for=x>and</a> 1 < 2, [=fail the\nconnection=]. [[!WSP]]";
    assert_eq!(
        collapse(&without_markup(marked)),
        "1. If |r|'s scheme is \"ws\" and 1 < 2, fail the connection."
    );
    assert_eq!(rfc_heading("5.5.1.  Close").as_deref(), Some("5.5.1"));
    assert_eq!(rfc_heading("   5.5.1.  Close"), None);
}
