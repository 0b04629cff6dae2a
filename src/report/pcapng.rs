//! Plays as a pcapng file: Ethernet, IPv4 and TCP are made up around the octets of the transcript,
//! so that Wireshark follows the connection and decodes HTTP and WebSocket. The server listens at
//! port 80, where Wireshark looks for HTTP; what went over TLS stands there as it was within it.

use etherparse::PacketBuilder;
use std::time::Duration;
use wsgauntlet_suite::transcript::{EventKind, Transcript, Transport};
use wsgauntlet_wire::Role;

const CLIENT: [u8; 4] = [192, 0, 2, 1];
const SERVER: [u8; 4] = [192, 0, 2, 2];
const SERVER_PORT: u16 = 80;

/// The first port of clients; each play has its own.
const CLIENT_PORT: u16 = 49_152;

/// The most octets in one segment: what Ethernet and the usual headers leave.
const SEGMENT_LEN_MAX: usize = 1460;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
const COMMENT: u16 = 1;
const LINK_TYPE_ETHERNET: u16 = 1;

/// One play, with its comment.
#[derive(Debug)]
pub struct Capture<'a> {
    /// What happened.
    pub transcript: &'a Transcript,
    /// The comment on the first packet.
    pub comment: String,
    /// When it began, since 1970.
    pub began: Duration,
}

/// The file.
pub fn render(captures: &[Capture<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut section = Vec::new();
    section.extend(0x1a2b_3c4d_u32.to_le_bytes());
    section.extend(1u16.to_le_bytes());
    section.extend(0u16.to_le_bytes());
    // The section's length is not given.
    section.extend(u64::MAX.to_le_bytes());
    section.extend(comment("made by wsgauntlet from its transcripts: the lower layers are made up"));
    block(&mut out, SECTION_HEADER, &section);
    let mut interface = Vec::new();
    interface.extend(LINK_TYPE_ETHERNET.to_le_bytes());
    interface.extend(0u16.to_le_bytes());
    interface.extend(0u32.to_le_bytes());
    block(&mut out, INTERFACE, &interface);
    for (index, capture) in captures.iter().enumerate() {
        let port = CLIENT_PORT + (index % usize::from(u16::MAX - CLIENT_PORT)) as u16;
        Connection::new(capture, port).write(&mut out);
    }
    out
}

/// A block: type, length, body, padding, length.
fn block(out: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let padded = body.len().next_multiple_of(4);
    let total = (padded + 12) as u32;
    out.extend(kind.to_le_bytes());
    out.extend(total.to_le_bytes());
    out.extend(body);
    out.resize(out.len() + padded - body.len(), 0);
    out.extend(total.to_le_bytes());
}

/// The options of a block that has a comment and nothing else.
fn comment(text: &str) -> Vec<u8> {
    let text: Vec<u8> = text.bytes().take(usize::from(u16::MAX) - 3).collect();
    let mut out = Vec::new();
    out.extend(COMMENT.to_le_bytes());
    out.extend((text.len() as u16).to_le_bytes());
    out.extend(&text);
    out.resize(out.len().next_multiple_of(4), 0);
    out.extend([0; 4]);
    out
}

/// The flags of a segment, beside ACK.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flag {
    Syn,
    SynAck,
    Ack,
    Push,
    Fin,
    Reset,
}

/// A TCP connection while it is written.
struct Connection<'a> {
    capture: &'a Capture<'a>,
    port: u16,
    /// What the client and the server send next.
    sequence: [u32; 2],
    comment: Option<String>,
}

impl<'a> Connection<'a> {
    fn new(capture: &'a Capture<'a>, port: u16) -> Connection<'a> {
        Connection { capture, port, sequence: [1000, 5000], comment: Some(capture.comment.clone()) }
    }

    fn write(mut self, out: &mut Vec<u8>) {
        // `Sent` is our peer's, which has the other role.
        let ours = self.capture.transcript.role.peer();
        let theirs = self.capture.transcript.role;
        // Over HTTP/2 the octets of TCP are the carrier's, and the end of the lane is in them.
        let is_carried = self.capture.transcript.transport != Transport::Http1;
        for event in &self.capture.transcript.events {
            match &event.kind {
                EventKind::CarrierSent(octets) => self.octets(out, event.at, ours, octets),
                EventKind::CarrierReceived(octets) => self.octets(out, event.at, theirs, octets),
                EventKind::Sent(_)
                | EventKind::Received(_)
                | EventKind::SentEof
                | EventKind::ReceivedEof
                | EventKind::ReceivedReset
                    if is_carried => {}
                EventKind::Connected => {
                    self.segment(out, event.at, Role::Client, Flag::Syn, &[]);
                    self.segment(out, event.at, Role::Server, Flag::SynAck, &[]);
                    self.segment(out, event.at, Role::Client, Flag::Ack, &[]);
                }
                EventKind::Sent(octets) => self.octets(out, event.at, ours, octets),
                EventKind::Received(octets) => self.octets(out, event.at, theirs, octets),
                EventKind::SentEof => self.segment(out, event.at, ours, Flag::Fin, &[]),
                EventKind::ReceivedEof => self.segment(out, event.at, theirs, Flag::Fin, &[]),
                EventKind::SentReset => self.segment(out, event.at, ours, Flag::Reset, &[]),
                EventKind::ReceivedReset => self.segment(out, event.at, theirs, Flag::Reset, &[]),
                EventKind::ClientHello(_)
                | EventKind::GaveUp
                | EventKind::StepSent(_)
                | EventKind::StepDecided(_)
                | EventKind::StepExpired(_)
                | EventKind::TargetDied(_)
                | EventKind::Frozen => {}
            }
        }
    }

    fn octets(&mut self, out: &mut Vec<u8>, at: Duration, from: Role, octets: &[u8]) {
        for piece in octets.chunks(SEGMENT_LEN_MAX) {
            self.segment(out, at, from, Flag::Push, piece);
        }
    }

    fn segment(&mut self, out: &mut Vec<u8>, at: Duration, from: Role, flag: Flag, octets: &[u8]) {
        let from_client = from == Role::Client;
        let (own, other) = if from_client { (0, 1) } else { (1, 0) };
        let (sequence, acknowledged) = (self.sequence[own], self.sequence[other]);
        let (source, destination) = if from_client { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
        let ports = if from_client { (self.port, SERVER_PORT) } else { (SERVER_PORT, self.port) };
        let mac = |last: u8| [2, 0, 0, 0, 0, last];
        let builder = PacketBuilder::ethernet2(mac(source[3]), mac(destination[3]))
            .ipv4(source, destination, 64)
            .tcp(ports.0, ports.1, sequence, u16::MAX);
        let builder = match flag {
            Flag::Syn => builder.syn(),
            Flag::SynAck => builder.syn().ack(acknowledged),
            Flag::Ack => builder.ack(acknowledged),
            Flag::Push => builder.psh().ack(acknowledged),
            Flag::Fin => builder.fin().ack(acknowledged),
            Flag::Reset => builder.rst().ack(acknowledged),
        };
        let takes_one = matches!(flag, Flag::Syn | Flag::SynAck | Flag::Fin);
        self.sequence[own] = sequence.wrapping_add(octets.len() as u32 + u32::from(takes_one));
        let mut packet = Vec::with_capacity(builder.size(octets.len()));
        builder.write(&mut packet, octets).expect("a segment fits into a packet");
        let micros = (self.capture.began + at).as_micros() as u64;
        let mut body = Vec::new();
        body.extend(0u32.to_le_bytes());
        body.extend(((micros >> 32) as u32).to_le_bytes());
        body.extend((micros as u32).to_le_bytes());
        body.extend((packet.len() as u32).to_le_bytes());
        body.extend((packet.len() as u32).to_le_bytes());
        body.extend(&packet);
        body.resize(body.len().next_multiple_of(4), 0);
        if let Some(text) = self.comment.take() {
            body.extend(comment(&text));
        }
        block(out, ENHANCED_PACKET, &body);
    }
}
