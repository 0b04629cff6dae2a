//! Which instances a command is about.

use super::args::{LevelArg, RoleArg, SelectArgs};
use super::status::Failure;
use crate::audit::AuditProfile as BuiltIn;
use crate::embedded;
use crate::report::stored::Selection;
use clap::ValueEnum;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wsgauntlet_suite::case::library::VOLUME_MESSAGES;
use wsgauntlet_suite::case::load::Source;
use wsgauntlet_suite::case::{Instance, Library, Pattern};
use wsgauntlet_suite::requirement::{Catalogue, Level};
use wsgauntlet_wire::Role;

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Role {
        match role {
            RoleArg::Server => Role::Server,
            RoleArg::Client => Role::Client,
        }
    }
}

/// The embedded library with the cases of `dirs`.
pub fn library(dirs: &[PathBuf]) -> Result<Cow<'static, Library>, Failure> {
    library_with(dirs, VOLUME_MESSAGES)
}

/// The cases of one file.
pub fn from_file(path: &Path) -> Result<Library, Failure> {
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

/// With that many messages in the cases of the volume profile.
pub fn library_with(dirs: &[PathBuf], volume_messages: u32) -> Result<Cow<'static, Library>, Failure> {
    let parse = |sources: &[Source]| {
        Library::parse_with(sources, embedded::catalogue(), volume_messages).map_err(|mistakes| {
            let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            Failure::Usage(format!("{} mistakes in case files\n{}", lines.len(), lines.join("\n")))
        })
    };
    let mut library = match volume_messages {
        VOLUME_MESSAGES => Cow::Borrowed(embedded::library()),
        _ => Cow::Owned(parse(&embedded::sources())?),
    };
    for dir in dirs {
        let sources = sources(dir)?;
        library.to_mut().join(parse(&sources)?).map_err(|taken| Failure::Usage(taken.join("\n")))?;
    }
    Ok(library)
}

/// The suites below a folder, `AREA/SUITE.toml`.
pub fn sources(dir: &Path) -> Result<Vec<Source>, Failure> {
    let unreadable = |path: &Path, error: std::io::Error| {
        Failure::Usage(format!("cannot read {}: {error}", path.display()))
    };
    let mut sources = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, error))? {
            let path = entry.map_err(|error| unreadable(&folder, error))?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "toml") {
                continue;
            }
            let relative = path.strip_prefix(dir).unwrap_or(&path).with_extension("");
            let suite = relative.to_string_lossy().replace('\\', "/");
            if suite.starts_with("requirements/") {
                continue;
            }
            // A file right in the folder belongs to the area `own`.
            let suite = if suite.contains('/') { suite } else { format!("own/{suite}") };
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            sources.push(Source { path: suite, file: path.display().to_string(), text });
        }
    }
    if sources.is_empty() {
        return Err(Failure::NothingSelected(format!("no case file (*.toml) below {}", dir.display())));
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

/// The selected instances for one role, in the order of the library.
pub fn select(args: &SelectArgs, role: Role) -> Result<Vec<Arc<Instance>>, Failure> {
    let library = library_with(&args.dirs, args.volume_messages)?;
    let catalogue = embedded::catalogue();
    for id in &args.requirement {
        if catalogue.get(id).is_none() {
            let near: Vec<String> = catalogue.near(id).iter().map(ToString::to_string).collect();
            return Err(Failure::Usage(format!("unknown requirement {id:?}{}", hint(&near))));
        }
    }
    let areas = areas(&library);
    if let Some(unknown) = args.area.iter().find(|area| !areas.contains(area)) {
        return Err(Failure::Usage(format!("unknown area {unknown:?}, there are {}", areas.join(", "))));
    }
    let wanted: Vec<Pattern> = args.cases.iter().map(Pattern::new).collect();
    let unwanted: Vec<Pattern> = args.exclude.iter().map(Pattern::new).collect();
    let all: Vec<&Instance> = library.instances(role).collect();
    for pattern in wanted.iter().chain(&unwanted) {
        if !all.iter().any(|instance| pattern.matches(instance)) {
            return Err(Failure::NothingSelected(format!(
                "no case of a {role} matches {:?}",
                pattern.as_str()
            )));
        }
    }
    let profile = BuiltIn::parse(args.profile.as_deref())?;
    let rerun = rerun(args)?;
    let selected: Vec<&Instance> = all
        .into_iter()
        .filter(|instance| rerun.is_some() || in_profile(instance, profile, &wanted))
        .filter(|instance| wanted.is_empty() || wanted.iter().any(|pattern| pattern.matches(instance)))
        .filter(|instance| !unwanted.iter().any(|pattern| pattern.matches(instance)))
        .filter(|instance| args.area.is_empty() || args.area.iter().any(|area| area == instance.id.area()))
        .filter(|instance| args.level.is_none_or(|level| has_level(instance, level, catalogue)))
        .filter(|instance| args.requirement.is_empty() || verifies_one(instance, &args.requirement))
        .filter(|instance| rerun.as_ref().is_none_or(|ids| ids.contains(instance.id.as_str())))
        .collect();
    let selected: Vec<Arc<Instance>> = profile
        .thin(selected)
        .into_iter()
        .enumerate()
        .filter(|(index, instance)| {
            args.partition.is_none_or(|partition| partition.holds(*index, instance.id.as_str()))
        })
        .map(|(_, instance)| Arc::new(instance.clone()))
        .collect();
    if selected.is_empty() {
        return Err(Failure::NothingSelected("no case is selected by all filters together".to_owned()));
    }
    Ok(selected)
}

fn verifies_one(instance: &Instance, ids: &[String]) -> bool {
    ids.iter().any(|id| instance.verifies.iter().any(|verified| verified.as_str() == id))
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
pub fn selection(args: &SelectArgs) -> Selection {
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
    let profile = args.profile.clone().unwrap_or_else(|| BuiltIn::Default.to_string());
    if profile == BuiltIn::Smoke.as_str() {
        filters.push("--profile smoke".to_owned());
    }
    Selection { profile, filters, partition: args.partition.map(|partition| partition.to_string()) }
}

/// The selection of a run that takes its profile from wsgauntlet.toml: what that leaves out is no
/// part of the suite here, and only what was `asked` for on the command line is a filter.
pub fn configured(all: Selection, asked: Selection) -> Selection {
    let of_profile: Vec<&str> =
        all.filters.iter().filter(|filter| !asked.filters.contains(filter)).map(String::as_str).collect();
    let profile = match of_profile.as_slice() {
        [] => all.profile,
        some => format!("{} ({})", all.profile, some.join(" ")),
    };
    Selection { profile, ..asked }
}

fn areas(library: &Library) -> Vec<String> {
    let mut areas: Vec<String> =
        library.cases.iter().filter_map(|case| case.path.split('/').next()).map(str::to_owned).collect();
    areas.dedup();
    areas
}

/// What is named in full is meant, whatever the profile.
fn in_profile(instance: &Instance, profile: BuiltIn, wanted: &[Pattern]) -> bool {
    let named = wanted.iter().any(|pattern| {
        let pattern = pattern.as_str();
        pattern == instance.id.as_str() || pattern == instance.id.without_role() || pattern == instance.case
    });
    named || profile.holds(instance.profile)
}

fn has_level(instance: &Instance, level: LevelArg, catalogue: &Catalogue) -> bool {
    let level = match level {
        LevelArg::Must => Level::Must,
        LevelArg::Should => Level::Should,
        LevelArg::May => Level::May,
    };
    instance
        .verifies
        .iter()
        .filter_map(|id| catalogue.get(id.as_str()))
        .any(|requirement| requirement.level == level)
}

/// `, is it a or b?`
pub fn hint(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!(", is it {}?", near.join(" or ")) }
}
