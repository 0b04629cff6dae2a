//! Which instances a command is about.

use super::args::{LevelArg, SelectArgs};
use super::near::no_match;
use super::status::Failure;
use crate::audit::{self, AuditProfile, SelectionError};
use crate::embedded;
use crate::report::stored::Selection;
use clap::ValueEnum;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wsgauntlet_suite::case::load::Source;
use wsgauntlet_suite::case::{Instance, Library};
use wsgauntlet_suite::requirement::Level;
use wsgauntlet_wire::Role;

/// The embedded library with the cases of `dirs`.
pub(super) fn library(dirs: &[PathBuf]) -> Result<Cow<'static, Library>, Failure> {
    Ok(of_dirs(dirs).library()?)
}

/// The same with that many messages in the cases of the volume profile.
pub(super) fn library_with(dirs: &[PathBuf], volume_messages: u32) -> Result<Cow<'static, Library>, Failure> {
    Ok(of_dirs(dirs).volume_messages(volume_messages).library()?)
}

fn of_dirs(dirs: &[PathBuf]) -> audit::Selection {
    dirs.iter().fold(audit::Selection::default(), |selection, dir| selection.cases_of(dir))
}

/// The cases of one file.
pub(super) fn from_file(path: &Path) -> Result<Library, Failure> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Usage(format!("cannot read {shown}: {error}")))?;
    let suite = path.file_stem().unwrap_or_default().to_string_lossy();
    let source = Source { path: format!("own/{suite}"), file: shown, text };
    Library::parse(&[source], embedded::catalogue()).map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        Failure::Usage(lines.join("\n"))
    })
}

/// The selected instances for one role, in the order of the library.
pub(super) fn select(args: &SelectArgs, role: Role) -> Result<Vec<Arc<Instance>>, Failure> {
    let mut wanted = of_dirs(&args.dirs)
        .volume_messages(args.volume_messages)
        .profile(AuditProfile::parse(args.profile.as_deref())?);
    wanted = args.cases.iter().fold(wanted, audit::Selection::case);
    wanted = args.exclude.iter().fold(wanted, audit::Selection::exclude);
    wanted = args.area.iter().fold(wanted, audit::Selection::area);
    wanted = args.requirement.iter().fold(wanted, audit::Selection::requirement);
    if let Some(level) = args.level {
        wanted = wanted.level(level.into());
    }
    if let Some(partition) = args.partition {
        wanted = wanted.partition(partition);
    }
    if let Some(ids) = rerun(args)? {
        wanted = wanted.ids(ids);
    }
    wanted.instances(role).map_err(|error| match error {
        // The message suggests similar names.
        SelectionError::Pattern { role, pattern } => match wanted.library() {
            Ok(library) => no_match(&pattern, role, &library),
            Err(error) => error.into(),
        },
        error => error.into(),
    })
}

impl From<LevelArg> for Level {
    fn from(level: LevelArg) -> Level {
        match level {
            LevelArg::Must => Level::Must,
            LevelArg::Should => Level::Should,
            LevelArg::May => Level::May,
        }
    }
}

/// The ids that `--rerun WHICH RUN` means.
fn rerun(args: &SelectArgs) -> Result<Option<BTreeSet<String>>, Failure> {
    let [which, run] = args.rerun.as_slice() else { return Ok(None) };
    let run = super::stored::read(Path::new(run))?;
    let strict = run.is_strict();
    let meant = match which.as_str() {
        "all" => run.instances,
        "failed" => run.instances.into_iter().filter(|instance| instance.is_deviating(strict)).collect(),
        other => return Err(Failure::Usage(format!("--rerun takes `failed` or `all`, not {other:?}"))),
    };
    if meant.is_empty() {
        return Err(Failure::NothingSelected("nothing failed in that run".to_owned()));
    }
    Ok(Some(meant.into_iter().map(|instance| instance.id).collect()))
}

/// The selection in words, as reports keep it.
pub(super) fn selection(args: &SelectArgs) -> Selection {
    let mut filters: Vec<String> = Vec::new();
    for (flag, values) in [
        ("case", &args.cases),
        ("exclude", &args.exclude),
        ("area", &args.area),
        ("requirement", &args.requirement),
    ] {
        filters.extend(values.iter().map(|value| format!("--{flag} {value}")));
    }
    let level = args.level.as_ref().and_then(LevelArg::to_possible_value);
    filters.extend(level.map(|level| format!("--level {}", level.get_name())));
    if !args.rerun.is_empty() {
        filters.push(format!("--rerun {}", args.rerun.join(" ")));
    }
    let profile = args.profile.clone().unwrap_or_else(|| AuditProfile::Default.to_string());
    if profile == AuditProfile::Smoke.as_str() {
        filters.push("--profile smoke".to_owned());
    }
    let partition = args.partition.map(|partition| partition.to_string());
    Selection { profile, filters, partition, own: of_dirs(&args.dirs).own_cases() }
}

/// The selection of a run that takes its profile from wsgauntlet.toml: what that leaves out is no
/// part of the suite here, and only what was `asked` for on the command line is a filter.
pub(super) fn configured(all: Selection, asked: Selection) -> Selection {
    let of_profile: Vec<&str> =
        all.filters.iter().filter(|filter| !asked.filters.contains(filter)).map(String::as_str).collect();
    let profile = match of_profile.as_slice() {
        [] => all.profile,
        some => format!("{} ({})", all.profile, some.join(" ")),
    };
    Selection { profile, ..asked }
}

/// `, is it a or b?`
pub(super) fn hint(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!(", is it {}?", near.join(" or ")) }
}
