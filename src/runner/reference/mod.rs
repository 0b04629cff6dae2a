//! The reference implementation in memory: the player and the endpoint, octets handed over, under
//! a virtual clock. The only place of the runner that knows `protocol`, beside `serve`.

mod pair;
mod tape;

pub use pair::Link;
pub use tape::Tape;

use pair::Pair;
use wsgauntlet_reference::{Address, Config, DeflateConfig, EchoEndpoint, QuirkSet, Redirection};
use wsgauntlet_suite::case::address::{OTHER_HOST, Redirect};
use wsgauntlet_suite::case::{Instance, Need};
use wsgauntlet_suite::oracle::{self, Reference};
use wsgauntlet_suite::peer::{PlayConfig, Player};
use wsgauntlet_suite::requirement::Catalogue;
use wsgauntlet_suite::transcript::Transcript;
use wsgauntlet_wire::Role;

/// The subprotocols that the reference selects from.
pub const SUBPROTOCOLS: [&str; 3] = ["chat", "superchat", "echo"];

/// The configuration under which the reference is audited.
pub fn config(role: Role) -> Config {
    let mut config = Config::new(role);
    config.deflate = Some(DeflateConfig::default());
    config.subprotocols = match role {
        Role::Server => SUBPROTOCOLS.iter().map(|name| (*name).to_owned()).collect(),
        Role::Client => Vec::new(),
    };
    config
}

/// Plays one instance against the reference.
pub fn play(instance: &Instance, play: &PlayConfig, config: Config, link: Link) -> Transcript {
    let (play, config) = addressed(instance, play, config);
    Pair::new(Player::new(instance, play), EchoEndpoint::new(config), link).run().0
}

/// Plays one instance against the reference over the direct link, and records which quirks its steps asked for: a configuration
/// that differs in other quirks only gives the same transcript, unless one of these offers something else.
pub fn play_asked(instance: &Instance, play: &PlayConfig, config: Config) -> (Transcript, QuirkSet) {
    let (play, config) = addressed(instance, play, config);
    let endpoint = EchoEndpoint::recording(config);
    let (transcript, endpoint) = Pair::new(Player::new(instance, play), endpoint, Link::Direct).run();
    (transcript, endpoint.asked().unwrap_or_default())
}

/// Plays one instance against the reference over the direct link, and records the calls of its endpoint and which quirks its steps
/// asked for.
pub fn play_taped(instance: &Instance, play: &PlayConfig, config: Config) -> (Transcript, Tape) {
    let (play, config) = addressed(instance, play, config);
    let recorder = tape::Recorder::new(config);
    let (transcript, recorder) = Pair::new(Player::new(instance, play), recorder, Link::Direct).run();
    (transcript, recorder.into_tape())
}

/// An address with all its parts, so that none can be missing unnoticed.
fn addressed(instance: &Instance, play: &PlayConfig, mut config: Config) -> (PlayConfig, Config) {
    let mut play = play.clone();
    if let Some(address) = &instance.script.opening.address {
        const HOST: &str = "127.0.0.1";
        const OTHER_PORT: u16 = 9002;
        let port = address.fixed_port().unwrap_or(9001);
        play.host = address.authority(HOST, port);
        // The case says what it has to be.
        play.target = String::new();
        let other = format!("{OTHER_HOST}:{OTHER_PORT}");
        let redirect = address.redirect.as_ref().map(|redirect| Redirection {
            location: redirect.location(&play.host, &other),
            times: redirect.times,
            other_port: OTHER_PORT,
        });
        if address.redirect.as_ref().is_some_and(Redirect::leads_away) {
            play.host = other;
        }
        let url = address.url(HOST, port);
        config.address = Some(Address { url, port, certificate: address.certificate, redirect });
    } else if instance.role == Role::Client {
        play.host = format!("{}:9001", play.host);
        play.target = "/gauntlet?instance=1".to_owned();
        config.host.clone_from(&play.host);
        config.target.clone_from(&play.target);
    }
    if instance.role == Role::Client && instance.needs.contains(&Need::Subprotocol) {
        config.subprotocols = vec![SUBPROTOCOLS[0].to_owned()];
    }
    (play, config)
}

/// The reference's verdict beside a target's.
pub fn beside(instance: &Instance, host: &str, seed: u64, catalogue: &Catalogue) -> Reference {
    let instance = &instance.plain();
    let mut play_config = PlayConfig::new(host);
    play_config.seed = seed;
    let transcript = play(instance, &play_config, config(instance.role), Link::Direct);
    let kind = oracle::judge(instance, &transcript, catalogue).kind;
    Reference { kind, transcript }
}
