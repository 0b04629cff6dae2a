//! The structure of the sources, as ARCHITECTURE.md states it. The packages hold the layers: `cargo` refuses an import that
//! goes upward. What is left for this test are the modules within a package, and what no source may contain.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders of sources, as their paths begin below the root.
const PACKAGES: &[&str] = &["src", "crates/reference/src", "crates/suite/src", "crates/wire/src"];

/// Each module that shares its package with others, and which of these it may import.
const LAYERS: &[(&str, &[&str])] = &[
    ("crates/suite/src/toml_file.rs", &[]),
    ("crates/suite/src/requirement", &["toml_file"]),
    ("crates/suite/src/transport.rs", &[]),
    ("crates/suite/src/carrier", &[]),
    ("crates/suite/src/transcript", &["carrier", "transport"]),
    ("crates/suite/src/case", &["requirement", "toml_file", "transport"]),
    ("crates/suite/src/matching", &["case", "transcript", "requirement"]),
    ("crates/suite/src/peer", &["matching", "case", "transcript", "carrier"]),
    ("crates/suite/src/oracle", &["matching", "case", "transcript", "requirement"]),
    ("src/embedded.rs", &[]),
    ("src/fuzz", &["embedded"]),
    ("src/report", &["embedded"]),
    ("src/runner", &["embedded", "fuzz"]),
    ("src/diagnosis", &["embedded", "report", "runner"]),
    ("src/reproducer", &["diagnosis", "embedded", "report", "runner"]),
];

/// Modules of the root package that do no I/O, read no clock and draw no randomness. In `crates/` clippy refuses these
/// (`crates/clippy.toml`).
const WITHOUT_THE_WORLD: &[&str] = &["src/diagnosis/", "src/fuzz/", "src/report/", "src/reproducer/"];

const WORLD: &[&str] = &[
    "tokio::",
    "std::net::Tcp",
    "std::net::Udp",
    "ToSocketAddrs",
    "std::fs",
    // A writer that is an argument may be written to.
    "std::io::{",
    "io::stdin",
    "io::stdout",
    "io::stderr",
    "std::process",
    "std::thread",
    "Instant::now",
    "SystemTime",
    "rand::",
    "println!",
    "eprintln!",
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

/// All sources: path below the root, and text without the comments and without the tests at its end.
fn code() -> BTreeMap<String, String> {
    let mut code = BTreeMap::new();
    for (file, text) in all() {
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        code.insert(
            file,
            lines.join(
                "
",
            ),
        );
    }
    code
}

/// All sources as they stand.
fn all() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for package in PACKAGES {
        sources(&root.join(package), &mut files);
    }
    assert!(files.len() > 250, "the sources were found");
    let text = |file: &PathBuf| fs::read_to_string(file).expect("a source file");
    let name =
        |file: &PathBuf| file.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
    files.iter().map(|file| (name(file), text(file))).collect()
}

/// Within a package, imports go downward only.
#[test]
fn layers_hold() {
    let mut mistakes = Vec::new();
    for (file, text) in code() {
        let Some((own, allowed)) = LAYERS.iter().find(|(module, _)| file.starts_with(module)) else {
            continue;
        };
        let (package, own) = own.rsplit_once('/').expect("a module below a package");
        let siblings =
            LAYERS.iter().filter_map(|(module, _)| module.strip_prefix(package)?.strip_prefix('/'));
        for other in siblings.chain(["cli"]).map(|name| name.trim_end_matches(".rs")) {
            let imports =
                text.contains(&format!("crate::{other}::")) || text.contains(&format!("crate::{other};"));
            if imports && other != own && !allowed.contains(&other) {
                mistakes.push(format!("{file} imports {other}"));
            }
        }
        if text.contains("crate::{") {
            mistakes.push(format!("{file}: `use crate::{{..}}` hides its edges from this test"));
        }
    }
    assert!(
        mistakes.is_empty(),
        "{}",
        mistakes.join(
            "
"
        )
    );
}

/// Nothing below the runner does I/O, reads a clock or draws randomness.
#[test]
fn nothing_below_the_runner_touches_the_world() {
    let mut mistakes = Vec::new();
    for (file, text) in code() {
        if !WITHOUT_THE_WORLD.iter().any(|module| file.starts_with(module)) {
            continue;
        }
        for absent in WORLD {
            if text.contains(absent) {
                mistakes.push(format!("{file}: {absent}"));
            }
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

/// Nothing is left to be done. (Clippy refuses sleeps: see `clippy.toml`.)
#[test]
fn no_stubs() {
    let mut mistakes = Vec::new();
    for (file, text) in code() {
        if file.ends_with("_tests.rs") {
            continue;
        }
        for absent in ["todo!(", "unimplemented!(", "dbg!(", ".unwrap()"] {
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
    let mut mistakes = Vec::new();
    for (file, text) in all() {
        if !text.starts_with("//!") {
            mistakes.push(format!("{}: no `//!` at its start", file));
        }
        if text.lines().count() > LINES_MAX {
            mistakes.push(format!("{}: {} lines", file, text.lines().count()));
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}
