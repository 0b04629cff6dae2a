//! Autobahn|Testsuite's files: run as they are (`run --autobahn`), or made ours (`migrate`). Start
//! reading in `files`.

mod files;
mod migrate;
mod run;

pub use migrate::main as migrate;
pub use run::main as run;
