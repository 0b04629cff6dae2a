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

/// How a server answers a plain opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// With 101.
    Opened,
    /// With other octets.
    Other,
}

/// Whether a plain opening is answered at all: with any octet, within `patience`.
pub(crate) async fn answers(target: &Target, patience: Duration) -> bool {
    answer(target, patience).await.is_some()
}

/// How a plain opening is answered within `patience`. Two are asked for at once, so that a single one that is lost does not
/// count.
pub(crate) async fn answer(target: &Target, patience: Duration) -> Option<Answer> {
    for _ in 0..ASKED_MAX {
        let began = Instant::now();
        // Connecting and the opening have their own deadlines; the sum of them bounds a peer that keeps neither.
        let ask = || timeout(patience * 2, ask(target, patience));
        let answer = tokio::select! {
            Ok(Some(answer)) = ask() => Some(answer),
            Ok(Some(answer)) = ask() => Some(answer),
            else => None,
        };
        if answer.is_some() || began.elapsed() >= patience {
            return answer;
        }
    }
    None
}

async fn ask(target: &Target, patience: Duration) -> Option<Answer> {
    let script = Script {
        opening: Opening::default(),
        steps: vec![Step::Open],
        closing_added: false,
        holds_answers: false,
    };
    let opening = probe::instance(Role::Server, script);
    let started = Instant::now();
    let stream = Stream::connect(target).await.ok()?;
    let player = Player::new(&opening, play_config(target, patience, 0));
    let transcript = execute::play(player, stream, started).await;
    match opens(&transcript.received()) {
        true => Some(Answer::Opened),
        false => has_answer(&transcript).then_some(Answer::Other),
    }
}

/// Whether these octets, from the beginning of a connection, accept an opening.
pub(crate) fn opens(octets: &[u8]) -> bool {
    octets.starts_with(b"HTTP/1.1 101")
}

/// Whether the target sent an octet.
pub(super) fn has_answer(transcript: &Transcript) -> bool {
    transcript.events.iter().any(|event| matches!(event.kind, EventKind::Received(_)))
}

/// Whether our peer waited for something that did not come.
pub(super) fn has_waited(transcript: &Transcript) -> bool {
    transcript.events.iter().any(|event| matches!(event.kind, EventKind::StepExpired(_)))
}

/// Whether the target dropped the connection: our peer had not ended it, and there was neither a Close nor a refusal.
pub(super) fn was_dropped(transcript: &Transcript) -> bool {
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
