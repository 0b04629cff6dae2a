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
