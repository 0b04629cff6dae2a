//! The end of every run, live or stored: the gate, the reports, the exit status.

use super::args::FormatArg;
use super::draft::REPORT;
use super::output::{print, write};
use super::report_args::{GateArgs, UpdateArg};
use super::select::library;
use super::status::{Failure, Status};
use super::stored::today;
use crate::diagnosis;
use crate::report::baseline::{self, Baseline, GateStatus, Manner, Subject};
use crate::report::made::ReportFile;
use crate::report::registry::{FORMATS, Format};
use crate::report::table::{self, Detail, TableOptions};
use crate::report::{StoredRun, json};
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use wsgauntlet_suite::case::Library;

/// What to do with a finished run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finish<'a> {
    pub gate: &'a GateArgs,
    /// Cases of a user's own.
    pub dirs: &'a [PathBuf],
    pub out: Option<&'a Path>,
    /// Formats beside the usual ones.
    pub reports: &'a [String],
    pub format: FormatArg,
    /// How often `-v` was given.
    pub verbose: u8,
}

impl GateArgs {
    /// Finds mistakes before anything is played.
    pub(super) fn check(&self, filtered: bool) -> Result<(), Failure> {
        if self.update_baseline.is_some() && self.baseline.is_none() {
            return Err(Failure::Usage(
                "--update-baseline needs --baseline FILE, or the `baseline` of a target in wsgauntlet.toml"
                    .to_owned(),
            ));
        }
        if self.update_baseline.is_some() && filtered {
            return Err(Failure::Usage(
                "--update-baseline needs a whole run: a filtered one would drop what it did not play"
                    .to_owned(),
            ));
        }
        if let Some(path) = &self.baseline
            && self.update_baseline.is_none()
        {
            self::load(path)?;
        }
        Ok(())
    }
}

impl From<GateStatus> for Status {
    fn from(status: GateStatus) -> Status {
        match status {
            GateStatus::Good => Status::Good,
            GateStatus::Worse => Status::Worse,
            GateStatus::Harness => Status::Harness,
            GateStatus::Stale => Status::Stale,
            GateStatus::Target => Status::Target,
            GateStatus::Interrupted => Status::Interrupted,
        }
    }
}

/// Judges the run, writes its reports and prints it.
pub(super) fn finish(run: &mut StoredRun, finish: &Finish<'_>) -> Result<Status, Failure> {
    diagnosis::store(run);
    let status = gate(run, finish.gate, finish.dirs)?;
    let run = &*run;
    write_out(run, finish)?;
    match finish.format {
        FormatArg::Table => {
            print(&table::render(run, table_options(finish.verbose)))?;
            if let Some(dir) = finish.out {
                print(&format!("report  {}\n", dir.join("index.html").display()))?;
            }
        }
        FormatArg::Json => {
            print(&json::render(run))?;
            tell_gate(run);
        }
        FormatArg::Ndjson => tell_gate(run),
    }
    Ok(status)
}

/// Writes the reports into the folder that was asked for, if one was.
pub(super) fn write_out(run: &StoredRun, finish: &Finish<'_>) -> Result<(), Failure> {
    let Some(dir) = finish.out else { return Ok(()) };
    let wanted =
        |format: &&Format| format.by_default || finish.reports.iter().any(|name| name == format.name);
    let (json, others): (Vec<&Format>, Vec<&Format>) =
        FORMATS.iter().filter(wanted).partition(|format| format.name == "json");
    if !json.is_empty() {
        write_report(dir, run)?;
    }
    write_all(dir, std::slice::from_ref(run), others.into_iter())
}

/// Writes report.json, by far the largest of the reports, as it is made.
fn write_report(dir: &Path, run: &StoredRun) -> Result<(), Failure> {
    let path = dir.join(REPORT);
    std::fs::create_dir_all(dir)
        .map_err(|error| Failure::Usage(format!("cannot write into {}: {error}", dir.display())))?;
    let file = File::create(&path);
    file.and_then(|file| json::write(run, BufWriter::new(file)))
        .map_err(|error| Failure::Harness(format!("cannot write {}: {error}", path.display())))
}

/// How wide lines are where that is not known, such as in a pipe.
const WIDTH: usize = 80;

/// A terminal that claims to be narrower than this is not believed.
const WIDTH_MIN: usize = 40;

pub(super) fn table_options(verbose: u8) -> TableOptions {
    let stdout = std::io::stdout();
    let width = match stdout.is_terminal() {
        true => rustix::termios::tcgetwinsize(&stdout).ok().map(|size| usize::from(size.ws_col)),
        false => None,
    };
    TableOptions {
        color: stdout.is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        detail: match verbose {
            0 => Detail::Brief,
            1 => Detail::Octets,
            _ => Detail::Instances,
        },
        width: Some(width.filter(|width| *width >= WIDTH_MIN).unwrap_or(WIDTH)),
    }
}

/// If stdout is for a program, the lines of the gate go to stderr.
fn tell_gate(run: &StoredRun) {
    let _ = std::io::stderr().write_all(table::gate(run, TableOptions::default()).as_bytes());
}

/// Judges a run against the baseline of the arguments, after updating it if asked.
pub(super) fn gate(run: &mut StoredRun, args: &GateArgs, dirs: &[PathBuf]) -> Result<Status, Failure> {
    let library = library(dirs)?;
    let role = run.target.role;
    let exists = |subject: &Subject| names_something(&library, role, subject);
    if let Some(what) = args.update_baseline
        && let Some(path) = &args.baseline
    {
        if let Some(failure) = refusal(run) {
            return Err(failure);
        }
        if what == UpdateArg::Defects && run.defects.is_none() {
            let why = "the baseline stays as it was: the defects of this run are not known";
            return Err(Failure::Usage(why.to_owned()));
        }
        update(path, run, (args, what), &exists)?;
    }
    let baseline = args.baseline.as_deref().map(load).transpose()?;
    let baseline = baseline.as_ref();
    if run.defects.is_some() {
        return Ok(baseline::judge(run, baseline, args.strict, today(), &exists).into());
    }
    // A part of the suite has no diagnosis, but the defects that are accepted can be recognised in it.
    let ids: Vec<&str> = baseline
        .into_iter()
        .flat_map(|baseline| &baseline.defects)
        .map(|defect| defect.id.as_str())
        .collect();
    let shown = diagnosis::recognise(run, &ids);
    Ok(baseline::judge_knowing(run, baseline, args.strict, today(), &exists, &shown).into())
}

fn names_something(library: &Library, role: wsgauntlet_wire::Role, subject: &Subject) -> bool {
    library
        .instances(role)
        .any(|instance| subject.names(instance.id.as_str(), &instance.case, &instance.autobahn))
}

/// Why a baseline cannot be made of a run.
fn refusal(run: &StoredRun) -> Option<Failure> {
    if run.selection.is_filtered() {
        let how = run
            .selection
            .filters
            .iter()
            .chain(&run.selection.partition)
            .cloned()
            .collect::<Vec<_>>()
            .join(" ");
        return Some(Failure::Usage(format!(
            "--update-baseline needs a whole run: this one is filtered ({how}), and would drop what it did not play"
        )));
    }
    let why = match (&run.interrupted, run.deaths.first()) {
        (Some(why), _) => why.clone(),
        (None, Some(after)) => format!("the target stopped answering after {after}"),
        (None, None) => return None,
    };
    Some(Failure::Harness(format!("the baseline stays as it was, since the run is incomplete: {why}")))
}

/// Reads a baseline with all its mistakes.
pub(super) fn load(path: &Path) -> Result<Baseline, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let absent = error.kind() == std::io::ErrorKind::NotFound;
        let hint = if absent { "; --update-baseline writes it" } else { "" };
        Failure::Usage(format!("cannot read the baseline {}: {error}{hint}", path.display()))
    })?;
    parse(path, &text)
}

fn parse(path: &Path, text: &str) -> Result<Baseline, Failure> {
    baseline::load(&path.display().to_string(), text).map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        Failure::Usage(format!("{} mistakes in the baseline\n{}", lines.len(), lines.join("\n")))
    })
}

fn update(
    path: &Path,
    run: &StoredRun,
    (args, what): (&GateArgs, UpdateArg),
    exists: &dyn Fn(&Subject) -> bool,
) -> Result<(), Failure> {
    let failed =
        |error: &dyn std::fmt::Display| Failure::Usage(format!("cannot update {}: {error}", path.display()));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed(&error)),
    };
    let old = parse(path, &text)?;
    let reason =
        args.reason.clone().unwrap_or_else(|| format!("known since {}, not looked into yet", today()));
    let manner = match what {
        UpdateArg::Deviations => Manner::Deviations,
        UpdateArg::Defects => Manner::Defects,
    };
    let made = baseline::update(&text, &old, run, args.strict, (manner, &reason), exists)
        .map_err(|error| failed(&error))?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    }
    std::fs::write(path, &made.text).map_err(|error| failed(&error))?;
    let told = format!(
        "baseline {}: {} entries added, {} changed, {} migrated, {} removed, {} kept\n",
        path.display(),
        made.added,
        made.changed,
        made.migrated,
        made.removed,
        made.kept
    );
    let _ = std::io::stderr().write_all(told.as_bytes());
    Ok(())
}

/// Writes the files of some formats into a folder.
pub(super) fn write_all<'a>(
    dir: &Path,
    runs: &[StoredRun],
    formats: impl Iterator<Item = &'a Format>,
) -> Result<(), Failure> {
    for format in formats {
        for made in (format.render)(runs) {
            write(dir, &made.path, &made.text)?;
        }
    }
    Ok(())
}

/// The text of a format that is one file.
pub(super) fn one_file(format: &Format, runs: &[StoredRun]) -> Result<ReportFile, Failure> {
    let mut made = (format.render)(runs);
    match made.len() {
        1 => Ok(made.remove(0)),
        count => {
            Err(Failure::Usage(format!("the format {} makes {count} files: add --out DIR", format.name)))
        }
    }
}
