//! A target whose opening head is wrong, but means to open: a server's response, or a client's request. The run goes on with a
//! peer that overlooks the faults, and says so at its head; the instances that are about a fault report it.

use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::matching;
use wsgauntlet_suite::oracle::decoded::DecodedTranscript;
use wsgauntlet_suite::oracle::verdict::Source;
use wsgauntlet_suite::oracle::{Failure, judge};
use wsgauntlet_suite::requirement::{Catalogue, Requirement};
use wsgauntlet_suite::transcript::{OpeningFault, OpeningFaults, Transcript};
use wsgauntlet_wire::opening::{RequestHead, ResponseHead, key};
use wsgauntlet_wire::{Header, Opcode, hex};

/// The faults of one opening, each with what is said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrongOpening {
    pub faults: OpeningFaults,
    pub remarks: Vec<String>,
}

/// What is wrong with the response in a play that asked for nothing but the opening.
pub(super) fn look(instance: &Instance, transcript: &Transcript, catalogue: &Catalogue) -> WrongOpening {
    let decoded = DecodedTranscript::new(transcript);
    let Some(head) = &decoded.response else { return WrongOpening::default() };
    let status = OpeningFaults::NONE.with(OpeningFault::Status);
    if !status.switches(head) {
        return WrongOpening::default();
    }
    let accept = matching::expected_accept(transcript);
    let mut faults = OpeningFaults::NONE;
    if head.status != 101 {
        faults = faults.with(OpeningFault::Status);
    }
    for mistake in matching::mistakes(head, accept.as_deref()) {
        faults = faults.with(mistake.fault);
    }
    // The monitors look more closely: `Upgrade: websocket, h2c` opens, and is wrong.
    let verdict = judge(instance, transcript, catalogue);
    let broken: Vec<&str> = verdict.failures().map(|failure| failure.requirement.as_str()).collect();
    for fault in OpeningFault::ALL.into_iter().filter(|fault| *fault < OpeningFault::RequestForm) {
        if fault.requirements().iter().any(|id| broken.contains(id)) {
            faults = faults.with(fault);
        }
    }
    let key = sent_key(transcript);
    let remark = |fault: OpeningFault| {
        let by_monitor =
            verdict.failures().find(|failure| fault.requirements().contains(&failure.requirement.as_str()));
        let what = match by_monitor.filter(|_| fault == OpeningFault::ResponseForm) {
            Some(failure) => format!(
                "the head of the server's response is not formed as it must be (expected {}, got {})",
                failure.expected, failure.observed
            ),
            None => describe(fault, head, accept.as_deref(), key.as_deref()),
        };
        let section =
            fault.requirements().first().and_then(|id| catalogue.get(id)).map(Requirement::citation);
        let section = section.map_or(String::new(), |section| format!(", {section}"));
        format!("{what}{section}; the audit goes on with a client that accepts that")
    };
    let mut remarks: Vec<String> = faults.iter().map(remark).collect();
    remarks.extend(behind_the_head(&transcript.received()));
    WrongOpening { faults, remarks }
}

/// What is said of octets right behind the head that begin no frame: nothing that follows them can be read.
fn behind_the_head(received: &[u8]) -> Option<String> {
    let (_, len) = ResponseHead::parse(received).ok().flatten()?;
    let rest = &received[len..];
    let (header, _) = Header::decode(rest)?;
    let is_reserved = matches!(header.opcode, Opcode::ReservedData(_) | Opcode::ReservedControl(_));
    let is_frame = header.rsv == 0 && header.key.is_none() && !is_reserved;
    (!is_frame).then(|| {
        let octets = hex::encode_short(rest, OCTETS_SHOWN);
        format!("the server sends octets behind the head of its response that are no frame ({octets}), RFC 6455 §4.2.2; what follows them is read as frames all the same")
    })
}

/// The most octets that a remark shows.
const OCTETS_SHOWN: usize = 16;

/// The key of our request.
fn sent_key(transcript: &Transcript) -> Option<Vec<u8>> {
    let (head, _) = RequestHead::parse(&transcript.sent()).ok().flatten()?;
    head.fields.single("Sec-WebSocket-Key").map(<[u8]>::to_vec)
}

/// What is wrong with the request of a client, in any play.
pub(super) fn look_at_request(
    instance: &Instance,
    transcript: &Transcript,
    catalogue: &Catalogue,
) -> WrongOpening {
    let verdict = judge(instance, transcript, catalogue);
    let mut wrong = WrongOpening::default();
    let of_request = |fault: &OpeningFault| *fault >= OpeningFault::RequestForm;
    for fault in OpeningFault::ALL.into_iter().filter(of_request) {
        let complained = |failure: &&Failure| matches!(failure.source, Source::Monitor(MONITOR | OFFERS));
        let broken = |failure: &&Failure| fault.requirements().contains(&failure.requirement.as_str());
        if let Some(failure) = verdict.failures().filter(complained).find(broken) {
            wrong.faults = wrong.faults.with(fault);
            wrong.remarks.push(format!(
                "the client's requests are wrong (expected {}, got {}); the audit goes on with a server that accepts that",
                failure.expected, failure.observed
            ));
        }
    }
    wrong
}

/// The monitors that watch requests.
const MONITOR: &str = "request-head";
const OFFERS: &str = "offers";

impl WrongOpening {
    /// What is wrong with another opening, too.
    pub fn keep(&mut self, other: &WrongOpening) {
        let kept = self.faults.and(other.faults);
        let remarks = std::mem::take(&mut self.remarks);
        self.remarks = self
            .faults
            .iter()
            .zip(remarks)
            .filter(|(fault, _)| kept.contains(*fault))
            .map(|(_, remark)| remark)
            .collect();
        self.faults = kept;
    }
}

fn describe(fault: OpeningFault, head: &ResponseHead, accept: Option<&str>, key: Option<&[u8]>) -> String {
    let ResponseHead { status, reason, fields, minor_version } = head;
    let response = if *status == 101 { "the server's 101" } else { "the server's response" };
    let given = |name: &str| {
        let lines: Vec<String> =
            fields.values(name).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        (!lines.is_empty()).then(|| lines.join(" | "))
    };
    let wrong = |name: &str, expected: &str| match given(name) {
        None => format!("{response} has no {name} (expected {expected})"),
        Some(given) => format!("{response} has a wrong {name} (expected {expected}, got {given})"),
    };
    match fault {
        OpeningFault::Status if *status == 101 => {
            format!("the server opens with HTTP/1.{minor_version} 101 in place of HTTP/1.1 101")
        }
        OpeningFault::Status => {
            format!("the server opens with {status} {reason} in place of 101 Switching Protocols")
        }
        OpeningFault::Upgrade => wrong("Upgrade", "websocket"),
        OpeningFault::Connection => wrong("Connection", "Upgrade"),
        OpeningFault::Accept if fields.count("Sec-WebSocket-Accept") > 1 => {
            let (count, due) =
                (fields.count("Sec-WebSocket-Accept"), accept.unwrap_or("the hash of the key"));
            format!("{response} has {count} Sec-WebSocket-Accept (expected one, {due})")
        }
        OpeningFault::Accept => {
            let value = fields.values("Sec-WebSocket-Accept").next();
            let what = value.zip(key).and_then(|(value, key)| key::explain(value, key));
            let what = what.map_or(String::new(), |what| format!(": it is {what}"));
            format!("{}{what}", wrong("Sec-WebSocket-Accept", accept.unwrap_or("the hash of the key")))
        }
        OpeningFault::Subprotocol => format!(
            "{response} names the subprotocol {:?}, which was not offered",
            given("Sec-WebSocket-Protocol").unwrap_or_default()
        ),
        OpeningFault::Extension => format!(
            "{response} accepts the extension {:?}, which was not offered",
            given("Sec-WebSocket-Extensions").unwrap_or_default()
        ),
        OpeningFault::ResponseForm => format!("the head of {response} is not formed as it must be"),
        OpeningFault::RequestForm
        | OpeningFault::RequestLine
        | OpeningFault::RequestTarget
        | OpeningFault::RequestHost
        | OpeningFault::RequestUpgrade
        | OpeningFault::RequestConnection
        | OpeningFault::RequestKey
        | OpeningFault::RequestVersion
        | OpeningFault::RequestSubprotocols
        | OpeningFault::RequestExtensions => format!("{response} has a fault of requests"),
    }
}
