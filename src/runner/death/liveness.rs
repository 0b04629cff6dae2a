//! Whether a server answers anybody. What it answers is not judged here: one odd field is no death.

use crate::runner::execute;
use crate::runner::probe::{self, play_config};
use crate::runner::stream::Stream;
use crate::runner::target::Target;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use wsgauntlet_suite::case::script::{Opening, Script, Step};
use wsgauntlet_suite::peer::Player;
use wsgauntlet_suite::transcript::{EventKind, Observer, Seen, Transcript};
use wsgauntlet_wire::Role;

/// How often a server is asked again that refuses at once.
const ASKED_MAX: usize = 2;

/// A server that took so many times as long as it ever took is silent, for a first look.
const PACE_FACTOR: u32 = 20;

/// No server is silent sooner.
const SILENT_MIN: Duration = Duration::from_millis(500);

/// Whether a plain opening is answered at all: with any octet, within `patience`. Two are asked for at once, so that a single one
/// that is lost does not count.
pub async fn answers(target: &Target, patience: Duration) -> bool {
    for _ in 0..ASKED_MAX {
        let began = Instant::now();
        // Connecting and the opening have their own deadlines; the sum of them bounds a peer that keeps neither.
        let ask = || timeout(patience * 2, is_answered(target, patience));
        let answered = tokio::select! {
            Ok(true) = ask() => true,
            Ok(true) = ask() => true,
            else => false,
        };
        if answered || began.elapsed() >= patience {
            return answered;
        }
    }
    false
}

/// How long a target takes to answer, as its plays show it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    slowest: Duration,
}

impl Pace {
    /// Takes a play into account: how long the first octet took behind the last one that was sent before it.
    pub fn learn(&mut self, transcript: &Transcript) {
        let mut sent = Duration::ZERO;
        for event in &transcript.events {
            match event.kind {
                EventKind::Sent(_) => sent = event.at,
                EventKind::Received(_) => {
                    self.slowest = self.slowest.max(event.at.saturating_sub(sent));
                    return;
                }
                _ => {}
            }
        }
    }

    /// How long its silence is waited for at a first look, which another one confirms: `max` at the most.
    pub fn patience(self, max: Duration) -> Duration {
        (self.slowest * PACE_FACTOR).max(SILENT_MIN).min(max)
    }
}

async fn is_answered(target: &Target, patience: Duration) -> bool {
    let script = Script { opening: Opening::default(), steps: vec![Step::Open], closing_added: false };
    let opening = probe::instance(Role::Server, script);
    let started = Instant::now();
    let Ok(stream) = Stream::connect(target).await else { return false };
    let player = Player::new(&opening, play_config(target, patience, 0));
    has_answer(&execute::play(player, stream, started).await)
}

/// Whether the target sent an octet.
pub fn has_answer(transcript: &Transcript) -> bool {
    transcript.events.iter().any(|event| matches!(event.kind, EventKind::Received(_)))
}

/// Whether our peer waited for something that did not come.
pub fn has_waited(transcript: &Transcript) -> bool {
    transcript.events.iter().any(|event| matches!(event.kind, EventKind::StepExpired(_)))
}

/// Whether the target dropped the connection: our peer had not ended it, and there was neither a Close nor a refusal.
pub fn was_dropped(transcript: &Transcript) -> bool {
    let mut observer = Observer::new(transcript.role, 0);
    for (index, event) in transcript.judged().iter().enumerate() {
        match &event.kind {
            EventKind::SentEof | EventKind::SentReset => return false,
            kind => observer.take(index, kind),
        }
    }
    let seen = || observer.observations().iter().map(|observation| &observation.seen);
    seen().any(|seen| matches!(seen, Seen::Eof | Seen::Reset))
        && !seen().any(|seen| match seen {
            Seen::Close(_) => true,
            Seen::Response(head) => head.status != 101,
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The time of our own writes is not the target's, and a slow target is given more time, up to a bound.
    #[test]
    fn patience_is_learned_of_the_slowest_answer() {
        let second = Duration::from_secs(1);
        let mut pace = Pace::default();
        assert_eq!(pace.patience(3 * second), SILENT_MIN);
        let mut transcript = Transcript::new(Role::Server, wsgauntlet_suite::transcript::Capabilities::NONE);
        let ms = Duration::from_millis;
        transcript.push(ms(0), EventKind::Sent(b"GET".to_vec()));
        transcript.push(ms(900), EventKind::Sent(b" / HTTP/1.1".to_vec()));
        transcript.push(ms(950), EventKind::Received(b"H".to_vec()));
        transcript.push(ms(5000), EventKind::Received(b"T".to_vec()));
        pace.learn(&transcript);
        assert_eq!(pace.patience(3 * second), second);
        assert_eq!(pace.patience(second / 2), second / 2);
    }
}
