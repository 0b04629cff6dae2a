//! A target that is launched for a run, and ended after it with all that it started.

use super::crash_signs::{CrashSigns, Sign, Signed};
use super::guard::{self, Guarded};
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout, timeout_at};

/// How often it is tried whether a target can be connected to.
const TRY_EVERY: Duration = Duration::from_millis(10);

/// How many of the last lines that a target wrote are kept.
const LINES_MAX: usize = 20;

/// How long a target may take to end by itself.
const END_WITHIN: Duration = Duration::from_secs(2);

/// Why a target cannot be launched.
#[expect(missing_docs, reason = "each message explains its variant and its fields")]
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    #[error("cannot launch {command:?}: {source}")]
    Spawn { command: String, source: io::Error },
    #[error("cannot find a free port: {0}")]
    Port(io::Error),
    #[error("{command:?} ended before it listened on {address}: {status}{output}")]
    Ended { command: String, address: String, status: std::process::ExitStatus, output: String },
    #[error("{command:?} does not listen on {address} after {within:?}{output}")]
    NotReady { command: String, address: String, within: Duration, output: String },
}

/// A launched target. It ends when this is dropped, at the latest.
#[derive(Debug)]
pub struct Launched {
    child: Child,
    group: Option<Pid>,
    /// Ends it when we are killed.
    _guarded: Guarded,
    written: Arc<Mutex<Written>>,
}

/// What a target wrote.
#[derive(Debug, Default)]
struct Written {
    /// The last lines.
    lines: VecDeque<String>,
    /// The gravest line that tells of a crash, the first of its gravity.
    signed: Option<Signed>,
    /// How many of its two streams ended.
    ended: usize,
}

/// A port that is free now.
pub async fn free_port() -> Result<u16, LaunchError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(LaunchError::Port)?;
    listener.local_addr().map(|address: SocketAddr| address.port()).map_err(LaunchError::Port)
}

/// Runs `command` in a shell, and waits until `host:port` can be connected to.
pub async fn launch(command: &str, host: &str, port: u16, within: Duration) -> Result<Launched, LaunchError> {
    launch_watched(command, host, port, within, &CrashSigns::default()).await
}

/// The same; what it writes is searched for `signs`.
pub async fn launch_watched(
    command: &str,
    host: &str,
    port: u16,
    within: Duration,
    signs: &CrashSigns,
) -> Result<Launched, LaunchError> {
    let text = command.replace("{port}", &port.to_string());
    let mut child = Command::new("/bin/sh")
        .args(["-c", &text])
        .env("PORT", port.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| LaunchError::Spawn { command: text.clone(), source })?;
    let lines = Arc::new(Mutex::new(Written::default()));
    keep_lines(child.stdout.take(), &lines, signs);
    keep_lines(child.stderr.take(), &lines, signs);
    let group = child.id().and_then(|id| Pid::from_raw(id as i32));
    let mut launched = Launched { child, group, _guarded: guard::watch(group), written: lines.clone() };
    let address = format!("{host}:{port}");
    let deadline = Instant::now() + within;
    let mut tries = interval(TRY_EVERY);
    tries.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tries.tick().await;
        if let Ok(Ok(_)) = timeout_at(deadline, TcpStream::connect((host, port))).await {
            return Ok(launched);
        }
        if let Ok(Some(status)) = launched.child.try_wait() {
            let output = shown(&lines);
            return Err(LaunchError::Ended { command: text, address, status, output });
        }
        if Instant::now() >= deadline {
            let output = shown(&lines);
            return Err(LaunchError::NotReady { command: text, address, within, output });
        }
    }
}

fn keep_lines(
    stream: Option<impl AsyncRead + Unpin + Send + 'static>,
    lines: &Arc<Mutex<Written>>,
    signs: &CrashSigns,
) {
    let Some(stream) = stream else { return };
    let (lines, signs) = (lines.clone(), signs.clone());
    tokio::spawn(async move {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        // To the end, also of what is no text: a target whose pipe is closed would get a SIGPIPE.
        while let Ok(1..) = reader.read_until(b'\n', &mut line).await {
            let mut written = lines.lock().unwrap_or_else(PoisonError::into_inner);
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            line.clear();
            let before = written.signed.as_ref().map(|signed| signed.sign);
            if let Some(sign) = signs.of_line(&text)
                && before.is_none_or(|before| sign < before)
            {
                written.signed = Some(Signed { sign, line: text.trim().to_owned() });
            }
            written.lines.push_back(text);
            if written.lines.len() > LINES_MAX {
                written.lines.pop_front();
            }
        }
        lines.lock().unwrap_or_else(PoisonError::into_inner).ended += 1;
    });
}

/// What a target wrote last, as it stands under a message.
fn shown(lines: &Arc<Mutex<Written>>) -> String {
    let written = lines.lock().unwrap_or_else(PoisonError::into_inner);
    written.lines.iter().map(|line| format!("\n  | {line}")).collect()
}

impl Launched {
    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // It may have ended by itself.
            let _ = kill_process_group(group, signal);
        }
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<std::process::ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// The gravest line that it wrote that tells of a crash, the first of its gravity.
    pub fn signed(&self) -> Option<Signed> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).signed.clone()
    }

    /// The first line that it wrote in which a sanitizer, or a panic, speaks.
    pub fn alarm(&self) -> Option<String> {
        self.signed().filter(|signed| signed.sign == Sign::Crash).map(|signed| signed.line)
    }

    /// The same line, once: the next one is looked out for.
    pub fn take_signed(&self) -> Option<Signed> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).signed.take()
    }

    /// Whether all is read that it wrote, since nobody can write more.
    pub fn wrote_all(&self) -> bool {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).ended == 2
    }

    /// The last lines that it wrote, one below the other.
    pub fn tail(&self) -> String {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// What it wrote last, as it stands under a message.
    pub fn output(&self) -> String {
        shown(&self.written)
    }

    /// The group of processes that it and all that it started belong to.
    pub fn group(&self) -> Option<i32> {
        self.group.map(Pid::as_raw_pid)
    }

    /// Ends the target and all that it started, politely at first.
    pub async fn end(mut self) {
        self.signal(Signal::TERM);
        // What does not listen to SIGTERM is ended when `self` is dropped.
        let _ = timeout(END_WITHIN, self.child.wait()).await;
    }
}

impl Launched {
    /// Ends the target and all that it started at once: one that is ruined listens to nobody.
    pub async fn kill(mut self) {
        self.signal(Signal::KILL);
        let _ = timeout(END_WITHIN, self.child.wait()).await;
    }
}

impl Drop for Launched {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}
