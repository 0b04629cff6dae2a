//! The fuzzer, live: many connections at once, what they show confirmed alone, shrunk, and saved. `site` makes
//! connections, `process` watches a target that was launched, `run` decides what is played when, `examine` looks into what
//! was found, `keep` writes files. Start reading in `run`.

mod benign;
mod examine;
mod keep;
mod process;
mod run;
mod site;

pub use benign::{Benign, BenignError};
pub use keep::Keeper;
pub use process::Launch;
pub use run::{FuzzError, FuzzEvent, FuzzOptions, FuzzReport, Progress, fuzz_client, fuzz_server};
