//! Ctrl-C and SIGTERM.

use super::status::Status;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that the first signal sets: the run then ends in order. The second signal ends the process at once.
pub(super) fn stop_on_signals() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    tokio::spawn(async move {
        let mut term = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(term) => term,
            Err(_) => return,
        };
        loop {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = term.recv() => {}
            }
            // The second signal does not wait for reports.
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(Status::Interrupted as i32);
            }
        }
    });
    stop
}
