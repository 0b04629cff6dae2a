//! A bug report in Markdown, to be sent to those who write the target.

use super::literal::fence;
use super::subject::Subject;
use super::{python, raw};
use std::fmt::Write;
use wsgauntlet_wire::Role;

/// The report.
pub(crate) fn render(subject: &Subject<'_>) -> String {
    let mut out = format!("# {}\n\n", title(subject));
    let _ = writeln!(out, "| | |\n| --- | --- |");
    let target = if subject.target.is_empty() { "(name and version)" } else { &subject.target };
    let _ = writeln!(out, "| {} | {target} |", role(subject));
    let _ =
        writeln!(out, "| found by | wsgauntlet {}, `{}` |", env!("CARGO_PKG_VERSION"), subject.instance.id);
    let _ = writeln!(out, "\n{}\n", subject.instance.doc);
    if subject.deviations.is_empty() {
        let _ = writeln!(out, "No deviation was seen: the verdict is {}.\n", subject.verdict);
    }
    for deviation in &subject.deviations {
        let _ = writeln!(out, "{}:\n\n> {}\n", deviation.citation, deviation.quote.replace('\n', "\n> "));
        let _ = writeln!(out, "* Expected: {}", deviation.expected);
        let _ = writeln!(out, "* Observed: {}\n", deviation.observed);
    }
    let octets = subject.lines.join("\n");
    let _ = writeln!(
        out,
        "## Octets\n\n`>` was sent to the target, `<` came from it.\n\n{}\n\n## Reproducer\n",
        block("text", &octets)
    );
    match python::render(subject) {
        Ok(program) => {
            let _ = writeln!(
                out,
                "Needs Python 3.8 or newer, and nothing else. It exits with 1 while the defect is there, and with 0 once it is mended.\n\n<details>\n<summary>reproducer.py</summary>\n\n{}\n\n</details>",
                block("python", program.trim_end())
            );
        }
        Err(why) => {
            let _ = writeln!(
                out,
                "A program cannot show it: {why}. The octets:\n\n{}",
                block("sh", raw::render(subject).trim_end())
            );
        }
    }
    out
}

/// A block of code.
fn block(language: &str, code: &str) -> String {
    let fence = fence(code);
    format!("{fence}{language}\n{code}\n{fence}")
}

fn title(subject: &Subject<'_>) -> String {
    let by_deviation = || {
        let first = subject.deviations.first()?;
        Some(format!("Expected {}, got {}", first.expected, first.observed))
    };
    subject.title.clone().or_else(by_deviation).unwrap_or_else(|| subject.instance.doc.clone())
}

fn role(subject: &Subject<'_>) -> &'static str {
    match subject.instance.role {
        Role::Server => "server",
        Role::Client => "client",
    }
}
