//! The formats in which a stored run is written: a renderer is one file and one line here.

use super::made::{ReportFile, slug};
use super::stored::StoredRun;
#[cfg(feature = "cli")]
use super::table;
use super::{autobahn, badge, html, json, junit, sarif, summary, tap};

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
    pub render: fn(&[StoredRun]) -> Vec<ReportFile>,
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
        render: |runs| vec![ReportFile::new("junit.xml", junit::render(runs))],
    },
    Format {
        name: "html",
        about: "index.html, for a browser; several runs make a matrix",
        by_default: true,
        render: |runs| vec![ReportFile::new("index.html", html::render(runs))],
    },
    Format {
        name: "sarif",
        about: "results.sarif, SARIF 2.1.0, for code scanning",
        by_default: false,
        render: |runs| vec![ReportFile::new("results.sarif", sarif::render(runs))],
    },
    Format {
        name: "tap",
        about: "results.tap, TAP 14",
        by_default: false,
        render: |runs| vec![ReportFile::new("results.tap", tap::render(runs))],
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
fn tables(runs: &[StoredRun]) -> Vec<ReportFile> {
    let texts: Vec<String> =
        runs.iter().map(|run| table::render(run, table::TableOptions::default())).collect();
    vec![ReportFile::new("report.txt", texts.join("\n"))]
}

fn reports(runs: &[StoredRun]) -> Vec<ReportFile> {
    match runs {
        [run] => vec![ReportFile::new("report.json", json::render(run))],
        several => several
            .iter()
            .map(|run| ReportFile::new(format!("report-{}.json", slug(&run.target.name)), json::render(run)))
            .collect(),
    }
}

fn summaries(runs: &[StoredRun]) -> Vec<ReportFile> {
    let texts: Vec<String> = runs.iter().map(summary::render).collect();
    vec![ReportFile::new("summary.md", texts.join("\n"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name means one format.
    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FORMATS.len());
    }
}
