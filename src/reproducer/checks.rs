//! Which checks a program makes beside its steps: those for what monitors complained of.

use super::parts;
use super::subject::Subject;

/// The requirements whose breach a check looks for.
pub(crate) fn requirements<'a>(subject: &'a Subject<'_>) -> Result<Vec<&'a str>, String> {
    let by_monitor = || subject.deviations.iter().filter(|deviation| deviation.monitor.is_some());
    let checked: Vec<&str> = by_monitor()
        .map(|deviation| deviation.requirement.as_str())
        .filter(|requirement| parts::is_checked(requirement))
        .collect();
    let by_step = subject.deviations.iter().any(|deviation| deviation.monitor.is_none());
    match by_monitor().next() {
        Some(first) if checked.is_empty() && !by_step => {
            Err(format!("no check of a program looks for a breach of {}", first.requirement))
        }
        _ => Ok(checked),
    }
}
