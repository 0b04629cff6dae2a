//! `replay WHAT -- COMMAND`: instances against a client that is launched for each.

use super::again::CLIENT_TIMEOUT_MS;
use super::args::ReplayArgs;
use super::replay::Play;
use super::run_client;
use super::signals::stop_on_signals;
use super::status::Failure;
use crate::runner::client::{ClientOptions, Listener, run_client};
use crate::runner::crash_signs::CrashSigns;
use crate::runner::event::RunEvent;
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
    run_client::check_command(&args.command)?;
    let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    super::runtime()?.block_on(async {
        let listener = Listener::bind("127.0.0.1:0", None)
            .await
            .map_err(|error| Failure::Harness(format!("cannot listen on 127.0.0.1: {error}")))?;
        let options = ClientOptions {
            source: crate::runner::client::ClientSource::Command(args.command.clone()),
            deadline: Duration::from_millis(args.timeout_ms.unwrap_or(CLIENT_TIMEOUT_MS)),
            wait: WAIT,
            jobs: Some(1),
            seed: args.seed,
            name: "client".to_owned(),
            keep_listening: false,
            statistics: false,
            authority: None,
            crash_signs: CrashSigns::default(),
            ok_statuses: Vec::new(),
            driver: false,
            budget: None,
            stop: stop_on_signals(),
        };
        let mut config = PlayConfig::new("");
        (config.seed, config.deadline) = (args.seed, options.deadline);
        let mut shown = Ok(());
        let mut sink = |event: RunEvent| {
            if let (RunEvent::Finished(record), Ok(())) = (event, &shown) {
                let (config, url) = (config.clone(), String::new());
                shown = show(Play { record: *record, config, url, began, process: None });
            }
        };
        run_client(listener, instances, options, &mut sink).await.map_err(Failure::Client)?;
        shown
    })
}
