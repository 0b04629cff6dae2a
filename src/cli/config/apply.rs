//! The file put into arguments: what is said there already stays.

use super::model::{Config, ProfileSurface, TargetSurface};
use crate::cli::args::{LevelArg, RunClientArgs, RunServerArgs};
use crate::cli::status::Failure;
use crate::runner::Assumed;
use std::path::{Path, PathBuf};
use std::time::Duration;
use wsgauntlet_suite::case::duration;

/// Finds the file of a run, unless it wants none, and fills in what the command line leaves open.
pub fn apply(args: &mut RunServerArgs) -> Result<(), Failure> {
    let is_url = args.url.as_ref().is_some_and(|url| url.contains("://"));
    let config = if args.no_config { None } else { super::read(args.config.as_deref())? };
    let Some(config) = config else {
        return match &args.url {
            Some(name) if !is_url => Err(Failure::Usage(format!(
                "{name:?} is no URL such as ws://127.0.0.1:9001, and there is no {} that could name a target",
                super::FILE
            ))),
            _ => Ok(()),
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
        let target = target.ok_or_else(|| {
            Failure::Usage(format!("{name:?} is no URL, and no target: {}", known(&config)))
        })?;
        apply_target(args, name, target, &config.dir);
    }
    apply_run(args, &config);
    let profile = args.select.profile.clone();
    if let Some(profile) = profile.and_then(|name| config.surface.profiles.get(&name)) {
        apply_profile(args, profile);
    }
    Ok(())
}

/// The same for a run against a client, of which the file says what its process does.
pub fn apply_to_client(args: &mut RunClientArgs) -> Result<(), Failure> {
    let config = if args.no_config { None } else { super::read(args.config.as_deref())? };
    if let Some(config) = config {
        args.crash_signs.extend_from_slice(&config.surface.crash_signs);
        if args.ok_statuses.is_empty() {
            args.ok_statuses.extend_from_slice(&config.surface.ok_status);
        }
    }
    Ok(())
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

/// A duration of the file; `load` has refused what is none.
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
    fill_list(&mut args.target.headers, &target.headers);
    fill_list(&mut args.target.subprotocols, &target.subprotocols);
    fill_list(&mut args.target.prelude, &target.prelude);
    args.target.insecure |= target.insecure;
    fill(&mut args.target.ca, &target.ca.as_ref().map(|path| place(dir, path)));
    let said = &target.capabilities;
    args.assumed = Assumed {
        text: said.text,
        echo: said.echo,
        echo_binary: said.echo_binary,
        pong: said.pong,
        closing: said.closing,
        deflate: said.permessage_deflate,
    };
    fill(&mut args.jobs, &target.jobs);
    fill(&mut args.timeout_ms, &milliseconds(target.timeout.as_ref()));
    if let Some(seed) = target.seed {
        args.seed = seed;
    }
    fill(&mut args.select.profile, &target.profile);
    fill(&mut args.gate.baseline, &target.baseline.as_ref().map(|path| place(dir, path)));
    fill(&mut args.out, &target.out.as_ref().map(|path| place(dir, path)));
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
    fill(&mut args.jobs, &profile.jobs);
}
