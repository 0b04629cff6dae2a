//! What a person sees on the terminal.

use super::defects;
use super::groups::{Group, groups};
use super::octets;
use super::score::{self, Score};
use super::stored::{StoredInstance, StoredRun};
use super::wrap::wrapped;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Padding, Style};
use wsgauntlet_suite::oracle::{PROCESS, VerdictKind};
use wsgauntlet_suite::requirement::Level;

/// How many of the last lines that a process wrote before it died are shown.
const STDERR_LINES: usize = 8;

/// How many lines of the gate are printed.
const GATE_LINES_MAX: usize = 200;

/// What the table shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct TableOptions {
    /// Escape sequences for colours.
    pub color: bool,
    /// How much is shown of each defect and failure.
    pub detail: Detail,
    /// The columns of the terminal; lines are broken there. `None`: they stay whole, as in files.
    pub width: Option<usize>,
}

/// How much is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// A line for each defect; deviations that no defect covers, with octets if they fail.
    #[default]
    Brief,
    /// Also the octets of one instance of each defect, and of lenient verdicts.
    Octets,
    /// Also all instances of each defect, and the deviations that defects cover.
    Instances,
}

/// The whole text: head, areas, what no defect covers, the defects, score. The defects stand last, so that they are on the screen.
pub fn render(run: &StoredRun, options: TableOptions) -> String {
    let mut out = String::new();
    let total = run.score();
    head(&mut out, run);
    areas(&mut out, run, &total, options.width);
    let is_verbose = options.detail >= Detail::Octets;
    let covered: BTreeSet<&str> = match options.detail {
        Detail::Instances => BTreeSet::new(),
        Detail::Brief | Detail::Octets => run.defect_of_instance().into_keys().collect(),
    };
    let is_shown = |group: &Group<'_>| group.instances.iter().any(|one| !covered.contains(one.id.as_str()));
    let serious = [VerdictKind::Fail, VerdictKind::Flaky, VerdictKind::Error];
    for group in groups(run, &serious).into_iter().filter(is_shown) {
        if group.instances[0].accepted.is_some() && !is_verbose {
            brief(&mut out, run, &group, options);
        } else {
            failure(&mut out, run, &group, options);
        }
    }
    let lenient: Vec<Group<'_>> = groups(run, &[VerdictKind::Lenient]).into_iter().filter(is_shown).collect();
    if !lenient.is_empty() {
        out.push('\n');
    }
    for group in lenient {
        if is_verbose {
            failure(&mut out, run, &group, options);
        } else {
            brief(&mut out, run, &group, options);
        }
    }
    unplayed(&mut out, run, is_verbose);
    let listed = match options.detail {
        Detail::Brief => defects::list(run),
        Detail::Octets => defects::details(run, false),
        Detail::Instances => defects::details(run, true),
    };
    if !listed.is_empty() {
        if !listed.starts_with('\n') {
            out.push('\n');
        }
        out.push_str(&listed);
    }
    foot(&mut out, run, &total, options);
    match options.width {
        Some(width) => wrapped(&out, width),
        None => out,
    }
}

fn head(out: &mut String, run: &StoredRun) {
    let target = &run.target;
    let has = |name: &str| target.capabilities.get(name).copied();
    let mut can: Vec<&str> = Vec::new();
    for (shown, name) in [
        (has("echo") == Some(true), "echo"),
        (has("echo") == Some(false), "no echo"),
        (has("pong") == Some(false), "no pong"),
        (has("closing") == Some(false), "no closing handshake"),
        (has("permessage-deflate") == Some(true), "permessage-deflate"),
    ] {
        can.extend(shown.then_some(name));
    }
    // A play that timed out is repeated with three times as long.
    let timeout = run.timeout_ms.map(|ms| ms as f64 / 1000.0);
    let timeout = timeout.map(|s| format!(" · timeout {s:.1} s, then {:.1} s", s * 3.0)).unwrap_or_default();
    let _ = writeln!(
        out,
        "wsgauntlet {} · {} {} · {} of {} · {} · {} at once{timeout}",
        run.suite.version,
        target.role,
        target.url,
        counted(run.instances.len(), "instance"),
        counted(run.suite.cases, "case"),
        can.join(", "),
        run.jobs,
    );
    for remark in run.remarks() {
        let _ = writeln!(out, "note: {remark}");
    }
    out.push('\n');
}

/// `1 case`, `2 cases`
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Columns that are left out of a narrow table, the first one first.
const DISPENSABLE: [&str; 4] = ["reference", "n/a", "info", "SHOULD"];

fn areas(out: &mut String, run: &StoredRun, total: &Score, width: Option<usize>) {
    let mut left_out = 0;
    let lines = loop {
        let lines = area_lines(run, total, &DISPENSABLE[..left_out]);
        let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or_default();
        if left_out == DISPENSABLE.len() || width.is_none_or(|width| widest <= width) {
            break lines;
        }
        left_out += 1;
    };
    let _ = writeln!(out, "{}", lines.join("\n"));
    if run.instances.iter().any(|instance| instance.area() == "found") {
        let _ = writeln!(out, " found: cases made of what the fuzzer found in real implementations");
    }
}

/// The table of the areas without some of its columns, and the duration.
fn area_lines(run: &StoredRun, total: &Score, left_out: &[&str]) -> Vec<String> {
    let mut builder = Builder::default();
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
        if run.count(kind) > 0 {
            kinds.push((kind, name));
        }
    }
    let is_shown = |name: &str| !left_out.contains(&name);
    kinds.retain(|(_, name)| is_shown(name));
    let only_shown = |cells: Vec<(&str, String)>| -> Vec<String> {
        cells.into_iter().filter(|(name, _)| is_shown(name)).map(|(_, cell)| cell).collect()
    };
    let mut header = vec!["area".to_owned()];
    header.extend(kinds.iter().map(|(_, name)| (*name).to_owned()));
    header.extend(only_shown(["MUST", "SHOULD", "reference"].map(|name| (name, name.to_owned())).to_vec()));
    builder.push_record(header);
    let mut row = |name: &str, instances: &[&StoredInstance], score: &Score| {
        let count = |kind: VerdictKind| instances.iter().filter(|instance| instance.verdict == kind).count();
        let mut cells = vec![name.to_owned()];
        cells.extend(kinds.iter().map(|(kind, _)| count(*kind).to_string()));
        cells.extend(only_shown(vec![
            ("MUST", score.must.to_string()),
            ("SHOULD", score.should.to_string()),
            ("reference", reference(instances)),
        ]));
        builder.push_record(cells);
    };
    for (area, instances) in &run.areas() {
        row(area, instances, &score::score(instances.iter().copied(), &run.requirements));
    }
    let all: Vec<&StoredInstance> = run.instances.iter().collect();
    row("total", &all, total);
    let mut table = builder.build();
    table.with(Style::empty()).with(Padding::new(1, 1, 0, 0)).with(Alignment::right());
    table.modify(Columns::first(), Alignment::left());
    let mut lines: Vec<String> = table.to_string().lines().map(|line| line.trim_end().to_owned()).collect();
    if let Some(last) = lines.last_mut() {
        let _ = write!(last, "  {:.2} s", run.summary.duration_ms as f64 / 1000.0);
    }
    lines
}

/// The reference's verdicts over some records: one word, or the counts. What it lacks the means for did not fail.
fn reference(instances: &[&StoredInstance]) -> String {
    let count = |wanted: fn(&VerdictKind) -> bool| {
        instances.iter().filter_map(|instance| instance.reference).filter(wanted).count()
    };
    let inapplicable = count(|kind| *kind == VerdictKind::Inapplicable);
    let worse =
        count(|kind| !matches!(kind, VerdictKind::Pass | VerdictKind::Info | VerdictKind::Inapplicable));
    match (worse, inapplicable) {
        (0, 0) => "pass".to_owned(),
        (0, count) => format!("pass, {count} n/a"),
        (1, _) => "1 deviates".to_owned(),
        (count, _) => format!("{count} deviate"),
    }
}

fn paint(text: &str, code: &str, options: TableOptions) -> String {
    if options.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

fn label(kind: VerdictKind, options: TableOptions) -> String {
    match kind {
        VerdictKind::Fail | VerdictKind::Error => paint(&kind.as_str().to_uppercase(), "1;31", options),
        VerdictKind::Lenient | VerdictKind::Flaky => paint(&kind.as_str().to_uppercase(), "1;33", options),
        _ => kind.as_str().to_uppercase(),
    }
}

fn more(group: &Group<'_>) -> String {
    match (group.instances.len() - 1, group.cases()) {
        (0, _) => String::new(),
        (more, 1) => format!("   (and {more} more of this case)"),
        (more, cases) => format!("   (and {more} more, of {cases} cases)"),
    }
}

fn failure(out: &mut String, run: &StoredRun, group: &Group<'_>, options: TableOptions) {
    let instance = group.instances[0];
    let _ = writeln!(out, "\n{}  {}{}", label(group.kind, options), instance.id, more(group));
    let _ = writeln!(out, "      {}", instance.heading());
    if let Some(reason) = &instance.reason {
        let _ = writeln!(out, "      reason    {reason}");
    }
    if let Some(failure) = group.failure {
        if let Some(requirement) = run.requirements.get(&failure.requirement) {
            let _ = writeln!(
                out,
                "      {} {}  \"{}\"",
                requirement.citation, requirement.level, requirement.quote
            );
        }
        let _ = writeln!(out, "      expected  {}", failure.expected);
        let _ = writeln!(out, "      observed  {}", failure.observed);
        if let Some(waited) = instance.waited() {
            let _ = writeln!(out, "      waited    {waited}");
        }
    }
    if let Some(application) = &instance.application {
        if let Some(exit) = &application.exit {
            let lines: Vec<&str> = application.stderr.trim().lines().collect();
            let last = lines.last().copied().unwrap_or_default();
            let said = if last.is_empty() { String::new() } else { format!(", stderr: {last}") };
            let _ = writeln!(out, "      command   {exit}{said}");
            // What a program says before it dies is long, and its last line seldom says why.
            let crashed = group.failure.is_some_and(|failure| failure.monitor.as_deref() == Some(PROCESS));
            let shown = if crashed { lines.len().saturating_sub(STDERR_LINES) } else { lines.len() };
            for line in &lines[shown..] {
                let _ = writeln!(out, "      stderr    {line}");
            }
        }
        for line in &application.page {
            let _ = writeln!(out, "      page      {line}");
        }
    }
    octets::write(out, instance);
    if let Some(reason) = &instance.accepted {
        let _ = writeln!(out, "      accepted  {reason}");
    }
    let _ = writeln!(out, "      replay    {}", run.replay(instance));
}

fn brief(out: &mut String, run: &StoredRun, group: &Group<'_>, options: TableOptions) {
    let instance = group.instances[0];
    let Some(failure) = group.failure else { return };
    let citation = run
        .requirements
        .get(&failure.requirement)
        .map(|requirement| {
            let is_tolerated = group.kind == VerdictKind::Lenient && requirement.level == Level::Must;
            let tolerated = if is_tolerated { ", tolerated" } else { "" };
            format!("{} {}{tolerated}", requirement.citation, requirement.level)
        })
        .unwrap_or_default();
    let _ = writeln!(out, "{}  {}{}", label(group.kind, options), instance.id, more(group));
    let _ = writeln!(out, "         {citation}: {}, expected {}", failure.observed, failure.expected);
    if let Some(reason) = &instance.accepted {
        let _ = writeln!(out, "         accepted: {reason}");
    }
}

/// How many instances are named that the target did not survive.
const CRASHES_MAX: usize = 20;

/// Of the reasons why instances are inapplicable, how many are named without `-v`.
const REASONS_MAX: usize = 2;

/// `inapplicable: 66 instances (47: needs TLS; 16: needs an echo; 3 for other reasons: -v)`
fn inapplicable(reasons: &mut BTreeMap<(VerdictKind, &str), usize>) -> Option<String> {
    let is_one = |kind: &VerdictKind| *kind == VerdictKind::Inapplicable;
    let mut all: Vec<(usize, &str)> = reasons
        .iter()
        .filter(|((kind, _), _)| is_one(kind))
        .map(|((_, why), count)| (*count, *why))
        .collect();
    if all.len() <= REASONS_MAX {
        return None;
    }
    reasons.retain(|(kind, _), _| !is_one(kind));
    all.sort_by(|a, b| b.cmp(a));
    let total: usize = all.iter().map(|(count, _)| count).sum();
    let mut said: Vec<String> =
        all.iter().take(REASONS_MAX).map(|(count, reason)| format!("{count}: {reason}")).collect();
    let others: usize = all.iter().skip(REASONS_MAX).map(|(count, _)| count).sum();
    said.push(format!("{others} for other reasons: -v"));
    Some(format!("{}: {} ({})", VerdictKind::Inapplicable, counted(total, "instance"), said.join("; ")))
}

/// What was not played, by reason.
fn unplayed(out: &mut String, run: &StoredRun, verbose: bool) {
    let mut reasons: BTreeMap<(VerdictKind, &str), usize> = BTreeMap::new();
    for instance in &run.instances {
        if matches!(instance.verdict, VerdictKind::Inapplicable | VerdictKind::Blocked) {
            let reason = instance.reason.as_deref().unwrap_or_default();
            *reasons.entry((instance.verdict, reason)).or_default() += 1;
        }
    }
    if !reasons.is_empty() {
        out.push('\n');
    }
    if !verbose && let Some(line) = inapplicable(&mut reasons) {
        let _ = writeln!(out, "{line}");
    }
    for ((kind, reason), count) in reasons {
        let _ = writeln!(out, "{kind}: {}, {reason}", counted(count, "instance"));
    }
    for crash in run.crashes.iter().take(CRASHES_MAX) {
        let _ = writeln!(out, "the target did not survive {crash}");
    }
    if run.crashes.len() > CRASHES_MAX {
        let _ = writeln!(out, ".. and {} more instances", run.crashes.len() - CRASHES_MAX);
    }
    for death in &run.deaths {
        let _ = writeln!(out, "the target stopped answering after {death}");
    }
    if let Some(why) = &run.interrupted {
        let _ = writeln!(out, "the run is incomplete: {why}");
    }
}

fn foot(out: &mut String, run: &StoredRun, score: &Score, options: TableOptions) {
    let line = if score.whole {
        format!("score  MUST {}  SHOULD {}  {}", score.must.share(), score.should.share(), run.graded())
    } else {
        format!("score  {}", run.graded())
    };
    let good = run.count(VerdictKind::Fail) == 0 && run.deaths.is_empty();
    let _ = writeln!(out, "\n{}", paint(&line, if good { "1;32" } else { "1;31" }, options));
    if let Some(grades) = &run.grades {
        let _ = writeln!(out, "       opening {}, protocol {}", grades.opening.grade, grades.protocol.grade);
        out.extend(grades.standing.iter().map(|standing| format!("       {standing}\n")));
    }
    out.push_str(&gate(run, options));
}

/// What makes the gate fail, line by line. Without a baseline the failures themselves show it.
pub fn gate(run: &StoredRun, options: TableOptions) -> String {
    let mut out = String::new();
    let Some(gate) = &run.gate else { return out };
    for line in gate.told().take(GATE_LINES_MAX) {
        let label = paint(&format!("{:<15}", line.kind.as_str()), "1;31", options);
        let _ = writeln!(out, "{label}  {}: {}", line.subject, line.text);
    }
    let told = gate.told().count();
    if told > GATE_LINES_MAX {
        let _ = writeln!(out, ".. and {} more lines", told - GATE_LINES_MAX);
    }
    let Some(baseline) = &gate.baseline else { return out };
    let accepted = run.instances.iter().filter(|instance| instance.accepted.is_some()).count();
    let said = match gate.status {
        0 => paint("open", "1;32", options),
        5 => paint("shut, the baseline is stale", "1;31", options),
        1 => paint("shut, worse than the baseline", "1;31", options),
        _ => paint("shut, the run says too little", "1;31", options),
    };
    let _ = writeln!(
        out,
        "gate   {said}: {accepted} deviations accepted by {baseline}, {} lines (exit status {})",
        gate.lines.len(),
        gate.status
    );
    out
}
