//! `replay`: instances one after another, with every octet.

use super::args::ReplayArgs;
use super::output::print;
use super::select::{from_file, library};
use super::status::{Failure, Status};
use crate::embedded;
use crate::report::pcapng::{self, Capture};
use crate::runner::execute;
use crate::runner::probe::{self, play_config};
use crate::runner::reference::{self, Link};
use crate::runner::stream::Stream;
use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wsgauntlet_suite::case::{Instance, Pattern};
use wsgauntlet_suite::oracle::{self, Verdict};
use wsgauntlet_suite::peer::{PlayConfig, Player};
use wsgauntlet_suite::transcript::{Transcript, notation};
use wsgauntlet_wire::Role;

pub fn main(args: ReplayArgs) -> Result<Status, Failure> {
    let role = if args.url.is_some() { Role::Server } else { args.role.into() };
    let file = Path::new(&args.what);
    let is_file = file.extension().is_some_and(|extension| extension == "toml") && file.is_file();
    let library = if is_file { Cow::Owned(from_file(file)?) } else { library(&args.dirs)? };
    let pattern = Pattern::new(if is_file { "**" } else { &args.what });
    let instances: Vec<&Instance> =
        library.instances(role).filter(|instance| pattern.matches(instance)).collect();
    if instances.is_empty() {
        return Err(Failure::NothingSelected(format!("no case of a {role} matches {:?}", args.what)));
    }
    let deadline = Duration::from_millis(args.timeout_ms);
    let mut target = match &args.url {
        Some(url) => Some(args.target.target(url)?),
        None => None,
    };
    let mut endpoint = reference::config(role);
    args.fault.apply(&mut endpoint)?;
    let runtime = super::runtime()?;
    if let Some(target) = &mut target {
        // As in a run: what is wrong with each opening is not what the instance is about.
        let wrong = runtime.block_on(probe::wrong_opening(target, deadline))?;
        for remark in &wrong.remarks {
            print(&format!("note: {remark}\n"))?;
        }
        target.capabilities.overlooked = wrong.faults;
    }
    let mut status = Status::Good;
    let mut plays = Vec::new();
    for instance in instances {
        let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let instance = &match &target {
            Some(target) => instance.with_prelude(&target.prelude),
            None => instance.clone(),
        };
        let transcript = match &target {
            Some(target) => runtime.block_on(async {
                let started = Instant::now();
                let stream = Stream::connect(target).await?;
                let player = Player::new(instance, play_config(target, deadline, args.seed));
                Ok::<Transcript, Failure>(execute::play(player, stream, started).await)
            })?,
            None => {
                let mut config = PlayConfig::new("localhost");
                config.seed = args.seed;
                config.deadline = deadline;
                reference::play(instance, &config, endpoint.clone(), Link::Direct)
            }
        };
        let verdict = oracle::judge(instance, &transcript, embedded::catalogue());
        if !verdict.is_acceptable(false) {
            status = Status::Worse;
        }
        print(&show(instance, &transcript, &verdict))?;
        plays.push((format!("{}: {}", instance.id, verdict.kind), began, transcript));
    }
    if let Some(path) = &args.pcap {
        capture(path, &plays)?;
    }
    Ok(status)
}

/// Writes the plays, each with its comment and when it began.
fn capture(path: &Path, plays: &[(String, Duration, Transcript)]) -> Result<(), Failure> {
    let captures: Vec<Capture<'_>> = plays
        .iter()
        .map(|(comment, began, transcript)| Capture { transcript, comment: comment.clone(), began: *began })
        .collect();
    std::fs::write(path, pcapng::render(&captures))
        .map_err(|error| Failure::Usage(format!("cannot write {}: {error}", path.display())))
}

fn show(instance: &Instance, transcript: &Transcript, verdict: &Verdict) -> String {
    let mut out = format!("{}\n  {}\n", instance.id, instance.doc);
    for line in notation::lines(transcript) {
        let _ = writeln!(out, "    {line}");
    }
    let _ = writeln!(
        out,
        "  verdict   {}  ({:.1} ms)",
        verdict.kind,
        transcript.duration().as_secs_f64() * 1000.0
    );
    if let Some(reason) = &verdict.reason {
        let _ = writeln!(out, "  reason    {reason}");
    }
    for failure in verdict.failures() {
        if let Some(requirement) = embedded::catalogue().get(failure.requirement.as_str()) {
            let _ = writeln!(
                out,
                "  {} {}  \"{}\"",
                requirement.citation(),
                requirement.level,
                requirement.quote
            );
        }
        let _ = writeln!(out, "  expected  {}\n  observed  {}", failure.expected, failure.observed);
    }
    out
}
