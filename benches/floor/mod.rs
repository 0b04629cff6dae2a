//! The floor under what a run can take: bare openings and closings of the same server.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;
use wsgauntlet::runner::Target;
use wsgauntlet::runner::stream::Stream;
use wsgauntlet_wire::opening::ResponseHead;
use wsgauntlet_wire::{Frame, Opcode};

/// The reference in a process of its own, ended with this.
pub struct Reference(Child);

impl Drop for Reference {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it, and says where it listens.
pub fn start_reference() -> (Reference, String) {
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

/// So many rounds, so many at once: how long they took, and how many were completed.
pub async fn bare_rounds(target: &Target, rounds: usize, jobs: usize) -> (Duration, usize) {
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
