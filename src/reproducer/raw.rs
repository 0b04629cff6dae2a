//! The octets of a play: a command that sends ours, and a listing of both directions.

use super::literal::comment;
use super::opening;
use super::subject::Subject;
use crate::report::stored::quoted;
use std::fmt::Write;
use url::Url;
use wsgauntlet_wire::{Role, hex};

/// How many octets are listed on a line.
const LINE_LEN: usize = 16;

/// The most octets of one write that are listed.
const LISTED_LEN_MAX: usize = 64 * 1024;

/// The command, if there is one, and the listing.
pub(crate) fn render(subject: &Subject<'_>) -> String {
    let mut out = format!("# {}\n{}", subject.instance.id, comment("", &subject.instance.doc));
    for deviation in &subject.deviations {
        let quote = deviation.quote.replace('\n', " ");
        out.push_str(&comment("", &format!("{}: \"{quote}\"", deviation.citation)));
    }
    out.push_str("#\n# What to look for:\n");
    for line in subject.looks_for() {
        out.push_str(&comment("  ", &line));
    }
    match subject.instance.role {
        Role::Server => command(subject, &mut out),
        Role::Client => out.push_str(
            "#\n# A client draws a key, from which Sec-WebSocket-Accept has to be computed: no fixed octets answer it.\n# `--as python` writes a server that does.\n",
        ),
    }
    listing(subject, &mut out);
    out
}

/// `printf '..' | nc HOST PORT`.
fn command(subject: &Subject<'_>, out: &mut String) {
    let sent: Vec<u8> = match subject.octets.is_empty() {
        true => opening::request(subject),
        false => subject
            .octets
            .iter()
            .filter(|(is_ours, _)| *is_ours)
            .flat_map(|(_, octets)| octets.clone())
            .collect(),
    };
    let Ok(url) = Url::parse(&subject.url) else { return };
    let port = url.port().unwrap_or(if url.scheme() == "wss" { 443 } else { 80 });
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let to = match url.scheme() {
        "wss" => format!("openssl s_client -quiet -connect {}", quoted(&format!("{host}:{port}"))),
        _ => format!("nc {} {port}", quoted(host)),
    };
    out.push_str("#\n# This sends all that our side sends, at once and without waiting for answers, and shows what comes back.\n");
    out.push_str("# Where the order of both sides matters, `--as python` waits as the case does.\n");
    if sent.len() > LISTED_LEN_MAX {
        let _ = writeln!(out, "# ({} octets are too many for a command line.)", sent.len());
        return;
    }
    let _ = writeln!(out, "(printf '{}'; sleep 2) | {to} | od -A d -t x1z", escaped(&sent));
}

/// Octets as printf of any POSIX shell reads them.
fn escaped(octets: &[u8]) -> String {
    let mut out = String::new();
    for octet in octets {
        match octet {
            b'\r' => out.push_str("\\r"),
            b'\n' => out.push_str("\\n"),
            b'%' => out.push_str("%%"),
            b'\'' | b'\\' => {
                let _ = write!(out, "\\{octet:03o}");
            }
            0x20..=0x7e => out.push(char::from(*octet)),
            _ => {
                let _ = write!(out, "\\{octet:03o}");
            }
        }
    }
    out
}

/// What was sent and received, decoded and in hexadecimal.
fn listing(subject: &Subject<'_>, out: &mut String) {
    out.push_str("#\n# The play, decoded: > is what our side sent, < what the target sent.\n");
    for line in &subject.lines {
        out.push_str(&comment("  ", line));
    }
    if subject.octets.is_empty() {
        return;
    }
    out.push_str("#\n# The octets of each write and read:\n");
    for (is_ours, octets) in &subject.octets {
        let sign = if *is_ours { '>' } else { '<' };
        for line in octets.chunks(LINE_LEN).take(LISTED_LEN_MAX / LINE_LEN) {
            let shown: String = line
                .iter()
                .map(|octet| if matches!(octet, 0x20..=0x7e) { char::from(*octet) } else { '.' })
                .collect();
            let _ = writeln!(out, "# {sign} {:<47}  {shown}", hex::encode(line));
        }
        out.push_str("#\n");
    }
}
