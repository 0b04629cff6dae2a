//! What came of one instance, without its octets: the verdict's kind, and of each deviation what it breaks and how it shows.

use std::collections::HashMap;
use wsgauntlet_suite::oracle::{Failure, Verdict, VerdictKind};

/// Number of an interned text.
pub type Text = u32;

/// Number of an interned shape.
pub type ShapeId = u32;

/// One deviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Symptom {
    /// The id of the requirement.
    pub requirement: Text,
    /// What kind of thing was observed: see [`class`].
    pub class: Text,
    /// Requirement and structural observation: see [`signature`].
    pub signature: Text,
}

/// One deviation, as a verdict or a stored run tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation<'a> {
    /// The id of the requirement.
    pub requirement: &'a str,
    /// What was observed, without lengths and payloads.
    pub class: String,
    /// The fingerprint.
    pub print: &'a str,
}

/// What came of one instance. Two plays with the same shape cannot be told apart by their verdicts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// The verdict.
    pub kind: VerdictKind,
    /// The deviations, the deciding one first. Empty where the instance only observes.
    pub seen: Vec<Symptom>,
}

/// What tells failures of the same kind and cause from others, whatever the parameters of the instance: the fingerprint.
/// The only place that knows how a failure is recognised.
pub fn signature(failure: &Failure) -> String {
    failure.fingerprint()
}

/// What kind of thing was observed, coarser than the fingerprint: `response:4xx`, `message:text`, `end`, `close`. It is the
/// structure at the end of a fingerprint, without marks and codes. Empty for a fingerprint of version 1, which has none.
pub fn class(fingerprint: &str) -> String {
    let Some((_, structure)) = fingerprint.rsplit_once(' ') else { return String::new() };
    let structure = structure.split('+').next().unwrap_or_default();
    match structure.split_once(':') {
        Some((kind, detail)) => match detail.bytes().all(|octet| octet.is_ascii_digit()) {
            true if detail != "101" && kind == "response" => format!("{kind}:{}xx", &detail[..1]),
            true if kind != "response" => kind.to_owned(),
            _ => structure.to_owned(),
        },
        None => structure.to_owned(),
    }
}

/// Texts and shapes by number.
#[derive(Clone, Debug, Default)]
pub struct Shapes {
    texts: Vec<String>,
    text_ids: HashMap<String, Text>,
    shapes: Vec<Shape>,
    shape_ids: HashMap<Shape, ShapeId>,
}

impl Shapes {
    /// The text of that number.
    pub fn text(&self, id: Text) -> &str {
        &self.texts[id as usize]
    }

    /// The shape of that number.
    pub fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id as usize]
    }

    /// All shapes, in the order of their numbers.
    pub fn all(&self) -> &[Shape] {
        &self.shapes
    }

    /// The number of a text, which is added if it is new.
    pub fn intern_text(&mut self, text: &str) -> Text {
        if let Some(id) = self.text_ids.get(text) {
            return *id;
        }
        let id = self.texts.len() as Text;
        self.texts.push(text.to_owned());
        self.text_ids.insert(text.to_owned(), id);
        id
    }

    /// The number of a shape, which is added if it is new.
    pub fn intern(&mut self, shape: Shape) -> ShapeId {
        if let Some(id) = self.shape_ids.get(&shape) {
            return *id;
        }
        let id = self.shapes.len() as ShapeId;
        self.shapes.push(shape.clone());
        self.shape_ids.insert(shape, id);
        id
    }

    /// The shape of a verdict.
    pub fn of_verdict(&mut self, verdict: &Verdict) -> ShapeId {
        let prints: Vec<String> = verdict.failures().map(signature).collect();
        let failures = verdict.failures().zip(&prints).map(|(failure, print)| Deviation {
            requirement: failure.requirement.as_str(),
            class: class(print),
            print,
        });
        self.of_parts(verdict.kind, failures)
    }

    /// The shape of a verdict with these deviations, the deciding one first.
    pub fn of_parts<'a>(
        &mut self,
        kind: VerdictKind,
        deviations: impl Iterator<Item = Deviation<'a>>,
    ) -> ShapeId {
        // What an informational instance observes is no deviation.
        let observes = kind == VerdictKind::Info;
        let seen = deviations.filter(|_| !observes).map(|deviation| Symptom {
            requirement: self.intern_text(deviation.requirement),
            class: self.intern_text(&format!("={}", deviation.class)),
            signature: self.intern_text(&format!("{}@{}", deviation.requirement, deviation.print)),
        });
        let seen = seen.collect();
        self.intern(Shape { kind, seen })
    }
}
