//! `replay`: instances one after another, with every octet.

use super::again::SERVER_TIMEOUT_MS;
use super::args::ReplayArgs;
use super::config;
use super::near::{is_url, no_match};
use super::output::print;
use super::select::{from_file, library};
use super::status::{Failure, Status};
use super::{replay_as, replay_client};
use crate::embedded;
use crate::report::pcapng::{self, Capture};
use crate::report::stored::StoredInstance;
use crate::runner::launch::{self, Launched};
use crate::runner::probe::{self, play_config};
use crate::runner::reference::{self, Link};
use crate::runner::stream::Stream;
use crate::runner::{Target, execute, retry};
use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wsgauntlet_suite::case::{Instance, Pattern};
use wsgauntlet_suite::oracle::{self, Record};
use wsgauntlet_suite::peer::{PlayConfig, Player};
use wsgauntlet_suite::transcript::{Transcript, notation};
use wsgauntlet_wire::Role;

/// One play, and what is known beside its record.
pub(super) struct Play {
    pub record: Record,
    /// How our peer played.
    pub config: PlayConfig,
    /// The URL of the server; empty for a client, and for the reference in memory.
    pub url: String,
    /// When it began.
    pub began: Duration,
    /// How the launched server ended, if it did.
    pub process: Option<String>,
}

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
        return replay_as::main(&args, form);
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

/// The instances that are meant.
pub(super) fn select(args: &ReplayArgs, role: Role) -> Result<Vec<Instance>, Failure> {
    let file = Path::new(&args.what);
    let is_file = file.extension().is_some_and(|extension| extension == "toml") && file.is_file();
    let library = if is_file { Cow::Owned(from_file(file)?) } else { library(&args.dirs)? };
    let pattern = Pattern::new(if is_file { "**" } else { &args.what });
    let instances: Vec<Instance> =
        library.instances(role).filter(|instance| pattern.matches(instance)).cloned().collect();
    match instances.is_empty() {
        true => Err(no_match(&args.what, role, &library)),
        false => Ok(instances),
    }
}

/// The role of what is played against.
pub(super) fn role(args: &ReplayArgs) -> Role {
    match (args.command.is_empty(), args.url.is_none() && args.launch.is_none()) {
        (false, _) => Role::Client,
        (true, true) => args.role.into(),
        (true, false) => Role::Server,
    }
}

/// Plays each instance that is meant, and gives `show` each play.
pub(super) fn play(
    args: &ReplayArgs,
    show: &mut (dyn FnMut(Play) -> Result<(), Failure> + Send),
) -> Result<(), Failure> {
    match args.command.is_empty() {
        true => play_server(args, show),
        false => replay_client::play(args, select(args, Role::Client)?, show),
    }
}

/// Plays against a server, or against the reference in memory.
fn play_server(args: &ReplayArgs, show: &mut dyn FnMut(Play) -> Result<(), Failure>) -> Result<(), Failure> {
    let role = role(args);
    let instances = select(args, role)?;
    let mut endpoint = reference::config(role);
    args.fault.apply(&mut endpoint)?;
    super::runtime()?.block_on(async {
        let mut site = Site::new(args).await?;
        for instance in instances {
            let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let seed = retry::instance_seed(args.seed, &instance);
            let deadline = Duration::from_millis(args.timeout_ms.unwrap_or(SERVER_TIMEOUT_MS));
            let (instance, config, transcript) = match &site.target {
                Some(target) => {
                    let instance = instance.with_prelude(&target.prelude);
                    let config = play_config(target, deadline, seed);
                    let started = Instant::now();
                    let stream = Stream::connect(target).await?;
                    let player = Player::new(&instance, config.clone());
                    let transcript = execute::play(player, stream, started).await;
                    (instance, config, transcript)
                }
                None => {
                    let mut config = PlayConfig::new("localhost");
                    (config.seed, config.deadline) = (seed, deadline);
                    let transcript = reference::play(&instance, &config, endpoint.clone(), Link::Direct);
                    (instance, config, transcript)
                }
            };
            let process = site.ended(args).await?;
            let verdict = oracle::judge(&instance, &transcript, embedded::catalogue());
            let mut record = Record::unplayed(Arc::new(instance), verdict.kind, "");
            (record.verdict, record.transcript) = (verdict, Some(transcript));
            let url = site.target.as_ref().map_or(String::new(), |target| target.url.clone());
            show(Play { record, config, url, began, process })?;
        }
        if let Some(launched) = site.launched {
            launched.end().await;
        }
        Ok(())
    })
}

/// Where the server is, and what was launched for it. Without a target: the reference in memory.
struct Site {
    target: Option<Target>,
    launched: Option<Launched>,
}

impl Site {
    async fn new(args: &ReplayArgs) -> Result<Site, Failure> {
        let mut url = args.url.clone();
        if args.launch.is_some() {
            let free = launch::free_port().await?.to_string();
            url = Some(url.unwrap_or_else(|| "ws://127.0.0.1:{port}/".to_owned()).replace("{port}", &free));
        }
        let Some(url) = url else { return Ok(Site { target: None, launched: None }) };
        let mut target = args.target.target(&url)?;
        target.capabilities = args.assumed.apply(target.capabilities);
        let mut site = Site { target: Some(target), launched: None };
        site.launch(args).await?;
        site.overlook(args).await?;
        Ok(site)
    }

    /// As in a run: what is wrong with each opening is not what the instance is about.
    async fn overlook(&mut self, args: &ReplayArgs) -> Result<(), Failure> {
        let Some(target) = &mut self.target else { return Ok(()) };
        let deadline = Duration::from_millis(args.timeout_ms.unwrap_or(SERVER_TIMEOUT_MS));
        let wrong = probe::wrong_opening(target, deadline).await?;
        for remark in &wrong.remarks {
            match args.form {
                // stdout is the reproducer.
                Some(_) => eprintln!("note: {remark}"),
                None => print(&format!("note: {remark}\n"))?,
            }
        }
        target.capabilities.overlooked = wrong.faults;
        Ok(())
    }

    async fn launch(&mut self, args: &ReplayArgs) -> Result<(), Failure> {
        if let (Some(command), Some(target)) = (&args.launch, &self.target) {
            let launched = launch::launch(command, &target.host, target.port, args.ready_within).await?;
            self.launched = Some(launched);
        }
        Ok(())
    }

    /// How the launched server ended, if it did. It is launched again then, for the next play.
    async fn ended(&mut self, args: &ReplayArgs) -> Result<Option<String>, Failure> {
        let Some(launched) = &mut self.launched else { return Ok(None) };
        let Some(status) = launched.ended() else { return Ok(None) };
        let said = format!("{status}{}", launched.output());
        self.launch(args).await?;
        Ok(Some(said))
    }
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
