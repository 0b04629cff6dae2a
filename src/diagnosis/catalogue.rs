//! The words and the severity of each defect: one entry for each quirk and one for each requirement.
//!
//! The entries are data, `src/diagnosis/defects/*.toml`; the criteria stand in `README.md` beside them. They are embedded and
//! parsed once, at the first call of [`defects`]. Start reading at [`Entry`], then [`Defects`].

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::LazyLock;
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::requirement::RequirementId;
use wsgauntlet_wire::Role;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/diagnosis/defects");

/// How bad a defect is, the worst first. The criteria stand in `src/diagnosis/defects/README.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A process ends or hangs, or other connections are starved.
    Critical,
    /// An attacker gains something, or a limit is missing.
    Security,
    /// Valid traffic of a conforming peer fails or is altered.
    Interop,
    /// Invalid input is accepted that has to be rejected, without a known consequence.
    Strictness,
    /// An answer lacks a field, a code or a courtesy.
    Hygiene,
}

impl Severity {
    /// All of them, the gravest first.
    pub const ALL: [Severity; 5] =
        [Severity::Critical, Severity::Security, Severity::Interop, Severity::Strictness, Severity::Hygiene];

    /// The word of files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::Security => "security",
            Severity::Interop => "interop",
            Severity::Strictness => "strictness",
            Severity::Hygiene => "hygiene",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a report says about a defect of a target in one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// A verb phrase about the target, without a full stop: "Does not check that client frames are masked".
    pub title: String,
    /// What users notice: one or two sentences. Entries of requirements have none.
    pub means: Option<String>,
    /// How grave the defect is.
    pub severity: Severity,
    /// Ordinary traffic fails. An interop defect without this shows only at the edges.
    pub ordinary: bool,
    /// Why this severity, where a maintainer might object: a clause without a full stop.
    pub why: Option<String>,
}

/// All entries.
#[derive(Debug, Default)]
pub struct Defects {
    quirks: HashMap<Quirk, ByRole>,
    requirements: BTreeMap<RequirementId, Entry>,
}

#[derive(Debug)]
struct ByRole {
    server: Entry,
    client: Entry,
}

impl Defects {
    /// Reads files: the name of each, for messages, and its text.
    ///
    /// # Errors
    ///
    /// The first mistake: a file that is not TOML of this form, or a row that breaks a rule of `README.md`.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Defects, DefectsError> {
        let mut defects = Defects::default();
        for (file, text) in files {
            let table: Table = toml::from_str(text)
                .map_err(|error| DefectsError::Syntax { file: file.to_owned(), error: Box::new(error) })?;
            for row in table.defect {
                let about = row.about();
                defects.add(row).map_err(|mistake| DefectsError::Row {
                    file: file.to_owned(),
                    about,
                    mistake,
                })?;
            }
        }
        Ok(defects)
    }

    /// The entry of a quirk that a target in this role shows.
    pub fn of_quirk(&self, quirk: Quirk, role: Role) -> Option<&Entry> {
        self.quirks.get(&quirk).map(|entries| match role {
            Role::Client => &entries.client,
            Role::Server => &entries.server,
        })
    }

    /// The entry of a requirement, for a deviation that no quirk explains.
    pub fn of_requirement(&self, id: &str) -> Option<&Entry> {
        self.requirements.get(id)
    }

    /// Every quirk that has an entry, in no order.
    pub fn quirks(&self) -> impl Iterator<Item = Quirk> {
        self.quirks.keys().copied()
    }

    /// Every requirement that has an entry, with it.
    pub fn requirements(&self) -> impl Iterator<Item = (&RequirementId, &Entry)> {
        self.requirements.iter()
    }

    fn add(&mut self, row: Row) -> Result<(), RowMistake> {
        let server = row.server()?;
        match (&row.quirk, &row.requirement) {
            (Some(name), None) => {
                let quirk: Quirk = name.parse().map_err(|_| RowMistake::UnknownQuirk)?;
                if server.means.is_none() {
                    return Err(RowMistake::WithoutMeans);
                }
                let client = row.client(&server)?;
                let before = self.quirks.insert(quirk, ByRole { server, client });
                before.map_or(Ok(()), |_| Err(RowMistake::Twice))
            }
            (None, Some(id)) => {
                let id: RequirementId = id.parse().map_err(|_| RowMistake::RequirementId)?;
                if server.means.is_some() || row.has_client_keys() {
                    return Err(RowMistake::QuirksOnly);
                }
                self.requirements.insert(id, server).map_or(Ok(()), |_| Err(RowMistake::Twice))
            }
            (None, None) | (Some(_), Some(_)) => Err(RowMistake::Subject),
        }
    }
}

/// The entries of this release.
pub fn defects() -> &'static Defects {
    static DEFECTS: LazyLock<Defects> = LazyLock::new(|| {
        let files = FILES.files().filter_map(|file| {
            let name = file.path().to_str().filter(|name| name.ends_with(".toml"))?;
            Some((
                name,
                file.contents_utf8().expect("tests/all/catalogue/defects.rs reads each file as UTF-8"),
            ))
        });
        Defects::parse(files).expect("tests/all/catalogue/defects.rs parses each file")
    });
    &DEFECTS
}

/// Why the files of defects cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DefectsError {
    /// The file is not TOML, or a key of it has the wrong type.
    #[error("{file}: {error}")]
    Syntax {
        /// The name of the file.
        file: String,
        /// The parser's message.
        error: Box<toml::de::Error>,
    },
    /// A row is wrong.
    #[error("{file}: {about}: {mistake}")]
    Row {
        /// The name of the file.
        file: String,
        /// The quirk or requirement that the row is about.
        about: String,
        /// What is wrong.
        mistake: RowMistake,
    },
}

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowMistake {
    /// It names no subject, or two.
    #[error("needs either `quirk` or `requirement`")]
    Subject,
    /// Its quirk does not exist.
    #[error("no quirk has this name")]
    UnknownQuirk,
    /// Its requirement is not an id.
    #[error("not the id of a requirement")]
    RequirementId,
    /// Another row has the same subject.
    #[error("has a row already")]
    Twice,
    /// It does not say what the defect means for users.
    #[error("a quirk needs `means`")]
    WithoutMeans,
    /// It has keys that only quirks have.
    #[error("`means` and the keys of clients are for quirks")]
    QuirksOnly,
    /// It does not say whether ordinary use is affected.
    #[error("interop needs either `ordinary` or `edge`")]
    Reach,
    /// It says whether ordinary use is affected where that does not matter.
    #[error("`edge` is for interop, and `ordinary` for interop and security")]
    ReachWithoutInterop,
    /// It says what ordinary use of clients is affected by, but not how grave that is.
    #[error("`ordinary_client` and `edge_client` need `severity_client`")]
    ReachWithoutSeverity,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    defect: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    quirk: Option<String>,
    requirement: Option<String>,
    title: String,
    means: Option<String>,
    severity: Severity,
    #[serde(default)]
    ordinary: bool,
    #[serde(default)]
    edge: bool,
    why: Option<String>,
    title_client: Option<String>,
    means_client: Option<String>,
    severity_client: Option<Severity>,
    #[serde(default)]
    ordinary_client: bool,
    #[serde(default)]
    edge_client: bool,
    why_client: Option<String>,
}

impl Row {
    /// What the row is about, for messages.
    fn about(&self) -> String {
        self.quirk.clone().or_else(|| self.requirement.clone()).unwrap_or_else(|| self.title.clone())
    }

    fn server(&self) -> Result<Entry, RowMistake> {
        Ok(Entry {
            title: self.title.clone(),
            means: self.means.clone(),
            severity: self.severity,
            ordinary: reach(self.severity, self.ordinary, self.edge)?,
            why: self.why.clone(),
        })
    }

    /// What differs in a client replaces what `server` says. With a severity of its own, it has a reason of its own as well.
    fn client(&self, server: &Entry) -> Result<Entry, RowMistake> {
        let (severity, ordinary, why) = match self.severity_client {
            Some(severity) => {
                let ordinary = reach(severity, self.ordinary_client, self.edge_client)?;
                (severity, ordinary, self.why_client.clone())
            }
            None if self.ordinary_client || self.edge_client => return Err(RowMistake::ReachWithoutSeverity),
            None => {
                (server.severity, server.ordinary, self.why_client.clone().or_else(|| server.why.clone()))
            }
        };
        Ok(Entry {
            title: self.title_client.clone().unwrap_or_else(|| server.title.clone()),
            means: self.means_client.clone().or_else(|| server.means.clone()),
            severity,
            ordinary,
            why,
        })
    }

    fn has_client_keys(&self) -> bool {
        self.title_client.is_some()
            || self.means_client.is_some()
            || self.severity_client.is_some()
            || self.why_client.is_some()
            || self.ordinary_client
            || self.edge_client
    }
}

/// Whether ordinary traffic fails. An interop defect has to say so, or that it does not.
fn reach(severity: Severity, ordinary: bool, edge: bool) -> Result<bool, RowMistake> {
    match severity {
        Severity::Interop if ordinary == edge => Err(RowMistake::Reach),
        Severity::Interop => Ok(ordinary),
        Severity::Security if !edge => Ok(ordinary),
        Severity::Critical | Severity::Security | Severity::Strictness | Severity::Hygiene => {
            if ordinary || edge { Err(RowMistake::ReachWithoutInterop) } else { Ok(false) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(row: &str) -> String {
        let text = format!("[[defect]]\n{row}");
        Defects::parse([("a.toml", text.as_str())]).expect_err(row).to_string()
    }

    /// Each rule of a row, by a row that breaks it and no other one.
    #[test]
    fn rows_that_break_a_rule() {
        let quirk = "quirk = 'mute'\ntitle = 'T'\nmeans = 'M.'\n";
        let requirement = "requirement = 'rfc6455/5.1/client-masks'\ntitle = 'T'\n";
        for (row, expected) in [
            ("title = 'T'\nseverity = 'hygiene'".to_owned(), RowMistake::Subject),
            (format!("{quirk}requirement = 'a/b/c'\nseverity = 'hygiene'"), RowMistake::Subject),
            (
                "quirk = 'silent'\ntitle = 'T'\nmeans = 'M.'\nseverity = 'hygiene'".to_owned(),
                RowMistake::UnknownQuirk,
            ),
            (
                "requirement = 'masks'\ntitle = 'T'\nseverity = 'hygiene'".to_owned(),
                RowMistake::RequirementId,
            ),
            (
                format!("{quirk}severity = 'hygiene'\n[[defect]]\n{quirk}severity = 'hygiene'"),
                RowMistake::Twice,
            ),
            ("quirk = 'mute'\ntitle = 'T'\nseverity = 'hygiene'".to_owned(), RowMistake::WithoutMeans),
            (format!("{requirement}means = 'M.'\nseverity = 'hygiene'"), RowMistake::QuirksOnly),
            (format!("{requirement}why_client = 'W'\nseverity = 'hygiene'"), RowMistake::QuirksOnly),
            (format!("{quirk}severity = 'interop'"), RowMistake::Reach),
            (format!("{quirk}severity = 'interop'\nordinary = true\nedge = true"), RowMistake::Reach),
            (format!("{quirk}severity = 'security'\nedge = true"), RowMistake::ReachWithoutInterop),
            (format!("{quirk}severity = 'critical'\nordinary = true"), RowMistake::ReachWithoutInterop),
            (format!("{quirk}severity = 'hygiene'\nedge_client = true"), RowMistake::ReachWithoutSeverity),
            (format!("{quirk}severity = 'hygiene'\nseverity_client = 'interop'"), RowMistake::Reach),
        ] {
            assert!(mistake(&row).ends_with(&expected.to_string()), "{row}: {}", mistake(&row));
        }
    }

    /// A key that nobody reads, and a severity that does not exist, are named with their file.
    #[test]
    fn what_is_no_row() {
        let row = "quirk = 'mute'\ntitle = 'T'\nmeans = 'M.'\n";
        for (rest, expected) in
            [("severity = 'bad'", "unknown variant"), ("severity = 'hygiene'\nfoo = 1", "unknown field")]
        {
            let message = mistake(&format!("{row}{rest}"));
            assert!(message.starts_with("a.toml: ") && message.contains(expected), "{message}");
        }
    }

    /// A client takes from the row of the server what it does not say itself; a reason belongs to its severity.
    #[test]
    fn client_differs_where_the_row_says_so() {
        let text = "[[defect]]\nquirk = 'mute'\ntitle = 'A'\nmeans = 'M.'\nseverity = 'security'\nwhy = 'W'\n\
            severity_client = 'interop'\nedge_client = true\ntitle_client = 'B'";
        let defects = Defects::parse([("a.toml", text)]).expect("it keeps the rules");
        let quirk: Quirk = "mute".parse().expect("a quirk");
        let [server, client] =
            [Role::Server, Role::Client].map(|role| defects.of_quirk(quirk, role).expect("an entry"));
        assert_eq!((server.title.as_str(), server.severity), ("A", Severity::Security));
        assert_eq!(server.why.as_deref(), Some("W"));
        assert_eq!(
            (client.title.as_str(), client.severity, client.ordinary),
            ("B", Severity::Interop, false)
        );
        assert_eq!((client.means.as_deref(), client.why.as_deref()), (Some("M."), None));
    }
}
