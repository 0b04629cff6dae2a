//! Which instances are played: a profile, and filters that all have to let an instance through.

use super::error::lines;
use super::{AuditProfile, Partition};
use crate::embedded;
use crate::report::stored;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wsgauntlet_suite::case::library::VOLUME_MESSAGES;
use wsgauntlet_suite::case::load::{Mistake, Source};
use wsgauntlet_suite::case::{Instance, Library, Pattern};
use wsgauntlet_suite::requirement::Level;
use wsgauntlet_wire::Role;

/// Which cases are played. The default is the whole default profile.
///
/// ```
/// use wsgauntlet::audit::Selection;
/// use wsgauntlet_wire::Role;
///
/// let selection = Selection::default().case("control/ping/**").exclude("**/flood/**");
/// assert!(!selection.instances(Role::Server).unwrap().is_empty());
/// assert!(Selection::default().case("no/such/case").instances(Role::Server).is_err());
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Selection {
    pub(super) profile: AuditProfile,
    cases: Vec<Pattern>,
    exclude: Vec<Pattern>,
    areas: Vec<String>,
    requirements: Vec<String>,
    level: Option<Level>,
    partition: Option<Partition>,
    ids: Option<BTreeSet<String>>,
    dirs: Vec<PathBuf>,
    volume_messages: u32,
}

impl Default for Selection {
    fn default() -> Selection {
        Selection {
            profile: AuditProfile::Default,
            cases: Vec::new(),
            exclude: Vec::new(),
            areas: Vec::new(),
            requirements: Vec::new(),
            level: None,
            partition: None,
            ids: None,
            dirs: Vec::new(),
            volume_messages: VOLUME_MESSAGES,
        }
    }
}

/// Why a selection cannot be made.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SelectionError {
    /// A pattern names no case of the role under test.
    #[error("no case of a {role} matches {pattern:?}")]
    Pattern {
        /// The role under test.
        role: Role,
        /// As it was given.
        pattern: String,
    },
    /// There is no such area.
    #[error("unknown area {area:?}, there are {known}")]
    Area {
        /// As it was given.
        area: String,
        /// All areas.
        known: String,
    },
    /// There is no such requirement.
    #[error("unknown requirement {id:?}{near}")]
    Requirement {
        /// As it was given.
        id: String,
        /// `, is it ..?`, or nothing.
        near: String,
    },
    /// A file or folder of cases cannot be read.
    #[error("cannot read {path}: {reason}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A folder has no case file.
    #[error("no case file (*.toml) below {0}")]
    NoFile(PathBuf),
    /// Case files have mistakes, each with its place.
    #[error("{} mistakes in case files\n{}", .0.len(), lines(.0))]
    Mistakes(Vec<Mistake>),
    /// A case of a folder has the path of another one.
    #[error("{0}")]
    Taken(String),
    /// All filters together leave nothing.
    #[error("no case is selected by all filters together")]
    Nothing,
}

impl Selection {
    /// The cases of a built-in profile.
    pub fn profile(mut self, profile: AuditProfile) -> Selection {
        self.profile = profile;
        self
    }

    /// Only what this pattern names: an id, `framing/**`, or an id of Autobahn|Testsuite. Repeated calls add up.
    pub fn case(mut self, pattern: impl Into<String>) -> Selection {
        self.cases.push(Pattern::new(pattern));
        self
    }

    /// Nothing that this pattern names.
    pub fn exclude(mut self, pattern: impl Into<String>) -> Selection {
        self.exclude.push(Pattern::new(pattern));
        self
    }

    /// Only cases of this area, such as `framing`. Repeated calls add up.
    pub fn area(mut self, area: impl Into<String>) -> Selection {
        self.areas.push(area.into());
        self
    }

    /// Only cases that verify this requirement, such as `rfc6455/5.1/server-closes-on-unmasked`. Repeated calls add up.
    pub fn requirement(mut self, id: impl Into<String>) -> Selection {
        self.requirements.push(id.into());
        self
    }

    /// Only cases that verify a requirement of this level.
    pub fn level(mut self, level: Level) -> Selection {
        self.level = Some(level);
        self
    }

    /// One shard of several.
    pub fn partition(mut self, partition: Partition) -> Selection {
        self.partition = Some(partition);
        self
    }

    /// Only instances with these ids, whatever the profile.
    pub fn ids(mut self, ids: impl IntoIterator<Item = String>) -> Selection {
        self.ids = Some(ids.into_iter().collect());
        self
    }

    /// The cases of a folder, too. Repeated calls add up.
    pub fn cases_of(mut self, dir: impl Into<PathBuf>) -> Selection {
        self.dirs.push(dir.into());
        self
    }

    /// How many messages the cases of the volume profile exchange.
    pub fn volume_messages(mut self, messages: u32) -> Selection {
        self.volume_messages = messages;
        self
    }

    /// The library of cases, with those of the folders.
    ///
    /// # Errors
    ///
    /// A folder cannot be read, or a file in it has mistakes.
    pub fn library(&self) -> Result<Cow<'static, Library>, SelectionError> {
        let parse = |sources: &[Source]| {
            Library::parse_with(sources, embedded::catalogue(), self.volume_messages)
                .map_err(SelectionError::Mistakes)
        };
        let mut library = match self.volume_messages {
            VOLUME_MESSAGES => Cow::Borrowed(embedded::library()),
            _ => Cow::Owned(parse(&embedded::sources())?),
        };
        for dir in &self.dirs {
            let own = parse(&sources(dir)?)?;
            library.to_mut().join(own).map_err(|taken| SelectionError::Taken(taken.join("\n")))?;
        }
        Ok(library)
    }

    /// The instances for a role under test, in the order of the library.
    ///
    /// # Errors
    ///
    /// Something that is named does not exist, a folder has mistakes, or nothing is left.
    pub fn instances(&self, role: Role) -> Result<Vec<Arc<Instance>>, SelectionError> {
        let library = self.library()?;
        let all: Vec<&Instance> = library.instances(role).collect();
        self.check(&library, &all, role)?;
        let selected: Vec<&Instance> = all.into_iter().filter(|instance| self.holds(instance)).collect();
        let shard = |index: usize, id: &str| self.partition.is_none_or(|shard| shard.holds(index, id));
        let selected: Vec<Arc<Instance>> = self
            .profile
            .thin(selected)
            .into_iter()
            .enumerate()
            .filter(|(index, instance)| shard(*index, instance.id.as_str()))
            .map(|(_, instance)| Arc::new(instance.clone()))
            .collect();
        if selected.is_empty() { Err(SelectionError::Nothing) } else { Ok(selected) }
    }

    /// What is named exists.
    fn check(&self, library: &Library, all: &[&Instance], role: Role) -> Result<(), SelectionError> {
        for id in &self.requirements {
            if embedded::catalogue().get(id).is_none() {
                let near: Vec<String> =
                    embedded::catalogue().near(id).iter().map(ToString::to_string).collect();
                let near =
                    if near.is_empty() { String::new() } else { format!(", is it {}?", near.join(" or ")) };
                return Err(SelectionError::Requirement { id: id.clone(), near });
            }
        }
        let mut areas: Vec<&str> =
            library.cases.iter().filter_map(|case| case.path.split('/').next()).collect();
        areas.dedup();
        if let Some(area) = self.areas.iter().find(|area| !areas.contains(&area.as_str())) {
            return Err(SelectionError::Area { area: area.clone(), known: areas.join(", ") });
        }
        let nothing =
            |pattern: &Pattern| Err(SelectionError::Pattern { role, pattern: pattern.as_str().to_owned() });
        if let Some(pattern) = self.cases.iter().find(|pattern| !all.iter().any(|one| pattern.matches(one))) {
            return nothing(pattern);
        }
        // What is excluded for both roles, as in a configuration, may be the other's.
        let both = || library.cases.iter().flat_map(|case| &case.instances);
        match self.exclude.iter().find(|pattern| !both().any(|instance| pattern.matches(instance))) {
            Some(pattern) => nothing(pattern),
            None => Ok(()),
        }
    }

    fn holds(&self, instance: &Instance) -> bool {
        let named = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(instance));
        let verifies = |id: &String| instance.verifies.iter().any(|verified| verified.as_str() == id);
        let level = |level: Level| {
            let levels = instance.verifies.iter().filter_map(|id| embedded::catalogue().get(id.as_str()));
            levels.map(|requirement| requirement.level).any(|found| found == level)
        };
        (self.ids.is_some() || self.in_profile(instance))
            && (self.cases.is_empty() || named(&self.cases))
            && !named(&self.exclude)
            && (self.areas.is_empty() || self.areas.iter().any(|area| area == instance.id.area()))
            && self.level.is_none_or(level)
            && (self.requirements.is_empty() || self.requirements.iter().any(verifies))
            && self.ids.as_ref().is_none_or(|ids| ids.contains(instance.id.as_str()))
    }

    /// What is named in full is meant, whatever the profile.
    fn in_profile(&self, instance: &Instance) -> bool {
        let named = self.cases.iter().any(|pattern| {
            let pattern = pattern.as_str();
            pattern == instance.id.as_str()
                || pattern == instance.id.without_role()
                || pattern == instance.case
        });
        named || self.profile.holds(instance.profile)
    }

    /// The selection in words, as reports keep it.
    pub(super) fn stored(&self) -> stored::Selection {
        let mut filters: Vec<String> = Vec::new();
        let patterns = |patterns: &[Pattern]| -> Vec<String> {
            patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect()
        };
        for (name, values) in [
            ("case", patterns(&self.cases)),
            ("exclude", patterns(&self.exclude)),
            ("area", self.areas.clone()),
            ("requirement", self.requirements.clone()),
        ] {
            filters.extend(values.iter().map(|value| format!("--{name} {value}")));
        }
        filters.extend(self.level.map(|level| format!("--level {}", level.to_string().to_lowercase())));
        filters.extend(self.ids.as_ref().map(|ids| format!("{} ids", ids.len())));
        if self.profile == AuditProfile::Smoke {
            filters.push("--profile smoke".to_owned());
        }
        let partition = self.partition.map(|partition| partition.to_string());
        stored::Selection { profile: self.profile.to_string(), filters, partition, own: self.own_cases() }
    }

    /// The cases of the folders, sorted. What cannot be read is an error where the instances are selected.
    pub(crate) fn own_cases(&self) -> Vec<String> {
        if self.dirs.is_empty() {
            return Vec::new();
        }
        let Ok(library) = self.library() else { return Vec::new() };
        let known: BTreeSet<&str> = embedded::library().cases.iter().map(|case| case.path.as_str()).collect();
        let paths = library.cases.iter().map(|case| case.path.as_str());
        let own: BTreeSet<&str> = paths.filter(|path| !known.contains(path)).collect();
        own.into_iter().map(str::to_owned).collect()
    }
}

/// The suites below a folder, `AREA/SUITE.toml`. A file right in the folder belongs to the area `own`.
///
/// # Errors
///
/// Something cannot be read, or there is no case file.
pub fn sources(dir: &Path) -> Result<Vec<Source>, SelectionError> {
    let unreadable = |path: &Path, error: std::io::Error| SelectionError::Read {
        path: path.to_owned(),
        reason: error.to_string(),
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
            let suite = if suite.contains('/') { suite } else { format!("own/{suite}") };
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            sources.push(Source { path: suite, file: path.display().to_string(), text });
        }
    }
    if sources.is_empty() {
        return Err(SelectionError::NoFile(dir.to_owned()));
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}
