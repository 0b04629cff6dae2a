//! Baselines: the deviations of an implementation that are known and accepted, each with its
//! reason. A gate with a baseline fails on deviations that the baseline does not accept, and on entries that accept
//! nothing any more. Start reading in `model`; `load` reads the file, `gate` judges a run, `update`
//! writes the file again.

pub mod gate;
pub mod load;
pub mod model;
#[cfg(feature = "cli")]
pub mod update;

pub use gate::{GateStatus, Shown, Today, judge, judge_knowing};
pub use load::load;
pub use model::{AcceptedDefect, Baseline, Entry, Subject};
#[cfg(feature = "cli")]
pub use update::{Manner, Update, update};
