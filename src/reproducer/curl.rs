//! A curl command, for what the opening of a server shows: curl sends well-formed requests, and shows the head of the response.

use super::literal::comment;
use super::opening;
use super::subject::Subject;
use crate::report::stored::quoted;
use std::fmt::Write;
use wsgauntlet_suite::case::Cut;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::RequestHead;
use wsgauntlet_wire::opening::head::Field;

/// The monitors of what the head of a response shows.
const OF_HEADS: [&str; 3] = ["response-head", "negotiation", "deflate-response"];

/// The fields that curl sends of its own accord, unless they are removed.
const OWN_FIELDS: [&str; 2] = ["User-Agent", "Accept"];

/// The command, behind comments that say what to look for.
pub(crate) fn render(subject: &Subject<'_>) -> Result<String, String> {
    if subject.instance.role == Role::Client {
        return Err("curl is a client, and cannot test one".to_owned());
    }
    let head = request(subject)?;
    is_in_the_head(subject)?;
    let mut out = String::from("#!/bin/sh\n");
    out.push_str(&comment("", &subject.instance.doc));
    for deviation in &subject.deviations {
        let quote = deviation.quote.replace('\n', " ");
        out.push_str(&comment("", &format!("{}: \"{quote}\"", deviation.citation)));
    }
    out.push_str("#\n# curl cannot judge the response. What to look for in the head that it prints:\n");
    for line in subject.looks_for() {
        out.push_str(&comment("  ", &line));
    }
    out.push_str("# curl waits two seconds for frames, and then exits with 28.\n");
    let url = subject.url.replacen("ws", "http", 1);
    let mut words =
        vec!["curl --silent --show-error --include --no-buffer --http1.1 --max-time 2".to_owned()];
    if head.method != "GET" {
        words.push(format!("--request {}", quoted(&head.method)));
    }
    if subject.tls.insecure {
        words.push("--insecure".to_owned());
    }
    if let Some(ca) = &subject.tls.ca {
        words.push(format!("--cacert {}", quoted(&ca.display().to_string())));
    }
    if head.target != subject.play.target {
        words.push(format!("--request-target {}", quoted(&head.target)));
    }
    for field in &head.fields.0 {
        let value = String::from_utf8_lossy(&field.value);
        // A semicolon in place of the colon: curl sends the field without a value.
        let line =
            if value.is_empty() { format!("{};", field.name) } else { format!("{}: {value}", field.name) };
        words.push(format!("--header {}", quoted(&line)));
    }
    for name in OWN_FIELDS.iter().chain(&["Host"]).filter(|name| head.fields.count(name) == 0) {
        words.push(format!("--header {}", quoted(&format!("{name}:"))));
    }
    words.push(quoted(&url));
    let _ = writeln!(out, "{}", words.join(" \\\n  "));
    Ok(out)
}

/// Our request, if curl can send it.
fn request(subject: &Subject<'_>) -> Result<RequestHead, String> {
    let opening = &subject.instance.script.opening;
    if opening.cut != Cut::Whole || opening.stop_after.is_some() || opening.segments > 0 || opening.coalesced
    {
        return Err("curl sends a request in one piece".to_owned());
    }
    let octets = opening::request(subject);
    let malformed = || "curl sends well-formed requests only".to_owned();
    let (head, len) = RequestHead::parse(&octets).ok().flatten().ok_or_else(malformed)?;
    if len != octets.len() || head.minor_version != 1 || head.draft().to_octets() != octets {
        return Err(malformed());
    }
    let is_plain = |field: &Field| field.value.iter().all(|octet| matches!(octet, 0x20..=0x7e));
    if !head.fields.0.iter().all(is_plain) || head.fields.count("Host") > 1 {
        return Err(malformed());
    }
    Ok(head)
}

/// Whether what deviates is in the head of the response: frames of ours are sent by none of the steps before it.
fn is_in_the_head(subject: &Subject<'_>) -> Result<(), String> {
    let sends = "what it shows needs frames, which curl does not send".to_owned();
    match subject.deviations.first() {
        None => Err("there is no deviation in a response".to_owned()),
        Some(deviation) => match &deviation.monitor {
            Some(monitor) if OF_HEADS.contains(&monitor.as_str()) => Ok(()),
            Some(_) => Err(sends),
            None if deviation.in_opening => Ok(()),
            None => Err(sends),
        },
    }
}
