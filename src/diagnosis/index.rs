//! The index: for each difference the instances that it changes, each with its shape. A snapshot in text, embedded;
//! `wsgauntlet diagnose --write-index` writes it anew.
//!
//! ```text
//! wsgauntlet diagnosis index 2
//! role server 2118 0123456789abcdef     instances, and the digest of their ids
//! t rfc6455/5.1/server-closes-on-unmasked   a requirement, by number from 0
//! s 12 fail answer                      a signature: the number of its requirement, and the rest of the fingerprint
//! h fail 3 5                            a shape: kind, numbers of signatures
//! d quirk:accept-unmasked 2:0-5,9 7:12  a difference: number of a shape, and its instances
//! ```

use super::difference::Difference;
use super::shape::{Deviation, ShapeId, Shapes, Symptom, class};
use std::collections::BTreeMap;
use std::fmt::Write;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{Verdict, VerdictKind, fingerprint};
use wsgauntlet_wire::Role;
use wsgauntlet_wire::hash::fnv1a;

const FIRST_LINE: &str = "wsgauntlet diagnosis index 2";

/// What one difference changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The difference.
    pub difference: Difference,
    /// Instances, by their place among those of the role, in order, each with its shape.
    pub cells: Vec<(u32, ShapeId)>,
}

/// What differences change in one role.
#[derive(Clone, Debug)]
pub struct Index {
    /// The shapes that the rows refer to.
    pub shapes: Shapes,
    /// One row for each difference.
    pub rows: Vec<Row>,
}

/// Why a text is no index of these instances.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// This line, counted from 1, cannot be read.
    #[error("line {0} of the index cannot be read")]
    Line(usize),
    #[error(
        "the index is about other instances of a {0}: write it anew with `wsgauntlet diagnose --write-index FILE`"
    )]
    /// The index was made with other cases.
    Stale(Role),
}

/// Changes when an instance comes, goes or moves.
pub fn digest(instances: &[&Instance]) -> u64 {
    fnv1a(instances.iter().flat_map(|instance| instance.id.as_str().bytes().chain([b'\n'])))
}

impl Index {
    /// An index without rows.
    pub fn empty() -> Index {
        Index { shapes: Shapes::default(), rows: Vec::new() }
    }

    /// Adds what a difference changes.
    pub fn add(&mut self, difference: Difference, verdicts: &[(usize, Verdict)]) {
        let cells =
            verdicts.iter().map(|(instance, verdict)| (*instance as u32, self.shapes.of_verdict(verdict)));
        let cells = cells.collect();
        self.rows.push(Row { difference, cells });
    }

    /// The text of the rows of a role.
    pub fn render(&self, role: Role, instances: &[&Instance]) -> String {
        let mut out = format!("role {role} {} {:016x}\n", instances.len(), digest(instances));
        let mut requirements: BTreeMap<&str, usize> = BTreeMap::new();
        let mut signatures: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        // `v2 requirement place structure`: the requirement has a number.
        let parts = |seen: &Symptom| {
            let (requirement, print) = self.shapes.text(seen.signature).split_once('@').unwrap_or_default();
            (requirement, print.splitn(3, ' ').last().unwrap_or_default())
        };
        for seen in self.shapes.all().iter().flat_map(|shape| &shape.seen) {
            requirements.insert(parts(seen).0, 0);
            signatures.insert(parts(seen), 0);
        }
        for (number, (requirement, place)) in requirements.iter_mut().enumerate() {
            *place = number;
            let _ = writeln!(out, "t {requirement}");
        }
        for (number, ((requirement, rest), place)) in signatures.iter_mut().enumerate() {
            *place = number;
            let _ = writeln!(out, "s {} {rest}", requirements[requirement]);
        }
        for shape in self.shapes.all() {
            let _ = write!(out, "h {}", shape.kind);
            for seen in &shape.seen {
                let _ = write!(out, " {}", signatures[&parts(seen)]);
            }
            out.push('\n');
        }
        for row in &self.rows {
            let mut by_shape: BTreeMap<ShapeId, Vec<u32>> = BTreeMap::new();
            for (instance, shape) in &row.cells {
                by_shape.entry(*shape).or_default().push(*instance);
            }
            let _ = write!(out, "d {}", row.difference.key());
            for (shape, instances) in by_shape {
                let _ = write!(out, " {shape}:{}", ranges(&instances));
            }
            out.push('\n');
        }
        out
    }

    /// The rows of a role. `text` is the whole index, of both roles.
    ///
    /// # Errors
    ///
    /// A line that cannot be read, or an index that was made of other instances.
    pub fn parse(text: &str, role: Role, instances: &[&Instance]) -> Result<Index, IndexError> {
        let mut index = Index::empty();
        let (mut requirements, mut signatures) = (Vec::new(), Vec::new());
        let mut of_role = false;
        for (number, line) in text.lines().enumerate() {
            if number == 0 && line == FIRST_LINE {
                continue;
            }
            let (kind, rest) = line.split_once(' ').ok_or(IndexError::Line(number + 1))?;
            if kind == "role" {
                of_role = rest.starts_with(&role.to_string());
                let expected = format!("{role} {} {:016x}", instances.len(), digest(instances));
                if of_role && rest != expected {
                    return Err(IndexError::Stale(role));
                }
                continue;
            }
            if !of_role {
                continue;
            }
            let read = match kind {
                "t" => {
                    requirements.push(rest);
                    Some(())
                }
                "s" => signature(rest, &requirements).map(|signature| signatures.push(signature)),
                "h" => index.read_shape(rest, &signatures),
                "d" => index.read_row(rest, instances.len()),
                _ => None,
            };
            read.ok_or(IndexError::Line(number + 1))?;
        }
        Ok(index)
    }

    fn read_shape(&mut self, text: &str, signatures: &[(&str, String)]) -> Option<()> {
        let mut words = text.split(' ');
        let kind = VerdictKind::parse(words.next()?)?;
        let deviation = |word: &str| {
            let (requirement, print) = signatures.get(word.parse::<usize>().ok()?)?;
            Some(Deviation { requirement, class: class(print), print })
        };
        let seen: Option<Vec<Deviation<'_>>> = words.map(deviation).collect();
        self.shapes.of_parts(kind, seen?.into_iter());
        Some(())
    }

    fn read_row(&mut self, text: &str, count: usize) -> Option<()> {
        let mut words = text.split(' ');
        let difference = Difference::of_key(words.next()?);
        let mut cells = Vec::new();
        for word in words {
            let (shape, instances) = word.split_once(':')?;
            let shape: ShapeId = shape.parse().ok().filter(|id| (*id as usize) < self.shapes.all().len())?;
            for range in instances.split(',') {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
                if last as usize >= count {
                    return None;
                }
                cells.extend((first..=last).map(|instance| (instance, shape)));
            }
        }
        cells.sort_unstable();
        // A quirk that this version has no more is left out.
        self.rows.extend(difference.map(|difference| Row { difference, cells }));
        Some(())
    }
}

/// The whole text, of the rows of each role.
pub fn render(roles: &[String]) -> String {
    format!("{FIRST_LINE}\n{}", roles.concat())
}

/// A requirement and a fingerprint.
fn signature<'t>(text: &str, requirements: &[&'t str]) -> Option<(&'t str, String)> {
    let (number, rest) = text.split_once(' ')?;
    let requirement = requirements.get(number.parse::<usize>().ok()?)?;
    Some((requirement, format!("{} {requirement} {rest}", fingerprint::VERSION)))
}

/// `0-5,9`.
fn ranges(numbers: &[u32]) -> String {
    let mut out = String::new();
    let mut rest = numbers;
    while let Some(first) = rest.first() {
        let len =
            rest.iter().enumerate().take_while(|(index, number)| **number == first + *index as u32).count();
        let comma = if out.is_empty() { "" } else { "," };
        let _ = match len {
            1 => write!(out, "{comma}{first}"),
            _ => write!(out, "{comma}{first}-{}", rest[len - 1]),
        };
        rest = &rest[len..];
    }
    out
}
