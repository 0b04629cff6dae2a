//! `replay WHAT URL`, and without a URL: instances against a server, or against the reference in memory.

use super::played::Play;
use crate::cli::again::SERVER_TIMEOUT_MS;
use crate::cli::args::ReplayArgs;
use crate::cli::output::print;
use crate::cli::status::Failure;
use crate::embedded;
use crate::runner::launch::{self, Launched};
use crate::runner::probe::{self, play_config};
use crate::runner::reference::{self, Link};
use crate::runner::stream::Stream;
use crate::runner::{Target, execute, retry};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{self, Record};
use wsgauntlet_suite::peer::{PlayConfig, Player};
use wsgauntlet_wire::Role;

/// Plays against a server, or against the reference in memory.
pub(super) fn play(
    args: &ReplayArgs,
    role: Role,
    instances: Vec<Instance>,
    show: &mut dyn FnMut(Play) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut endpoint = reference::config(role);
    args.fault.apply(&mut endpoint)?;
    crate::cli::runtime()?.block_on(async {
        let mut site = Site::new(args).await?;
        for instance in instances {
            let instance = instance.over(args.target.http.into());
            let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let seed = retry::instance_seed(args.seed, &instance);
            let deadline = Duration::from_millis(args.timeout_ms.unwrap_or(SERVER_TIMEOUT_MS));
            let (instance, config, transcript) = match &site.target {
                Some(target) => {
                    let instance = instance.with_prelude(&target.prelude);
                    let config = play_config(target, deadline, seed);
                    let started = Instant::now();
                    let stream = Stream::connect(target).await?;
                    let player = Player::new(&instance, config.clone());
                    let transcript = execute::play(player, stream, started).await;
                    (instance, config, transcript)
                }
                None => {
                    let mut config = PlayConfig::new("localhost");
                    (config.seed, config.deadline) = (seed, deadline);
                    let transcript = reference::play(&instance, &config, endpoint.clone(), Link::Direct);
                    (instance, config, transcript)
                }
            };
            let process = site.ended(args).await?;
            let verdict = oracle::judge(&instance, &transcript, embedded::catalogue());
            let mut record = Record::unplayed(Arc::new(instance), verdict.kind, "");
            (record.verdict, record.transcript) = (verdict, Some(transcript));
            let url = site.target.as_ref().map_or(String::new(), |target| target.url.clone());
            show(Play { record, config, url, began, process })?;
        }
        if let Some(launched) = site.launched {
            launched.end().await;
        }
        Ok(())
    })
}

/// Where the server is, and what was launched for it. Without a target: the reference in memory.
struct Site {
    target: Option<Target>,
    launched: Option<Launched>,
}

impl Site {
    async fn new(args: &ReplayArgs) -> Result<Site, Failure> {
        let mut url = args.url.clone();
        if args.launch.is_some() {
            let free = launch::free_port().await?.to_string();
            url = Some(url.unwrap_or_else(|| "ws://127.0.0.1:{port}/".to_owned()).replace("{port}", &free));
        }
        let Some(url) = url else { return Ok(Site { target: None, launched: None }) };
        let mut target = args.target.target(&url)?;
        target.capabilities = args.assumed.apply(target.capabilities);
        let mut site = Site { target: Some(target), launched: None };
        site.launch(args).await?;
        site.overlook(args).await?;
        Ok(site)
    }

    /// As in a run: what is wrong with each opening is not what the instance is about.
    async fn overlook(&mut self, args: &ReplayArgs) -> Result<(), Failure> {
        let Some(target) = &mut self.target else { return Ok(()) };
        let deadline = Duration::from_millis(args.timeout_ms.unwrap_or(SERVER_TIMEOUT_MS));
        let wrong = probe::wrong_opening(target, deadline).await?;
        for remark in &wrong.remarks {
            match args.form {
                // stdout is the reproducer.
                Some(_) => eprintln!("note: {remark}"),
                None => print(&format!("note: {remark}\n"))?,
            }
        }
        target.capabilities.overlooked = wrong.faults;
        Ok(())
    }

    async fn launch(&mut self, args: &ReplayArgs) -> Result<(), Failure> {
        if let (Some(command), Some(target)) = (&args.launch, &self.target) {
            let launched = launch::launch(command, &target.host, target.port, args.ready_within).await?;
            self.launched = Some(launched);
        }
        Ok(())
    }

    /// How the launched server ended, if it did. It is launched again then, for the next play.
    async fn ended(&mut self, args: &ReplayArgs) -> Result<Option<String>, Failure> {
        let Some(launched) = &mut self.launched else { return Ok(None) };
        let Some(status) = launched.ended() else { return Ok(None) };
        let said = format!("{status}{}", launched.output());
        self.launch(args).await?;
        Ok(Some(said))
    }
}
