//! What is blamed for what: for each quirk of a table the instances that it fails, and the requirement that has to be named
//! first. A verdict that is right about the octets and names the wrong sentence sends its reader to the wrong place.

use crate::support::reference::quirk;
use wsgauntlet::embedded;
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet_reference::{Config, Variant};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{self, Verdict, VerdictKind};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_wire::Role;

const CLOSE_ANSWERED: &str = "rfc6455/5.5.1/close-is-answered";
const CLOSED_ON_UNMASKED: &str = "rfc6455/5.1/server-closes-on-unmasked";
const CLEANLY: &str = "rfc6455/7.1.1/tcp-closed-cleanly";
const PARSED: &str = "rfc6455/6.2/incoming-parsed-as-frames";
const PONG_ECHOES: &str = "rfc6455/5.5.3/pong-echoes-application-data";
const PONG_SENT: &str = "rfc6455/5.5.2/pong-in-response";
const RSV1: &str = "rfc7692/6.1/rsv1-only-on-first-frame";
const TCP_CLOSED: &str = "rfc6455/5.5.1/close-tcp-after-closing-handshake";
const UNMASKED: &str = "rfc6455/5.1/server-does-not-mask";

/// A quirk, how the ids of instances begin, the requirement that each of them names first where it does not pass, and a
/// part of what it says was observed.
const TABLE: &[(&str, &str, &str, &str)] = &[
    // TCP that stays open is one fault: at a Close of the case, at the closing handshake that was added to it, and where
    // the connection is failed.
    ("tcp-kept-after-close", "closing/codes/defined", TCP_CLOSED, "then the connection stayed open"),
    (
        "tcp-kept-after-close",
        "control/ping/burst",
        TCP_CLOSED,
        "Close (1000), then the connection stayed open",
    ),
    ("fail-keeps-tcp", "framing/reserved-opcodes", TCP_CLOSED, "then the connection stayed open"),
    ("close-ignored", "control/ping/burst", CLOSE_ANSWERED, "silence"),
    // A pong with other octets is a wrong pong, and not a missing one.
    ("mask-control-left", "control/ping/payload", PONG_ECHOES, "the ping's payload as it was masked"),
    ("pong-with-deflate-tail", "deflate/fragments/control-frames-between", PONG_ECHOES, "then silence"),
    ("pong-without-last-octet", "control/ping/payload", PONG_ECHOES, "pong of"),
    ("no-pong", "control/ping/payload", PONG_SENT, "silence"),
    // What a monitor finds in the frame explains what the step missed.
    ("deflate-pong", "deflate/fragments/control-frames-between", RSV1, "RSV1 set in a pong"),
    ("deflate-pong", "deflate/fragments/frames-right-after", RSV1, "RSV1 set in a pong"),
    ("close-reply-1006", "control/ping/burst", "rfc6455/7.4.1/1006-not-sent", "Close (1006)"),
    ("server-masks-close-in-clear", "closing/codes/", UNMASKED, "a masked close frame"),
    ("server-masks-close-in-clear", "control/ping/burst", UNMASKED, "a masked close frame"),
    ("server-masks-close-in-clear", "framing/reserved-opcodes", UNMASKED, "a masked close frame"),
    // Only a Close with 1007 says that text is not UTF-8.
    ("message-cut-at-nul", "text/valid/", PARSED, "message"),
    ("refuse-text-with-nul", "text/valid/", "rfc6455/5.6/text-is-utf8", "Close (1007)"),
    ("accept-unmasked", "masking/direction/", CLOSED_ON_UNMASKED, ""),
    // §7.1.1 asks for an orderly end, and says SHOULD.
    ("tcp-reset-with-unread-octets", "closing/frames-after-close/in-the-same-write", CLEANLY, "a reset"),
    ("tcp-reset-after-close", "control/ping/burst", CLEANLY, "a reset"),
];

fn instances(begins: &str, role: Role) -> impl Iterator<Item = &'static Instance> {
    let all = embedded::library().cases.iter().flat_map(|case| &case.instances);
    all.filter(move |instance| instance.role == role && instance.id.as_str().starts_with(begins))
}

fn verdict(instance: &Instance, differ: impl Fn(&mut Config), link: Link) -> Verdict {
    let mut config = reference::config(instance.role);
    differ(&mut config);
    let transcript = reference::play(instance, &PlayConfig::new("localhost"), config, link);
    oracle::judge(instance, &transcript, embedded::catalogue())
}

fn first(verdict: &Verdict) -> (&str, String) {
    let failure = verdict.failure.as_ref();
    failure
        .map_or(("", String::new()), |failure| (failure.requirement.as_str(), failure.observed.to_string()))
}

/// The table holds, however TCP cuts the octets.
#[test]
fn the_right_requirement_is_named_first() {
    let mut wrong = Vec::new();
    for (name, begins, requirement, observed) in TABLE {
        let quirk = quirk(name);
        let mut deviating = 0;
        let roles =
            [Role::Server, Role::Client].into_iter().filter(|role| quirk.info().roles.contains(*role));
        for instance in roles.flat_map(|role| instances(begins, role)).filter(|instance| !instance.info) {
            for link in [Link::Direct, Link::Shaken(1), Link::Shaken(2)] {
                let verdict = verdict(instance, |config| quirk.install(config), link);
                if !matches!(verdict.kind, VerdictKind::Fail | VerdictKind::Lenient) {
                    continue;
                }
                deviating += 1;
                let (named, seen) = first(&verdict);
                if named != *requirement || !seen.contains(observed) {
                    wrong.push(format!("{name} at {} over {link:?}: {named}, {seen}", instance.id));
                }
            }
        }
        if deviating == 0 {
            wrong.push(format!("{name} shows nowhere in {begins}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// §5.5.1: the answer to a Close "typically echos" its code. Another one is as good, and passes everything; one that
/// reports an error is tolerated at the most.
#[test]
fn any_legal_code_answers_a_close() {
    let mut wrong = Vec::new();
    for (name, worst) in [
        ("close-reply-1011", VerdictKind::Pass),
        ("close-reply-4000", VerdictKind::Pass),
        ("close-reply-1002", VerdictKind::Lenient),
    ] {
        let variant: Variant = name.parse().expect("a variant of that name");
        for role in [Role::Server, Role::Client] {
            for area in ["closing/", "masking/", "control/ping/", "fragmentation/control-frames/"] {
                for instance in instances(area, role).filter(|instance| !instance.info) {
                    let verdict = verdict(instance, |config| variant.install(config), Link::Direct);
                    if verdict.kind > worst && verdict.kind != VerdictKind::Inapplicable {
                        wrong.push(format!(
                            "{name}: {} {}: {:?}",
                            verdict.kind,
                            instance.id,
                            first(&verdict)
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A fault of the closing handshake that was added to a case is that fault, and what the case is about stays shown.
#[test]
fn what_a_play_has_shown_stays_shown() {
    for name in ["tcp-kept-after-close", "close-ignored", "close-not-answered", "close-reply-1006"] {
        let quirk = quirk(name);
        for instance in instances("control/ping/payload", Role::Server) {
            let verdict = verdict(instance, |config| quirk.install(config), Link::Direct);
            assert_eq!(verdict.kind, VerdictKind::Fail, "{name} {}", instance.id);
            assert_eq!(verdict.failures().count(), 1, "{name} {}: {verdict:?}", instance.id);
            let shown = |id| verdict.met.iter().any(|met| met == id);
            assert!(instance.verifies.iter().all(shown), "{name} {}: {:?}", instance.id, verdict.met);
        }
    }
}
