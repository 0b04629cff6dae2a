//! The diagnosis: its index is fresh, it names known sets of quirks, in memory and live, and says what it cannot explain.
//! Samples here; `wsgauntlet diagnose --prove FILE` plays the whole.

use wsgauntlet::diagnosis::difference::Difference;
use wsgauntlet::diagnosis::index::{self, Index};
use wsgauntlet::diagnosis::proof::{self, Figures};
use wsgauntlet::diagnosis::shape::class;
use wsgauntlet::diagnosis::workbench::{NOT_COMBINED, Workbench};
use wsgauntlet::diagnosis::{Also, Diagnosis, INDEX, diagnose, dictionary, print, recognise};
use wsgauntlet::report::StoredRun;
use wsgauntlet::runner::reference;
use wsgauntlet::runner::serve::ReferenceServer;
use wsgauntlet::{Audit, embedded};
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_suite::transcript::Capabilities;
use wsgauntlet_wire::Role;

const ROLES: [Role; 2] = [Role::Server, Role::Client];

fn bench(role: Role) -> Workbench<'static> {
    Workbench::new(embedded::library(), role, Capabilities::FULL)
}

fn index(bench: &Workbench<'_>) -> Index {
    Index::parse(INDEX, bench.role, &bench.instances).expect("the index is about these cases")
}

fn quirk(name: &str) -> Difference {
    Difference::Quirk(name.parse().expect("a quirk"))
}

/// The stored index says of a sample of quirks and variants what playing them says. If a case, a quirk or a judgement changes,
/// write it anew: `wsgauntlet diagnose --write-index src/diagnosis/index.txt`.
#[test]
fn the_index_is_fresh() {
    const EACH: usize = 61;
    for role in ROLES {
        let bench = bench(role);
        let stored = index(&bench);
        assert_eq!(stored.rows.len(), Difference::all(role).count(), "a row for each difference");
        let bases: Vec<_> =
            (0..bench.instances.len()).map(|instance| dictionary::base(&bench, instance)).collect();
        for row in stored.rows.iter().step_by(EACH) {
            let mut fresh = stored.clone();
            fresh.add(row.difference, &dictionary::row(&bench, &bases, row.difference));
            let cells = &fresh.rows[fresh.rows.len() - 1].cells;
            let differing = cells.iter().zip(&row.cells).find(|(fresh, stored)| fresh != stored);
            assert!(
                cells == &row.cells,
                "{} ({role}): {} cells, stored {}; first {differing:?}",
                row.difference,
                cells.len(),
                row.cells.len()
            );
        }
    }
}

/// What is read is what was written.
#[test]
fn the_index_survives_reading() {
    let roles: Vec<String> =
        ROLES.iter().map(|role| index(&bench(*role)).render(*role, &bench(*role).instances)).collect();
    assert!(index::render(&roles) == INDEX, "render(parse(index)) differs");
}

/// Other cases than those of the index are noticed.
#[test]
fn an_index_of_other_cases_is_refused() {
    let bench = bench(Role::Server);
    let fewer = &bench.instances[1..];
    let error = Index::parse(INDEX, Role::Server, fewer).expect_err("one instance less");
    assert!(error.to_string().contains("--write-index"), "{error}");
}

/// Every quirk of a sample is named when it is alone, and of some random sets of two to six nearly every one.
/// reports/diagnosis.txt has the figures of more sets, and those that are named otherwise.
#[test]
fn known_sets_are_named() {
    const SEEDS: std::ops::Range<u64> = 40..44;
    const SINGLES_EACH: usize = 71;
    for role in ROLES {
        let bench = bench(role);
        let index = index(&bench);
        let named = |sets: Vec<Vec<Difference>>| {
            let proven: Vec<_> = sets.iter().map(|set| proof::prove(&bench, &index, set)).collect();
            Figures::of(&proven)
        };
        let alone = named(proof::singles(role).into_iter().step_by(SINGLES_EACH).collect());
        assert_eq!((alone.missed, alone.extra), (0, 0), "{role}: {alone:?}");
        let random = named(SEEDS.map(|seed| proof::random_set(role, seed)).collect());
        assert!(random.recall() >= 0.95 && random.precision() >= 0.95, "{role}: {random:?}");
        assert!(random.quirks - random.hidden > 9, "{role}: {random:?}");
    }
}

/// Faults change instances together that none of them changes alone, and hide each other's deviations: these sets are named exactly
/// only because every instance is played with the whole set.
#[test]
fn faults_that_act_together_are_named() {
    let bench = bench(Role::Server);
    for set in
        [["fail-hangs", "mask-tail-left"], ["fragments-sent-interleaved", "inflate-cut-short-accepted"]]
    {
        let set = set.map(quirk);
        let proven = proof::prove(&bench, &index(&bench), &set);
        assert_eq!(proven.named, set, "{proven:?}");
        assert!(proven.extra.is_empty(), "{proven:?}");
    }
}

/// A quirk beside one that ends every connection at once changes nothing, and is not missed.
#[test]
fn hidden_quirks_are_excused() {
    let bench = bench(Role::Server);
    let proven =
        proof::prove(&bench, &index(&bench), &[quirk("tcp-closed-at-once"), quirk("accept-close-code-1005")]);
    assert_eq!(proven.hidden, [quirk("accept-close-code-1005")]);
    assert!(proven.missed.is_empty() && proven.extra.is_empty(), "{proven:?}");
}

/// Audits the reference with these quirks, live.
async fn audit(quirks: &[&str]) -> StoredRun {
    let mut config = reference::config(Role::Server);
    for name in quirks {
        name.parse::<Quirk>().expect("a quirk").install(&mut config);
    }
    let server = ReferenceServer::bind("127.0.0.1:0", config, None).await.expect("a free port");
    let url = format!("ws://{}", server.address);
    tokio::spawn(server.serve());
    Audit::server(url).run().await.expect("an audit").run().clone()
}

fn explained(diagnosis: &Diagnosis) -> Vec<&str> {
    let explained = diagnosis.defects.iter().filter(|defect| defect.is_explained());
    let mut ids: Vec<&str> = explained.map(|defect| defect.id.as_str()).collect();
    ids.sort_unstable();
    ids
}

/// A live target with four quirks is diagnosed with these, all of its deviations are explained, and the model is exact. Then
/// a deviation that no quirk shows is put in: it is listed as not explained, under an id of its own.
#[tokio::test]
async fn a_live_target_is_diagnosed() {
    let quirks =
        ["accept-close-code-1005", "accept-host-absent", "accept-unmasked", "accept-version-numeric"];
    let mut run = audit(&quirks).await;
    let diagnosis = diagnose(&run, embedded::library(), INDEX).expect("a diagnosis");
    assert_eq!(explained(&diagnosis), quirks);
    assert_eq!(diagnosis.unexplained, 0);
    assert!(diagnosis.deviating > 40, "{}", diagnosis.deviating);
    assert_eq!(diagnosis.model.same_verdict, diagnosis.model.decided);
    let unmasked =
        diagnosis.defects.iter().find(|defect| defect.id == "accept-unmasked").expect("it is explained");
    assert_eq!(unmasked.agreement.seen, unmasked.instances.len());
    assert_eq!(unmasked.agreement.not_seen, 0);
    assert!(unmasked.instances.contains(&unmasked.smallest));
    assert!(unmasked.requirements[0].quote.contains("mask"), "{:?}", unmasked.requirements[0]);

    let donor = run
        .instances
        .iter()
        .find(|instance| instance.verdict == VerdictKind::Fail)
        .cloned()
        .expect("a failure");
    let victim = run
        .instances
        .iter_mut()
        .find(|instance| instance.verdict == VerdictKind::Pass && instance.id.starts_with("control/ping/"))
        .expect("a ping that is answered");
    (victim.verdict, victim.failure) = (VerdictKind::Fail, donor.failure);
    let failure = victim.failure.as_mut().expect("it has one");
    failure.requirement = "rfc6455/5.5.2/pong-in-response".to_owned();
    failure.observed = "sunshine of 5 octets".to_owned();
    failure.fingerprint = "v2 rfc6455/5.5.2/pong-in-response reply sunshine".to_owned();
    let diagnosis = diagnose(&run, embedded::library(), INDEX).expect("a diagnosis");
    assert_eq!(explained(&diagnosis), quirks);
    assert_eq!(diagnosis.unexplained, 1);
    let new = diagnosis.defects.iter().find(|defect| !defect.is_explained()).expect("the new one");
    assert_eq!(new.id, "rfc6455/5.5.2/pong-in-response@sunshine");
    known_defects_are_recognised_in_a_part(&run, &diagnosis);
    let standing = diagnosis.standing.expect("the whole suite was played");
    assert!(standing.of > 50 && standing.better_than > standing.of / 2, "{standing:?}");
    assert!(diagnosis.standing_in.iter().any(|(area, _)| area == "opening"), "{:?}", diagnosis.standing_in);
    let also = unmasked_also(&diagnosis);
    assert!(also.having > 0 && also.having < also.of, "{also:?}");
    assert_eq!(diagnosis.outside, 0);
    run.instances[0].id = "own/suite/case@server+h1".to_owned();
    assert_eq!(diagnose(&run, embedded::library(), INDEX).expect("a diagnosis").outside, 1);
    let text = print::render("a target", &diagnosis, true);
    assert!(text.starts_with("a target: grade "), "{text}");
    assert!(text.contains("Without a known cause (1 instance):"), "{text}");
}

/// A server whose every opening is wrong is audited by a client that overlooks that. The fault is named all the same, though most
/// instances do not show it, and so is the fault of its frames.
#[tokio::test]
async fn overlooked_openings_are_named() {
    for opening in ["101-without-upgrade", "accept-constant"] {
        let run = audit(&[opening, "accept-unmasked"]).await;
        assert_eq!(run.target.overlooked.len(), 1, "{opening}: {:?}", run.target.overlooked);
        let diagnosis = diagnose(&run, embedded::library(), INDEX).expect("a diagnosis");
        assert_eq!(explained(&diagnosis), [opening, "accept-unmasked"], "{:?}", diagnosis.defects);
        assert_eq!(diagnosis.unexplained, 0, "{opening}: {:?}", diagnosis.defects);
        assert_eq!(diagnosis.model.same_verdict, diagnosis.model.decided);
    }
}

/// A part of the suite cannot be diagnosed, but shows each defect in the instances in which the whole suite shows it.
fn known_defects_are_recognised_in_a_part(run: &StoredRun, whole: &Diagnosis) {
    let mut part = run.clone();
    let in_part = |id: &str| !id.starts_with("opening/") && !id.contains("[1");
    part.instances.retain(|instance| in_part(&instance.id));
    let ids: Vec<&str> = whole.defects.iter().map(|defect| defect.id.as_str()).collect();
    let shown = recognise(&part, &ids);
    for defect in &whole.defects {
        let instances: Vec<&String> = defect.instances.iter().filter(|id| in_part(id)).collect();
        assert_eq!(shown[&defect.id].iter().collect::<Vec<_>>(), instances, "{}", defect.id);
    }
    assert!(shown["accept-unmasked"].len() > 10);
    assert!(
        recognise(&part, &["refuse-upgrade-list"])["refuse-upgrade-list"].is_empty(),
        "the target has no such defect"
    );
}

fn unmasked_also(diagnosis: &Diagnosis) -> Also {
    let unmasked = diagnosis.defects.iter().find(|defect| defect.id == "accept-unmasked");
    unmasked.and_then(|defect| defect.also).expect("its cases were audited")
}

/// Numbers and quoted texts do not make another class; status classes do.
#[test]
fn classes_are_coarse() {
    let prefix = "v2 rfc6455/5.1/server-closes-on-unmasked fail";
    for (structure, expected) in [
        ("response:101+no-upgrade", "response:101"),
        ("response:426", "response:4xx"),
        ("message:text+compressed", "message:text"),
        ("close:1002+stays-open", "close"),
        ("end+no-close", "end"),
    ] {
        assert_eq!(class(&format!("{prefix} {structure}")), expected, "{structure}");
    }
    assert_eq!(class("0123456789abcdef"), "", "a fingerprint of version 1 has no structure");
}

/// The reference can have any quirks together: none of them takes for granted what another has left. Fails if a quirk indexes a
/// payload by a length that is not its own, as `send-pong-within-frame` did after `send-header-only`.
#[test]
fn any_quirks_can_be_combined() {
    const SETS: u64 = 400;
    const EACH: usize = 61;
    for role in ROLES {
        let bench = bench(role);
        let play = |instance: usize, set: &[Difference]| {
            let verdict = bench.play(instance, set);
            let panicked = verdict.reason.as_deref() == Some(NOT_COMBINED);
            assert!(!panicked, "{role} {} {set:?}", bench.instances[instance].id);
        };
        let together = ["send-header-only", "send-pong-within-frame"].map(quirk);
        (0..bench.instances.len()).step_by(3).for_each(|instance| play(instance, &together));
        for seed in 0..SETS {
            let set = proof::random_set(role, seed);
            (seed as usize % EACH..bench.instances.len())
                .step_by(EACH)
                .for_each(|instance| play(instance, &set));
        }
    }
}
