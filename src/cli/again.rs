//! The words that reach the target of a run again, as reports print them behind `wsgauntlet replay`.

use super::args::{BrowserArg, RunClientArgs, RunServerArgs};
use super::target_args::HttpArg;
use crate::report::stored::Again;
use clap::ValueEnum;
use std::path::Path;
use std::time::Duration;

/// What `replay` waits for an answer by itself, in milliseconds: of a server, and of a client.
pub(super) const SERVER_TIMEOUT_MS: u64 = 1000;
pub(super) const CLIENT_TIMEOUT_MS: u64 = 2000;

/// How long a launched target may take by itself.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// `args` as they were typed, and what of wsgauntlet.toml is known: the target's name, and the timeout of the run.
pub(super) fn of_server(args: &RunServerArgs, target: Option<&str>, timeout: Duration) -> Again {
    let mut words: Vec<String> = Vec::new();
    let mut option = |name: &str, value: &str| words.extend([name.to_owned(), value.to_owned()]);
    if let Some(config) = &args.config {
        option("--config", &shown(config));
    }
    if let Some(command) = &args.launch {
        option("--launch", command);
    }
    if args.ready_within != READY_WITHIN {
        option("--ready-within", &format!("{}ms", args.ready_within.as_millis()));
    }
    if args.target.http == HttpArg::Two {
        option("--http", "2");
    }
    if let Some(ca) = &args.target.ca {
        option("--ca", &shown(ca));
    }
    for (name, values) in [
        ("--header", &args.target.headers),
        ("--subprotocol", &args.target.subprotocols),
        ("--prelude", &args.target.prelude),
    ] {
        values.iter().for_each(|value| option(name, value));
    }
    args.select.dirs.iter().for_each(|dir| option("--cases", &shown(dir)));
    let timeout_ms = timeout.as_millis() as u64;
    if timeout_ms != SERVER_TIMEOUT_MS || target.is_some() {
        option("--timeout-ms", &timeout_ms.to_string());
    }
    if args.seed != 1 {
        option("--seed", &args.seed.to_string());
    }
    words.extend(args.no_config.then(|| "--no-config".to_owned()));
    words.extend(args.target.insecure.then(|| "--insecure".to_owned()));
    words.extend(target.map(str::to_owned).or_else(|| args.url.clone()));
    Again { words, command: Vec::new() }
}

pub(super) fn of_client(args: &RunClientArgs) -> Again {
    let mut words: Vec<String> = Vec::new();
    let mut option = |name: &str, value: &str| words.extend([name.to_owned(), value.to_owned()]);
    if args.command.is_empty() && args.launch_browser.is_none() {
        option("--listen", &args.listen);
    }
    for (name, path) in [("--cert", &args.cert), ("--key", &args.key), ("--certificate", &args.certificate)] {
        if let Some(path) = path {
            option(name, &shown(path));
        }
    }
    if let Some(browser) = args.launch_browser.as_ref().and_then(BrowserArg::to_possible_value) {
        option("--launch-browser", browser.get_name());
    }
    args.select.dirs.iter().for_each(|dir| option("--cases", &shown(dir)));
    if args.timeout_ms != CLIENT_TIMEOUT_MS {
        option("--timeout-ms", &args.timeout_ms.to_string());
    }
    if args.seed != 1 {
        option("--seed", &args.seed.to_string());
    }
    words.extend(args.tls.then(|| "--tls".to_owned()));
    words.extend(args.browser.then(|| "--browser".to_owned()));
    Again { words, command: args.command.clone() }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
