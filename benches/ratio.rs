//! The whole default suite against the floor: as many bare openings and closings, of the same
//! server, with as many connections at once. Prints the ratio of the wall times.
//!
//! `cargo bench --bench ratio -- [ws://host:port/]`: without a URL the reference, in a process of
//! its own.

mod floor;

use floor::{bare_rounds, start_reference};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use wsgauntlet::embedded;
use wsgauntlet::runner::target::Trust;
use wsgauntlet::runner::{RunOptions, Target, run_server};
use wsgauntlet_suite::case::{Instance, Profile};
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_wire::Role;

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often both are measured, in turn.
const ROUNDS: usize = 7;

fn instances() -> Vec<Arc<Instance>> {
    let instances = embedded::library().instances(Role::Server);
    instances
        .filter(|instance| instance.profile == Profile::Default)
        .map(|instance| Arc::new(instance.clone()))
        .collect()
}

async fn suite(target: &Target, instances: &[Arc<Instance>]) -> (Duration, usize, usize) {
    let options = RunOptions {
        deadline: Duration::from_secs(2),
        budget: None,
        jobs: None,
        seed: 1,
        name: "bench".to_owned(),
        memory: None,
        process: None,
        stop: Arc::new(AtomicBool::new(false)),
        assumed: wsgauntlet::runner::Assumed::default(),
    };
    let started = Instant::now();
    let run = run_server(target.clone(), instances.to_vec(), options, &mut |_| {}).await.expect("it opens");
    let deviating =
        run.count(VerdictKind::Fail) + run.count(VerdictKind::Lenient) + run.count(VerdictKind::Flaky);
    (started.elapsed(), run.jobs, deviating)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn main() {
    let url = std::env::args().skip(1).find(|argument| argument.starts_with("ws"));
    let (_reference, url) = match url {
        Some(url) => (None, url),
        None => {
            let (reference, url) = start_reference();
            (Some(reference), url)
        }
    };
    let target = Target::parse(&url, &Trust::default()).expect("a WebSocket URL");
    let instances = instances();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let (mut suites, mut floors, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (suite_time, jobs, deviating) = runtime.block_on(suite(&target, &instances));
        let (floor_time, done) = runtime.block_on(bare_rounds(&target, instances.len(), jobs));
        assert_eq!(done, instances.len(), "every bare round was completed");
        if deviating > 0 {
            println!("note: {deviating} instances deviate, and were played again");
        }
        suites.push(suite_time);
        floors.push(floor_time);
        ratios.push(suite_time.as_secs_f64() / floor_time.as_secs_f64());
    }
    ratios.sort_unstable_by(f64::total_cmp);
    println!("{url}: {} instances", instances.len());
    println!("suite  median {:>7.1} ms", median(suites).as_secs_f64() * 1000.0);
    println!(
        "floor  median {:>7.1} ms  (as many bare openings and closings)",
        median(floors).as_secs_f64() * 1000.0
    );
    println!(
        "ratio  median {:>7.2}     (min {:.2}, max {:.2})",
        ratios[ROUNDS / 2],
        ratios[0],
        ratios[ROUNDS - 1]
    );
}
