//! The reference, strict or with faults: in memory, over TCP, and as a command.

use super::BIN;
use wsgauntlet::embedded;
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet::runner::serve::ReferenceServer;
use wsgauntlet_reference::{Config, Quirk};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{self, Verdict};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_suite::transcript::Transcript;
use wsgauntlet_wire::Role;

/// The quirk of that name; panics if there is none.
pub fn quirk(name: &str) -> Quirk {
    name.parse().unwrap_or_else(|_| panic!("no quirk {name:?}"))
}

/// The reference in this role with these quirks.
pub fn faulty(role: Role, quirks: &[&str]) -> Config {
    let mut config = reference::config(role);
    for name in quirks {
        quirk(name).install(&mut config);
    }
    config
}

/// A play of an instance against the reference, in memory.
pub fn play(instance: &Instance, config: Config) -> Transcript {
    reference::play(instance, &PlayConfig::new("localhost"), config, Link::Direct)
}

/// The verdict of a play in memory.
pub fn verdict(instance: &Instance, config: Config) -> Verdict {
    oracle::judge(instance, &play(instance, config), embedded::catalogue())
}

/// Serves the reference on a free port until the test's runtime ends; gives its URL.
pub async fn serve(config: Config) -> String {
    let server = ReferenceServer::bind("127.0.0.1:0", config, None).await.expect("a free port");
    let url = format!("ws://{}/", server.address);
    tokio::spawn(server.serve());
    url
}

/// The reference server with a quirk as the command of `--launch`.
pub fn launched_server(quirk: &str) -> String {
    format!("{BIN} reference server --listen 127.0.0.1:{{port}} --quirk {quirk}")
}
