//! Reports: pure functions of a stored run. Start reading in `stored`, then `registry`, which lists
//! the renderers.

pub mod baseline;
pub mod coverage;
pub mod groups;
pub mod json;
pub mod merge;
pub mod registry;
pub mod score;
pub mod stored;
pub mod summary;
pub mod table;

pub use score::Score;
pub use stored::StoredRun;
