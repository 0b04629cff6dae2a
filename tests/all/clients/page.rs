//! What a page saw, held against the WHATWG text: each rule can be broken, and a browser that keeps to all passes.

use std::collections::BTreeSet;
use wsgauntlet::embedded;
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::page::{self, PageEvent, PageReport};
use wsgauntlet_suite::oracle::{self, Verdict, VerdictKind};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_suite::transcript::{EventKind, Transcript};
use wsgauntlet_wire::Role;

const HANDSHAKE: &str = "deflate/negotiation-response/lawful-response[plain]";
const MARKED: &str = "closing/reasons/valid[byte-order-mark]";
const FAILING: &str = "masking/direction/wrong-masking[len=0]";
const REFUSED: &str = "opening/response-status/body-without-length[status=403]";
const REDIRECT: &str = "opening/response-status/redirect[301]";

/// A connection as a browser makes it: that of the reference, with what browsers add to the request.
fn browse(id: &str) -> (Instance, Transcript) {
    let all = embedded::library().instances(Role::Client);
    let found = all.into_iter().find(|instance| instance.id.without_role() == id);
    let instance = found.unwrap_or_else(|| panic!("no instance {id}"));
    let config = reference::config(Role::Client);
    let mut transcript = reference::play(instance, &PlayConfig::new("localhost"), config, Link::Direct);
    edit(
        &mut transcript,
        b"\r\n",
        b"\r\nOrigin: http://localhost:9001\r\nCache-Control: no-cache\r\nPragma: no-cache\r\n",
    );
    (instance.clone(), transcript)
}

/// Replaces the first place in the request that reads so.
fn edit(transcript: &mut Transcript, from: &[u8], to: &[u8]) {
    let received = transcript.events.iter_mut().find_map(|event| match &mut event.kind {
        EventKind::Received(octets) => Some(octets),
        _ => None,
    });
    let request = received.expect("a request");
    let at = request.windows(from.len()).position(|window| window == from).expect("it is there");
    request.splice(at..at + from.len(), to.iter().copied());
}

fn event(kind: &str, state: u8) -> PageEvent {
    PageEvent { kind: kind.to_owned(), state, ..PageEvent::default() }
}

fn open() -> PageEvent {
    PageEvent { extensions: "permessage-deflate".to_owned(), ..event("open", 1) }
}

fn close(code: u16, reason: &str, clean: bool) -> PageEvent {
    PageEvent { code, reason: reason.to_owned(), clean, ..event("close", 3) }
}

/// What a page sees when all is right.
fn seen(id: &str) -> Vec<PageEvent> {
    match id {
        HANDSHAKE => vec![open(), event("message", 1), close(1000, "", true)],
        MARKED => vec![event("open", 1), close(1000, "\u{feff}", true)],
        FAILING => vec![event("open", 1), event("error", 3), close(1006, "", false)],
        _ => vec![event("error", 3), close(1006, "", false)],
    }
}

fn judge(instance: &Instance, transcript: &Transcript, events: Vec<PageEvent>) -> Verdict {
    let verdict = oracle::judge(instance, transcript, embedded::catalogue());
    assert_eq!(verdict.kind, VerdictKind::Pass, "{}: {:?}", instance.id, verdict.failure);
    let report = PageReport { events, thrown: None };
    page::with_page(verdict, &report, instance, transcript, embedded::catalogue())
}

#[test]
fn a_browser_that_keeps_to_the_text_passes() {
    for id in [HANDSHAKE, MARKED, FAILING, REFUSED, REDIRECT] {
        let (instance, transcript) = browse(id);
        let verdict = judge(&instance, &transcript, seen(id));
        assert_eq!(verdict.kind, VerdictKind::Pass, "{id}: {:?}", verdict.failure);
    }
}

type Fault = fn(&mut Transcript, &mut Vec<PageEvent>);

/// A fault of a browser, where it shows, and the requirement that it breaks.
const FAULTS: &[(&str, &str, Fault)] = &[
    ("rfc6455/4.1/browser-sends-origin", HANDSHAKE, |t, _| edit(t, b"http://local", b"http://LOCAL")),
    ("whatwg/2.2/status-not-101-fails", REFUSED, |_, events| events.insert(0, open())),
    ("whatwg/2.2/redirects-not-followed", REDIRECT, |_, events| events.insert(0, open())),
    ("whatwg/2.2/permessage-deflate-offered", FAILING, |t, _| edit(t, b"permessage-deflate", b"deflate")),
    ("whatwg/2.2/key-forgiving-base64", FAILING, |t, _| edit(t, b"-Key: ", b"-Key: AAAA")),
    ("whatwg/2.2/no-store-and-credentials", HANDSHAKE, |t, _| edit(t, b"Pragma", b"Dogma")),
    ("whatwg/4/open-while-open", HANDSHAKE, |_, events| events[0].state = 0),
    ("whatwg/4/open-while-open", HANDSHAKE, |_, events| drop(events.remove(0))),
    ("whatwg/4/extensions-in-use", HANDSHAKE, |_, events| events[0].extensions.clear()),
    ("whatwg/4/subprotocol-in-use", HANDSHAKE, |_, events| events[0].protocol = "chat".to_owned()),
    ("whatwg/4/no-messages-after-close", HANDSHAKE, |_, events| events[1].state = 2),
    ("whatwg/4/closed-before-events", HANDSHAKE, |_, events| events[2].state = 2),
    ("whatwg/4/error-when-failed", FAILING, |_, events| drop(events.remove(1))),
    ("whatwg/4/error-when-failed", HANDSHAKE, |_, events| events.insert(1, event("error", 3))),
    ("whatwg/4/close-event", HANDSHAKE, |_, events| events[2].clean = false),
    ("whatwg/4/close-event", HANDSHAKE, |_, events| events[2].code = 1005),
    ("whatwg/4/close-event", FAILING, |_, events| events[2].clean = true),
    ("whatwg/4/close-event", HANDSHAKE, |_, events| events.push(close(1000, "", true))),
    ("whatwg/4/close-reason-without-bom", MARKED, |_, events| events[1].reason.clear()),
    ("whatwg/4/failures-indistinguishable", REFUSED, |_, events| events[1].code = 1002),
];

#[test]
fn each_rule_can_be_broken() {
    for (requirement, id, fault) in FAULTS {
        let (instance, mut transcript) = browse(id);
        let mut events = seen(id);
        // The octets are judged without the fault: the page is what is asked here.
        let verdict = oracle::judge(&instance, &transcript, embedded::catalogue());
        fault(&mut transcript, &mut events);
        let report = PageReport { events, thrown: None };
        let verdict = page::with_page(verdict, &report, &instance, &transcript, embedded::catalogue());
        let broken: Vec<&str> = verdict
            .failure
            .iter()
            .chain(&verdict.others)
            .map(|failure| failure.requirement.as_str())
            .collect();
        assert!(broken.contains(requirement), "{requirement}: {:?} {broken:?}", verdict.kind);
        assert_ne!(verdict.kind, VerdictKind::Pass);
    }
    let watched: BTreeSet<&str> = page::REQUIREMENTS.iter().copied().collect();
    let shown: BTreeSet<&str> = FAULTS.iter().map(|(requirement, ..)| *requirement).collect();
    assert_eq!(watched, shown, "each rule of the page has a fault here");
}
