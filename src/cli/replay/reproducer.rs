//! `replay ID --as FORM`: a reproducer of one play, or of what a stored run recorded.

use super::play::{play, role, select};
use super::played::Play;
use crate::cli::again::{CLIENT_TIMEOUT_MS, SERVER_TIMEOUT_MS};
use crate::cli::args::{Cli, Command, FormArg, ReplayArgs};
use crate::cli::output::print;
use crate::cli::select::library;
use crate::cli::status::{Failure, Status};
use crate::cli::stored::read;
use crate::diagnosis::{self, INDEX};
use crate::embedded;
use crate::report::StoredRun;
use crate::report::stored::Circumstances;
use crate::reproducer::{Form, Subject, Tls, render};
use clap::Parser;
use std::path::Path;
use std::time::Duration;
use wsgauntlet_suite::case::{Instance, Pattern};
use wsgauntlet_suite::oracle::{Run, TargetInfo, VerdictKind};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_wire::Role;

/// How many ids are listed where one has to be chosen.
const LISTED_MAX: usize = 5;

/// The URL in reproducers of the reference in memory.
const ANY_URL: &str = "ws://127.0.0.1:9001/";

pub(super) fn main(args: &ReplayArgs, form: FormArg) -> Result<Status, Failure> {
    if let Some(path) = &args.from {
        return of_stored(args, form, path);
    }
    one(select(args, role(args))?, &args.what)?;
    let mut made = None;
    play(args, &mut |play: Play| {
        made = Some(play);
        Ok(())
    })?;
    let played = made.ok_or_else(|| Failure::Harness("nothing was played".to_owned()))?;
    let verdict = &played.record.verdict;
    let Some(transcript) = &played.record.transcript else {
        let why = verdict.reason.clone().unwrap_or_default();
        return Err(Failure::Usage(format!("{} cannot be played: {why}", played.record.instance.id)));
    };
    let url = match (played.record.instance.role, played.url.as_str()) {
        (Role::Server, "") => ANY_URL,
        (_, url) => url,
    };
    let mut subject =
        Subject::of_play(&played.record.instance, url, played.config.clone(), verdict, transcript);
    subject.tls = Tls { insecure: args.target.insecure, ca: args.target.ca.clone() };
    if form == FormArg::Issue {
        subject.title = title(&run_of(&played), &played.record.instance.id.to_string());
    }
    write(&subject, form)
}

/// Prints the reproducer.
fn write(subject: &Subject<'_>, form: FormArg) -> Result<Status, Failure> {
    if subject.deviations.is_empty() {
        eprintln!("note: no deviation was seen, the verdict is {}", subject.verdict);
    }
    let form = match form {
        FormArg::Python => Form::Python,
        FormArg::Curl => Form::Curl,
        FormArg::Raw => Form::Raw,
        FormArg::Issue => Form::Issue,
    };
    print(&render(subject, form).map_err(|error| Failure::Usage(error.to_string()))?)?;
    Ok(Status::Good)
}

/// The only instance of those that are meant.
fn one(instances: Vec<Instance>, what: &str) -> Result<Instance, Failure> {
    let ids: Vec<String> = instances.iter().take(LISTED_MAX).map(|one| one.id.to_string()).collect();
    match <[Instance; 1]>::try_from(instances) {
        Ok([instance]) => Ok(instance),
        Err(several) => Err(Failure::Usage(format!(
            "{what:?} names {} instances, and a reproducer is of one; choose one of {}{}",
            several.len(),
            ids.join(", "),
            if several.len() > LISTED_MAX { ", .." } else { "" }
        ))),
    }
}

/// From what a stored run recorded.
fn of_stored(args: &ReplayArgs, form: FormArg, path: &Path) -> Result<Status, Failure> {
    let run = read(path)?;
    let library = library(&args.dirs)?;
    let pattern = Pattern::new(&args.what);
    let is_stored = |instance: &&Instance| {
        let id = instance.id.to_string();
        pattern.matches(instance) && run.instances.iter().any(|stored| stored.id == id)
    };
    let instances: Vec<Instance> = library.instances(run.target.role).filter(is_stored).cloned().collect();
    if instances.is_empty() {
        return Err(Failure::NothingSelected(format!(
            "the run {} has no instance {:?}",
            path.display(),
            args.what
        )));
    }
    let instance = one(instances, &args.what)?;
    let id = instance.id.to_string();
    let Some(stored) = run.instances.iter().find(|stored| stored.id == id) else {
        return Err(Failure::NothingSelected(format!("the run has no instance {id:?}")));
    };
    if matches!(stored.verdict, VerdictKind::Blocked | VerdictKind::Inapplicable | VerdictKind::Error) {
        let why = stored.reason.as_deref().unwrap_or("no reason was stored");
        return Err(Failure::Usage(format!("{id} is {} in that run: {why}", stored.verdict)));
    }
    let reached = reached(&run);
    let how = reached.as_ref().unwrap_or(args);
    let (instance, url, config) = match run.target.role {
        Role::Server => {
            let target = how.target.target(&run.target.url)?;
            let deadline = Duration::from_millis(run.timeout_ms.unwrap_or(SERVER_TIMEOUT_MS));
            let seed = crate::runner::retry::instance_seed(run.seed, &instance);
            let config = crate::runner::probe::play_config(&target, deadline, seed);
            (instance.with_prelude(&target.prelude), run.target.url.as_str(), config)
        }
        Role::Client => {
            let mut config = PlayConfig::new("");
            config.deadline = Duration::from_millis(run.timeout_ms.unwrap_or(CLIENT_TIMEOUT_MS));
            (instance, "", config)
        }
    };
    let mut subject = Subject::of_stored(&instance, url, config, &run, stored);
    subject.tls = Tls { insecure: how.target.insecure, ca: how.target.ca.clone() };
    subject.title = title(&run, &id);
    write(&subject, form)
}

/// How the target of a run was reached: its headers, its certificate.
fn reached(run: &StoredRun) -> Option<ReplayArgs> {
    let words = run.target.again.as_ref()?.words.iter().cloned();
    let line = ["wsgauntlet", "replay", "ID"].into_iter().map(str::to_owned).chain(words);
    match Cli::try_parse_from(line).ok()?.command {
        Command::Replay(args) => Some(args),
        _ => None,
    }
}

/// The title of the defect that an instance of a run shows.
fn title(run: &StoredRun, id: &str) -> Option<String> {
    let diagnosis = diagnosis::diagnose(run, embedded::library(), INDEX).ok()?;
    let shows = |defect: &&diagnosis::Defect| defect.instances.iter().any(|instance| instance == id);
    diagnosis.defects.iter().find(shows).map(|defect| defect.words.title.clone())
}

/// A run that holds nothing but one play.
fn run_of(play: &Play) -> StoredRun {
    let run = Run {
        target: TargetInfo {
            role: play.record.instance.role,
            name: play.url.clone(),
            url: play.url.clone(),
            capabilities: play.config.capabilities,
            remarks: Vec::new(),
        },
        records: vec![play.record.clone()],
        cases: 1,
        jobs: 1,
        duration: Duration::ZERO,
        interrupted: None,
        deaths: Vec::new(),
        crashes: Vec::new(),
    };
    StoredRun::of(&run, embedded::catalogue(), &Circumstances::default())
}
