//! A player that need not wait for the whole deadline where the client's silence is known. See [`super::pace`].

use super::pace::{Cause, PlayPace, SharedPace, Wait, WaitKind, lock};
use crate::embedded;
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::case::expectation::Outcome;
use wsgauntlet_suite::case::script::Step;
use wsgauntlet_suite::oracle::{self, VerdictKind};
use wsgauntlet_suite::peer::{Action, Player, Side};
use wsgauntlet_suite::transcript::{EventKind, Observer, Seen, Transcript};

/// The player of one connection, and how long it waits.
pub(super) struct Hasty {
    player: Player,
    instance: Arc<Instance>,
    pace: SharedPace,
    /// The shortest wait of the player, and the longest.
    wait_min: Duration,
    deadline: Duration,
    /// It is played again if it deviates.
    first: bool,
    /// Since when an answer is awaited.
    asked: Option<Duration>,
    /// The client is silent, and that was looked at.
    silence: Option<Silence>,
}

/// A silence that was looked at.
struct Silence {
    cause: Cause,
    /// When the player will expire by itself. Another time means that something happened since.
    expires: Duration,
    /// When to look again.
    look_at: Duration,
}

impl Hasty {
    /// `wait_min`: it waits at least this long, whatever is known. `player` was made with the deadline of `pace`.
    pub(super) fn new(player: Player, instance: Arc<Instance>, pace: PlayPace, wait_min: Duration) -> Hasty {
        let PlayPace { pace, deadline, first, whole: _ } = pace;
        Hasty { player, instance, pace, wait_min, deadline, first, asked: None, silence: None }
    }

    pub(super) fn into_player(self) -> Player {
        self.player
    }

    /// When the player expires, if the silence in this step may be cut short: a step that has its own time is about that.
    fn expires(&self) -> Option<Duration> {
        let step = self.player.waiting_step()?;
        match self.instance.script.steps.get(step) {
            Some(Step::Expect(expectation)) if expectation.within.is_some() => None,
            Some(_) => self.player.poll_timeout(),
            None => None,
        }
    }

    /// The client is silent, and the player still waits. Ends the wait, or says when to look again.
    fn look(&mut self, now: Duration, expires: Duration) {
        let cause = match self.silence.take() {
            Some(silence) if silence.expires == expires => silence.cause,
            _ => match self.cause() {
                Some(cause) => cause,
                None => return,
            },
        };
        let silent_since = expires.saturating_sub(self.deadline);
        let mut pace = lock(&self.pace);
        match pace.wait(&cause) {
            Wait::Enough => {
                pace.cut();
                drop(pace);
                self.player.expire(now);
            }
            Wait::For(wait) if silent_since + wait <= now => {
                pace.waited(&cause, self.instance.id.as_str(), wait);
                pace.cut();
                drop(pace);
                self.player.expire(now);
            }
            Wait::For(wait) => {
                // Another play may have found out in the meantime.
                let look_at = (now + pace.shortest_wait()).min(silent_since + wait);
                drop(pace);
                self.silence = Some(Silence { cause, expires, look_at });
            }
        }
    }

    /// What the silence is put down to, if the wait ended now.
    fn cause(&self) -> Option<Cause> {
        let step = self.player.waiting_step()?;
        let mut transcript = self.player.transcript().clone();
        let at = transcript.duration();
        for kind in [EventKind::StepExpired(step), EventKind::StepDecided(step), EventKind::Frozen] {
            transcript.push(at, kind);
        }
        let kind = WaitKind {
            awaited: awaited(self.instance.script.steps.get(step)?),
            closed: has_closed(&transcript),
            deadline: self.deadline,
        };
        let verdict = oracle::judge(&self.instance, &transcript, embedded::catalogue());
        let failure = match verdict.kind {
            VerdictKind::Fail | VerdictKind::Lenient | VerdictKind::Info | VerdictKind::Flaky => {
                verdict.failure.map(|failure| (failure.requirement.to_string(), failure.fingerprint()))
            }
            // The script goes on behind a silence that is in order, or it is over.
            VerdictKind::Pass | VerdictKind::Inapplicable | VerdictKind::Blocked | VerdictKind::Error => None,
        };
        let deviates = matches!(verdict.kind, VerdictKind::Fail | VerdictKind::Lenient);
        Some(Cause { kind, failure, played_again: self.first && deviates })
    }

    /// Something came of the client.
    fn heard(&mut self, now: Duration) {
        let mut pace = lock(&self.pace);
        if let Some(asked) = self.asked.take() {
            pace.answered(now.saturating_sub(asked));
        }
        if let Some(silence) = self.silence.take() {
            pace.came_late(&silence.cause);
        }
    }
}

impl Side for Hasty {
    fn connected(&mut self, now: Duration) {
        self.player.connected(now);
    }

    fn receive(&mut self, now: Duration, octets: &[u8]) {
        self.heard(now);
        self.player.receive(now, octets);
    }

    fn receive_eof(&mut self, now: Duration) {
        self.heard(now);
        self.player.receive_eof(now);
    }

    fn receive_reset(&mut self, now: Duration) {
        self.heard(now);
        self.player.receive_reset(now);
    }

    fn poll_transmit(&mut self, now: Duration) -> Option<Action> {
        let action = self.player.poll_transmit(now);
        if matches!(action, Some(Action::Write(_))) {
            self.asked = Some(now);
        }
        action
    }

    fn poll_timeout(&self) -> Option<Duration> {
        let own = self.player.poll_timeout()?;
        let Some(expires) = self.expires() else { return Some(own) };
        let look_at = match &self.silence {
            Some(silence) if silence.expires == expires => silence.look_at,
            _ => expires.saturating_sub(self.deadline) + lock(&self.pace).shortest_wait().max(self.wait_min),
        };
        Some(own.min(look_at))
    }

    fn handle_timeout(&mut self, now: Duration) {
        match self.expires() {
            Some(expires) if now < expires => self.look(now, expires),
            Some(expires) => {
                let cause = match self.silence.take() {
                    Some(silence) if silence.expires == expires => Some(silence.cause),
                    _ => self.cause(),
                };
                if let Some(cause) = cause {
                    lock(&self.pace).waited(&cause, self.instance.id.as_str(), self.deadline);
                }
                self.player.handle_timeout(now);
            }
            None => self.player.handle_timeout(now),
        }
    }

    fn is_finished(&self) -> bool {
        self.player.is_finished()
    }
}

fn has_closed(transcript: &Transcript) -> bool {
    let mut observer = Observer::new(transcript.role, 0);
    for (index, event) in transcript.events.iter().enumerate() {
        observer.take(index, &event.kind);
    }
    observer.observations().iter().any(|observation| matches!(observation.seen, Seen::Close(_)))
}

/// What a step waits for.
fn awaited(step: &Step) -> &'static str {
    match step {
        Step::Open => "open",
        Step::Alive { .. } => "life",
        Step::Close => "close",
        Step::Expect(expectation) => match expectation.outcomes.first() {
            Some(Outcome::Message { .. } | Outcome::Greeting(_) | Outcome::Tasks { .. }) => "message",
            Some(Outcome::Ping(_)) => "ping",
            Some(Outcome::Pong(_)) => "pong",
            Some(Outcome::Close(_) | Outcome::CloseFrame(..)) => "close",
            Some(Outcome::Fail(_)) => "failure",
            Some(Outcome::End | Outcome::Unanswered) => "end",
            Some(Outcome::Lingers) => "tcp",
            Some(Outcome::NoRequest | Outcome::Refused(..)) => "refusal",
            Some(Outcome::Open(_) | Outcome::Response(..)) => "open",
            Some(Outcome::Silence) | None => "nothing",
        },
        Step::IfDeflate(_)
        | Step::IfOffered(_)
        | Step::Send(_)
        | Step::HalfClose
        | Step::Answer
        | Step::Reset
        | Step::Wait(_) => "nothing",
    }
}
