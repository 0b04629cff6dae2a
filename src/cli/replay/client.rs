//! `replay WHAT -- COMMAND`: instances against a client that is launched for each.

use super::played::Play;
use crate::audit::{Audit, RunEvent};
use crate::cli::again::CLIENT_TIMEOUT_MS;
use crate::cli::args::ReplayArgs;
use crate::cli::run_client::check_command;
use crate::cli::signals::stop_on_signals;
use crate::cli::status::Failure;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::peer::PlayConfig;

/// How long a command may take to connect.
const WAIT: Duration = Duration::from_secs(30);

/// Plays `instances`, and gives `show` each play as it is decided.
pub(super) fn play(
    args: &ReplayArgs,
    instances: Vec<Instance>,
    show: &mut (dyn FnMut(Play) -> Result<(), Failure> + Send),
) -> Result<(), Failure> {
    let instances = instances.into_iter().map(Arc::new).collect();
    check_command(&args.command)?;
    let deadline = Duration::from_millis(args.timeout_ms.unwrap_or(CLIENT_TIMEOUT_MS));
    let audit = Audit::launched_client(&args.command)
        .timeout(deadline)
        .wait(WAIT)
        .budget(Duration::MAX)
        .jobs(1)
        .seed(args.seed)
        .without_statistics();
    let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    crate::cli::runtime()?.block_on(async {
        let server = audit.stop_when(stop_on_signals()).listen().await?;
        let mut config = PlayConfig::new("");
        (config.seed, config.deadline) = (args.seed, deadline);
        let mut shown = Ok(());
        let mut sink = |event: RunEvent| {
            if let (RunEvent::Finished(record), Ok(())) = (event, &shown) {
                let (config, url) = (config.clone(), String::new());
                shown = show(Play { record: *record, config, url, began, process: None });
            }
        };
        server.play(instances, &mut sink).await?;
        shown
    })
}
