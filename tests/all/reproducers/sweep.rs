//! The programs agree with our verdicts: each exits with 1 against the reference with a quirk that its instance notices, and with 0
//! against the reference without it.
//!
//! By default a sample is run: one instance in each area and role and a few more, over all of them in turn. `REPRODUCERS=all`
//! runs every instance of the default profile (`ci/reproducers`), and prints the figures.

use super::stage::{Answer, has, reproduce, run, serve};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use wsgauntlet::diagnosis::INDEX;
use wsgauntlet::diagnosis::difference::Difference;
use wsgauntlet::diagnosis::index::Index;
use wsgauntlet::diagnosis::workbench::Workbench;
use wsgauntlet::embedded;
use wsgauntlet::reproducer::Form;
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_suite::transcript::Capabilities;
use wsgauntlet_wire::Role;

/// Programs at once.
const JOBS: usize = 4;

/// Instances of the sample in each area and role.
const PER_AREA: usize = 3;

/// How long a program waits, the second one if the first disagrees: the machine may have been busy.
const DEADLINES: [Duration; 2] = [Duration::from_millis(1000), Duration::from_millis(6000)];

/// An instance, and a quirk that it notices.
type Pair = (Instance, Quirk);

/// What came of a pair.
enum Came {
    Agrees,
    Inexpressible(String),
    /// In memory the quirk changes no verdict to a failure.
    NotNoticed,
    Disagrees(String),
}

/// Each instance of a role with one of the quirks that it notices: not always the first, but in turn.
fn pairs(role: Role) -> Vec<Pair> {
    let bench = Workbench::new(embedded::library(), role, Capabilities::FULL);
    let index = Index::parse(INDEX, role, &bench.instances).expect("the index of this release");
    let mut quirks: BTreeMap<u32, Vec<Quirk>> = BTreeMap::new();
    for row in &index.rows {
        let Difference::Quirk(quirk) = row.difference else { continue };
        for (instance, shape) in &row.cells {
            let kind = index.shapes.shape(*shape).kind;
            if matches!(kind, VerdictKind::Fail | VerdictKind::Lenient) {
                quirks.entry(*instance).or_default().push(quirk);
            }
        }
    }
    let pair = |(place, quirks): (u32, Vec<Quirk>)| {
        // A prime step, so that neighbours get quirks that are far from each other.
        let quirk = quirks[(place as usize * 7919) % quirks.len()];
        (bench.instances[place as usize].clone(), quirk)
    };
    quirks.into_iter().map(pair).collect()
}

/// Instances from all places of each area.
fn sampled(pairs: Vec<Pair>) -> Vec<Pair> {
    let mut areas: BTreeMap<String, Vec<Pair>> = BTreeMap::new();
    for pair in pairs {
        let area = pair.0.case.split('/').next().unwrap_or_default().to_owned();
        areas.entry(area).or_default().push(pair);
    }
    let spread = |pairs: Vec<Pair>| {
        let step = (pairs.len() / PER_AREA).max(1);
        pairs.into_iter().step_by(step).take(PER_AREA).collect::<Vec<Pair>>()
    };
    areas.into_values().flat_map(spread).collect()
}

async fn play(instance: &Instance, quirk: Quirk) -> Came {
    let mut told = String::new();
    for deadline in DEADLINES {
        let (faulty, strict) = match instance.role {
            Role::Server => (serve(instance, Some(quirk)).await, serve(instance, None).await),
            Role::Client => (String::new(), String::new()),
        };
        let (verdict, program) = reproduce(instance, Some(quirk), &faulty, deadline, Form::Python);
        if !matches!(verdict.kind, VerdictKind::Fail | VerdictKind::Lenient) {
            return Came::NotNoticed;
        }
        let program = match program {
            Ok(program) => program,
            Err(error) => return Came::Inexpressible(error.to_string()),
        };
        let with = run(&program, instance, Some(quirk), &faulty).await;
        let without = run(&program, instance, None, &strict).await;
        if (with.status, without.status) == (1, 0) {
            return Came::Agrees;
        }
        let failure = verdict.failure.map(|failure| failure.requirement.to_string()).unwrap_or_default();
        let shown = |answer: &Answer| format!("{} {:?}", answer.status, answer.output);
        told = format!(
            "{} with {} ({failure}): {}; without: {}",
            instance.id,
            quirk.info().name,
            shown(&with),
            shown(&without)
        );
    }
    Came::Disagrees(told)
}

/// Every program of the sample agrees with our verdict, and nine of ten instances can be expressed.
#[tokio::test(flavor = "multi_thread")]
async fn programs_agree_with_verdicts() {
    if !has("python3") {
        eprintln!("skipped: this machine has no python3");
        return;
    }
    let chosen = std::env::var("REPRODUCERS").unwrap_or_default();
    let mut all: Vec<Pair> = Vec::new();
    for role in [Role::Server, Role::Client] {
        let pairs = pairs(role);
        all.extend(match chosen.as_str() {
            "" => sampled(pairs),
            "all" => pairs,
            begins => pairs.into_iter().filter(|pair| pair.0.id.to_string().contains(begins)).collect(),
        });
    }
    let permits = Arc::new(Semaphore::new(JOBS));
    let mut plays = JoinSet::new();
    let count = all.len();
    for (instance, quirk) in all {
        let permits = permits.clone();
        plays.spawn(async move {
            let _permit = permits.acquire_owned().await.expect("it is not closed");
            play(&instance, quirk).await
        });
    }
    let (mut agree, mut unnoticed, mut inexpressible, mut disagree) = (0, 0, Vec::new(), Vec::new());
    while let Some(played) = plays.join_next().await {
        match played.expect("no play panics") {
            Came::Agrees => agree += 1,
            Came::NotNoticed => unnoticed += 1,
            Came::Inexpressible(why) => inexpressible.push(why),
            Came::Disagrees(told) => {
                eprintln!("disagrees: {told}");
                disagree.push(told);
            }
        }
    }
    inexpressible.sort();
    disagree.sort();
    let mut told = format!(
        "{count} instances: {agree} agree, {} disagree, {} cannot be expressed, {unnoticed} are not noticed in memory\n",
        disagree.len(),
        inexpressible.len()
    );
    disagree.iter().chain(&inexpressible).for_each(|line| {
        let _ = writeln!(told, "  {line}");
    });
    println!("{told}");
    assert!(disagree.is_empty(), "{told}");
    assert!(inexpressible.len() * 10 <= count, "{told}");
    assert!(agree >= 40 || !chosen.is_empty(), "{told}");
}
