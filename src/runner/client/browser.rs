//! Browsers: the page that drives a browser's own `WebSocket`, what it asks and reports over HTTP on the
//! same port, and the launch of a browser for it.

use super::command::{Launched, Launcher};
use super::handshake::Handshake;
use crate::embedded;
use crate::runner::serve;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use wsgauntlet_suite::oracle::page::{self, PageReport};
use wsgauntlet_suite::oracle::{Application, Record};

/// The page, with its script and its style.
const PAGE: &str = include_str!("page.html");

/// The most octets of a report.
const REPORT_LEN_MAX: usize = 4 << 20;

/// The profile of Firefox: otherwise it waits before it connects again where a connection failed, ever longer, up to a
/// minute (RFC 6455 §7.2.3).
const FIREFOX_PREFERENCES: &str = "user_pref(\"network.websocket.delay-failed-reconnects\", false);\n";

/// How long the body of a report may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// A browser that can be launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// Chromium, or Chrome.
    Chromium,
    /// Firefox.
    Firefox,
}

/// A browser that runs, with a profile of its own that is removed with it.
#[derive(Debug)]
pub struct Running {
    launched: Option<Launched>,
    profile: PathBuf,
}

/// What a page asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PageRequest {
    Page,
    /// The next connection to open.
    Next,
    /// What it saw of the play of that number follows.
    Report(u64),
    /// It says that it lives.
    Alive,
    Unknown,
}

pub(super) fn page_request(method: &str, target: &str) -> PageRequest {
    match (method, target) {
        ("GET", "/") => PageRequest::Page,
        ("POST", "/next") => PageRequest::Next,
        ("POST", "/alive") => PageRequest::Alive,
        ("POST", target) => match target.strip_prefix("/report?play=").and_then(|ticket| ticket.parse().ok())
        {
            Some(ticket) => PageRequest::Report(ticket),
            None => PageRequest::Unknown,
        },
        _ => PageRequest::Unknown,
    }
}

/// Serves the page itself.
pub(super) fn serve_page(handshake: Handshake) {
    tokio::spawn(serve::answer(handshake.stream, "200 OK", "text/html; charset=utf-8", PAGE.as_bytes()));
}

pub(super) fn serve_json(handshake: Handshake, value: &Value) {
    let body = value.to_string();
    tokio::spawn(async move {
        serve::answer(handshake.stream, "200 OK", "application/json", body.as_bytes()).await
    });
}

pub(super) fn serve_not_found(handshake: Handshake) {
    tokio::spawn(serve::answer(handshake.stream, "404 Not Found", "text/plain", b"There is nothing here.\n"));
}

/// Reads the report that a request carries.
pub(super) async fn read_report(handshake: &mut Handshake) -> Result<PageReport, String> {
    let request = handshake.request.as_ref().map_err(ToString::to_string)?;
    let len = request.fields.single("Content-Length").and_then(|value| std::str::from_utf8(value).ok());
    let len: usize = len.and_then(|value| value.parse().ok()).ok_or("a report without Content-Length")?;
    if len > REPORT_LEN_MAX {
        return Err(format!("a report of {len} octets"));
    }
    let mut body = handshake.after_head();
    let mut buffer = vec![0; 64 * 1024];
    let read = async {
        while body.len() < len {
            match handshake.stream.read(&mut buffer).await {
                Ok(read) if read > 0 => body.extend_from_slice(&buffer[..read]),
                Ok(_) | Err(_) => return Err("a report that was cut off".to_owned()),
            }
        }
        Ok(())
    };
    tokio::time::timeout(BODY_TIMEOUT, read).await.map_err(|_| "a report that never ended".to_owned())??;
    serde_json::from_slice(&body[..len]).map_err(|error| format!("a report that cannot be read: {error}"))
}

/// The record with what the page saw.
pub(super) fn with_report(mut record: Record, report: &PageReport) -> Record {
    if let Some(transcript) = &record.transcript {
        record.verdict =
            page::with_page(record.verdict, report, &record.instance, transcript, embedded::catalogue());
    }
    record.application = Some(Application { page: report.lines(), ..Application::default() });
    record
}

/// What the page shows of a record.
pub(super) fn shown(record: &Record) -> Value {
    let failure = record.verdict.failure.as_ref();
    json!({
        "id": record.instance.id.without_role(),
        "verdict": record.verdict.kind.as_str(),
        "expected": failure.map(|failure| failure.expected.to_string()),
        "observed": failure.map(|failure| failure.observed.to_string()).or(record.verdict.reason.clone()),
    })
}

impl Browser {
    fn command(self, profile: &str) -> Vec<String> {
        let words: &[&str] = match self {
            Browser::Chromium => &[
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=PROFILE",
            ],
            Browser::Firefox => &["firefox-esr", "--headless", "--no-remote", "--profile", "PROFILE"],
        };
        let mut words: Vec<String> = words.iter().map(|word| word.replace("PROFILE", profile)).collect();
        words.push(super::command::URL.to_owned());
        words
    }

    /// Launches it with the page, the `count`th time. Each launch has a profile of its own: the one before may still write to
    /// its one.
    pub fn launch(self, url: &str, count: u32) -> std::io::Result<Running> {
        let name = format!("wsgauntlet-browser-{}-{count}", std::process::id());
        let profile = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&profile)?;
        if self == Browser::Firefox {
            std::fs::write(profile.join("user.js"), FIREFOX_PREFERENCES)?;
        }
        let page = url.replacen("ws", "http", 1);
        let launcher = Launcher::new(self.command(&profile.to_string_lossy()));
        let launched = launcher.launch(&format!("{page}/"));
        let mut running = Running { launched: None, profile };
        running.launched = Some(launched?);
        Ok(running)
    }

    /// The name of its program.
    pub fn program(self) -> &'static str {
        match self {
            Browser::Chromium => "chromium",
            Browser::Firefox => "firefox-esr",
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // First the browser, then what it writes to.
        drop(self.launched.take());
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_page() {
        assert_eq!(page_request("GET", "/"), PageRequest::Page);
        assert_eq!(page_request("POST", "/next"), PageRequest::Next);
        assert_eq!(page_request("POST", "/alive"), PageRequest::Alive);
        assert_eq!(page_request("POST", "/report?play=7"), PageRequest::Report(7));
        for (method, target) in
            [("GET", "/next"), ("POST", "/"), ("POST", "/report?play=x"), ("GET", "/favicon.ico")]
        {
            assert_eq!(page_request(method, target), PageRequest::Unknown, "{method} {target}");
        }
    }
}
