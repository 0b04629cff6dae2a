//! A program for Python, from the script and the parts that it needs.

use super::checks;
use super::literal::{octets, text, truth};
use super::opening;
use super::parts;
use super::steps::{self, Steps};
use super::subject::Subject;
use std::fmt::Write;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_suite::transcript::OpeningFault;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::deflate_params::DeflateParams;
use wsgauntlet_wire::opening::{RequestHead, extension, key, token};

/// How long the server waits for a client to connect, in seconds.
const CONNECT_WITHIN: u64 = 60;

/// The program.
pub(crate) fn render(subject: &Subject<'_>) -> Result<String, String> {
    is_possible(subject.instance)?;
    let requirements = checks::requirements(subject)?;
    let (check_names, check_code) = parts::checks(&requirements);
    let (head, agreements) = head(subject);
    let script = &subject.instance.script;
    let steps = steps::write(script, subject.instance.role, &subject.play, &agreements)?;
    let mut out = String::from("#!/usr/bin/env python3\n");
    out.push_str(&documentation(subject));
    out.push_str(imports(subject));
    constants(subject, &head, &steps, &mut out);
    out.push_str("\n\ndef script():\n    \"\"\"What is sent, and what has to follow.\"\"\"\n    return [\n");
    for line in &steps.lines {
        let _ = writeln!(out, "        {line},");
    }
    out.push_str("    ]\n");
    let is_server = subject.instance.role == Role::Server;
    let mut code = vec![
        if is_server { parts::SERVER } else { parts::CLIENT },
        parts::WATCH,
        parts::DEFLATE,
        parts::LINK,
    ];
    if subject.url.starts_with("wss:") {
        code.push(parts::TLS);
    }
    code.push(parts::PLAY);
    code.extend(parts::outcomes(&steps.used));
    code.extend(check_code);
    for part in code {
        let _ = write!(out, "\n\n{}\n", part.trim_end());
    }
    let _ = write!(out, "\n\nSTEPS = script()\nCHECKS = [{}]\n", check_names.join(", "));
    let main = if is_server { parts::MAIN_SERVER } else { parts::MAIN_CLIENT };
    let _ = write!(out, "\n\n{}\n", main.trim_end());
    Ok(out)
}

/// What a program cannot do.
fn is_possible(instance: &Instance) -> Result<(), String> {
    if let Some(address) = &instance.script.opening.address {
        if address.redirect.is_some() {
            return Err("it redirects the client to another server".to_owned());
        }
        if address.is_secure() {
            return Err("it needs a server with TLS and a certificate".to_owned());
        }
        if address.default_port || address.listen.is_some() {
            return Err("it needs a listener at an address of its own".to_owned());
        }
    }
    if instance.role == Role::Client && instance.script.segments_records() {
        return Err("it needs a server with TLS and a certificate".to_owned());
    }
    Ok(())
}

/// Python for our head, and what is agreed under which key.
fn head(subject: &Subject<'_>) -> (String, Vec<(String, Option<DeflateParams>)>) {
    match subject.instance.role {
        Role::Server => {
            let mut agreements: Vec<DeflateParams> =
                opening::agreed_in(&subject.received("Sec-WebSocket-Extensions")).into_iter().collect();
            for agreed in &subject.agreements {
                if !agreements.contains(agreed) {
                    agreements.push(*agreed);
                }
            }
            let with_key = |agreed: &DeflateParams| (opening::agreement_key(Some(agreed)), Some(*agreed));
            let mut keyed: Vec<_> = agreements.iter().map(with_key).collect();
            if keyed.is_empty() {
                keyed.push((opening::agreement_key(None), None));
            }
            (octets(&opening::request(subject)), keyed)
        }
        Role::Client => {
            let mut offers = vec![subject.received("Sec-WebSocket-Extensions").join(", ")];
            for offer in &subject.offers {
                if !offers.contains(offer) {
                    offers.push(offer.clone());
                }
            }
            let made: Vec<_> =
                offers.iter().map(|offer| (offer, opening::response(subject, offer))).collect();
            let is_same = made.iter().all(|(_, made_of)| *made_of == made[0].1);
            if is_same {
                return (octets(&made[0].1.0), vec![("None".to_owned(), made[0].1.1)]);
            }
            let head = |(offer, (head, _)): &(&String, (Vec<u8>, Option<DeflateParams>))| {
                format!("{}: {}", octets(offer.as_bytes()), octets(head))
            };
            let heads = made.iter().map(head).collect::<Vec<_>>().join(", ");
            let keyed = made.iter().map(|(offer, (_, agreed))| (octets(offer.as_bytes()), *agreed));
            (format!("{{{heads}}}"), keyed.collect())
        }
    }
}

fn documentation(subject: &Subject<'_>) -> String {
    let instance = subject.instance;
    let mut out = format!("\"\"\"{}\n\n", plain(&instance.doc));
    let _ = writeln!(out, "Written by wsgauntlet {} from {}.\n", env!("CARGO_PKG_VERSION"), instance.id);
    for deviation in &subject.deviations {
        let _ = writeln!(out, "{}: \"{}\"", deviation.citation, plain(&deviation.quote));
        let _ = writeln!(out, "  expected  {}", plain(&deviation.expected));
        let _ = writeln!(out, "  observed  {}\n", plain(&deviation.observed));
    }
    let by_steps = match instance.info {
        true => "The RFC requires nothing of the steps.",
        false => "It plays the steps of script(), and looks whether each comes out as expected.",
    };
    let _ = writeln!(out, "{by_steps}");
    if subject.deviations.iter().any(|deviation| deviation.monitor.is_some()) {
        out.push_str("It also makes the checks at the end of this file.\n");
    }
    match instance.role {
        Role::Server => out.push_str("\nUsage: python3 FILE [URL]\n"),
        Role::Client => out.push_str(
            "\nUsage: python3 FILE [HOST:PORT]   then point the client, which has to echo, at the URL that is printed\n",
        ),
    }
    out.push_str("Needs Python 3.8 or newer, and nothing else.\n");
    out.push_str(
        "Exit status: 1 while the defect is there, 0 if it is not, 2 if that could not be found out.\n\"\"\"\n\n",
    );
    out
}

/// A text that ends no string of Python.
fn plain(text: &str) -> String {
    text.replace('\\', "\\\\").replace("\"\"\"", "'''").replace('\0', " ")
}

fn imports(subject: &Subject<'_>) -> &'static str {
    match (subject.instance.role, subject.url.starts_with("wss:")) {
        (Role::Server, false) => {
            "import collections\nimport re\nimport select\nimport socket\nimport struct\nimport sys\nimport time\nimport urllib.parse\nimport zlib\n"
        }
        (Role::Server, true) => {
            "import collections\nimport re\nimport select\nimport socket\nimport ssl\nimport struct\nimport sys\nimport time\nimport urllib.parse\nimport zlib\n"
        }
        (Role::Client, _) => {
            "import base64\nimport collections\nimport hashlib\nimport re\nimport select\nimport socket\nimport struct\nimport sys\nimport time\nimport zlib\n"
        }
    }
}

fn constants(subject: &Subject<'_>, head: &str, steps: &Steps, out: &mut String) {
    let instance = subject.instance;
    let opening = &instance.script.opening;
    let capabilities = subject.play.capabilities;
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(out, "{name} = {value}");
    };
    out_of_role(subject, head, &mut line);
    line("HEAD_CUT", &steps::cut(&opening.cut));
    line("HEAD_SEGMENTS", &opening.segments.to_string());
    let is_held = opening.coalesced
        && matches!(instance.script.steps.first(), Some(wsgauntlet_suite::case::Step::Send(_)));
    line("HOLDS_HEAD", truth(is_held));
    line(
        "WAIT",
        &format!(
            "{}  # Seconds of silence until an answer counts as missing.",
            subject.play.deadline.as_secs_f64()
        ),
    );
    line("IS_SERVER", &format!("{}  # Whether a server is tested.", truth(instance.role == Role::Server)));
    line("HOLDS_ANSWERS", truth(instance.script.holds_answers));
    line("ECHO", truth(capabilities.echo));
    line("ECHO_BINARY", truth(capabilities.echo_binary));
    line(
        "STRICT",
        &format!(
            "{}  # Whether breaking a SHOULD is the defect.",
            truth(subject.verdict == VerdictKind::Lenient)
        ),
    );
    line("INFO", truth(instance.info));
    let pings: Vec<String> = instance.script.ping_payloads().iter().map(|ping| octets(ping)).collect();
    let pings = if pings.len() > 40 { "()".to_owned() } else { format!("[{}]", pings.join(", ")) };
    line("PINGS", &pings);
    line("SENT_CODES", &format!("{:?}", steps.close_codes));
    line("LENGTH_MAX", &((1usize << 20) + 2 * instance.script.payload_len()).to_string());
    line("LAST", &steps.last.to_string());
    let extensions = subject.received("Sec-WebSocket-Extensions");
    let seen =
        if extensions.is_empty() { "None".to_owned() } else { octets(extensions.join(", ").as_bytes()) };
    line("WRONG_EXTENSIONS", &seen);
}

/// What a program for one role has.
fn out_of_role(subject: &Subject<'_>, head: &str, line: &mut dyn FnMut(&str, &str)) {
    let instance = subject.instance;
    let opening = &instance.script.opening;
    match instance.role {
        Role::Server => {
            let request = opening::request(subject);
            let stop = opening.stop_after.map_or(String::new(), |len| format!("[:{len}]"));
            line("URL", &text(&subject.url));
            line("HEAD", &format!("{head}{stop}"));
            let parsed = RequestHead::parse(&request).ok().flatten().map(|(head, _)| head);
            let sent_key = parsed.as_ref().and_then(|head| head.fields.single("Sec-WebSocket-Key"));
            let accept = sent_key.map_or("None".to_owned(), |sent| octets(key::accept(sent).as_bytes()));
            line("ACCEPT", &accept);
            let fields = parsed.map(|head| head.fields).unwrap_or_default();
            let offered = fields.values("Sec-WebSocket-Protocol").flat_map(token::list).map(octets);
            line("SUBPROTOCOLS", &format!("[{}]", offered.collect::<Vec<_>>().join(", ")));
            let extensions =
                fields.values("Sec-WebSocket-Extensions").filter_map(|value| extension::parse(value).ok());
            let names = extensions.flatten().map(|extension| octets(extension.name.as_bytes()));
            line("EXTENSIONS", &format!("[{}]", names.collect::<Vec<_>>().join(", ")));
            let about = instance.verifies.iter().map(|id| id.as_str());
            let faults = subject.play.capabilities.overlooked.beside(about);
            let names: Vec<String> = faults.iter().filter_map(overlooked).map(text).collect();
            line("OVERLOOKED", &format!("[{}]", names.join(", ")));
            let ca =
                subject.tls.ca.as_ref().map_or("None".to_owned(), |path| text(&path.display().to_string()));
            line("CA", &ca);
            line("INSECURE", truth(subject.tls.insecure));
        }
        Role::Client => {
            let url = opening.address.as_ref().map_or("ws://{host}:{port}/", |address| address.url.as_str());
            line("URL", &text(url));
            line("HEAD", head);
            line("HEAD_LENGTH", &opening.stop_after.map_or("None".to_owned(), |len| len.to_string()));
            line("RESOURCE", if opening.address.is_some() { "None" } else { "b\"/\"" });
            line("CONNECT_WITHIN", &CONNECT_WITHIN.to_string());
        }
    }
}

/// The name of a fault of a response that every play overlooks.
fn overlooked(fault: OpeningFault) -> Option<&'static str> {
    match fault {
        OpeningFault::Status => Some("status"),
        OpeningFault::Upgrade => Some("upgrade"),
        OpeningFault::Connection => Some("connection"),
        OpeningFault::Accept => Some("accept"),
        OpeningFault::Subprotocol
        | OpeningFault::Extension
        | OpeningFault::ResponseForm
        | OpeningFault::RequestForm
        | OpeningFault::RequestLine
        | OpeningFault::RequestTarget
        | OpeningFault::RequestHost
        | OpeningFault::RequestUpgrade
        | OpeningFault::RequestConnection
        | OpeningFault::RequestKey
        | OpeningFault::RequestVersion
        | OpeningFault::RequestSubprotocols
        | OpeningFault::RequestExtensions => None,
    }
}
