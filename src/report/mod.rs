//! Reports: pure functions of a finished run. Start reading in `score`, then `table`.

pub mod coverage;
pub mod groups;
pub mod json;
pub mod score;
pub mod summary;
pub mod table;

pub use score::Score;
