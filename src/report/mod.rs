//! Reports: pure functions of a stored run. Start reading in `stored`, then `registry`, which lists
//! the renderers.

pub(crate) mod autobahn;
mod badge;
pub mod baseline;
pub mod coverage;
pub mod defects;
pub mod diff;
pub mod features;
pub(crate) mod groups;
pub mod html;
pub mod json;
pub mod junit;
pub mod made;
pub mod merge;
mod octets;
pub mod pcapng;
pub mod registry;
pub mod repeat;
mod sarif;
pub mod score;
pub mod stored;
pub mod summary;
#[cfg(feature = "cli")]
pub mod table;
pub mod tally;
mod tap;
#[cfg(feature = "cli")]
mod wrap;

pub use score::Score;
pub use stored::StoredRun;
