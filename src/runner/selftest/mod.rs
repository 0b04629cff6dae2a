//! The proof of the verdicts: every case against the reference, every quirk and every lawful
//! variant of it, in memory, on all cores. `prove` does it, by shortcuts that `exhaustive` checks; here are its options and its
//! outcome.

mod cores;
mod exhaustive;
mod matrix;
mod prove;

pub use exhaustive::{Comparison, compare};
pub use prove::run;

use std::collections::{BTreeMap, BTreeSet};

/// What is proven, and what is left out on purpose, so that tests can show that it is missed.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Over how many seeds the reference is played with its octets cut, delayed and interleaved.
    pub seeds: u64,
    /// Monitors that do not watch.
    pub monitors_off: Vec<String>,
    /// Quirks that do nothing.
    pub harmless: Vec<String>,
    /// Which quirks are tried.
    pub quirks: Quirks,
    /// Try each quirk on each instance, heavy ones too.
    pub full: bool,
}

/// Which quirks are tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Quirks {
    /// Each of them.
    #[default]
    All,
    /// Those of these names.
    Named(Vec<String>),
    /// None of them.
    None,
}

impl Quirks {
    fn holds(&self, name: &str) -> bool {
        match self {
            Quirks::All => true,
            Quirks::Named(names) => names.iter().any(|named| named == name),
            Quirks::None => false,
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct SelftestResult {
    /// The number of requirements.
    pub requirements: usize,
    /// The number of cases.
    pub cases: usize,
    /// The number of instances.
    pub instances: usize,
    /// The number of quirks that were tried.
    pub quirks: usize,
    /// The number of lawful variants that were tried.
    pub variants: usize,
    /// Plays of one instance against one quirk or variant.
    pub cells: usize,
    /// Instances that the reference does not pass, with what was observed.
    pub reference: Vec<String>,
    /// Verdicts that a cut, delay or interleaving changed.
    pub shaken: Vec<String>,
    /// Lawful variants that fail an instance.
    pub variants_failed: Vec<String>,
    /// Quirks that no case catches.
    pub uncaught: Vec<String>,
    /// Cases that no quirk fails, and that are not `info`.
    pub idle: Vec<String>,
    /// The cases that are not `info`, and of which instances were tried on every quirk.
    pub server_cases: BTreeSet<String>,
    /// The same for clients.
    pub client_cases: BTreeSet<String>,
    /// For each quirk and role the cases that notice it.
    pub matrix: BTreeMap<String, Notices>,
}

/// The cases that notice a quirk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    /// Those that fail.
    pub fail: BTreeSet<String>,
    /// What is tolerated, but not passed: `--strict` fails it.
    pub lenient: BTreeSet<String>,
}

impl Notices {
    /// Whether no case notices it.
    pub fn is_empty(&self) -> bool {
        self.fail.is_empty() && self.lenient.is_empty()
    }

    fn add(&mut self, other: Notices) {
        self.fail.extend(other.fail);
        self.lenient.extend(other.lenient);
        self.lenient.retain(|case| !self.fail.contains(case));
    }
}

impl SelftestResult {
    /// Whether everything was proven.
    pub fn is_green(&self) -> bool {
        self.reference.is_empty()
            && self.shaken.is_empty()
            && self.variants_failed.is_empty()
            && self.uncaught.is_empty()
            && self.idle.is_empty()
    }

    /// The text of `reports/quirks.txt`.
    pub fn render_matrix(&self) -> String {
        matrix::render(self)
    }

    /// The quirks whose line in `stored`, such a text, is another one.
    pub fn differing(&self, stored: &str) -> Vec<String> {
        matrix::differing(self, stored)
    }
}
