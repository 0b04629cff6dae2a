//! `replay`: instances one after another, with every octet.

mod client;
mod play;
mod played;
mod reproducer;
mod server;

use super::args::ReplayArgs;
use super::config;
use super::near::is_url;
use super::output::print;
use super::status::{Failure, Status};
use crate::embedded;
use crate::report::pcapng::{self, Capture};
use crate::report::stored::StoredInstance;
use play::play;
use played::Play;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;
use wsgauntlet_suite::transcript::{Transcript, notation};

pub(super) fn main(mut args: ReplayArgs) -> Result<Status, Failure> {
    if is_url(&args.what) {
        let what = &args.what;
        return Err(Failure::Usage(format!(
            "the case comes before the URL; did you mean `wsgauntlet replay {} {what}`?",
            args.url.as_deref().unwrap_or("CASE")
        )));
    }
    config::reach(&mut args)?;
    if let Some(form) = args.form {
        return reproducer::main(&args, form);
    }
    let mut status = Status::Good;
    let mut plays = Vec::new();
    let mut show = |play: Play| {
        if !play.record.verdict.is_acceptable(false) || play.process.is_some() {
            status = Status::Worse;
        }
        print(&show(&play))?;
        if let Some(transcript) = play.record.transcript {
            let comment = format!("{}: {}", play.record.instance.id, play.record.verdict.kind);
            plays.push((comment, play.began, transcript));
        }
        Ok(())
    };
    play(&args, &mut show)?;
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

fn show(play: &Play) -> String {
    let (instance, verdict) = (&play.record.instance, &play.record.verdict);
    let mut out = format!("{}\n  {}\n", instance.id, instance.doc);
    if let Some(transcript) = &play.record.transcript {
        for line in notation::lines(transcript) {
            let _ = writeln!(out, "    {line}");
        }
    }
    let ms = play.record.duration().as_secs_f64() * 1000.0;
    let _ = writeln!(out, "  verdict   {}  ({ms:.1} ms)", verdict.kind);
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
    if let Some(waited) = StoredInstance::of(&play.record, embedded::catalogue()).waited() {
        let _ = writeln!(out, "  waited    {waited}");
    }
    if let Some(exit) = play.record.application.as_ref().and_then(|application| application.exit) {
        let _ = writeln!(out, "  command   {exit}");
    }
    if let Some(process) = &play.process {
        let _ = writeln!(out, "  process   the server ended: {process}");
    }
    out
}
