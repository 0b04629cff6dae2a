//! The subject of a reproducer, from a play or from a stored run.

use super::subject::{Deviation, Subject, Tls};
use crate::diagnosis::subject::capabilities;
use crate::embedded;
use crate::report::StoredRun;
use crate::report::stored::StoredInstance;
use crate::runner::reference::{self, Link};
use wsgauntlet_suite::case::{Instance, Step};
use wsgauntlet_suite::oracle::Verdict;
use wsgauntlet_suite::oracle::verdict::Source;
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_suite::transcript::{EventKind, Transcript, notation};
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::{DeflateParams, RequestHead, ResponseHead};

impl<'a> Subject<'a> {
    /// Of one play. `url`: that of the server; empty for a client. `play`: how our peer played.
    pub fn of_play(
        instance: &'a Instance,
        url: &str,
        play: PlayConfig,
        verdict: &Verdict,
        transcript: &Transcript,
    ) -> Subject<'a> {
        let deviation = |failure: &wsgauntlet_suite::oracle::Failure| {
            let (step, monitor) = match failure.source {
                Source::Step(step) => (Some(step), None),
                Source::Monitor(monitor) => (None, Some(monitor.to_owned())),
            };
            deviation(
                instance,
                failure.requirement.as_str(),
                (&failure.expected.to_string(), &failure.observed.to_string()),
                step,
                monitor,
            )
        };
        let octets = transcript.judged().iter().filter_map(|event| match &event.kind {
            EventKind::Sent(octets) => Some((true, octets.clone())),
            EventKind::Received(octets) => Some((false, octets.clone())),
            _ => None,
        });
        let counts = matters(instance);
        Subject {
            deviations: verdict
                .failures()
                .filter(|failure| counts(failure.source == Source::Step(0)))
                .map(deviation)
                .collect(),
            verdict: verdict.kind,
            lines: notation::lines(transcript),
            octets: octets.collect(),
            ..Subject::unplayed(instance, url, play)
        }
    }

    /// Of an instance of a stored run. `url`: that of the server; empty for a client. `play`: how our peer plays.
    pub fn of_stored(
        instance: &'a Instance,
        url: &str,
        mut play: PlayConfig,
        run: &StoredRun,
        stored: &StoredInstance,
    ) -> Subject<'a> {
        play.capabilities = capabilities(run);
        let counts = matters(instance);
        let deviations = stored.failures().filter(|failure| counts(failure.step.is_some())).map(|failure| {
            deviation(
                instance,
                &failure.requirement,
                (&failure.expected, &failure.observed),
                failure.step,
                failure.monitor.clone(),
            )
        });
        Subject {
            target: run.target.name.clone(),
            deviations: deviations.collect(),
            verdict: stored.verdict,
            lines: stored.transcript.clone(),
            ..Subject::unplayed(instance, url, play)
        }
    }

    fn unplayed(instance: &'a Instance, url: &str, play: PlayConfig) -> Subject<'a> {
        let (agreements, offers) = match instance.script.opening.deflate.is_some() {
            true => of_reference(instance),
            false => (Vec::new(), Vec::new()),
        };
        Subject {
            instance,
            url: url.to_owned(),
            tls: Tls::default(),
            target: String::new(),
            play,
            agreements,
            offers,
            verdict: wsgauntlet_suite::oracle::VerdictKind::Pass,
            deviations: Vec::new(),
            lines: Vec::new(),
            octets: Vec::new(),
            title: None,
        }
    }
}

/// Which deviations count, given whether a step shows them: in an informational instance only those that a monitor found.
fn matters(instance: &Instance) -> impl Fn(bool) -> bool + use<> {
    let is_informational = instance.info;
    move |by_step| !(is_informational && by_step)
}

fn deviation(
    instance: &Instance,
    requirement: &str,
    (expected, observed): (&str, &str),
    step: Option<usize>,
    monitor: Option<String>,
) -> Deviation {
    let known = embedded::catalogue().get(requirement);
    let in_opening = step.is_some_and(|step| {
        let steps = &instance.script.steps;
        let sends = |step: &Step| matches!(step, Step::Send(_) | Step::Alive { .. } | Step::Close);
        steps.get(step).is_some_and(|at| !sends(at)) && !steps[..step].iter().any(sends)
    });
    Deviation {
        requirement: requirement.to_owned(),
        citation: known
            .map_or_else(|| requirement.to_owned(), |known| format!("{} {}", known.citation(), known.level)),
        quote: known.map_or_else(String::new, |known| known.quote.clone()),
        expected: expected.to_owned(),
        observed: observed.to_owned(),
        monitor,
        in_opening,
    }
}

/// What the reference agrees to as a server, or offers as a client.
fn of_reference(instance: &Instance) -> (Vec<DeflateParams>, Vec<String>) {
    let config = reference::config(instance.role);
    let transcript = reference::play(instance, &PlayConfig::new("localhost"), config, Link::Direct);
    let received = transcript.received();
    match instance.role {
        Role::Server => {
            let head = ResponseHead::parse(&received).ok().flatten().map(|(head, _)| head);
            (head.and_then(|head| DeflateParams::agreed_in(&head.fields)).into_iter().collect(), Vec::new())
        }
        Role::Client => {
            let Some((head, _)) = RequestHead::parse(&received).ok().flatten() else {
                return (Vec::new(), Vec::new());
            };
            let lines: Vec<String> = head
                .fields
                .values("Sec-WebSocket-Extensions")
                .map(|line| String::from_utf8_lossy(line).into_owned())
                .collect();
            (Vec::new(), vec![lines.join(", ")])
        }
    }
}
