//! What a failure is blamed on: the sentence that binds whom it is held against, and no stricter than it says.

use crate::support::reference::{faulty, verdict};
use std::collections::BTreeSet;
use wsgauntlet::embedded;
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet_reference::Variant;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::case::expectation::Outcome;
use wsgauntlet_suite::case::script::Step;
use wsgauntlet_suite::oracle::{self, Verdict, VerdictKind};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_suite::requirement::{Level, Requirement};
use wsgauntlet_wire::Role;

fn requirement(id: &str) -> &'static Requirement {
    embedded::catalogue().get(id).unwrap_or_else(|| panic!("no requirement {id}"))
}

fn instances() -> impl Iterator<Item = &'static Instance> {
    embedded::library().cases.iter().flat_map(|case| &case.instances)
}

/// MUSTs that are implied though their quotes say "should": there the word is not about what is demanded.
const SHOULD_ABOUT_SOMETHING_ELSE: [(&str, &str); 3] = [
    (
        "rfc6455/4.2.1/get-request-required",
        "how the target is read; that it is a GET request is the description",
    ),
    (
        "rfc6455/4.2.1/absolute-request-uri",
        "how the target is read; that it may be absolute is the description",
    ),
    ("rfc8441/5/stream-as-tcp-connection", "the rules of RFC 6455 hold for the stream, whatever the word"),
];

/// A sentence that says "should" is no MUST, in capitals or not.
#[test]
fn what_should_be_is_no_must() {
    let stricter: BTreeSet<&str> = embedded::catalogue()
        .iter()
        .filter(|requirement| requirement.level == Level::Must && requirement.id.document() != "whatwg")
        .filter(|requirement| {
            let strict =
                ["MUST", "SHALL", "REQUIRED", "must"].iter().any(|word| requirement.quote.contains(word));
            let words: Vec<&str> = requirement.quote.split(|c: char| !c.is_alphabetic()).collect();
            !strict
                && ["should", "SHOULD", "recommended", "RECOMMENDED"].iter().any(|word| words.contains(word))
        })
        .map(|requirement| requirement.id.as_str())
        .collect();
    let known: BTreeSet<&str> = SHOULD_ABOUT_SOMETHING_ELSE.iter().map(|(id, _)| *id).collect();
    assert_eq!(stricter, known);
}

/// "MUST NOT appear more than once in an HTTP request" binds who makes the request: how often a field may be sent is no rule
/// for its recipient.
#[test]
fn what_may_be_sent_once_binds_the_sender() {
    let mut looked_at = 0;
    for requirement in
        embedded::catalogue().iter().filter(|r| r.quote.contains("MUST NOT appear more than once"))
    {
        let (request, response) =
            (requirement.quote.contains("HTTP request"), requirement.quote.contains("HTTP response"));
        if requirement.level == Level::Must {
            looked_at += 1;
            assert_eq!(requirement.binds.binds_client(), request, "{}", requirement.id);
            assert_eq!(requirement.binds.binds_server(), response, "{}", requirement.id);
        }
    }
    assert_eq!(looked_at, 4);
}

/// What a step names, and what a case names first, binds the role of the target.
#[test]
fn a_step_blames_what_binds_the_target() {
    let binds = |id: &str, role| match role {
        Role::Client => requirement(id).binds.binds_client(),
        Role::Server => requirement(id).binds.binds_server(),
    };
    let mut wrong = BTreeSet::new();
    for instance in instances() {
        let steps = instance.script.steps.iter().filter_map(|step| match step {
            Step::Expect(expectation) => expectation.requirement.as_ref(),
            _ => None,
        });
        let named = steps.chain(instance.verifies.first());
        wrong.extend(
            named
                .filter(|id| !binds(id.as_str(), instance.role))
                .map(|id| format!("{} in {}", id, instance.id)),
        );
    }
    assert_eq!(wrong, BTreeSet::new());
}

/// A pong without payload may be sent unsolicited (§5.5.3), so that it proves nothing of a ping without payload. Where a pong
/// shows that a connection was not failed, its ping has a payload; but where that ping itself is what must fail it.
#[test]
fn no_empty_ping_is_a_proof() {
    let mut unproven = BTreeSet::new();
    for instance in instances().filter(|instance| !instance.info) {
        let fails = |step: &Step| match step {
            Step::Expect(expectation) => {
                expectation.outcomes.iter().all(|outcome| matches!(outcome, Outcome::Fail(_)))
            }
            _ => false,
        };
        let empty = instance.script.ping_payloads().iter().any(Vec::is_empty);
        if empty && instance.script.steps.iter().any(fails) {
            unproven.insert(instance.case.as_str());
        }
    }
    // Their empty ping is itself the fault, and the end of the connection, not a pong, is what is waited for.
    let own_fault = [
        "control/too-long/header-only",
        "deflate/rsv/on-control-frame",
        "fragmentation/fragmented-control-frames/empty",
        "fragmentation/fragmented-control-frames/with-a-reserved-bit",
        "framing/cut-short/within-a-control-frame",
        "framing/length-forms/ping",
        "framing/length-top-bit/control-frame",
        "framing/length-top-bit/control-frame-with-payload",
        "masking/direction/wrong-masking-of-control-frame",
    ];
    assert_eq!(unproven, own_fault.into_iter().collect());
}

/// The requirements on which an endpoint's failures of these cases are blamed.
fn blamed(quirk: &str, role: Role, cases: &[&str]) -> BTreeSet<String> {
    let mut blamed = BTreeSet::new();
    for case in cases {
        let played = instances().filter(|instance| instance.role == role && instance.case == *case);
        let verdicts: Vec<Verdict> =
            played.map(|instance| verdict(instance, faulty(instance.role, &[quirk]))).collect();
        let of = |kind| verdicts.iter().filter(move |verdict| verdict.kind == kind).cloned().collect();
        let mut failed: Vec<Verdict> = of(VerdictKind::Fail);
        if failed.is_empty() {
            failed = of(VerdictKind::Lenient);
        }
        assert!(!failed.is_empty(), "{case} passes with {quirk}");
        blamed
            .extend(failed.into_iter().filter_map(|verdict| Some(verdict.failure?.requirement.to_string())));
    }
    blamed
}

/// One fault is blamed on one sentence, the one that it breaks.
#[test]
fn a_fault_is_blamed_on_its_sentence() {
    let after_failure = [
        "closing/after-failure/in-the-same-write",
        "closing/after-failure/in-the-next-write",
        "closing/after-failure/tcp-ends",
        "framing/after-failure/in-one-write",
    ];
    for (quirk, role, cases, id) in [
        ("skip-reserved-data", Role::Server, &after_failure[..], "rfc6455/5.2/unknown-opcode-fails"),
        ("skip-reserved-control", Role::Client, &after_failure, "rfc6455/5.2/unknown-opcode-fails"),
        (
            "refuses-by-hanging",
            Role::Server,
            &[
                "opening/connection/absent",
                "opening/upgrade/absent",
                "opening/key/absent",
                "opening/version/absent",
            ],
            "rfc6455/4.2.1/malformed-opening-refused",
        ),
        (
            "refuses-by-hanging",
            Role::Server,
            &["opening/body/invalid-content-length"],
            "rfc9112/6.3/invalid-content-length-400",
        ),
        (
            "accept-transfer-encoding",
            Role::Server,
            &["opening/body/unknown-transfer-coding"],
            "rfc9112/6.3/last-coding-not-chunked-400",
        ),
        (
            "accept-key-repeated",
            Role::Server,
            &["opening/key/repeated"],
            "rfc6455/4.2.1/malformed-opening-refused",
        ),
        (
            "accept-version-repeated",
            Role::Server,
            &["opening/version/repeated"],
            "rfc6455/4.2.1/malformed-opening-refused",
        ),
        (
            "opens-in-http-1.2",
            Role::Server,
            &["opening/upgrade/letter-case"],
            "rfc9110/6.2/server-version-conformant",
        ),
        (
            "request-in-http-1.2",
            Role::Client,
            &["opening/request/valid"],
            "rfc9110/6.2/client-version-conformant",
        ),
        (
            "refuse-close-reason-split-in-character",
            Role::Client,
            &["framing/strides/close"],
            "rfc6455/7.1.7/close-frame-before-failing",
        ),
    ] {
        assert_eq!(blamed(quirk, role, cases), BTreeSet::from([id.to_owned()]), "{quirk}");
    }
}

/// What the documents leave open is no failure, however unusual.
#[test]
fn what_no_sentence_demands_is_lenient() {
    for (quirk, case) in [
        ("accept-close-code-5000", "closing/codes/out-of-range"),
        ("accept-key-not-base64", "opening/key/not-base64"),
        ("accept-key-repeated", "opening/key/repeated-alike"),
        ("accept-version-repeated", "opening/version/repeated-alike"),
        ("await-length-top-bit", "framing/length-top-bit/data-frame"),
    ] {
        let played = instances().filter(|instance| instance.role == Role::Server && instance.case == case);
        let kinds: BTreeSet<&str> =
            played.map(|instance| verdict(instance, faulty(instance.role, &[quirk])).kind.as_str()).collect();
        assert!(kinds.contains("lenient") && !kinds.contains("fail"), "{quirk} in {case}: {kinds:?}");
    }
}

/// A receiver that waits for the payload of a frame has received no frame yet, whatever its header says.
#[test]
fn silence_at_a_payload_that_never_comes_is_lenient() {
    let suite = "framing/length-top-bit/";
    for instance in instances().filter(|instance| instance.case.starts_with(suite)) {
        let mut config = reference::config(instance.role);
        Variant::FrameJudgedWhole.install(&mut config);
        let transcript = reference::play(instance, &PlayConfig::new("localhost"), config, Link::Direct);
        let verdict = oracle::judge(instance, &transcript, embedded::catalogue());
        assert_eq!(verdict.kind, VerdictKind::Lenient, "{}: {verdict:?}", instance.id);
        let blamed = verdict.failure.map(|failure| failure.requirement.to_string());
        assert_eq!(blamed.as_deref(), Some("rfc6455/10.7/invalid-data-close-frame"), "{}", instance.id);
    }
}

/// A Close that is cut at every third, fifth or seventh octet shows what one that is cut at each octet may hide.
#[test]
fn strides_that_do_not_divide_the_key_show_its_place() {
    let failed: BTreeSet<&str> = instances()
        .filter(|instance| instance.role == Role::Server && instance.case == "framing/strides/close")
        .filter(|instance| {
            verdict(instance, faulty(instance.role, &["mask-phase-lost-at-cut-in-close"])).kind
                != VerdictKind::Pass
        })
        .map(|instance| instance.id.as_str())
        .collect();
    for stride in 1..=8 {
        assert!(failed.iter().any(|id| id.contains(&format!("stride={stride}"))), "{stride}: {failed:?}");
    }
}
