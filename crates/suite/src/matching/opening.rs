//! Outcomes of the opening handshake.

use super::context::{At, Context};
use super::sighting::{Note, Sight, Sighting};
use super::state::{Blame, Grade, MatchState};
use crate::case::expectation::{Expectation, HeadMatch, Outcome, StatusMatch};
use crate::requirement::RequirementId;
use crate::transcript::{Observation, OpeningFault, Seen};
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::head::Fields;
use wsgauntlet_wire::opening::{DeflateParams, RequestHead, ResponseHead, token};

const OPENING_ACCEPTED: &str = "rfc6455/4.2.2/valid-opening-accepted";
const ERROR_RETURNED: &str = "rfc6455/4.2.1/malformed-opening-refused";
const HTTP_STATUS: &str = "rfc6455/10.7/invalid-opening-http-status";

/// The opening is accepted: by a server with a valid 101, by a client with a request.
pub(super) fn open(wanted: &HeadMatch, context: &Context<'_>) -> MatchState {
    let Some((_, o)) = context.head() else { return no_head(context) };
    match &o.seen {
        Seen::Request(head) => request(wanted, head, o, context),
        Seen::Response(head) if !context.capabilities.overlooked.switches(head) => MatchState::impossible(o),
        Seen::Response(head) => {
            let overlooked = context.capabilities.overlooked;
            let mistakes = mistakes(head, context.accept);
            match mistakes.into_iter().find(|mistake| !overlooked.contains(mistake.fault)) {
                Some(mistake) => {
                    let observed = Sighting::from(&o.seen).noting(mistake.observed);
                    MatchState::blame(o, observed, mistake.requirement)
                }
                None => with_fields(wanted, &head.fields, o, context),
            }
        }
        _ => MatchState::impossible(o),
    }
}

/// A client's request, which must ask for the target of the URL that the client was given.
fn request(wanted: &HeadMatch, head: &RequestHead, o: &Observation, context: &Context<'_>) -> MatchState {
    let given = comparable(&head.target);
    if !wanted.targets.is_empty() && !wanted.targets.iter().any(|target| comparable(target) == given) {
        let observed = Sight::RequestFor(head.target.clone()).into();
        return MatchState::Impossible { observed, blame: Blame::Case, at: At::of(o) };
    }
    let fields = HeadMatch { deflate: None, ..wanted.clone() };
    with_fields(&fields, &head.fields, o, context)
}

/// A request target without the scheme and host of its absolute form. RFC 3986 §2.1: "The uppercase hexadecimal digits
/// 'A' through 'F' are equivalent to the lowercase digits".
fn comparable(target: &str) -> String {
    let rest = target.strip_prefix("http://").or_else(|| target.strip_prefix("https://"));
    let target = rest.map_or(target, |rest| &rest[rest.find('/').unwrap_or(rest.len())..]);
    let mut out = String::new();
    let mut digits = 0;
    for c in target.chars() {
        out.push(if digits > 0 { c.to_ascii_uppercase() } else { c });
        digits = if c == '%' { 2 } else { digits.max(1) - 1 };
    }
    out
}

/// A client that may, or must, not ask: it gave up, or ended its connection without a request.
pub(super) fn no_request(context: &Context<'_>) -> MatchState {
    match (context.head(), context.end()) {
        (Some((_, head)), _) => MatchState::impossible(head),
        (None, Some((_, end))) => MatchState::matched(Grade::Ideal, end, context.ledger),
        (None, None) => MatchState::Pending,
    }
}

/// What makes a response none that a client may take, RFC 6455 §4.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The kind of the mistake.
    pub fault: OpeningFault,
    /// What the response has, as a report shows it.
    pub observed: Note,
    /// The id of the requirement that the response violates.
    pub requirement: &'static str,
}

/// The mistakes of a response that means to open, in the order in which a client looks for them. `accept`: the value that
/// the key of the request asks for.
pub fn mistakes(head: &ResponseHead, accept: Option<&str>) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut note = |fault, observed: Note, requirement| {
        mistakes.push(Mistake { fault, observed, requirement });
    };
    if !head.fields.has_token("Upgrade", "websocket") {
        let observed = Note::Lacks("Upgrade: websocket");
        note(OpeningFault::Upgrade, observed, "rfc6455/4.2.2/response-upgrade-websocket");
    }
    if !head.fields.has_token("Connection", "upgrade") {
        let observed = Note::Lacks("Connection: Upgrade");
        note(OpeningFault::Connection, observed, "rfc6455/4.2.2/response-connection-upgrade");
    }
    let observed = match (head.fields.values("Sec-WebSocket-Accept").next(), accept) {
        (None, _) => Some(Note::Lacks("Sec-WebSocket-Accept")),
        (Some(given), Some(accept)) if given != accept.as_bytes() => {
            let given = String::from_utf8_lossy(given).into_owned();
            Some(Note::WrongAccept { given, due: accept.to_owned() })
        }
        (Some(_), _) => None,
    };
    if let Some(observed) = observed {
        note(OpeningFault::Accept, observed, "rfc6455/4.2.2/accept-key-computed");
    }
    mistakes
}

/// The opening is refused.
pub(super) fn refused(status: &StatusMatch, wanted: &HeadMatch, context: &Context<'_>) -> MatchState {
    match context.role {
        Role::Server => refused_by_server(status, wanted, context),
        Role::Client => refused_by_client(context),
    }
}

fn refused_by_server(status: &StatusMatch, wanted: &HeadMatch, context: &Context<'_>) -> MatchState {
    let Some((_, o)) = context.head() else {
        return match context.end() {
            // RFC 6455 §10.7: the endpoint may drop TCP, a server SHOULD answer with a status.
            Some((_, end)) => MatchState::Matched {
                grade: Grade::Tolerated,
                observed: Sighting::from(&end.seen).noting(Note::NoResponse),
                requirement: Some(HTTP_STATUS),
                at: At::of(end),
                ledger: context.ledger,
            },
            None => MatchState::Pending,
        };
    };
    let head = match &o.seen {
        Seen::Response(head) if context.capabilities.overlooked.switches(head) => {
            return MatchState::impossible(o);
        }
        Seen::Response(head) => head,
        // As HTTP/0.9 has it: an answer without a head, and the end.
        Seen::NotAHead(_) => return after_no_head(o, context),
        _ => return MatchState::impossible(o),
    };
    if !status.0.is_empty() {
        if !status.holds(head.status) {
            return MatchState::impossible(o);
        }
        return with_fields(wanted, &head.fields, o, context);
    }
    match head.status {
        // §4.2.2: "The server MAY redirect the client using a 3xx status code".
        300..=499 | 501 | 503 | 505 => with_fields(wanted, &head.fields, o, context),
        _ => MatchState::Matched {
            grade: Grade::Tolerated,
            observed: Sighting::from(&o.seen),
            requirement: Some(HTTP_STATUS),
            at: At::of(o),
            ledger: context.ledger,
        },
    }
}

/// What is no response at all refuses the opening when TCP ends behind it. RFC 6455 §10.7: the
/// endpoint MAY drop TCP; that a server sends a status is a SHOULD.
fn after_no_head(o: &Observation, context: &Context<'_>) -> MatchState {
    if context.end().is_none() {
        return MatchState::Pending;
    }
    MatchState::Matched {
        grade: Grade::Tolerated,
        observed: Sighting::from(&o.seen),
        requirement: Some(HTTP_STATUS),
        at: At::of(o),
        ledger: context.ledger,
    }
}

/// A client that refuses our response ends the connection and sends no frame on it.
fn refused_by_client(context: &Context<'_>) -> MatchState {
    if let Some((_, o)) = context.data().next().or_else(|| context.pongs().next()) {
        return MatchState::impossible(o);
    }
    let Some((_, end)) = context.end() else { return MatchState::Pending };
    let grade = if context.close().is_some() { Grade::Tolerated } else { Grade::Ideal };
    MatchState::matched(grade, end, context.ledger)
}

/// Whether a rule is one of HTTP itself.
fn is_of_http(requirement: &RequirementId) -> bool {
    requirement.document() != "rfc6455"
}

/// What a server breaks that does not respond at all: not what its request lacked, but the rule that has it respond.
pub(super) fn silence_blame(expectation: &Expectation, context: &Context<'_>) -> Blame {
    if context.role != Role::Server || context.head().is_some() {
        return Blame::Case;
    }
    match expectation.outcomes.first() {
        Some(Outcome::Open(_)) => Blame::Only(OPENING_ACCEPTED),
        // §4.2.1: "stop processing the client's handshake and return an HTTP response". Where a case names the rule of HTTP
        // that asks for a response, that one is closer.
        Some(Outcome::Refused(..)) if expectation.requirement.as_ref().is_some_and(is_of_http) => Blame::Case,
        Some(Outcome::Refused(..)) => Blame::Only(ERROR_RETURNED),
        Some(
            Outcome::Message { .. }
            | Outcome::Greeting(_)
            | Outcome::Tasks { .. }
            | Outcome::Ping(_)
            | Outcome::CloseFrame(..)
            | Outcome::Pong(_)
            | Outcome::Close(_)
            | Outcome::Fail(_)
            | Outcome::End
            | Outcome::Unanswered
            | Outcome::Lingers
            | Outcome::NoRequest
            | Outcome::Response(..)
            | Outcome::Silence,
        )
        | None => Blame::Case,
    }
}

/// The connection ended, and no response came.
pub(super) fn unanswered(context: &Context<'_>) -> MatchState {
    match (context.head(), context.end()) {
        (Some((_, o)), _) if matches!(o.seen, Seen::NotAHead(_)) => after_no_head(o, context),
        (Some((_, head)), _) => MatchState::impossible(head),
        (None, Some((_, end))) => MatchState::matched(Grade::Ideal, end, context.ledger),
        (None, None) => MatchState::Pending,
    }
}

/// A response of that status, whatever it says.
pub(super) fn response(status: &StatusMatch, wanted: &HeadMatch, context: &Context<'_>) -> MatchState {
    let Some((_, o)) = context.head() else { return no_head(context) };
    match &o.seen {
        Seen::Response(head) if status.holds(head.status) => with_fields(wanted, &head.fields, o, context),
        _ => MatchState::impossible(o),
    }
}

fn no_head(context: &Context<'_>) -> MatchState {
    match context.end() {
        Some((_, o)) => MatchState::impossible(o),
        None => MatchState::Pending,
    }
}

fn with_fields(wanted: &HeadMatch, fields: &Fields, o: &Observation, context: &Context<'_>) -> MatchState {
    match deviating_field(wanted, fields) {
        Some(note) => {
            let observed = Sighting::from(&o.seen).noting(note);
            MatchState::Impossible { observed, blame: Blame::Case, at: At::of(o) }
        }
        None => MatchState::matched(Grade::Ideal, o, context.ledger),
    }
}

/// The first field of a head that is not as it is wanted.
fn deviating_field(wanted: &HeadMatch, fields: &Fields) -> Option<Note> {
    let lines = |name: &str| -> Vec<String> {
        fields.values(name).map(|line| String::from_utf8_lossy(line).into_owned()).collect()
    };
    for (name, value) in &wanted.fields {
        let held = fields.values(name).any(|line| {
            line == value.as_bytes() || token::list(line).any(|element| element == value.as_bytes())
        });
        let values = lines(name);
        match held {
            true => {}
            false if values.is_empty() => return Some(Note::FieldMissing(name.clone())),
            false => return Some(Note::FieldDiffers { name: name.clone(), values }),
        }
    }
    for name in &wanted.absent {
        if let Some(first) = lines(name).into_iter().next() {
            return Some(Note::FieldDiffers { name: name.clone(), values: vec![first] });
        }
    }
    let deflate = wanted.deflate.as_ref()?;
    if deflate.holds(DeflateParams::agreed_in(fields).as_ref()) {
        return None;
    }
    let extensions = lines("Sec-WebSocket-Extensions");
    Some(if extensions.is_empty() { Note::NoExtensions } else { Note::Extensions(extensions) })
}
