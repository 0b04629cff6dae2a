//! The run against clients, over real sockets on the loopback interface.

mod addresses;
mod death;
mod looped;
mod page;
mod quirks;
mod run;
mod writes;
mod wrong_requests;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use wsgauntlet::runner::client::{ClientOptions, ClientSource};
use wsgauntlet::runner::crash_signs::CrashSigns;

fn options(source: ClientSource) -> ClientOptions {
    ClientOptions {
        source,
        deadline: Duration::from_secs(5),
        wait: Duration::from_secs(20),
        jobs: None,
        seed: 1,
        name: "test".to_owned(),
        keep_listening: false,
        statistics: false,
        authority: None,
        crash_signs: CrashSigns::default(),
        ok_statuses: Vec::new(),
        driver: false,
        budget: None,
        stop: Arc::new(AtomicBool::new(false)),
    }
}
