//! `junit.xml`, valid for the schema of Jenkins, and read so by GitLab. A suite is an area; what a
//! baseline accepts is skipped with its reason, so that a green gate shows no red test; entries of
//! the baseline that accept nothing any more are a suite of their own.

use super::stored::{GateKind, StoredInstance, StoredRun};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestRerun, TestSuite};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;
use wsgauntlet_suite::oracle::VerdictKind;

/// The file for some runs; more than one have their targets' names before areas.
pub fn render(runs: &[StoredRun]) -> String {
    let mut report = Report::new("wsgauntlet");
    report.set_time(runs.iter().map(|run| Duration::from_millis(run.summary.duration_ms)).sum());
    for run in runs {
        for (area, instances) in run.areas() {
            let mut suite = TestSuite::new(format!("{}: {area}", run.target.name));
            suite.set_time(instances.iter().map(|instance| duration(instance)).sum());
            suite.add_property(Property::new("target", &run.target.url));
            suite.add_property(Property::new("role", run.target.role.to_string()));
            let ids: BTreeSet<&str> = instances.iter().map(|instance| instance.id.as_str()).collect();
            for defect in
                run.known_defects().iter().filter(|d| d.instances.iter().any(|id| ids.contains(id.as_str())))
            {
                let title = format!("{}: {}", defect.severity, defect.title);
                suite.add_property(Property::new(format!("defect {}", defect.id), title));
            }
            suite.add_test_cases(instances.iter().map(|instance| test_case(run, instance)));
            report.add_test_suite(suite);
        }
        report.add_test_suites(baseline(run));
    }
    let text = report.to_string().expect("a report is valid XML");
    // The schema of Jenkins knows `skipped` of suites alone.
    let (declaration, rest) = text.split_once("<testsuites").unwrap_or(("", &text));
    let (root, rest) = rest.split_once('>').unwrap_or(("", rest));
    let without: Vec<&str> = root.split(' ').filter(|attribute| !attribute.starts_with("skipped=")).collect();
    format!("{declaration}<testsuites{}>{rest}", without.join(" "))
}

fn duration(instance: &StoredInstance) -> Duration {
    Duration::from_micros(instance.duration_us)
}

fn test_case(run: &StoredRun, instance: &StoredInstance) -> TestCase {
    let name = instance.short_id().rsplit_once('/').map_or(instance.short_id(), |_| {
        // The parameters may hold slashes, the case's path does not.
        let start = instance.case.rfind('/').map_or(0, |at| at + 1);
        &instance.short_id()[start..]
    });
    let mut case = TestCase::new(name, status(run, instance));
    let suite = instance.case.rsplit_once('/').map_or(instance.case.as_str(), |(suite, _)| suite);
    let target = super::made::slug(&run.target.name).replace('.', "_");
    case.set_classname(format!("{target}.{}", suite.replace('/', ".")));
    case.set_time(duration(instance));
    if instance.failure.is_some() {
        case.set_system_out(account(run, instance));
    }
    case
}

fn status(run: &StoredRun, instance: &StoredInstance) -> TestCaseStatus {
    match (instance.verdict, &instance.accepted) {
        (VerdictKind::Pass | VerdictKind::Info, _) => TestCaseStatus::success(),
        (VerdictKind::Inapplicable, _) => skipped(instance.observed()),
        (VerdictKind::Flaky, Some(_)) => TestCaseStatus::Success { flaky_runs: vec![rerun(run, instance)] },
        (VerdictKind::Lenient | VerdictKind::Fail, Some(reason)) => skipped(&format!("accepted: {reason}")),
        (VerdictKind::Lenient, None) if !run.is_strict() => TestCaseStatus::success(),
        (VerdictKind::Lenient | VerdictKind::Fail, None) => {
            unsuccessful(run, instance, NonSuccessKind::Failure)
        }
        (VerdictKind::Flaky, None) => {
            let mut status = unsuccessful(run, instance, NonSuccessKind::Failure);
            status.add_rerun(rerun(run, instance));
            status
        }
        (VerdictKind::Blocked | VerdictKind::Error, _) => unsuccessful(run, instance, NonSuccessKind::Error),
    }
}

fn skipped(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message);
    status
}

fn unsuccessful(run: &StoredRun, instance: &StoredInstance, kind: NonSuccessKind) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(instance.verdict.as_str());
    status.set_message(instance.observed());
    status.set_description(account(run, instance));
    status
}

/// The reason of a flaky instance lists its plays.
fn rerun(run: &StoredRun, instance: &StoredInstance) -> TestRerun {
    let mut rerun = TestRerun::new(NonSuccessKind::Failure);
    rerun.set_type(instance.verdict.as_str());
    rerun.set_message(instance.reason.as_deref().unwrap_or(instance.observed()));
    rerun.set_system_out(account(run, instance));
    rerun
}

/// What a person needs to understand a deviation without another report.
fn account(run: &StoredRun, instance: &StoredInstance) -> String {
    let mut out = format!("{}: {}\n", instance.verdict, instance.heading());
    if let Some(reason) = &instance.reason {
        let _ = writeln!(out, "{reason}");
    }
    for failure in instance.failures() {
        if let Some(requirement) = run.requirements.get(&failure.requirement) {
            let _ = writeln!(out, "{} {} \"{}\"", requirement.citation, requirement.level, requirement.quote);
        }
        let _ = writeln!(out, "expected  {}\nobserved  {}", failure.expected, failure.observed);
        if let Some(waited) = instance.waited() {
            let _ = writeln!(out, "waited    {waited}");
        }
        let _ = writeln!(out, "cause     {}", failure.fingerprint);
    }
    for line in &instance.transcript {
        let _ = writeln!(out, "  {line}");
    }
    let _ = write!(out, "replay    {}", run.replay(instance));
    out
}

/// The lines of the gate that are about no instance.
fn baseline(run: &StoredRun) -> Option<TestSuite> {
    let gate = run.gate.as_ref()?;
    let file = gate.baseline.as_deref().unwrap_or("none");
    let mut suite = TestSuite::new(format!("{}: baseline", run.target.name));
    for line in gate.told() {
        match line.kind {
            GateKind::Blocked | GateKind::Error | GateKind::New | GateKind::Changed => continue,
            GateKind::NothingJudged
            | GateKind::Passes
            | GateKind::MatchesNothing
            | GateKind::Expired
            | GateKind::TooBroad => {}
        }
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type(line.kind.as_str()).set_message(&line.text);
        let mut case = TestCase::new(&line.subject, status);
        case.set_classname(format!("baseline.{}", super::made::slug(file).replace('.', "_")));
        suite.add_test_case(case);
    }
    (suite.tests > 0).then_some(suite)
}
