//! The baseline written anew after a run: what still holds stays as it was written, comments and
//! reasons included; what does not is taken out; what is new is added.

use super::model::{BREADTH_MAX, Baseline, Entry, Match, Subject};
use crate::report::stored::{StoredDefect, StoredInstance, StoredRun};
use std::collections::{BTreeMap, BTreeSet};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};
use wsgauntlet_suite::oracle::VerdictKind;

/// A file that did not exist begins with this.
const HEAD: &str = "\
# Known deviations, each accepted for a reason. `wsgauntlet run --baseline` fails on any that is not
# listed, that deviates otherwise, or that is listed in vain; `--update-baseline` rewrites this file
# and keeps comments and reasons.

";

/// What an update did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// The new text of the file.
    pub text: String,
    /// How many entries are as before.
    pub kept: usize,
    /// Kept, with the newest fingerprint in place of an older one.
    pub migrated: usize,
    /// How many entries are new.
    pub added: usize,
    /// How many entries got another verdict or fingerprint.
    pub changed: usize,
    /// How many entries were taken out.
    pub removed: usize,
}

/// What becomes of an entry.
enum Fate {
    Keep,
    Remove,
    /// It holds, and its fingerprint is that of an older release: this is the newest.
    Migrate(String),
    /// Its instances deviate otherwise now, all in this one way.
    Change(VerdictKind, Option<String>),
    /// Some of its instances do: it is written again, one by one.
    Split,
}

/// What new entries are about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// Instances and cases.
    #[default]
    Deviations,
    /// Defects; instances and cases where no defect covers a deviation.
    Defects,
}

/// `text` is the file that `baseline` was loaded from, and empty if there is no file. `reason` is
/// given to what is added; `exists` is that of `gate::judge`.
pub fn update(
    text: &str,
    baseline: &Baseline,
    run: &StoredRun,
    strict: bool,
    (manner, reason): (Manner, &str),
    exists: &dyn Fn(&Subject) -> bool,
) -> Result<Update, toml_edit::TomlError> {
    let is_new = text.trim().is_empty();
    let mut document: DocumentMut = if is_new { DocumentMut::new() } else { text.parse()? };
    let old = match document.remove("deviation") {
        Some(Item::ArrayOfTables(tables)) => tables,
        _ => ArrayOfTables::new(),
    };
    let mut made = Update::default();
    let of_defects = match document.remove("defect") {
        Some(Item::ArrayOfTables(tables)) => tables,
        _ => ArrayOfTables::new(),
    };
    let place = |tables: &ArrayOfTables| tables.iter().next().and_then(Table::position);
    // What stands first keeps its place, since the comment above it is about the file.
    let defects_first = match (place(&of_defects), place(&old)) {
        (Some(defects), Some(deviations)) => defects < deviations,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let mut of_defects = defect_tables(of_defects, baseline, run, (manner, reason), &mut made);
    let accepted: BTreeSet<&str> = match manner {
        Manner::Deviations => baseline.defects.iter().map(|entry| entry.id.as_str()).collect(),
        Manner::Defects => run.known_defects().iter().map(|defect| defect.id.as_str()).collect(),
    };
    let mut tables: Vec<Table> = Vec::new();
    // What stands above a blank line before an entry is about the file, not about the entry.
    let mut orphaned = if is_new { HEAD.to_owned() } else { String::new() };
    for (mut table, entry) in old.into_iter().zip(&baseline.entries) {
        if !orphaned.is_empty() {
            prepend(&mut table, &std::mem::take(&mut orphaned));
        }
        let fate = fate(entry, &baseline.entries, run, strict, exists);
        if let Fate::Remove = fate {
            orphaned = head_of(&table);
        }
        tables.extend(rewrite(table, entry, fate, run, strict, &mut made));
    }
    for mut table in additions(baseline, &accepted, run, strict, reason) {
        made.added += 1;
        let lead = if tables.is_empty() { std::mem::take(&mut orphaned) } else { "\n".to_owned() };
        table.decor_mut().set_prefix(lead);
        tables.push(table);
    }
    if let Some(first) = of_defects.first_mut().filter(|_| !orphaned.is_empty()) {
        prepend(first, &std::mem::take(&mut orphaned));
    }
    if !orphaned.is_empty() {
        let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
        document.set_trailing(format!("{orphaned}{trailing}"));
    }
    let (deviations_at, defects_at) = match defects_first {
        true => (of_defects.len(), 0),
        false => (0, tables.len()),
    };
    insert(&mut document, "deviation", tables, deviations_at);
    insert(&mut document, "defect", of_defects, defects_at);
    made.text = document.to_string();
    Ok(made)
}

/// Puts tables into a document, the first one at this position.
fn insert(document: &mut DocumentMut, key: &str, tables: Vec<Table>, first: usize) {
    if tables.is_empty() {
        return;
    }
    // The positions of the tables that were parsed would put new ones first.
    let numbered = tables.into_iter().enumerate().map(|(index, mut table)| {
        table.set_position(Some((first + index) as isize));
        table
    });
    document.insert(key, Item::ArrayOfTables(numbered.collect()));
}

/// The tables of the defects that the target still has, and with `Manner::Defects` of the new ones: those of which the baseline does
/// not list all instances already.
fn defect_tables(
    old: ArrayOfTables,
    baseline: &Baseline,
    run: &StoredRun,
    (manner, reason): (Manner, &str),
    made: &mut Update,
) -> Vec<Table> {
    let has = |id: &str| run.known_defects().iter().any(|defect| defect.id == id);
    let mut tables = Vec::new();
    for (table, entry) in old.into_iter().zip(&baseline.defects) {
        // Nothing is known of a run that was not diagnosed.
        if run.defects.is_none() || has(&entry.id) {
            made.kept += 1;
            tables.push(table);
        } else {
            made.removed += 1;
        }
    }
    let is_listed = |id: &String| {
        let instance = run.instances.iter().find(|instance| instance.id == *id);
        instance.is_some_and(|instance| baseline.entries.iter().any(|entry| entry.names(instance)))
    };
    let is_new = |defect: &&StoredDefect| {
        let accepted = baseline.defects.iter().any(|entry| entry.id == defect.id);
        !accepted && !defect.instances.iter().all(is_listed)
    };
    let found = run.known_defects().iter().filter(|_| manner == Manner::Defects);
    for defect in found.filter(is_new) {
        let mut table = Table::new();
        table.insert("id", value(&defect.id));
        table.insert("reason", value(reason));
        let title = defect.title.replace(['\n', '\r'], " ");
        table.decor_mut().set_prefix(format!("\n# {title} ({})\n", defect.severity));
        made.added += 1;
        tables.push(table);
    }
    tables
}

/// The tables that an entry becomes.
fn rewrite(
    mut table: Table,
    entry: &Entry,
    fate: Fate,
    run: &StoredRun,
    strict: bool,
    made: &mut Update,
) -> Vec<Table> {
    match fate {
        Fate::Keep => {
            made.kept += 1;
            vec![table]
        }
        Fate::Remove => {
            made.removed += 1;
            Vec::new()
        }
        Fate::Migrate(fingerprint) => {
            made.migrated += 1;
            set(&mut table, "fingerprint", &fingerprint);
            vec![table]
        }
        Fate::Change(verdict, fingerprint) => {
            made.changed += 1;
            set(&mut table, "verdict", verdict.as_str());
            match fingerprint {
                Some(fingerprint) => set(&mut table, "fingerprint", &fingerprint),
                None => drop(table.remove("fingerprint")),
            }
            vec![table]
        }
        Fate::Split => {
            made.changed += 1;
            split(&table, entry, run, strict)
        }
    }
}

fn fate(
    entry: &Entry,
    entries: &[Entry],
    run: &StoredRun,
    strict: bool,
    exists: &dyn Fn(&Subject) -> bool,
) -> Fate {
    let named: Vec<&StoredInstance> = run.instances.iter().filter(|instance| entry.names(instance)).collect();
    let weighed =
        |wanted: Match| named.iter().filter(|instance| entry.weigh(instance, strict) == wanted).count();
    let undecided =
        if named.is_empty() { exists(&entry.subject) } else { weighed(Match::Undecided) == named.len() };
    if undecided {
        return Fate::Keep;
    }
    let (satisfied, otherwise, passing) =
        (weighed(Match::Satisfied), weighed(Match::Otherwise), weighed(Match::Passes));
    if (satisfied == 0 && otherwise == 0) || entry.is_vain(&named, entries, strict) {
        return Fate::Remove;
    }
    if named.len() > BREADTH_MAX || passing > 0 {
        return Fate::Split;
    }
    let vague = entry.fingerprint.is_none() && !entry.flaky;
    if otherwise == 0 && !vague {
        return migrated(entry, &named);
    }
    let deviating = named.iter().filter(|instance| instance.is_deviating(strict));
    let mut ways: Vec<(VerdictKind, Option<&str>)> =
        deviating.map(|instance| (instance.verdict, instance.fingerprint())).collect();
    ways.sort_unstable();
    ways.dedup();
    match ways.as_slice() {
        [(verdict, fingerprint)] => Fate::Change(*verdict, fingerprint.map(str::to_owned)),
        _ => Fate::Split,
    }
}

/// An entry that holds: with the newest fingerprint, where it has that of an older release.
fn migrated(entry: &Entry, named: &[&StoredInstance]) -> Fate {
    let outdated = named.iter().filter(|instance| entry.is_outdated(instance));
    let mut newest: Vec<&str> = outdated.filter_map(|instance| instance.fingerprint()).collect();
    newest.sort_unstable();
    newest.dedup();
    match newest.as_slice() {
        [] => Fate::Keep,
        [fingerprint] => Fate::Migrate((*fingerprint).to_owned()),
        _ => Fate::Split,
    }
}

/// The entry again, for each of its instances that deviates, with its comment at the first.
fn split(table: &Table, entry: &Entry, run: &StoredRun, strict: bool) -> Vec<Table> {
    let named = run.instances.iter().filter(|instance| entry.names(instance));
    let mut tables = Vec::new();
    for instance in
        named.filter(|instance| matches!(entry.weigh(instance, strict), Match::Satisfied | Match::Otherwise))
    {
        let mut one = describe(instance, &entry.reason);
        for key in ["reason", "link", "expires", "flaky"] {
            if let Some(item) = table.get(key) {
                one.insert(key, item.clone());
            }
        }
        match tables.is_empty() {
            true => *one.decor_mut() = table.decor().clone(),
            false => one.decor_mut().set_prefix("\n"),
        }
        tables.push(one);
    }
    tables
}

/// Entries for what no entry names: one for a whole case where all its instances deviate in one
/// way, else one for each instance.
fn additions(
    baseline: &Baseline,
    accepted: &BTreeSet<&str>,
    run: &StoredRun,
    strict: bool,
    reason: &str,
) -> Vec<Table> {
    let is_accepted = |defect: &&StoredDefect| accepted.contains(defect.id.as_str());
    let instances_of = |defects: Vec<&StoredDefect>| -> BTreeSet<String> {
        defects.into_iter().flat_map(|defect| defect.instances.iter().cloned()).collect()
    };
    let (of_defects, of_others) = run.known_defects().iter().partition(is_accepted);
    // What shows another defect, too, is not accepted with the defect.
    let of_defects = &instances_of(of_defects) - &instances_of(of_others);
    let unlisted = |instance: &&StoredInstance| {
        let listable =
            matches!(instance.verdict, VerdictKind::Fail | VerdictKind::Lenient | VerdictKind::Flaky);
        listable
            && instance.is_deviating(strict)
            && !of_defects.contains(instance.id.as_str())
            && !baseline.entries.iter().any(|entry| entry.names(instance))
    };
    let mut by_case: BTreeMap<&str, Vec<&StoredInstance>> = BTreeMap::new();
    for instance in run.instances.iter().filter(unlisted) {
        by_case.entry(&instance.case).or_default().push(instance);
    }
    let mut tables = Vec::new();
    for (case, instances) in by_case {
        let all = run.instances.iter().filter(|instance| instance.case == case).count();
        let first = instances[0];
        let one_way = instances.iter().all(|instance| {
            (instance.verdict, instance.fingerprint()) == (first.verdict, first.fingerprint())
        });
        let as_pattern = one_way
            && instances.len() == all
            && (2..=BREADTH_MAX).contains(&all)
            && first.fingerprint().is_some();
        if as_pattern {
            let mut table = describe(first, reason);
            let mut pattern = Table::new();
            pattern.insert("pattern", value(case));
            table.remove("instance");
            for (key, item) in table {
                pattern.insert(&key, item);
            }
            tables.push(pattern);
        } else {
            tables.extend(instances.iter().map(|instance| describe(instance, reason)));
        }
    }
    tables
}

fn describe(instance: &StoredInstance, reason: &str) -> Table {
    let mut table = Table::new();
    table.insert("instance", value(&instance.id));
    table.insert("verdict", value(instance.verdict.as_str()));
    if let Some(fingerprint) = instance.fingerprint() {
        table.insert("fingerprint", value(fingerprint));
    }
    table.insert("reason", value(reason));
    if instance.verdict == VerdictKind::Flaky {
        table.insert("flaky", value(true));
    }
    table
}

/// Sets a key; what stands around its value stays.
fn set(table: &mut Table, key: &str, text: &str) {
    let decor = table.get(key).and_then(Item::as_value).map(|old| old.decor().clone());
    let mut fresh = toml_edit::Value::from(text);
    if let Some(decor) = decor {
        *fresh.decor_mut() = decor;
    }
    table.insert(key, Item::Value(fresh));
}

fn prefix(table: &Table) -> String {
    table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned()
}

/// The part of what stands before an entry that is not about it: all above the last blank line.
fn head_of(table: &Table) -> String {
    let prefix = prefix(table);
    prefix
        .rfind("\n\n")
        .map(|at| prefix[..at + 2].to_owned())
        .filter(|head| !head.trim().is_empty())
        .unwrap_or_default()
}

fn prepend(table: &mut Table, text: &str) {
    let old = prefix(table);
    table.decor_mut().set_prefix(format!("{text}{}", old.trim_start_matches('\n')));
}
