//! The structure of the source, as ARCHITECTURE.md states it: which module may know which, and what
//! is absent below the runner.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module, and what it may import of the crate. Exceptions name the one file that may do more.
const LAYERS: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("requirement", &[]),
    ("opening", &["wire"]),
    ("transcript", &["wire", "opening"]),
    ("case", &["wire", "opening", "requirement"]),
    ("protocol", &["wire", "opening", "requirement"]),
    ("matching", &["case", "transcript", "requirement", "wire", "opening"]),
    ("peer", &["matching", "case", "transcript", "wire", "opening"]),
    ("oracle", &["matching", "case", "transcript", "requirement", "wire", "opening"]),
    (
        "fuzz",
        &["peer", "oracle", "matching", "case", "transcript", "protocol", "requirement", "wire", "opening"],
    ),
    (
        "runner",
        &["fuzz", "peer", "oracle", "matching", "case", "transcript", "requirement", "wire", "opening"],
    ),
    ("report", &["oracle", "case", "transcript", "requirement", "wire", "opening"]),
];

/// Files that may import what their layer may not.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("runner/reference/mod.rs", "protocol"),
    ("runner/reference/pair.rs", "protocol"),
    ("runner/reference/tape.rs", "protocol"),
    ("runner/reference_client.rs", "protocol"),
    ("runner/selftest/prove.rs", "protocol"),
    ("runner/serve.rs", "protocol"),
];

/// What no module below the runner does: I/O, clocks, randomness.
const ABSENT_BELOW_RUNNER: &[&str] = &[
    "tokio::",
    "std::net::Tcp",
    "std::net::Udp",
    "ToSocketAddrs",
    "std::fs",
    "std::io",
    "std::process",
    "std::thread",
    "Instant::now",
    "SystemTime",
    "rand::",
    "println!",
    "eprintln!",
];

const BELOW_RUNNER: &[&str] = &[
    "wire",
    "requirement",
    "opening",
    "transcript",
    "case",
    "protocol",
    "matching",
    "peer",
    "oracle",
    "fuzz",
    "report",
];

const LINES_MAX: usize = 600;

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("the source folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// All sources: path below `src`, and text without the comments and without the tests at its end.
fn code() -> BTreeMap<String, String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut code = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source file");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let name = file.strip_prefix(&src).expect("below src").to_string_lossy().into_owned();
        code.insert(name, lines.join("\n"));
    }
    assert!(code.len() > 40, "the sources were found");
    code
}

fn module(file: &str) -> &str {
    file.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// Imports go downward only.
#[test]
fn layers_hold() {
    let mut mistakes = Vec::new();
    for (file, text) in code() {
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module(&file)) else { continue };
        for (other, _) in LAYERS.iter().chain([("cli", &[][..])].iter()) {
            let own = *other == module(&file) || allowed.contains(other);
            let excepted = EXCEPTIONS.contains(&(file.as_str(), other));
            let imports =
                text.contains(&format!("crate::{other}::")) || text.contains(&format!("crate::{other};"));
            if imports && !own && !excepted {
                mistakes.push(format!("{file} imports {other}"));
            }
        }
        if text.contains("crate::{") {
            mistakes.push(format!("{file}: `use crate::{{..}}` hides its edges from this test"));
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

/// Nothing below the runner does I/O, reads a clock or draws randomness.
#[test]
fn nothing_below_the_runner_touches_the_world() {
    let mut mistakes = Vec::new();
    for (file, text) in code() {
        if !BELOW_RUNNER.contains(&module(&file)) {
            continue;
        }
        for absent in ABSENT_BELOW_RUNNER {
            if text.contains(absent) {
                mistakes.push(format!("{file}: {absent}"));
            }
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

/// Nothing sleeps for a fixed time, and nothing is left to be done.
#[test]
fn no_sleeps_and_no_stubs() {
    let mut mistakes = Vec::new();
    for (file, text) in code() {
        if file.ends_with("_tests.rs") {
            continue;
        }
        for absent in [
            "thread::sleep",
            "time::sleep(",
            "tokio::time::sleep;",
            "todo!(",
            "unimplemented!(",
            "dbg!(",
            ".unwrap()",
        ] {
            if text.contains(absent) {
                mistakes.push(format!("{file}: {absent}"));
            }
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

/// Every module says what it is for, and no file grows out of sight.
#[test]
fn files_are_documented_and_short() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut mistakes = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source file");
        if !text.starts_with("//!") {
            mistakes.push(format!("{}: no `//!` at its start", file.display()));
        }
        if text.lines().count() > LINES_MAX {
            mistakes.push(format!("{}: {} lines", file.display(), text.lines().count()));
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}
