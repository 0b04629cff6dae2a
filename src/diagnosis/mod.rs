//! What is wrong with a target, in place of which instances fail. The self-test knows how each quirk of the reference
//! shows. Read backwards that is a dictionary of faults: a diagnosis is the smallest set of quirks that explains what a
//! run shows, and predicts nothing where the target passed. What no quirk explains is listed as such.
//!
//! Pure and in memory: the reference is played under a virtual clock. `diagnose` does it, in these steps:
//!
//! | step | where |
//! | --- | --- |
//! | what the run shows, as shapes | `subject`, `shape` |
//! | what the client of the run overlooked is taken out of the index | `overlooked` |
//! | which differences change an instance in the same way | `index`, `candidates`, `relation` |
//! | a first set, greedily | `cover` |
//! | the reference is played with the set; differences are dropped, added, exchanged | `refine`, `workbench` |
//! | every instance is played with the whole set, and contradictions are mended | `repair`, `whole` |
//! | what explains the rest alone, but not beside the set | `supplement` |
//! | defects, their agreement, the model | `defect`, `words`, `print` |
//!
//! `recognise` finds known defects in a run that cannot be diagnosed, `grades` grades a diagnosis, `standing` compares a run with the audited field.
//!
//! `dictionary` makes the index, `proof` shows that the diagnosis names what is there.

mod candidates;
pub mod catalogue;
mod cover;
mod defect;
mod diagnose;
pub mod dictionary;
pub mod difference;
mod grade;
mod grades;
pub mod index;
pub mod overlooked;
pub mod print;
pub mod proof;
pub(crate) mod recognise;
mod refine;
mod relation;
mod repair;
pub mod shape;
mod standing;
mod stored;
pub(crate) mod subject;
mod supplement;
mod whole;
mod words;
pub mod workbench;

pub use defect::{Agreement, Also, Defect, Diagnosis, Model, Standing};
pub use diagnose::diagnose;
pub use grades::{Grades, grade};
pub use index::IndexError;
pub use recognise::recognise;
pub use stored::store;

/// The index of this release.
pub const INDEX: &str = include_str!("index.txt");
