//! Each quirk that the fuzzer finds, and the case that is saved of it.

use super::found::{find, verdict};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use wsgauntlet::fuzz::{Finding, memory};
use wsgauntlet_reference::{Config, Quirk};
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_wire::Role;

const SCRIPTS_MAX: usize = 200_000;
const SEEDS: u64 = 5;

/// What is wrong with the cases of a finding; nothing, where one fails on the endpoint in which it was found.
fn fault(finding: &Finding, config: &Config) -> Option<String> {
    let mut said = String::new();
    for (text, instance) in finding.forms() {
        let (right, wrong) = (verdict(&instance, &memory::config(config.role)), verdict(&instance, config));
        if wrong == VerdictKind::Fail || (finding.complaint.tolerated && wrong == VerdictKind::Lenient) {
            return None;
        }
        let _ = writeln!(said, "{right} on the reference, {wrong} on the quirk\n{text}");
    }
    Some(said)
}

fn quirks(role: Role) -> impl Iterator<Item = (Quirk, Role)> {
    Quirk::all().filter(move |quirk| quirk.info().roles.contains(role)).map(move |quirk| (quirk, role))
}

/// Every finding of the fuzzer makes a case that fails where it was found.
#[test]
fn what_is_saved_fails_where_it_was_found() {
    let named = std::env::var("QUIRKS").unwrap_or_default();
    let work: Vec<(Quirk, Role)> = quirks(Role::Server).chain(quirks(Role::Client)).filter(|(quirk, _)| named.is_empty() || named.split(',').any(|name| name == quirk.info().name)).collect();
    let max: usize = std::env::var("SCRIPTS").ok().and_then(|s| s.parse().ok()).unwrap_or(SCRIPTS_MAX);
    let (next, out, counts) = (AtomicUsize::new(0), Mutex::new(Vec::new()), [const { AtomicUsize::new(0) }; 3]);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((quirk, role)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut config = memory::config(*role);
                    config.quirk = Some(*quirk);
                    let found = (1..=SEEDS).find_map(|seed| find(&config, seed, max));
                    let Some(finding) = found else { counts[0].fetch_add(1, Ordering::Relaxed); continue };
                    match fault(&finding, &config) {
                        None => { counts[1].fetch_add(1, Ordering::Relaxed); }
                        Some(fault) => {
                            counts[2].fetch_add(1, Ordering::Relaxed);
                            let mut text = String::new();
                            let _ = writeln!(text, "=== {role} {} {} {} tolerated={} noticed={}", quirk.info().area, quirk.info().name, finding.complaint.requirement, finding.complaint.tolerated, finding.complaint.noticed);
                            out.lock().unwrap().push(text + &fault);
                        }
                    }
                }
            });
        }
    });
    let mut out = out.into_inner().unwrap();
    out.sort();
    eprintln!("not found, fine, not: {counts:?}");
    assert!(out.is_empty(), "{}", out.join("\n"));
}
