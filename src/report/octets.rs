//! The octets of one play as lines of a terminal, and what the reference answered to the same.

use super::stored::StoredInstance;
use std::fmt::Write;

/// How many lines of a transcript are shown.
const LINES_MAX: usize = 14;

/// How many lines of the reference's answer are shown.
const REFERENCE_LINES_MAX: usize = 2;

/// How the line about the body of a response begins.
const BODY: &str = "< a body of ";

/// Requirements about the opening handshake: whoever breaks them shows it in a head.
const OF_OPENINGS: [&str; 4] = ["rfc6455/4.", "rfc6455/11.3", "rfc9110/", "rfc9112/"];

/// The part of a transcript that matters, and the reference's answer, if that differs.
pub(super) fn write(out: &mut String, instance: &StoredInstance) {
    let lines = &instance.transcript;
    let after_heads = lines.iter().rposition(|line| is_head(line)).map_or(0, |at| at + 1);
    let answer = lines.iter().position(|line| line.starts_with('<') && is_head(line));
    let shown = match answer {
        // The opening is what matters: the head that the target sent, and what follows.
        Some(at) if is_about_opening(instance) => &lines[at..],
        // Where the frames are what matters, the heads are left out.
        _ if after_heads < lines.len() && after_heads > 0 && !is_about_opening(instance) => {
            &lines[after_heads..]
        }
        _ => &lines[..],
    };
    // What a failed opening is about stands first, and what a frame led to stands last.
    let skipped = shown.len().saturating_sub(LINES_MAX);
    let first = if is_about_opening(instance) { 0 } else { skipped };
    if first > 0 {
        let _ = writeln!(out, "        .. {first} lines before ..");
    }
    for line in &shown[first..shown.len() - (skipped - first)] {
        let _ = writeln!(out, "        {line}");
    }
    if skipped > first {
        let _ = writeln!(out, "        .. {skipped} lines more ..");
    }
    let answered = reference(instance);
    if !answered.is_empty() {
        let _ = writeln!(out, "        reference: {}", answered.join("   "));
    }
}

/// What the reference answered, and the target did not: the status line of its response, its frames, or how it ended.
fn reference(instance: &StoredInstance) -> Vec<&str> {
    let lines = &instance.transcript;
    let differing = instance
        .reference_transcript
        .iter()
        .map(String::as_str)
        .filter(|line| !lines.iter().any(|own| own == line));
    let (received, ended): (Vec<&str>, Vec<&str>) = differing.partition(|line| line.starts_with('<'));
    let mut answered: Vec<&str> = received
        .into_iter()
        .filter(|line| is_status(line) || !(is_head(line) || line.starts_with(BODY)))
        .take(REFERENCE_LINES_MAX)
        .collect();
    if answered.is_empty() {
        answered.extend(ended.into_iter().rev().find(|line| line.starts_with('-')));
    }
    answered
}

fn is_about_opening(instance: &StoredInstance) -> bool {
    instance.area() == "opening"
        || instance
            .failure
            .as_ref()
            .is_some_and(|failure| OF_OPENINGS.iter().any(|prefix| failure.requirement.starts_with(prefix)))
}

/// The first line of a response.
fn is_status(line: &str) -> bool {
    line.get(2..).is_some_and(|text| text.starts_with("HTTP/"))
}

/// A line of an opening head, not of a frame.
fn is_head(line: &str) -> bool {
    let text = line.get(2..).unwrap_or_default();
    is_status(line)
        || text.contains(" HTTP/1")
        || text
            .split_once(": ")
            .is_some_and(|(name, _)| wsgauntlet_wire::opening::token::is_token(name.as_bytes()))
}
