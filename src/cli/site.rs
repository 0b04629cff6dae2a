//! The server that a run tests: one that runs, one that is launched for the run, or the built-in reference.

use super::args::RunServerArgs;
use super::status::Failure;
use super::target_args::TargetArgs;
use crate::runner::crash_signs::CrashSigns;
use crate::runner::death::{Process, Spec};
use crate::runner::serve::{Acceptor, ReferenceServer};
use crate::runner::{Target, launch, reference};
use std::sync::Arc;
use tokio::sync::Mutex;
use wsgauntlet_wire::Role;

/// A target, and the process that was launched for it.
pub(super) struct Site {
    pub target: Target,
    pub process: Option<Arc<Mutex<Process>>>,
}

impl Site {
    /// The target of the arguments, or the reference, started for this run.
    pub(super) async fn new(args: &RunServerArgs) -> Result<Site, Failure> {
        let Some(command) = &args.launch else {
            let url = match &args.url {
                Some(url) => url.clone(),
                None => built_in(args).await?,
            };
            return Ok(Site { target: target(args, &url)?, process: None });
        };
        let free = launch::free_port().await?.to_string();
        let url = args.url.as_deref().unwrap_or("ws://127.0.0.1:{port}/").replace("{port}", &free);
        let target = target(args, &url)?;
        let spec = Spec {
            command: command.clone(),
            ready_within: args.ready_within,
            signs: CrashSigns::new(args.crash_signs.clone()),
            // A port that was asked for stays.
            moves: args.url.as_deref().is_none_or(|url| url.contains("{port}")),
        };
        let process = Process::start(spec, target.clone()).await?;
        Ok(Site { target, process: Some(Arc::new(Mutex::new(process))) })
    }
}

/// Starts the reference, and returns its URL.
async fn built_in(args: &RunServerArgs) -> Result<String, Failure> {
    let acceptor = args.tls.then(Acceptor::self_signed).transpose();
    let acceptor =
        acceptor.map_err(|error| Failure::Harness(format!("cannot make a certificate: {error}")))?;
    let server = ReferenceServer::bind("127.0.0.1:0", reference::config(Role::Server), acceptor)
        .await
        .map_err(|error| Failure::Harness(format!("cannot listen on 127.0.0.1: {error}")))?;
    let scheme = if args.tls { "wss" } else { "ws" };
    let url = format!("{scheme}://{}", server.address);
    tokio::spawn(server.serve());
    Ok(url)
}

/// The certificate of the built-in reference is self-signed.
fn target(args: &RunServerArgs, url: &str) -> Result<Target, Failure> {
    TargetArgs { insecure: args.target.insecure || args.tls, ..args.target.clone() }.target(url)
}
