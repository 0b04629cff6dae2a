//! Every command in the README and in `docs/` is one that the command line takes.

use super::args::Cli;
use clap::CommandFactory;
use std::path::Path;

/// The commands of a text: what stands between backticks, or in a code block, and begins with `wsgauntlet `.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            // Two spaces and more separate a command from what the text says about it.
            let command = line.trim_start_matches("$ ").split("  ").next().unwrap_or_default();
            found.extend(command.starts_with("wsgauntlet ").then(|| command.to_owned()));
        } else {
            let quoted = line.split('`').skip(1).step_by(2);
            found.extend(quoted.filter(|code| code.starts_with("wsgauntlet ")).map(str::to_owned));
        }
    }
    // `[URL]`, `RUN..` and `a | b` describe commands, and are none.
    found.retain(|command| !command.contains("..") && !command.contains('[') && !command.contains(" | "));
    found
}

/// The words of a command, as a shell would give them. Only single quotes are known.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('\'').enumerate();
    let mut words = vec![String::new()];
    for (index, part) in parts {
        if index % 2 == 1 {
            words.last_mut().expect("one word at least").push_str(part);
            continue;
        }
        let mut pieces = part.split(' ');
        words.last_mut().expect("one word at least").push_str(pieces.next().unwrap_or_default());
        words.extend(pieces.map(str::to_owned));
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Fails when an option is renamed, or a document shows one that does not exist.
#[test]
fn documented_commands_are_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs =
        std::fs::read_dir(root.join("docs")).expect("the folder docs").flatten().map(|entry| entry.path());
    let files = docs.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    let mut seen = 0;
    for path in files.chain([root.join("README.md"), root.join("cases/README.md")]) {
        let text = std::fs::read_to_string(&path).expect("a text");
        for command in commands(&text) {
            let parsed = Cli::command().try_get_matches_from(words(&command));
            assert!(parsed.is_ok(), "{}: `{command}`\n{}", path.display(), parsed.unwrap_err());
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen} commands were found");
}

/// Fails when a link in the README or in `docs/` leads to a file that does not exist.
#[test]
fn documented_files_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A package has no reports/audits.
    let whole = root.join("reports/audits").exists();
    let docs =
        std::fs::read_dir(root.join("docs")).expect("the folder docs").flatten().map(|entry| entry.path());
    for path in docs
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .chain([root.join("README.md")])
    {
        let text = std::fs::read_to_string(&path).expect("a text");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            let is_ours =
                !file.is_empty() && !file.contains("://") && (whole || !file.contains("reports/audits"));
            let folder = path.parent().expect("a folder");
            assert!(!is_ours || folder.join(file).exists(), "{}: {link}", path.display());
        }
    }
}
