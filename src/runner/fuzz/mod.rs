//! The fuzzer, live: many connections at once, what they show confirmed alone, shrunk, and saved. `site` makes
//! connections, `process` watches a target that was launched, `run` decides what is played when, `fuzzer` keeps what is known,
//! `examine` looks into what was found, `faults` into what a launched target died of, `keep` writes files. Start reading in
//! `run`.

mod benign;
mod examine;
mod faults;
mod fuzzer;
mod greeting;
mod keep;
mod process;
mod report;
mod run;
mod site;

pub use benign::{Benign, BenignError};
pub use keep::Keeper;
pub use process::Launch;
pub use report::{FuzzError, FuzzEvent, FuzzOptions, FuzzReport, Progress};
pub use run::{fuzz_client, fuzz_server};
