//! A session that any target answers: whether a target still lives, and what a client can do.

use super::fuzzer::{Fuzzer, PATIENCE};
use super::report::FuzzError;
use super::site::Site;
use crate::fuzz::Session;
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet_suite::case::script::{Step, Write};
use wsgauntlet_suite::case::{FrameSpec, Payload, Piece};
use wsgauntlet_suite::transcript::{Capabilities, Seen};
use wsgauntlet_wire::opening::DeflateOffer;
use wsgauntlet_wire::{Opcode, Role};

/// How often a target that does not answer is asked.
const TRIES: u32 = 2;

/// A session that any target answers.
fn greeting(deflate: bool, opcode: Opcode) -> Arc<Session> {
    let frame = FrameSpec::new(opcode, Payload::Literal(b"wsgauntlet probe".to_vec()));
    let write = Write { pieces: vec![Piece::Frame(frame)], ..Write::default() };
    let mut session = Session { scripts: vec![vec![Step::Send(write)]], ..Session::default() };
    session.opening.deflate =
        deflate.then(|| DeflateOffer { client_max_window_bits: Some(None), ..DeflateOffer::default() });
    Arc::new(session)
}

/// Whether the target still answers.
pub(super) async fn answers(fuzzer: &Fuzzer<'_>) -> bool {
    let opcode = if fuzzer.capabilities.pong { Opcode::Ping } else { Opcode::Text };
    for _ in 0..TRIES {
        let played = fuzzer.play_alone(&greeting(false, opcode), 0).await;
        if played.is_ok_and(|played| played.oracle.observations().len() > 1) {
            return true;
        }
    }
    false
}

/// Probes what a client does with a ping, a text, a binary message and an offer of compression.
pub(super) async fn probe_client(site: &Site, deadline: Duration) -> Result<Capabilities, FuzzError> {
    debug_assert_eq!(site.role(), Role::Client);
    let mut seen = Vec::new();
    for opcode in [Opcode::Ping, Opcode::Text, Opcode::Binary] {
        let played = site.play(&greeting(true, opcode), 1, Capabilities::FULL, deadline * PATIENCE).await?;
        let deflate = played.oracle.agreed().is_some();
        let answered = played.oracle.observations().iter().any(|observation| match &observation.seen {
            Seen::Pong(payload) => opcode == Opcode::Ping && payload == b"wsgauntlet probe",
            Seen::Message { opcode: seen, payload, .. } => *seen == opcode && payload == b"wsgauntlet probe",
            _ => false,
        });
        seen.push((answered, deflate));
    }
    Ok(Capabilities {
        text: true,
        pong: seen[0].0,
        echo: seen[1].0,
        echo_binary: seen[2].0,
        closing: true,
        deflate: seen[0].1,
        ..Capabilities::FULL
    })
}
