//! Stored runs that are made up: every verdict, every kind of deviation.

use std::collections::BTreeMap;
use wsgauntlet::embedded;
use wsgauntlet::report::StoredRun;
use wsgauntlet::report::stored::{
    SCHEMA, Selection, StoredDefect, StoredExpected, StoredFailure, StoredGrade, StoredGrades,
    StoredInstance, StoredObserved, StoredTarget, StoredValues, Suite, Summary,
};
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_suite::requirement::Level;
use wsgauntlet_wire::Role;

pub const MASKED: &str = "rfc6455/5.1/server-closes-on-unmasked";
pub const OTHER: &str = "rfc6455/5.5.2/pong-in-response";

/// An instance that passed.
pub fn pass(case: &str, params: &str) -> StoredInstance {
    StoredInstance {
        id: format!("{case}{params}@server+h1"),
        case: case.to_owned(),
        doc: "A frame whose MASK bit is wrong for its sender's role ends the connection.".to_owned(),
        aliases: Vec::new(),
        level: Level::Must,
        requirements: vec![MASKED.to_owned()],
        verdict: VerdictKind::Pass,
        reference: Some(VerdictKind::Pass),
        reason: None,
        failure: None,
        others: Vec::new(),
        met: vec![MASKED.to_owned()],
        accepted: None,
        plays: 1,
        duration_us: 1500,
        waited_ms: None,
        close_code: Some(1002),
        evidence: Vec::new(),
        application: None,
        transcript: Vec::new(),
        reference_transcript: Vec::new(),
    }
}

/// The fingerprint of the failure with that cause.
pub fn fingerprint(cause: u8) -> String {
    format!("v2 {MASKED} fail cause-{cause}")
}

fn values() -> StoredValues {
    let outcomes = vec!["fail:1002".to_owned()];
    StoredValues {
        expected: StoredExpected { kind: "outcomes".to_owned(), outcomes },
        observed: StoredObserved {
            kind: "message".to_owned(),
            opcode: Some("text".to_owned()),
            ..StoredObserved::default()
        },
    }
}

/// An instance that deviates; `cause` tells failures apart.
pub fn deviating(verdict: VerdictKind, case: &str, params: &str, cause: u8) -> StoredInstance {
    StoredInstance {
        verdict,
        met: Vec::new(),
        failure: Some(StoredFailure {
            step: Some(1),
            monitor: None,
            place: Some("fail".to_owned()),
            requirement: MASKED.to_owned(),
            expected: "Close 1002, then the end of the connection (allowed: the end without a Close)"
                .to_owned(),
            observed: format!("text message of 5 octets \"a|b<c\", cause {cause}"),
            values: Some(values()),
            fingerprint: fingerprint(cause),
            fingerprint_v1: Some(format!("{cause:016x}")),
            tolerated: false,
        }),
        plays: 2,
        duration_us: 2_000_000,
        close_code: None,
        transcript: vec![
            "> GET / HTTP/1.1".to_owned(),
            "< HTTP/1.1 101 Switching Protocols".to_owned(),
            "> text  81 05 | 61 7c 62 3c 63  5 octets, \"a|b<c\"".to_owned(),
            "< text  81 05 | 61 7c 62 3c 63  5 octets, \"a|b<c\"".to_owned(),
            "- silence until the deadline, 2000 ms".to_owned(),
        ],
        reference_transcript: vec![
            "> GET / HTTP/1.1".to_owned(),
            "< HTTP/1.1 101 Switching Protocols".to_owned(),
            "> text  81 05 | 61 7c 62 3c 63  5 octets, \"a|b<c\"".to_owned(),
            "< close  88 02 | 03 ea  2 octets, 1002".to_owned(),
            "< end of the connection".to_owned(),
        ],
        ..pass(case, params)
    }
}

/// An instance of which nothing can be said.
pub fn unplayed(verdict: VerdictKind, case: &str, reason: &str) -> StoredInstance {
    StoredInstance {
        verdict,
        met: Vec::new(),
        reason: Some(reason.to_owned()),
        close_code: None,
        duration_us: 0,
        ..pass(case, "")
    }
}

/// A run of these instances.
pub fn run_of(instances: Vec<StoredInstance>) -> StoredRun {
    let mut cases: Vec<&str> = instances.iter().map(|instance| instance.case.as_str()).collect();
    cases.sort_unstable();
    cases.dedup();
    let run = StoredRun {
        schema: SCHEMA.to_owned(),
        suite: Suite { version: "0.1.0".to_owned(), cases: cases.len(), instances: instances.len() },
        target: StoredTarget {
            role: Role::Server,
            name: "echo & co".to_owned(),
            url: "ws://127.0.0.1:9001/".to_owned(),
            built_in: false,
            again: None,
            capabilities: BTreeMap::from([
                ("echo".to_owned(), true),
                ("permessage-deflate".to_owned(), false),
            ]),
            overlooked: Vec::new(),
            remarks: Vec::new(),
        },
        summary: Summary { duration_ms: 1234, ..Summary::default() },
        started: Some("2026-01-02T03:04:05Z".to_owned()),
        seed: 1,
        jobs: 32,
        selection: Selection { profile: "default".to_owned(), ..Selection::default() },
        timeout_ms: None,
        interrupted: None,
        unfinished: false,
        deaths: Vec::new(),
        crashes: Vec::new(),
        features: BTreeMap::new(),
        defects: None,
        grades: None,
        gate: None,
        requirements: BTreeMap::new(),
        instances,
    };
    // Reading it back puts the requirements' sentences in.
    let text = serde_json::to_string(&run).expect("a run");
    let mut run = StoredRun::parse(&text, embedded::catalogue()).expect("a run");
    run.summarise();
    run
}

/// The same run with its defect and a grade, as a diagnosis leaves them.
pub fn diagnosed(mut run: StoredRun) -> StoredRun {
    let instances = run.instances.iter().filter(|one| one.case == "masking/direction/wrong");
    run.defects = Some(vec![StoredDefect {
        id: "accept-unmasked".to_owned(),
        title: "Does not check that client frames are masked".to_owned(),
        severity: "security".to_owned(),
        allows: "D".to_owned(),
        explained: true,
        instances: instances.map(|one| one.id.clone()).collect(),
        ..StoredDefect::default()
    }]);
    let grade = StoredGrade {
        grade: "D".to_owned(),
        held_by: vec!["accept-unmasked".to_owned()],
        when_mended: "A+".to_owned(),
    };
    run.grades = Some(StoredGrades {
        overall: grade.clone(),
        opening: StoredGrade { grade: "A+".to_owned(), ..StoredGrade::default() },
        protocol: grade,
        standing: None,
        field: None,
    });
    run.summarise();
    run
}

/// One instance of every verdict, and two of one cause.
pub fn every_verdict() -> StoredRun {
    let mut flaky = deviating(VerdictKind::Flaky, "closing/codes/echoed", "[code=1001]", 4);
    flaky.reason = Some("played three times: fail (x); pass; pass".to_owned());
    let mut info = deviating(VerdictKind::Info, "opening/version/two", "", 5);
    info.level = Level::May;
    let mut aliased = pass("control/ping/simple", "");
    aliased.aliases = vec!["2.1".to_owned(), "2.2".to_owned()];
    aliased.requirements = vec![OTHER.to_owned()];
    aliased.met = vec![OTHER.to_owned()];
    run_of(vec![
        aliased,
        deviating(VerdictKind::Lenient, "closing/codes/code", "", 3),
        flaky,
        deviating(VerdictKind::Fail, "masking/direction/wrong", "[len=5]", 1),
        deviating(VerdictKind::Fail, "masking/direction/wrong", "[len=6]", 1),
        deviating(VerdictKind::Fail, "masking/direction/zero", "", 2),
        info,
        unplayed(VerdictKind::Inapplicable, "deflate/offer/none", "needs permessage-deflate"),
        unplayed(VerdictKind::Blocked, "limits/frames/huge", "cannot connect: refused"),
        unplayed(VerdictKind::Error, "limits/frames/many", "the play ended before the script was decided"),
    ])
}
