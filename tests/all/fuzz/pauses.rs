//! What the fuzzer's driver asks of its transport beside octets.

use std::sync::Arc;
use std::time::Duration;
use wsgauntlet::fuzz::{Driver, Session, memory};
use wsgauntlet_suite::case::script::{Step, Write};
use wsgauntlet_suite::case::{Cut, FrameSpec, Payload, Piece};
use wsgauntlet_suite::peer::{Action, PlayConfig, Side};
use wsgauntlet_wire::{Opcode, Role};

/// A driver, and how often it asked for a pause.
struct Counted {
    driver: Driver,
    pauses: usize,
}

impl Side for Counted {
    fn connected(&mut self, now: Duration) {
        self.driver.connected(now);
    }

    fn receive(&mut self, now: Duration, octets: &[u8]) {
        self.driver.receive(now, octets);
    }

    fn receive_eof(&mut self, now: Duration) {
        self.driver.receive_eof(now);
    }

    fn receive_reset(&mut self, now: Duration) {
        self.driver.receive_reset(now);
    }

    fn poll_transmit(&mut self, now: Duration) -> Option<Action> {
        let action = self.driver.poll_transmit(now);
        self.pauses += usize::from(action == Some(Action::Pause));
        action
    }

    fn poll_timeout(&self) -> Option<Duration> {
        self.driver.poll_timeout()
    }

    fn handle_timeout(&mut self, now: Duration) {
        self.driver.handle_timeout(now);
    }

    fn is_finished(&self) -> bool {
        self.driver.is_finished()
    }
}

/// Fails if the driver drops the pauses between the pieces of a cut: over a socket TCP would join the pieces, and what the
/// fuzzer finds would depend on whether it did.
#[test]
fn the_pieces_of_a_session_are_kept_apart() {
    let frame = FrameSpec::new(Opcode::Text, Payload::Literal(b"abc".to_vec()));
    for (role, pauses) in [(Role::Server, 2), (Role::Client, 3)] {
        let write =
            Write { pieces: vec![Piece::Frame(frame.clone())], cut: Cut::At(vec![1, 2]), ..Write::default() };
        let session = Arc::new(Session { scripts: vec![vec![Step::Send(write)]], ..Session::default() });
        let (mut play, mut config) = (PlayConfig::new("localhost"), memory::config(role));
        memory::address(&mut play, &mut config);
        let mut counted = Counted { driver: Driver::new(session, role, play), pauses: 0 };
        memory::play_against_reference(&mut counted, config);
        // Our server keeps its first frame apart from its response, too.
        assert_eq!(counted.pauses, pauses, "{role}");
        assert!(counted.is_finished());
    }
}
