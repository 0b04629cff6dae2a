//! What a person sees on the terminal.

use super::groups::{Group, groups};
use super::score::{self, Score};
use crate::oracle::{Record, Run, VerdictKind};
use crate::requirement::Catalogue;
use crate::transcript::notation;
use crate::wire::Role;
use std::collections::BTreeMap;
use std::fmt::Write;
use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Padding, Style};

/// How many lines of a transcript stand under a failure.
const TRANSCRIPT_LINES: usize = 14;

/// What the table shows.
#[derive(Clone, Debug)]
pub struct TableOptions {
    /// Escape sequences for colours.
    pub color: bool,
    /// The transcripts of lenient verdicts too.
    pub verbose: bool,
    /// How the target is named in the replay command.
    pub replay_target: String,
}

/// The whole text: head, areas, failures, score.
pub fn render(run: &Run, catalogue: &Catalogue, options: &TableOptions) -> String {
    let mut out = String::new();
    let total = score::of_run(run, catalogue);
    head(&mut out, run);
    areas(&mut out, run, catalogue, &total);
    let serious = [VerdictKind::Fail, VerdictKind::Flaky, VerdictKind::Error];
    for group in groups(run, &serious) {
        failure(&mut out, &group, catalogue, options, true);
    }
    let lenient = groups(run, &[VerdictKind::Lenient]);
    if !lenient.is_empty() {
        out.push('\n');
    }
    for group in lenient {
        if options.verbose {
            failure(&mut out, &group, catalogue, options, true);
        } else {
            brief(&mut out, &group, catalogue, options);
        }
    }
    unplayed(&mut out, run);
    foot(&mut out, run, &total, options);
    out
}

fn head(out: &mut String, run: &Run) {
    let target = &run.target;
    let capabilities = target.capabilities;
    let mut can: Vec<&str> = Vec::new();
    for (has, name) in [
        (capabilities.echo, "echo"),
        (!capabilities.echo, "no echo"),
        (!capabilities.pong, "no pong"),
        (!capabilities.closing, "no closing handshake"),
        (capabilities.deflate, "permessage-deflate"),
    ] {
        can.extend(has.then_some(name));
    }
    let _ = writeln!(
        out,
        "wsgauntlet {} · {} {} · {} instances of {} cases · {} · {} at once",
        env!("CARGO_PKG_VERSION"),
        target.role,
        target.url,
        run.records.len(),
        run.cases,
        can.join(", "),
        run.jobs,
    );
    for remark in &target.remarks {
        let _ = writeln!(out, "note: {remark}");
    }
    out.push('\n');
}

fn areas(out: &mut String, run: &Run, catalogue: &Catalogue, total: &Score) {
    let mut by_area: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in &run.records {
        by_area.entry(record.instance.id.area()).or_default().push(record);
    }
    let mut builder = Builder::default();
    let has = |kind| run.count(kind) > 0;
    let mut kinds = vec![
        (VerdictKind::Pass, "pass"),
        (VerdictKind::Lenient, "lenient"),
        (VerdictKind::Fail, "fail"),
        (VerdictKind::Info, "info"),
        (VerdictKind::Inapplicable, "n/a"),
    ];
    for (kind, name) in
        [(VerdictKind::Blocked, "blocked"), (VerdictKind::Flaky, "flaky"), (VerdictKind::Error, "error")]
    {
        if has(kind) {
            kinds.push((kind, name));
        }
    }
    let mut header = vec!["area".to_owned()];
    header.extend(kinds.iter().map(|(_, name)| (*name).to_owned()));
    header.extend(["MUST", "SHOULD", "reference"].map(str::to_owned));
    builder.push_record(header);
    let mut row = |name: &str, records: &[&Record], score: &Score| {
        let count = |kind: VerdictKind| records.iter().filter(|record| record.verdict.kind == kind).count();
        let mut cells = vec![name.to_owned()];
        cells.extend(kinds.iter().map(|(kind, _)| count(*kind).to_string()));
        cells.extend([score.must.to_string(), score.should.to_string(), reference(records)]);
        builder.push_record(cells);
    };
    for (area, records) in &by_area {
        row(area, records, &score::score(records.iter().copied(), catalogue));
    }
    let all: Vec<&Record> = run.records.iter().collect();
    row("total", &all, total);
    let mut table = builder.build();
    table.with(Style::empty()).with(Padding::new(1, 1, 0, 0)).with(Alignment::right());
    table.modify(Columns::first(), Alignment::left());
    let text = table.to_string();
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let last = lines.pop().unwrap_or_default();
    let _ = writeln!(out, "{}\n{last}   {:.2} s", lines.join("\n"), run.duration.as_secs_f64());
}

/// The reference's verdicts over some records: one word, or the counts.
fn reference(records: &[&Record]) -> String {
    let kinds = records.iter().filter_map(|record| record.reference.as_ref()).map(|reference| reference.kind);
    let worse = kinds.filter(|kind| !matches!(kind, VerdictKind::Pass | VerdictKind::Info)).count();
    if worse == 0 { "pass".to_owned() } else { format!("{worse} not pass") }
}

fn paint(text: &str, code: &str, options: &TableOptions) -> String {
    if options.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

fn label(kind: VerdictKind, options: &TableOptions) -> String {
    match kind {
        VerdictKind::Fail | VerdictKind::Error => paint(&kind.as_str().to_uppercase(), "1;31", options),
        VerdictKind::Lenient | VerdictKind::Flaky => paint(&kind.as_str().to_uppercase(), "1;33", options),
        _ => kind.as_str().to_uppercase(),
    }
}

fn more(group: &Group<'_>) -> String {
    match (group.records.len() - 1, group.cases()) {
        (0, _) => String::new(),
        (more, 1) => format!("   (and {more} more of this case)"),
        (more, cases) => format!("   (and {more} more, of {cases} cases)"),
    }
}

fn failure(out: &mut String, group: &Group<'_>, catalogue: &Catalogue, options: &TableOptions, full: bool) {
    let record = group.records[0];
    let _ = writeln!(out, "\n{}  {}{}", label(group.kind, options), record.instance.id, more(group));
    let _ = writeln!(out, "      {}", record.instance.doc);
    if let Some(reason) = &record.verdict.reason {
        let _ = writeln!(out, "      reason    {reason}");
    }
    if let Some(failure) = group.failure {
        if let Some(requirement) = catalogue.get(failure.requirement.as_str()) {
            let _ = writeln!(
                out,
                "      {} {}  \"{}\"",
                requirement.citation(),
                requirement.level,
                requirement.quote
            );
        }
        let _ = writeln!(out, "      expected  {}", failure.expected);
        let _ = writeln!(out, "      observed  {}", failure.observed);
    }
    if let Some(application) = &record.application {
        if let Some(exit) = application.exit {
            let said = application.stderr.trim().lines().last().unwrap_or_default();
            let said = if said.is_empty() { String::new() } else { format!(", stderr: {said}") };
            let _ = writeln!(out, "      command   {exit}{said}");
        }
        for line in &application.page {
            let _ = writeln!(out, "      page      {line}");
        }
    }
    if full {
        transcript(out, record);
    }
    let id = record.instance.id.without_role();
    let _ = match record.instance.role {
        Role::Server => writeln!(out, "      replay    wsgauntlet replay '{id}' {}", options.replay_target),
        Role::Client => {
            writeln!(out, "      replay    wsgauntlet run client --case '{id}' {}", options.replay_target)
        }
    };
}

fn transcript(out: &mut String, record: &Record) {
    let Some(transcript) = &record.transcript else { return };
    let lines = notation::lines(transcript);
    let beside = record.reference.as_ref().map(|reference| notation::lines(&reference.transcript));
    let after_head = lines.iter().rposition(|line| is_head(line)).map_or(0, |at| at + 1);
    // Where the frames are what matters, the heads are left out.
    let shown = if after_head < lines.len() && after_head > 0 { &lines[after_head..] } else { &lines[..] };
    let skipped = shown.len().saturating_sub(TRANSCRIPT_LINES);
    if skipped > 0 {
        let _ = writeln!(out, "        .. {skipped} lines before ..");
    }
    for line in &shown[skipped..] {
        let _ = writeln!(out, "        {line}");
    }
    let Some(beside) = beside else { return };
    let differing: Vec<&String> = beside
        .iter()
        .filter(|line| line.starts_with('<') && !is_head(line) && !lines.contains(line))
        .collect();
    let first = differing.iter().take(2).map(|line| line.as_str()).collect::<Vec<_>>().join("   ");
    if !first.is_empty() {
        let _ = writeln!(out, "        reference: {first}");
    }
}

/// A line of an opening head, not of a frame.
fn is_head(line: &str) -> bool {
    let text = line.get(2..).unwrap_or_default();
    text.starts_with("HTTP/")
        || text.contains(" HTTP/1")
        || text.split_once(": ").is_some_and(|(name, _)| crate::opening::token::is_token(name.as_bytes()))
}

fn brief(out: &mut String, group: &Group<'_>, catalogue: &Catalogue, options: &TableOptions) {
    let record = group.records[0];
    let Some(failure) = group.failure else { return };
    let citation = catalogue
        .get(failure.requirement.as_str())
        .map(|requirement| format!("{} {}", requirement.citation(), requirement.level))
        .unwrap_or_default();
    let _ = writeln!(out, "{}  {}{}", label(group.kind, options), record.instance.id, more(group));
    let _ = writeln!(out, "         {citation}: {}, expected {}", failure.observed, failure.expected);
}

/// What was not played, by reason.
fn unplayed(out: &mut String, run: &Run) {
    let mut reasons: BTreeMap<(VerdictKind, &str), usize> = BTreeMap::new();
    for record in &run.records {
        if matches!(record.verdict.kind, VerdictKind::Inapplicable | VerdictKind::Blocked) {
            let reason = record.verdict.reason.as_deref().unwrap_or_default();
            *reasons.entry((record.verdict.kind, reason)).or_default() += 1;
        }
    }
    if !reasons.is_empty() {
        out.push('\n');
    }
    for ((kind, reason), count) in reasons {
        let _ = writeln!(out, "{kind}: {count} instances, {reason}");
    }
    for death in &run.deaths {
        let _ = writeln!(out, "the target stopped answering after {death}");
    }
    if let Some(why) = &run.interrupted {
        let _ = writeln!(out, "the run is incomplete: {why}");
    }
}

fn foot(out: &mut String, run: &Run, score: &Score, options: &TableOptions) {
    let reason = if score.reason.is_empty() { String::new() } else { format!(" ({})", score.reason) };
    let line = format!(
        "score  MUST {:.1}%  SHOULD {:.1}%  grade {}{reason}",
        score.must.percent(),
        score.should.percent(),
        score.grade,
    );
    let good = run.count(VerdictKind::Fail) == 0;
    let _ = writeln!(out, "\n{}", paint(&line, if good { "1;32" } else { "1;31" }, options));
}
