//! Fills arguments from wsgauntlet.toml. An argument on the command line wins.

use super::model::{Config, ProfileSurface, TargetSurface};
use crate::cli::args::{LevelArg, ReplayArgs, RunClientArgs, RunServerArgs};
use crate::cli::near::is_address;
use crate::cli::status::Failure;
use crate::cli::target_args::TargetArgs;
use crate::runner::Assumed;
use std::path::{Path, PathBuf};
use std::time::Duration;
use wsgauntlet_suite::case::duration;

/// Finds the file of a run, unless it wants none, and fills in what the command line leaves open. Gives the name of the
/// target, where it is one of the file.
pub(crate) fn apply(args: &mut RunServerArgs) -> Result<Option<String>, Failure> {
    let is_url = args.url.as_ref().is_some_and(|url| url.contains("://"));
    let config = if args.no_config { None } else { super::read(args.config.as_deref())? };
    let Some(config) = config else {
        return match &args.url {
            Some(name) if !is_url => Err(no_url(name)),
            _ => Ok(None),
        };
    };
    let name = match &args.url {
        Some(_) if is_url => None,
        Some(name) => Some(name.clone()),
        None if args.launch.is_some() || args.tls => None,
        None => config.default_target().map(str::to_owned),
    };
    if name.is_none()
        && args.url.is_none()
        && args.launch.is_none()
        && !args.tls
        && !config.surface.targets.is_empty()
    {
        return Err(Failure::Usage(format!("which target? {}", known(&config))));
    }
    if let Some(name) = &name {
        let target = config.surface.targets.get(name);
        let target = target.ok_or_else(|| unknown(name, &config))?;
        apply_target(args, name, target, &config.dir);
    }
    apply_run(args, &config);
    let profile = args.select.profile.clone();
    if let Some(profile) = profile.and_then(|name| config.surface.profiles.get(&name)) {
        apply_profile(args, profile);
    }
    Ok(name)
}

/// The same for `replay`, which has no default target: without one it plays the reference.
pub(crate) fn reach(args: &mut ReplayArgs) -> Result<(), Failure> {
    let name = args.url.clone().filter(|url| !url.contains("://"));
    let config = if args.no_config { None } else { super::read(args.config.as_deref())? };
    let Some(config) = config else { return name.map_or(Ok(()), |name| Err(no_url(&name))) };
    args.dirs.extend(config.surface.cases.iter().map(|path| place(&config.dir, path)));
    let Some(name) = name else { return Ok(()) };
    let target = config.surface.targets.get(&name).ok_or_else(|| unknown(&name, &config))?;
    args.url.clone_from(&target.url);
    fill(&mut args.launch, &target.launch);
    if let Some(ms) = milliseconds(target.ready_within.as_ref()) {
        args.ready_within = Duration::from_millis(ms);
    }
    fill(&mut args.timeout_ms, &milliseconds(target.timeout.as_ref()));
    if let Some(seed) = target.seed {
        args.seed = seed;
    }
    args.assumed = apply_reach(&mut args.target, target, &config.dir);
    Ok(())
}

/// The same for a run against a client: the file describes how its process ends.
pub(crate) fn apply_to_client(args: &mut RunClientArgs) -> Result<(), Failure> {
    let config = if args.no_config { None } else { super::read(args.config.as_deref())? };
    if let Some(config) = config {
        args.crash_signs.extend_from_slice(&config.surface.crash_signs);
        if args.ok_statuses.is_empty() {
            args.ok_statuses.extend_from_slice(&config.surface.ok_status);
        }
    }
    Ok(())
}

/// What is neither a URL nor a target.
fn no_url(name: &str) -> Failure {
    let guess = match is_address(name) {
        true => format!("did you mean ws://{name}?"),
        false => format!(
            "a target of that name needs a {}, which `wsgauntlet init` writes; it is looked for from here upwards",
            super::FILE
        ),
    };
    Failure::Usage(format!("{name:?} is not a URL such as ws://127.0.0.1:9001; {guess}"))
}

fn unknown(name: &str, config: &Config) -> Failure {
    let guess = if is_address(name) { format!("; did you mean ws://{name}?") } else { String::new() };
    Failure::Usage(format!("{name:?} is neither a URL nor a target: {}{guess}", known(config)))
}

fn known(config: &Config) -> String {
    let names: Vec<&str> = config.surface.targets.keys().map(String::as_str).collect();
    format!(
        "{} knows {}",
        config.path.display(),
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    )
}

/// A path of the file, from where the command runs.
fn place(dir: &Path, path: &Path) -> PathBuf {
    dir.join(path)
}

fn fill<T: Clone>(own: &mut Option<T>, other: &Option<T>) {
    if own.is_none() {
        own.clone_from(other);
    }
}

fn fill_list(own: &mut Vec<String>, other: &[String]) {
    if own.is_empty() {
        own.extend_from_slice(other);
    }
}

/// A duration in the file; `load` has refused invalid ones.
fn milliseconds(text: Option<&String>) -> Option<u64> {
    text.and_then(|text| duration::parse(text).ok()).map(|duration: Duration| duration.as_millis() as u64)
}

fn apply_target(args: &mut RunServerArgs, name: &str, target: &TargetSurface, dir: &Path) {
    args.url.clone_from(&target.url);
    fill(&mut args.launch, &target.launch);
    if let Some(ms) = milliseconds(target.ready_within.as_ref()) {
        args.ready_within = Duration::from_millis(ms);
    }
    fill(&mut args.name, &target.name.clone().or_else(|| Some(name.to_owned())));
    args.assumed = apply_reach(&mut args.target, target, dir);
    fill(&mut args.jobs, &target.jobs);
    fill(&mut args.timeout_ms, &milliseconds(target.timeout.as_ref()));
    fill(&mut args.budget, &milliseconds(target.budget.as_ref()).map(Duration::from_millis));
    if let Some(seed) = target.seed {
        args.seed = seed;
    }
    fill(&mut args.select.profile, &target.profile);
    fill(&mut args.gate.baseline, &target.baseline.as_ref().map(|path| place(dir, path)));
    fill(&mut args.out, &target.out.as_ref().map(|path| place(dir, path)));
}

/// How to reach a target, and its declared capabilities.
fn apply_reach(args: &mut TargetArgs, target: &TargetSurface, dir: &Path) -> Assumed {
    fill_list(&mut args.headers, &target.headers);
    fill_list(&mut args.subprotocols, &target.subprotocols);
    fill_list(&mut args.prelude, &target.prelude);
    args.words.clone_from(&target.driver);
    args.insecure |= target.insecure;
    fill(&mut args.ca, &target.ca.as_ref().map(|path| place(dir, path)));
    let said = &target.capabilities;
    Assumed {
        text: said.text,
        echo: said.echo,
        echo_binary: said.echo_binary,
        pong: said.pong,
        closing: said.closing,
        deflate: said.permessage_deflate,
        driver: said.driver,
    }
}

fn apply_run(args: &mut RunServerArgs, config: &Config) {
    let surface = &config.surface;
    fill(&mut args.select.profile, &surface.profile);
    fill(&mut args.out, &surface.out.as_ref().map(|path| place(&config.dir, path)));
    args.gate.strict |= surface.strict;
    fill_list(&mut args.reports, &surface.reports);
    args.crash_signs.extend_from_slice(&surface.crash_signs);
    args.select.dirs.extend(surface.cases.iter().map(|path| place(&config.dir, path)));
}

fn apply_profile(args: &mut RunServerArgs, profile: &ProfileSurface) {
    let select = &mut args.select;
    select.profile.clone_from(&profile.base);
    fill_list(&mut select.cases, &profile.case);
    fill_list(&mut select.exclude, &profile.exclude);
    fill_list(&mut select.area, &profile.area);
    fill_list(&mut select.requirement, &profile.requirement);
    let level = profile.level.as_deref().and_then(|level| match level {
        "must" => Some(LevelArg::Must),
        "should" => Some(LevelArg::Should),
        "may" => Some(LevelArg::May),
        _ => None,
    });
    fill(&mut select.level, &level);
    args.gate.strict |= profile.strict;
    fill(&mut args.timeout_ms, &milliseconds(profile.timeout.as_ref()));
    fill(&mut args.budget, &milliseconds(profile.budget.as_ref()).map(Duration::from_millis));
    fill(&mut args.jobs, &profile.jobs);
}
