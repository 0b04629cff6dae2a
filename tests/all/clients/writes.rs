//! How our octets leave, where a client may read them otherwise when they come together.

use std::time::Duration;
use wsgauntlet::embedded;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::peer::{Action, PlayConfig, Player, Side};
use wsgauntlet_wire::Role;

/// What a play against a client begins with: a write for each `true`, and `false` where the next one is to arrive apart.
fn writes(id: &str) -> Vec<bool> {
    let mut all = embedded::library().instances(Role::Client);
    let instance: &Instance = all.find(|instance| instance.id.as_str() == id).expect("an instance");
    let config =
        PlayConfig { target: String::new(), deadline: Duration::from_secs(1), ..PlayConfig::new("") };
    let mut player = Player::new(instance, config);
    player.connected(Duration::ZERO);
    let request = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    player.receive(Duration::ZERO, request);
    std::iter::from_fn(|| player.poll_transmit(Duration::ZERO))
        .map(|action| matches!(action, Action::Write(_)))
        .collect()
}

/// The first frames arrive apart from the response, unless the case wants them in its write.
#[test]
fn the_first_frames_arrive_apart_from_the_response() {
    assert_eq!(writes("opening/accept/absent@client+h1"), [true, false, true]);
    assert_eq!(writes("framing/coalesced/close-with-the-response@client+h1"), [true]);
}
