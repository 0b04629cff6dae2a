//! Baselines: every way in which a gate is shut, and the file written anew.

use super::fixture::{deviating, every_verdict, fingerprint, pass, run_of, unplayed};
use toml::value::Date;
use wsgauntlet::report::StoredRun;
use wsgauntlet::report::baseline::{self, Baseline, GateStatus, Manner, Subject};
use wsgauntlet::report::stored::StoredInstance;
use wsgauntlet_suite::oracle::VerdictKind::{Blocked, Error, Fail, Flaky, Inapplicable, Lenient};

const TODAY: Date = Date { year: 2026, month: 5, day: 17 };
const CASE: &str = "masking/direction/wrong";

fn load(text: &str) -> Baseline {
    baseline::load("known.toml", text).expect("a baseline")
}

fn entry(subject: &str, more: &str) -> String {
    let key = if subject.contains(['*', ' ']) || !subject.contains('@') { "pattern" } else { "instance" };
    format!(
        "[[deviation]]\n{key} = \"{subject}\"\nverdict = \"fail\"\nfingerprint = \"{}\"\nreason = \"known\"\n{more}\n",
        fingerprint(1)
    )
}

/// The gate's status and lines.
fn gate(run: &mut StoredRun, baseline: &str, strict: bool) -> (GateStatus, Vec<String>) {
    let baseline = load(baseline);
    let exists = |subject: &Subject| subject.to_string().starts_with("volume/");
    let status = baseline::judge(run, Some(&baseline), strict, TODAY, &exists);
    let gate = run.gate.clone().expect("a gate");
    assert_eq!(gate.status, status.code());
    (
        status,
        gate.lines
            .iter()
            .map(|line| format!("{}: {}: {}", line.kind.as_str(), line.subject, line.text))
            .collect(),
    )
}

fn gate_of(instances: Vec<StoredInstance>, baseline: &str) -> (GateStatus, Vec<String>) {
    gate(&mut run_of(instances), baseline, false)
}

/// One line for each kind of reason, and its status.
#[test]
fn every_reason_has_its_line() {
    let wrong = || deviating(Fail, CASE, "[len=5]", 1);
    let id = &wrong().id;
    for (instances, baseline, status, line) in [
        (vec![wrong()], entry(id, ""), GateStatus::Good, ""),
        (vec![wrong()], entry("masking/direction/wrong[len=5]", ""), GateStatus::Good, ""),
        (vec![wrong()], entry(id, "expires = \"2026-05-17\""), GateStatus::Good, ""),
        (
            vec![wrong()],
            String::new(),
            GateStatus::Worse,
            "new: masking/direction/wrong[len=5]@server+h1: fail, text message",
        ),
        (vec![deviating(Fail, CASE, "[len=5]", 2)], entry(id, ""), GateStatus::Worse, "changed: masking/"),
        (
            vec![deviating(Fail, CASE, "[len=5]", 2)],
            entry(id, "flaky = true"),
            GateStatus::Worse,
            "changed: masking/",
        ),
        (vec![deviating(Flaky, CASE, "[len=5]", 1)], entry(id, ""), GateStatus::Worse, "changed: masking/"),
        (vec![deviating(Flaky, CASE, "[len=5]", 1)], entry(id, "flaky = true"), GateStatus::Good, ""),
        (
            vec![pass(CASE, "[len=5]")],
            entry(id, ""),
            GateStatus::Stale,
            "passes: masking/direction/wrong[len=5]@server+h1 (known.toml:1): it is pass now",
        ),
        (vec![pass(CASE, "[len=5]")], entry(id, "flaky = true"), GateStatus::Good, ""),
        (vec![deviating(Lenient, CASE, "[len=5]", 1)], entry(id, ""), GateStatus::Stale, "passes: masking/"),
        (vec![pass("a/b/c", "")], entry(id, ""), GateStatus::Stale, "matches nothing: "),
        (vec![pass("a/b/c", "")], entry("volume/big", ""), GateStatus::Good, ""),
        (vec![wrong()], entry(id, "expires = \"2026-05-16\""), GateStatus::Stale, "expired: "),
        (vec![wrong()], entry(id, "expires = 2026-05-16"), GateStatus::Stale, "expired: "),
        (
            vec![wrong(), pass(CASE, "[len=6]")],
            entry("masking/**", ""),
            GateStatus::Stale,
            "passes: masking/** (known.toml:1): 1 of 2 instances do not",
        ),
        (
            vec![wrong(), unplayed(Inapplicable, "masking/a/b", "no")],
            entry("masking/**", ""),
            GateStatus::Good,
            "",
        ),
        (
            vec![wrong()],
            entry(id, "") + &entry("masking/**", "").replace(&fingerprint(1), &fingerprint(2)),
            GateStatus::Stale,
            "matches nothing: masking/** (known.toml:7): no instance deviates so",
        ),
        (
            vec![unplayed(Inapplicable, CASE, "no echo")],
            String::new(),
            GateStatus::Target,
            "nothing judged: ",
        ),
        (
            vec![unplayed(Inapplicable, CASE, "no echo"), unplayed(Error, CASE, "bug")],
            String::new(),
            GateStatus::Harness,
            "error: masking/direction/wrong@server+h1: bug",
        ),
        (
            vec![unplayed(Error, CASE, "bug")],
            entry("masking/**", ""),
            GateStatus::Harness,
            "error: masking/direction/wrong@server+h1: bug",
        ),
        (
            vec![unplayed(Blocked, CASE, "refused")],
            entry("masking/**", ""),
            GateStatus::Target,
            "blocked: masking/",
        ),
    ] {
        let (seen, lines) = gate_of(instances, &baseline);
        assert_eq!(seen, status, "{baseline}{lines:?}");
        if line.is_empty() {
            assert!(lines.is_empty(), "{baseline}{lines:?}");
        } else {
            assert!(lines.len() == 1 && lines[0].starts_with(line), "{baseline}{lines:?}");
        }
    }
}

/// Twenty are accepted, twenty-one are too many.
#[test]
fn a_broad_entry_is_refused() {
    let many =
        |count: usize| (0..count).map(|len| deviating(Fail, CASE, &format!("[len={len}]"), 1)).collect();
    assert_eq!(gate_of(many(20), &entry("masking/**", "")), (GateStatus::Good, Vec::new()));
    let (status, lines) = gate_of(many(21), &entry("masking/**", ""));
    assert_eq!(status, GateStatus::Stale);
    assert_eq!(lines, ["too broad: masking/** (known.toml:1): it names 21 instances, 20 at most"]);
}

/// Under --strict a lenient verdict is a deviation like others; else it needs no entry.
#[test]
fn strictness() {
    let mut run = run_of(vec![deviating(Lenient, CASE, "", 1)]);
    assert_eq!(gate(&mut run, "", false).0, GateStatus::Good);
    assert_eq!(gate(&mut run, "", true).0, GateStatus::Worse);
    let listed = entry(&format!("{CASE}@server+h1"), "").replace("\"fail\"", "\"lenient\"");
    for strict in [false, true] {
        assert_eq!(gate(&mut run, &listed, strict).0, GateStatus::Good, "{strict}");
        assert_eq!(run.instances[0].accepted.as_deref(), Some("known"));
    }
}

/// An error of set-up satisfies no entry, and cannot be listed. All mistakes are told at once.
#[test]
fn mistakes() {
    let text = format!(
        "{}{}",
        entry("a@x", "colour = \"red\""),
        r#"
[[deviation]]
instance = "a"
verdict = "blocked"
fingerprint = "0000000000000001"
reason = "x"
[[deviation]]
instance = "a"
pattern = "b"
verdict = "fail"
reason = "x"
[[deviation]]
pattern = "b"
verdict = "fail"
reason = " "
[[deviation]]
pattern = "b"
verdict = "fial"
reason = "x"
[[deviation]]
pattern = "b"
verdict = "fail"
reason = "x"
[[deviation]]
pattern = "b"
verdict = "flaky"
reason = "x"
expires = "2026-02-30"
"#
    ) + "\n[other]\n";
    let mistakes = baseline::load("known.toml", &text).expect_err("mistakes");
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

/// What an update writes is accepted by the gate at once, and updating again changes nothing.
#[test]
fn adoption_is_one_update() {
    let mut run = every_verdict();
    run.instances.retain(|instance| !matches!(instance.verdict, Blocked | Error));
    let made =
        baseline::update("", &Baseline::default(), &run, true, (Manner::Deviations, "as found"), &|_| false)
            .expect("an update");
    insta::assert_snapshot!(made.text);
    assert_eq!((made.added, made.kept, made.changed, made.removed), (4, 0, 0, 0));
    assert_eq!(gate(&mut run, &made.text, true), (GateStatus::Good, Vec::new()));
    let again = baseline::update(
        &made.text,
        &load(&made.text),
        &run,
        true,
        (Manner::Deviations, "as found"),
        &|_| false,
    )
    .expect("an update");
    assert_eq!(again.text, made.text);
}

/// Comments and reasons stay, what does not hold goes, and what is new comes last.
#[test]
fn an_update_keeps_what_people_wrote() {
    let text = "\
# What we know of our server.

# fixed since
[[deviation]]
instance = \"a/b/fixed@server+h1\"
verdict = \"fail\"
fingerprint = \"v2 rfc6455/5.1/server-closes-on-unmasked fail cause-1\"
reason = \"gone\"

# the parser of 2019
[[deviation]]
instance = \"masking/direction/kept@server+h1\" # see the ticket
verdict = \"fail\"
fingerprint = \"v2 rfc6455/5.1/server-closes-on-unmasked fail cause-1\"
reason = \"kept\"
expires = \"2026-12-31\"

# fails in another way now
[[deviation]]
instance = \"masking/direction/changed@server+h1\"
verdict = \"fail\"
fingerprint = \"v2 rfc6455/5.1/server-closes-on-unmasked fail cause-9\" # of the first day
reason = \"stays\"

# one of two is fixed
[[deviation]]
pattern = \"masking/half/*\"
verdict = \"fail\"
fingerprint = \"v2 rfc6455/5.1/server-closes-on-unmasked fail cause-1\"
reason = \"half\"
link = \"https://example.org/1\"

[[deviation]]
pattern = \"volume/**\"
verdict = \"fail\"
fingerprint = \"v2 rfc6455/5.1/server-closes-on-unmasked fail cause-1\"
reason = \"not in this profile\"

# the end
";
    let mut run = run_of(vec![
        pass("a/b/fixed", ""),
        deviating(Fail, "masking/direction/kept", "", 1),
        deviating(Fail, "masking/direction/changed", "", 2),
        deviating(Fail, "masking/half/one", "", 1),
        pass("masking/half/two", ""),
        deviating(Fail, "masking/new/one", "", 7),
        deviating(Fail, "masking/new/every", "[a=1]", 7),
        deviating(Fail, "masking/new/every", "[a=2]", 7),
    ]);
    let exists = |subject: &Subject| subject.to_string().starts_with("volume/");
    let made = baseline::update(text, &load(text), &run, false, (Manner::Deviations, "new"), &exists)
        .expect("an update");
    assert_eq!((made.added, made.kept, made.changed, made.removed), (2, 2, 2, 1));
    assert_eq!(gate(&mut run, &made.text, false), (GateStatus::Good, Vec::new()));
    insta::assert_snapshot!(made.text);
}

/// An entry that another one makes needless goes; where both hold, both stay.
#[test]
fn an_update_drops_what_is_listed_twice() {
    let vain = entry("masking/**", "").replace(&fingerprint(1), &fingerprint(2));
    let text = entry(&format!("{CASE}@server+h1"), "") + &vain;
    let mut run = run_of(vec![deviating(Fail, CASE, "", 1)]);
    let update = |text: &str, run: &StoredRun| {
        baseline::update(text, &load(text), run, false, (Manner::Deviations, "new"), &|_| false)
            .expect("an update")
    };
    let made = update(&text, &run);
    assert_eq!((made.added, made.kept, made.changed, made.removed), (0, 1, 0, 1));
    assert_eq!(gate(&mut run, &made.text, false), (GateStatus::Good, Vec::new()));
    let both = run_of(vec![deviating(Fail, CASE, "", 1), deviating(Fail, CASE, "[n=1]", 2)]);
    assert_eq!(update(&text, &both).removed, 0);
}
