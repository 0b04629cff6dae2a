//! What a page in a browser saw of a connection, held against the WHATWG WebSockets Standard. Pure: the
//! page's report, the instance and the transcript give the deviations.

use super::decoded::DecodedTranscript;
use super::expected::Expected;
use super::observed::{HeadBreach, PageBreach};
use super::verdict::{Failure, Verdict, VerdictKind};
use crate::case::Instance;
use crate::case::expectation::Outcome;
use crate::case::script::Step;
use crate::requirement::{Catalogue, Level};
use crate::transcript::Transcript;
use serde::Deserialize;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::opening::deflate_params::NAME;
use wsgauntlet_wire::opening::key;

/// What the page tells of one connection.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct PageReport {
    /// The events, in the order in which the page saw them.
    pub events: Vec<PageEvent>,
    /// What the constructor threw, if it did.
    pub thrown: Option<String>,
}

/// One event, in the order in which the page saw them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct PageEvent {
    /// `open`, `message`, `error` or `close`.
    pub kind: String,
    /// `readyState` in the handler.
    pub state: u8,
    /// The attribute `protocol`, in the event `open`.
    #[serde(default)]
    pub protocol: String,
    /// The attribute `extensions`, in the event `open`.
    #[serde(default)]
    pub extensions: String,
    /// `bufferedAmount` in the handler, before the page sent anything there.
    #[serde(default)]
    pub buffered: u64,
    /// The attribute `code`, in the event `close`.
    #[serde(default)]
    pub code: u16,
    /// The attribute `reason`, in the event `close`.
    #[serde(default)]
    pub reason: String,
    /// The attribute `wasClean`, in the event `close`.
    #[serde(default)]
    pub clean: bool,
    /// Octets of a message, or UTF-16 units of a text.
    #[serde(default)]
    pub len: usize,
}

impl PageReport {
    /// One line an event.
    pub fn lines(&self) -> Vec<String> {
        let thrown = self.thrown.iter().map(|what| format!("the constructor threw {what}"));
        let events = self.events.iter().map(|event| match event.kind.as_str() {
            "open" => format!(
                "open, readyState {}, protocol {:?}, extensions {:?}, bufferedAmount {}",
                event.state, event.protocol, event.extensions, event.buffered
            ),
            "message" => format!("message of {}, readyState {}", event.len, event.state),
            "close" => format!(
                "close, readyState {}, code {}, reason {:?}, wasClean {}",
                event.state, event.code, event.reason, event.clean
            ),
            other => format!("{other}, readyState {}", event.state),
        });
        thrown.chain(events).collect()
    }
}

/// What a page sees of a browser beside what the octets show; `coverage` names it as watched.
pub const REQUIREMENTS: &[&str] = &[
    ORIGIN,
    STATUS,
    REDIRECT,
    OFFERED,
    NONCE,
    NO_STORE,
    OPEN,
    ATTRIBUTES,
    SUBPROTOCOL,
    MESSAGES,
    CLOSED,
    ERROR,
    CLOSE,
    BYTE_ORDER_MARK,
    SAME,
];

const ORIGIN: &str = "rfc6455/4.1/browser-sends-origin";
const STATUS: &str = "whatwg/2.2/status-not-101-fails";
const REDIRECT: &str = "whatwg/2.2/redirects-not-followed";
const OFFERED: &str = "whatwg/2.2/permessage-deflate-offered";
const NONCE: &str = "whatwg/2.2/key-forgiving-base64";
const NO_STORE: &str = "whatwg/2.2/no-store-and-credentials";
const BYTE_ORDER_MARK: &str = "whatwg/4/close-reason-without-bom";
const OPEN: &str = "whatwg/4/open-while-open";
const ATTRIBUTES: &str = "whatwg/4/extensions-in-use";
const SUBPROTOCOL: &str = "whatwg/4/subprotocol-in-use";
const MESSAGES: &str = "whatwg/4/no-messages-after-close";
const CLOSED: &str = "whatwg/4/closed-before-events";
const ERROR: &str = "whatwg/4/error-when-failed";
const CLOSE: &str = "whatwg/4/close-event";
const SAME: &str = "whatwg/4/failures-indistinguishable";

/// How the connection is to end, as far as the instance tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// The opening is refused.
    Refused,
    /// The browser fails the connection.
    Failed,
    /// The closing handshake is completed.
    Clean,
    /// Anything.
    Open,
}

struct Check<'a> {
    catalogue: &'a Catalogue,
    failures: Vec<Failure>,
}

impl Check<'_> {
    fn expect(
        &mut self,
        id: &str,
        holds: bool,
        expected: impl Into<Expected>,
        observed: impl FnOnce() -> PageBreach,
    ) {
        let Some(requirement) = self.catalogue.get(id) else { return };
        if holds || self.failures.iter().any(|failure| failure.requirement == requirement.id) {
            return;
        }
        let failure = Failure::by_monitor("page", requirement.id.clone(), expected, observed());
        self.failures.push(failure.tolerated(requirement.level != Level::Must));
    }
}

/// The verdict with what the page saw.
pub fn with_page(
    verdict: Verdict,
    report: &PageReport,
    instance: &Instance,
    transcript: &Transcript,
    catalogue: &Catalogue,
) -> Verdict {
    // Where the octets went another way than the ideal one, nothing tells how the page was to see it.
    let decoded = DecodedTranscript::new(transcript);
    let told = verdict.kind == VerdictKind::Pass && !sends_behind_close(&decoded);
    let ending = if told { ending(instance) } else { Ending::Open };
    let mut check = Check { catalogue, failures: Vec::new() };
    order(report, &mut check);
    request(&decoded, &mut check);
    attributes(report, &decoded, &mut check);
    refusal(report, &decoded, &mut check);
    if let Some(close) = report.events.iter().find(|event| event.kind == "close") {
        closing(report, close, ending, &decoded, &mut check);
    }
    let mut verdict = verdict;
    let mut found = check.failures;
    if found.is_empty() {
        return verdict;
    }
    found.sort_by_key(|failure| failure.tolerated);
    let worse = if found[0].tolerated { VerdictKind::Lenient } else { VerdictKind::Fail };
    if verdict.kind == VerdictKind::Pass
        || (verdict.kind == VerdictKind::Lenient && worse == VerdictKind::Fail)
    {
        verdict.kind = worse;
        let before = verdict.failure.replace(found.remove(0));
        verdict.others.splice(0..0, before);
    }
    verdict.others.extend(found);
    verdict
}

fn ending(instance: &Instance) -> Ending {
    let last = instance.script.steps.iter().rev().find_map(|step| match step {
        Step::Close => Some(Ending::Clean),
        Step::Expect(expectation) => {
            let mut endings = expectation.outcomes.iter().map(|outcome| match outcome {
                Outcome::Refused(..) => Ending::Refused,
                Outcome::Fail(_) => Ending::Failed,
                Outcome::Close(_) => Ending::Clean,
                _ => Ending::Open,
            });
            let first = endings.next().unwrap_or(Ending::Open);
            Some(if endings.all(|ending| ending == first) { first } else { Ending::Open })
        }
        _ => None,
    });
    last.unwrap_or(Ending::Open)
}

/// The order of events, and `readyState` in each.
fn order(report: &PageReport, check: &mut Check<'_>) {
    let kinds: Vec<&str> = report.events.iter().map(|event| event.kind.as_str()).collect();
    let shown = || PageBreach::Events(kinds.iter().map(|kind| (*kind).to_owned()).collect());
    let opens = kinds.iter().filter(|kind| **kind == "open").count();
    let opened_first = opens == 0 || (opens == 1 && kinds[0] == "open");
    check.expect(OPEN, opened_first, "one open, before all else", shown);
    for event in &report.events {
        let state = || PageBreach::ReadyState { state: event.state, handler: event.kind.clone() };
        match event.kind.as_str() {
            "open" => check.expect(OPEN, event.state == 1, "readyState 1", state),
            "message" => check.expect(MESSAGES, event.state == 1, "readyState 1", state),
            _ => check.expect(CLOSED, event.state == 3, "readyState 3", state),
        }
    }
    let messages_before_open = kinds.contains(&"message") && opens == 0;
    check.expect(OPEN, !messages_before_open, "an open before messages", shown);
    let closes = kinds.iter().filter(|kind| **kind == "close").count();
    check.expect(CLOSE, closes == 1 && kinds.last() == Some(&"close"), "one close, after all else", shown);
    let error = kinds.iter().position(|kind| *kind == "error");
    let in_place = error.is_none_or(|at| kinds.get(at + 1) == Some(&"close"));
    check.expect(ERROR, in_place, "error right before close", shown);
}

/// What a browser puts into its request, beside what every client does.
fn request(decoded: &DecodedTranscript<'_>, check: &mut Check<'_>) {
    let Some(head) = &decoded.request else { return };
    let field = |name: &'static str| HeadBreach::field(name, &head.fields);
    let shown = |name: &'static str| PageBreach::Field(field(name));
    // The page came from the same authority. RFC 6454 §7.1: one origin, serialised in lower case.
    if let Some(asked) = &decoded.transcript.asked {
        let origins = ["http", "https"].map(|scheme| format!("{scheme}://{}", asked.host));
        let value = head.fields.single("Origin");
        let holds = value.is_some_and(|value| origins.iter().any(|origin| origin.as_bytes() == value));
        check.expect(ORIGIN, holds, "Origin, that of the page", || shown("Origin"));
    }
    let offers = DecodedTranscript::extensions(&head.fields).iter().any(|offer| offer.name == NAME);
    check.expect(OFFERED, offers, "an offer of permessage-deflate", || shown("Sec-WebSocket-Extensions"));
    let nonce = head.fields.single("Sec-WebSocket-Key").and_then(key::nonce);
    check.expect(NONCE, nonce.is_some(), "16 octets in base64", || shown("Sec-WebSocket-Key"));
    // Fetch, HTTP-network-or-cache fetch: the cache mode "no-store" appends both, where they are absent.
    let holds =
        head.fields.has_token("Cache-Control", "no-cache") && head.fields.has_token("Pragma", "no-cache");
    check.expect(NO_STORE, holds, "no-cache in Cache-Control and Pragma", || {
        let fields = [field("Cache-Control"), field("Pragma")].map(Box::new);
        let [cache_control, pragma] = fields;
        PageBreach::Field(HeadBreach::Fields(cache_control, pragma))
    });
}

/// A response that is no 101 opens nothing, whatever it refers to.
fn refusal(report: &PageReport, decoded: &DecodedTranscript<'_>, check: &mut Check<'_>) {
    let Some(status) = decoded.response.as_ref().map(|head| head.status).filter(|status| *status != 101)
    else {
        return;
    };
    let opened = report.events.iter().any(|event| event.kind == "open");
    let requirement = if (300..=399).contains(&status) { REDIRECT } else { STATUS };
    check.expect(requirement, !opened, "no open event", || PageBreach::OpenAfter(status));
}

/// What `open` says of the negotiation.
fn attributes(report: &PageReport, decoded: &DecodedTranscript<'_>, check: &mut Check<'_>) {
    let (Some(open), Some(response)) =
        (report.events.iter().find(|event| event.kind == "open"), decoded.response.as_ref())
    else {
        return;
    };
    let value = |name: &'static str| {
        let values: Vec<String> =
            response.fields.values(name).map(|value| String::from_utf8_lossy(value).into_owned()).collect();
        values.join(", ")
    };
    let extensions = value("Sec-WebSocket-Extensions");
    // The list may be written anew; its names stay.
    let names = |list: &str| {
        let names = list.split(',').map(|part| part.split(';').next().unwrap_or_default().trim().to_owned());
        names.filter(|name| !name.is_empty()).collect::<Vec<_>>()
    };
    let same = names(&open.extensions) == names(&extensions);
    let expected = Expected::rule("extensions {}", format!("{extensions:?}"));
    check.expect(ATTRIBUTES, same, expected, || PageBreach::Extensions(open.extensions.clone()));
    let subprotocol = value("Sec-WebSocket-Protocol");
    let expected = Expected::rule("protocol {}", format!("{subprotocol:?}"));
    check.expect(SUBPROTOCOL, open.protocol == subprotocol, expected, || {
        PageBreach::Protocol(open.protocol.clone())
    });
}

fn closing(
    report: &PageReport,
    close: &PageEvent,
    ending: Ending,
    decoded: &DecodedTranscript<'_>,
    check: &mut Check<'_>,
) {
    let error = report.events.iter().any(|event| event.kind == "error");
    let opened = report.events.iter().any(|event| event.kind == "open");
    let shown =
        || PageBreach::Close { error, code: close.code, reason: close.reason.clone(), clean: close.clean };
    match ending {
        Ending::Open => {}
        Ending::Refused => {
            check.expect(OPEN, !opened, "no open event: the response is to be refused", || {
                PageBreach::OpenEvent
            });
            check.expect(ERROR, error, "an error event", shown);
            let same = close.code == 1006 && close.reason.is_empty() && !close.clean;
            check.expect(SAME, same, "code 1006, no reason, not clean", shown);
        }
        Ending::Failed => {
            check.expect(ERROR, error, "an error event", shown);
            check.expect(CLOSE, !close.clean, "wasClean false", shown);
            if sent_close(decoded).is_none() {
                check.expect(
                    CLOSE,
                    close.code == 1006 && close.reason.is_empty(),
                    "code 1006, no reason",
                    shown,
                );
            }
        }
        Ending::Clean => {
            check.expect(ERROR, !error, "no error event", shown);
            let Some(sent) = sent_close(decoded) else { return };
            if sent.1.starts_with('\u{feff}') {
                let expected = Expected::rule("reason {}", format!("{:?}", sent.1));
                check.expect(BYTE_ORDER_MARK, close.reason == sent.1, expected, shown);
            }
            let expected =
                Expected::rule("{}, wasClean true", format!("code {}, reason {:?}", sent.0, sent.1));
            let same = close.clean && close.code == sent.0 && close.reason == sent.1;
            check.expect(CLOSE, same, expected, shown);
        }
    }
}

/// Whether our peer sent frames behind its Close. RFC 6455 §10.7 lets an endpoint that meets a violation drop the connection, and
/// a browser that does so has failed it.
fn sends_behind_close(decoded: &DecodedTranscript<'_>) -> bool {
    decoded.sent.frames.iter().skip_while(|frame| frame.opcode != 8).nth(1).is_some()
}

/// Code and reason of the first Close that our peer sent, as RFC 6455 §7.1.5 and §7.1.6 read them.
fn sent_close(decoded: &DecodedTranscript<'_>) -> Option<(u16, String)> {
    let frame = decoded.sent.frames.iter().find(|frame| frame.opcode == 8 && frame.complete)?;
    let payload = ClosePayload::decode(&frame.payload).ok();
    let code = payload.as_ref().and_then(|payload| payload.code).map_or(1005, |code| code.0);
    let reason = frame.payload.get(2..).unwrap_or_default();
    Some((code, String::from_utf8_lossy(reason).into_owned()))
}
