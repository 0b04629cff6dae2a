//! Autobahn|Testsuite's files: run as they are (`run --autobahn`), or made ours (`migrate`). Start
//! reading in `files`.

mod files;
mod migrate;
mod run;

pub(super) use migrate::main as migrate;
pub(super) use run::main as run;
