//! The whole default suite against the floor: as many bare openings and closings, of the same
//! server, with as many connections at once. Prints the ratio of the wall times.
//!
//! `cargo bench --bench ratio -- [ws://host:port/]`: without a URL the reference, in a process of
//! its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;
use wsgauntlet::case::{Instance, Library, Profile};
use wsgauntlet::opening::ResponseHead;
use wsgauntlet::oracle::VerdictKind;
use wsgauntlet::runner::stream::Stream;
use wsgauntlet::runner::target::Trust;
use wsgauntlet::runner::{RunOptions, Target, run_server};
use wsgauntlet::wire::{Frame, Opcode, Role};

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often both are measured, in turn.
const ROUNDS: usize = 7;

/// The reference in a process of its own, ended with this.
struct Reference(Child);

impl Drop for Reference {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start_reference() -> (Reference, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wsgauntlet"))
        .args(["reference", "server", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary was built");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("piped");
    BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
    let url = line.trim().rsplit(' ').next().expect("a URL").to_owned();
    (Reference(child), url)
}

fn instances() -> Vec<Arc<Instance>> {
    let instances = Library::embedded().instances(Role::Server);
    instances
        .filter(|instance| instance.profile == Profile::Default)
        .map(|instance| Arc::new(instance.clone()))
        .collect()
}

async fn suite(target: &Target, instances: &[Arc<Instance>]) -> (Duration, usize, usize) {
    let options = RunOptions {
        deadline: Duration::from_secs(2),
        jobs: None,
        seed: 1,
        name: "bench".to_owned(),
        memory: None,
        stop: Arc::new(AtomicBool::new(false)),
        assumed: wsgauntlet::runner::Assumed::default(),
    };
    let started = Instant::now();
    let run = run_server(target.clone(), instances.to_vec(), options, &mut |_| {}).await.expect("it opens");
    let deviating =
        run.count(VerdictKind::Fail) + run.count(VerdictKind::Lenient) + run.count(VerdictKind::Flaky);
    (started.elapsed(), run.jobs, deviating)
}

/// One opening, a Close each way, the end of TCP.
async fn bare_round(target: &Target) -> Option<()> {
    let mut stream = Stream::connect(target).await.ok()?;
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        target.resource, target.authority
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut octets = Vec::new();
    let mut buffer = [0; 4096];
    while ResponseHead::parse(&octets).ok()?.is_none() {
        let len = stream.read(&mut buffer).await.ok().filter(|len| *len > 0)?;
        octets.extend_from_slice(&buffer[..len]);
    }
    let close = Frame::new(Opcode::Close, vec![3, 232]).masked([1, 2, 3, 4]).to_octets();
    stream.write_all(&close).await.ok()?;
    while stream.read(&mut buffer).await.ok()? > 0 {}
    Some(())
}

async fn floor(target: &Target, rounds: usize, jobs: usize) -> (Duration, usize) {
    let next = Arc::new(AtomicUsize::new(0));
    let done = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..jobs {
        let (target, next, done) = (target.clone(), next.clone(), done.clone());
        workers.spawn(async move {
            while next.fetch_add(1, Ordering::Relaxed) < rounds {
                if bare_round(&target).await.is_some() {
                    done.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    while workers.join_next().await.is_some() {}
    (started.elapsed(), done.load(Ordering::Relaxed))
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
        let (floor_time, done) = runtime.block_on(floor(&target, instances.len(), jobs));
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
