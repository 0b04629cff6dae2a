//! A command that is launched for an instance: started in a process group of its own, its stderr kept
//! in part, ended with everything that it started.

use crate::runner::death;
use crate::runner::guard::{self, Guarded};
use rustix::process::{Pid, Signal, kill_process_group};
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStderr};
use tokio::task::JoinHandle;
use wsgauntlet_suite::oracle::Exit;

/// What stands for the address in a command.
pub(super) const URL: &str = "{url}";

/// How many octets of stderr are kept: the first ones, in which a crash says what it is, and the last ones. A stack trace stands
/// between, and can be long.
const STDERR_HEAD_LEN_MAX: usize = 8192;
const STDERR_TAIL_LEN_MAX: usize = 4096;

/// What stands in the place of what is left out.
const LEFT_OUT: &[u8] = b"\n..\n";

/// How long a command may take to exit by itself when its instance is decided, to give its status.
const EXIT_TIMEOUT: Duration = Duration::from_millis(500);

/// How long it may take after SIGTERM.
const TERM_TIMEOUT: Duration = Duration::from_millis(500);

/// So many commands that had to be ended, one after another, show that it exits never.
const STAYING_MAX: usize = 3;

/// A program, its arguments, and what was learned of it.
#[derive(Clone, Debug)]
pub(super) struct Launcher {
    words: Arc<Vec<String>>,
    /// How many of its last runs had to be ended.
    staying: Arc<AtomicUsize>,
}

/// A command that runs. Dropped, it is killed.
#[derive(Debug)]
pub(super) struct Launched {
    child: Child,
    group: Option<Pid>,
    /// Ends it when we are killed.
    _guarded: Guarded,
    stderr: JoinHandle<Vec<u8>>,
    staying: Arc<AtomicUsize>,
}

impl Launcher {
    /// `words` is the program with its arguments.
    pub(super) fn new(words: Vec<String>) -> Launcher {
        Launcher { words: Arc::new(words), staying: Arc::default() }
    }

    pub(super) fn program(&self) -> &str {
        self.words.first().map(String::as_str).unwrap_or_default()
    }

    pub(super) fn launch(&self, url: &str) -> std::io::Result<Launched> {
        let mut words = self.words.iter().map(|word| word.replace(URL, url));
        let mut command = tokio::process::Command::new(words.next().unwrap_or_default());
        command
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        let mut child = command.spawn()?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let stderr = tokio::spawn(tail(child.stderr.take()));
        Ok(Launched { child, group, _guarded: guard::watch(group), stderr, staying: self.staying.clone() })
    }
}

impl Launched {
    /// Waits until it exits by itself.
    pub(super) async fn exited(&mut self) {
        // An error means that there is no such process any more.
        let _ = self.child.wait().await;
    }

    /// Ends it, unless it does so itself, with all that it started. Gives the last of its stderr. Its connection has ended.
    pub(super) async fn end(mut self) -> (Exit, String) {
        let patience =
            if self.staying.load(Ordering::Relaxed) >= STAYING_MAX { Duration::ZERO } else { EXIT_TIMEOUT };
        let exit = match tokio::time::timeout(patience, self.child.wait()).await {
            Ok(Ok(status)) => {
                self.staying.store(0, Ordering::Relaxed);
                exit(status)
            }
            Ok(Err(_)) => Exit::Ended,
            Err(_elapsed) => self.end_staying().await,
        };
        // What it started and left behind.
        self.signal(Signal::KILL);
        let _ = self.child.wait().await;
        let stderr = tokio::time::timeout(TERM_TIMEOUT, &mut self.stderr).await;
        let stderr = stderr.ok().and_then(Result::ok).unwrap_or_default();
        (exit, String::from_utf8_lossy(&stderr).into_owned())
    }

    /// Ends one that does not exit. It may stay as long as it likes, but nothing is left for it to do.
    async fn end_staying(&mut self) -> Exit {
        let group = self.group.map_or(0, Pid::as_raw_pid);
        let exited = tokio::select! {
            biased;
            status = self.child.wait() => Some(status.map_or(Exit::Ended, exit)),
            spins = death::is_busy(group) => spins.then_some(Exit::Spinning),
        };
        if let Some(exit @ (Exit::Status(_) | Exit::Signal(_))) = exited {
            self.staying.store(0, Ordering::Relaxed);
            return exit;
        }
        self.staying.fetch_add(1, Ordering::Relaxed);
        self.signal(Signal::TERM);
        let _ = tokio::time::timeout(TERM_TIMEOUT, self.child.wait()).await;
        exited.unwrap_or(Exit::Ended)
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // The group is gone when all its processes are.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Launched {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Status(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Ended,
    }
}

/// The first and the last octets of a stream that is read to its end.
async fn tail(stream: Option<ChildStderr>) -> Vec<u8> {
    match stream {
        Some(stream) => tail_of(stream).await,
        None => Vec::new(),
    }
}

async fn tail_of<R: AsyncRead + Unpin>(mut stream: R) -> Vec<u8> {
    let (mut head, mut tail): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    let mut left_out = false;
    let mut buffer = [0; 4096];
    while let Ok(len) = stream.read(&mut buffer).await {
        if len == 0 {
            break;
        }
        let (first, rest) = buffer[..len].split_at(len.min(STDERR_HEAD_LEN_MAX - head.len()));
        head.extend_from_slice(first);
        tail.extend_from_slice(rest);
        let excess = tail.len().saturating_sub(STDERR_TAIL_LEN_MAX);
        left_out |= excess > 0;
        tail.drain(..excess);
    }
    if left_out {
        head.extend_from_slice(LEFT_OUT);
    }
    head.extend_from_slice(&tail);
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A panic says first what it is; its stack trace may be longer than what is kept.
    #[tokio::test]
    async fn the_first_line_of_a_long_trace_is_kept() {
        let trace = "   0: some::function\n             at ./src/some/file.rs:1:2\n".repeat(1000);
        let written = format!("thread 'main' panicked at src/main.rs:1:2:\n{trace}last line\n");
        let kept = String::from_utf8(tail_of(written.as_bytes()).await).expect("it is text");
        assert!(kept.starts_with("thread 'main' panicked at src/main.rs:1:2:\n"), "{kept}");
        assert!(kept.ends_with("last line\n"), "{kept}");
        assert_eq!(kept.len(), STDERR_HEAD_LEN_MAX + LEFT_OUT.len() + STDERR_TAIL_LEN_MAX);
        let short = "a\nb\n".repeat(100);
        assert_eq!(tail_of(short.as_bytes()).await, short.as_bytes());
    }
}
