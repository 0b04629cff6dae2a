//! The formats in which a stored run is written: a renderer is one file and one line here.

use super::stored::StoredRun;
#[cfg(feature = "cli")]
use super::table;
use super::{autobahn, badge, html, json, junit, sarif, summary, tap};

/// A file that a renderer makes. `path` is relative to the folder of reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The path, relative to the folder of reports.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl Made {
    /// A file of that path and text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Made {
        Made { path: path.into(), text: text.into() }
    }
}

/// A format, by the name that the command line has for it.
#[derive(Debug)]
pub struct Format {
    /// The name that the command line has for it.
    pub name: &'static str,
    /// What it is for, in a few words.
    pub about: &'static str,
    /// Whether `--out DIR` writes it unasked.
    pub by_default: bool,
    /// Makes the files of these runs.
    pub render: fn(&[StoredRun]) -> Vec<Made>,
}

/// All formats, in the order of the help.
pub const FORMATS: &[Format] = &[
    #[cfg(feature = "cli")]
    Format { name: "table", about: "what a terminal shows", by_default: false, render: tables },
    Format {
        name: "json",
        about: "report.json, which every other report is made from",
        by_default: true,
        render: reports,
    },
    Format {
        name: "summary",
        about: "summary.md, for job summaries and merge requests",
        by_default: true,
        render: summaries,
    },
    Format {
        name: "junit",
        about: "junit.xml, as Jenkins and GitLab read it",
        by_default: true,
        render: |runs| vec![Made::new("junit.xml", junit::render(runs))],
    },
    Format {
        name: "html",
        about: "index.html, for a browser; several runs make a matrix",
        by_default: true,
        render: |runs| vec![Made::new("index.html", html::render(runs))],
    },
    Format {
        name: "sarif",
        about: "results.sarif, SARIF 2.1.0, for code scanning",
        by_default: false,
        render: |runs| vec![Made::new("results.sarif", sarif::render(runs))],
    },
    Format {
        name: "tap",
        about: "results.tap, TAP 14",
        by_default: false,
        render: |runs| vec![Made::new("results.tap", tap::render(runs))],
    },
    Format {
        name: "badge",
        about: "badge.svg, and badge.json for shields.io",
        by_default: false,
        render: badge::render,
    },
    Format {
        name: "autobahn",
        about: "autobahn/index.json and a JSON file for each case, as Autobahn|Testsuite writes them",
        by_default: false,
        render: autobahn::render,
    },
];

/// The format of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

#[cfg(feature = "cli")]
fn tables(runs: &[StoredRun]) -> Vec<Made> {
    let texts: Vec<String> =
        runs.iter().map(|run| table::render(run, table::TableOptions::default())).collect();
    vec![Made::new("report.txt", texts.join("\n"))]
}

fn reports(runs: &[StoredRun]) -> Vec<Made> {
    match runs {
        [run] => vec![Made::new("report.json", json::render(run))],
        several => several
            .iter()
            .map(|run| Made::new(format!("report-{}.json", slug(&run.target.name)), json::render(run)))
            .collect(),
    }
}

fn summaries(runs: &[StoredRun]) -> Vec<Made> {
    let texts: Vec<String> = runs.iter().map(summary::render).collect();
    vec![Made::new("summary.md", texts.join("\n"))]
}

/// A text as a part of a file's name.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' => out.push(c),
            _ if out.ends_with('-') || out.is_empty() => {}
            _ => out.push('-'),
        }
    }
    let slug = out.trim_end_matches('-');
    if slug.is_empty() { "target".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs() {
        for (text, expected) in
            [("ws 8.23", "ws-8.23"), ("[::1]:9001", "1-9001"), ("", "target"), ("a/../b", "a-..-b")]
        {
            assert_eq!(slug(text), expected);
        }
    }

    /// A name means one format.
    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FORMATS.len());
    }
}
