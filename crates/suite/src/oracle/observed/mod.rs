//! What was observed where something else was expected, as a value. `Display` makes the sentence of reports, `structure`
//! the part that fingerprints are made of. Each source of observations has a file.

mod application;
mod beginning;
mod deflate;
mod frame;
mod head;
mod page;
mod statistic;

pub use application::ApplicationEnd;
pub use beginning::Beginning;
pub use deflate::DeflateBreach;
pub use frame::{FrameBreach, FrameFault};
pub use head::HeadBreach;
pub use page::PageBreach;
pub use statistic::{Statistic, Values};

use crate::matching::structure::{Detail, Structure};
use crate::matching::{Sight, Sighting};
use crate::transcript::{Death, Died};
use std::fmt;

/// What was observed.
#[derive(Clone, Debug, PartialEq)]
pub enum Observed {
    /// What a step of the script saw of the target.
    Sighting(Sighting),
    /// What a monitor found in the frames of the target.
    Frame(FrameBreach),
    /// What a monitor found in the opening head of the target.
    Head(HeadBreach),
    /// What a monitor found of permessage-deflate, RFC 7692.
    Deflate(DeflateBreach),
    /// What a page in a browser saw.
    Page(PageBreach),
    /// What only all connections of a run show.
    Statistic(Statistic),
    /// How the target ended or stopped working, and the exit status of a client's command where it is known.
    Death {
        /// The death, and what was played before it.
        died: Died,
        /// The status with which the process exited, where it did.
        exit_status: Option<i32>,
    },
    /// How a client's command or browser ended.
    Application(ApplicationEnd),
    /// The memory of the target grew beyond its bound: its peak, in MiB.
    Memory {
        /// The most that was measured, in MiB.
        peak_mib: u64,
    },
}

impl Observed {
    /// Nothing was observed.
    pub const NOTHING: Observed = Observed::Sighting(Sighting { sight: Sight::Nothing, notes: Vec::new() });

    /// What tells this observation from others, without lengths and payloads.
    pub fn structure(&self) -> Structure {
        match self {
            Observed::Sighting(sighting) => sighting.structure(),
            Observed::Frame(breach) => breach.structure(),
            Observed::Head(breach) => breach.structure(),
            Observed::Deflate(breach) => breach.structure(),
            Observed::Page(breach) => breach.structure(),
            Observed::Statistic(statistic) => statistic.structure(),
            Observed::Death { died, .. } => death_structure(&died.death),
            Observed::Application(end) => end.structure(),
            Observed::Memory { .. } => Structure::new("memory-outgrown"),
        }
    }
}

/// Which instances have to be played before is not structural: the search for them may find others.
fn death_structure(death: &Death) -> Structure {
    match death {
        Death::Crashed(_) => Structure::new("crashed"),
        Death::Exited(status) => Structure::new("exited").with(Detail::ExitStatus(*status)),
        Death::Hung => Structure::new("hung"),
        Death::Signal(signal) => Structure::new("signal").with(Detail::Signal(*signal)),
        Death::Spins => Structure::new("spins"),
    }
}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Observed::Sighting(sighting) => write!(f, "{sighting}"),
            Observed::Frame(breach) => write!(f, "{breach}"),
            Observed::Head(breach) => write!(f, "{breach}"),
            Observed::Deflate(breach) => write!(f, "{breach}"),
            Observed::Page(breach) => write!(f, "{breach}"),
            Observed::Statistic(statistic) => write!(f, "{statistic}"),
            Observed::Death { died, exit_status: None } => write!(f, "{died}"),
            Observed::Death { died, exit_status: Some(status) } => {
                write!(f, "{died}; exit status {status}")
            }
            Observed::Application(end) => write!(f, "{end}"),
            Observed::Memory { peak_mib } => {
                write!(f, "the memory of the target grew beyond its bound, to {peak_mib} MiB")
            }
        }
    }
}

macro_rules! observed_from {
    ($($value:ident => $variant:ident),* $(,)?) => {
        $(impl From<$value> for Observed {
            fn from(value: $value) -> Observed {
                Observed::$variant(value)
            }
        })*
    };
}

observed_from! {
    Sighting => Sighting,
    FrameBreach => Frame,
    HeadBreach => Head,
    DeflateBreach => Deflate,
    PageBreach => Page,
    Statistic => Statistic,
    ApplicationEnd => Application,
}
