//! A file of requirements, read key by key, so that one mistake does not hide the next.

use std::ops::Range;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{CatalogueError, CatalogueMistake, Observability, Requirement, RequirementId, UnknownName};
use crate::toml_file::{self, Place};

/// The keys of a `[[requirement]]`, in the order in which the files give them.
const KEYS: [&str; 10] = [
    "id",
    "level",
    "role",
    "severity",
    "normative",
    "erratum",
    "quote",
    "observed-by",
    "partly",
    "unobservable",
];

/// The key of a file whose requirements this harness leaves to others: it holds the reason.
const OUT_OF_SCOPE: &str = "out-of-scope";

/// A value and the place where it begins.
pub(super) struct Placed<T> {
    pub value: T,
    pub place: Place,
}

/// The well-formed requirements of a file. Mistakes are added to `errors`, in no order.
pub(super) fn read_file(
    name: &str,
    text: &str,
    errors: &mut Vec<CatalogueError>,
) -> Vec<Placed<Requirement>> {
    let mut file = File { name, text, errors };
    let root = match toml_file::parse(text) {
        Ok(root) => root,
        Err(mistakes) => {
            for (place, message) in mistakes {
                file.mistake_at(place, CatalogueMistake::Syntax(message));
            }
            return Vec::new();
        }
    };
    let mut requirements = Vec::new();
    let out_of_scope = file.out_of_scope(root.get_ref());
    for (key, value) in root.get_ref() {
        if key.get_ref() == OUT_OF_SCOPE {
            continue;
        }
        if key.get_ref() != "requirement" {
            file.unknown_key(key.span(), key.get_ref(), &[OUT_OF_SCOPE, "requirement"]);
            continue;
        }
        let Some(items) = value.get_ref().as_array() else {
            file.wrong_type(value, "requirement", "tables written [[requirement]]");
            continue;
        };
        for item in items.iter() {
            let Some(table) = item.get_ref().as_table() else {
                file.wrong_type(item, "requirement", "tables written [[requirement]]");
                continue;
            };
            requirements.extend(Table { file: &mut file, table, at: item.span() }.requirement());
        }
    }
    if let Some(reason) = out_of_scope {
        for requirement in &mut requirements {
            requirement.value.observation = Observability::OutOfScope { reason: reason.clone() };
        }
    }
    requirements
}

struct File<'a> {
    name: &'a str,
    text: &'a str,
    errors: &'a mut Vec<CatalogueError>,
}

impl File<'_> {
    fn mistake(&mut self, at: &Range<usize>, mistake: CatalogueMistake) {
        self.mistake_at(self.place(at.start), mistake);
    }

    fn mistake_at(&mut self, Place { line, column }: Place, mistake: CatalogueMistake) {
        self.errors.push(CatalogueError { file: self.name.to_owned(), line, column, mistake });
    }

    /// Why the whole file is out of scope, where it is.
    fn out_of_scope(&mut self, root: &DeTable<'_>) -> Option<String> {
        let value = root.get(OUT_OF_SCOPE)?;
        match value.get_ref().as_str() {
            Some(reason) if !reason.trim().is_empty() => return Some(reason.to_owned()),
            Some(_) => self.mistake(&value.span(), CatalogueMistake::Blank { key: OUT_OF_SCOPE }),
            None => self.wrong_type(value, OUT_OF_SCOPE, "a string"),
        }
        None
    }

    fn unknown_key(&mut self, at: Range<usize>, key: &str, expected: &[&str]) {
        let expected = expected.join(", ");
        self.mistake(&at, CatalogueMistake::UnknownKey { key: key.to_owned(), expected });
    }

    fn wrong_type(&mut self, value: &Spanned<DeValue<'_>>, key: &'static str, expected: &'static str) {
        let found = value.get_ref().type_str();
        self.mistake(&value.span(), CatalogueMistake::WrongType { key, found, expected });
    }

    fn place(&self, offset: usize) -> Place {
        Place::of(self.text, offset)
    }
}

/// One `[[requirement]]` while it is read.
struct Table<'f, 'a, 't> {
    file: &'f mut File<'a>,
    table: &'t DeTable<'t>,
    at: Range<usize>,
}

impl<'t> Table<'_, '_, 't> {
    fn requirement(mut self) -> Option<Placed<Requirement>> {
        self.refuse_unknown_keys();
        // Everything is read before anything is given up, so that all mistakes are reported.
        let id = self.id();
        let level = self.named("level");
        let binds = self.named("role");
        let severity = self.named("severity");
        let implied = self.implied();
        let erratum = self.erratum();
        let quote = self.required("quote");
        let observed = self.observation();

        let (id, at) = id?;
        let (observation, observed_by) = observed?;
        let place = self.file.place(at.start);
        let value = Requirement {
            document: document_title(id.document()),
            section: id.section().to_owned(),
            id,
            level: level?,
            binds: binds?,
            severity: severity?,
            quote: quote?.0.to_owned(),
            observation,
            observed_by,
            implied,
            erratum,
        };
        Some(Placed { value, place })
    }

    fn refuse_unknown_keys(&mut self) {
        for key in self.table.keys() {
            if !KEYS.contains(&key.get_ref().as_ref()) {
                self.file.unknown_key(key.span(), key.get_ref(), &KEYS);
            }
        }
    }

    fn id(&mut self) -> Option<(RequirementId, Range<usize>)> {
        let (text, at) = self.required("id")?;
        let id = match text.parse::<RequirementId>() {
            Ok(id) => id,
            Err(error) => {
                self.file.mistake(&at, CatalogueMistake::Id(error));
                return None;
            }
        };
        let expected = document_of(self.file.name);
        if id.document() != expected {
            let mistake = CatalogueMistake::OtherDocument {
                found: id.document().to_owned(),
                expected: expected.to_owned(),
            };
            self.file.mistake(&at, mistake);
            return None;
        }
        Some((id, at))
    }

    fn implied(&mut self) -> bool {
        let Some((text, at)) = self.optional("normative") else {
            return false;
        };
        if text != "implied" {
            let source = UnknownName { found: text.to_owned(), expected: "implied".to_owned() };
            self.file.mistake(&at, CatalogueMistake::UnknownName { key: "normative", source });
        }
        true
    }

    fn erratum(&mut self) -> Option<u32> {
        let value = self.table.get("erratum")?;
        let number = value.get_ref().as_integer().and_then(|digits| digits.as_str().parse().ok());
        if number.is_none() {
            self.file.wrong_type(value, "erratum", "an erratum's number");
        }
        number
    }

    fn observation(&mut self) -> Option<(Observability, Option<String>)> {
        if let Some((reason, at)) = self.optional("unobservable") {
            for key in ["observed-by", "partly"] {
                if self.table.contains_key(key) {
                    self.file.mistake(&at, CatalogueMistake::ObservedYetUnobservable { key });
                }
            }
            return Some((Observability::No { reason: reason.to_owned() }, None));
        }
        let partly = self.optional("partly").map(|(text, _)| text.to_owned());
        let observed_by = self.required("observed-by")?.0.to_owned();
        Some((partly.map_or(Observability::Yes, Observability::Partly), Some(observed_by)))
    }

    fn named<T: FromStr<Err = UnknownName>>(&mut self, key: &'static str) -> Option<T> {
        let (text, at) = self.required(key)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(source) => {
                self.file.mistake(&at, CatalogueMistake::UnknownName { key, source });
                None
            }
        }
    }

    fn required(&mut self, key: &'static str) -> Option<(&'t str, Range<usize>)> {
        if !self.table.contains_key(key) {
            self.file.mistake(&self.at, CatalogueMistake::MissingKey { key });
        }
        self.optional(key)
    }

    fn optional(&mut self, key: &'static str) -> Option<(&'t str, Range<usize>)> {
        let value = self.table.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.file.wrong_type(value, key, "a string");
            return None;
        };
        if text.trim().is_empty() {
            self.file.mistake(&value.span(), CatalogueMistake::Blank { key });
            return None;
        }
        Some((text, value.span()))
    }
}

/// `rfc6455` for `cases/requirements/rfc6455.toml`.
fn document_of(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.strip_suffix(".toml").unwrap_or(name)
}

/// `RFC 6455` for `rfc6455`.
fn document_title(document: &str) -> String {
    match document.strip_prefix("rfc") {
        Some(number) => format!("RFC {number}"),
        None => document.to_uppercase(),
    }
}
