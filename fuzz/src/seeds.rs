//! Seeds: what the case library sends, as octets.

use wsgauntlet::embedded;
use wsgauntlet::fuzz::{Rng, Session, generate};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::case::head_edit::Places;
use wsgauntlet_suite::case::script::{Piece, Step};
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::head::HeadDraft;

/// What a target's octets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One octet of choice, then frames of a client.
    Frames,
    /// The same behind one choice more.
    PlayedFrames,
    Requests,
    Responses,
    Extensions,
    Payloads,
    Compressed,
    /// Case files.
    Cases,
    /// What the generator draws.
    Choices,
    Reports,
}

/// The most seeds of one kind, and the longest.
const SEEDS_MAX: usize = 400;
const LEN_MAX: usize = 4096;

/// The seeds of a kind, without repetitions.
pub fn of(kind: Kind) -> Vec<Vec<u8>> {
    let library = embedded::library();
    let instances = || library.instances(Role::Server);
    let mut seeds: Vec<Vec<u8>> = match kind {
        Kind::Frames => instances().filter_map(frames).collect(),
        Kind::PlayedFrames => {
            let each = instances().filter_map(frames).enumerate();
            each.map(|(index, octets)| [&[index as u8], &octets[..]].concat()).collect()
        }
        Kind::Payloads => instances().flat_map(payloads).collect(),
        Kind::Compressed => instances().flat_map(compressed).collect(),
        Kind::Requests => instances().map(|instance| with_choice(&request(instance))).collect(),
        Kind::Responses => library.instances(Role::Client).map(response).collect(),
        Kind::Extensions => instances().flat_map(extensions).collect(),
        Kind::Cases => embedded::sources().into_iter().map(|source| source.text.into_bytes()).collect(),
        Kind::Choices => (0..64).map(|seed| Rng::new(seed).octets(600)).collect(),
        Kind::Reports => vec![b"{\"schema\":\"wsgauntlet/report/1\"}".to_vec(), b"[[deviation]]\n".to_vec()],
    };
    // A case file is long and whole.
    seeds.retain(|seed| kind == Kind::Cases || seed.len() <= LEN_MAX);
    seeds.sort();
    seeds.dedup();
    let step = seeds.len().div_ceil(SEEDS_MAX).max(1);
    seeds.into_iter().step_by(step).collect()
}

fn with_choice(octets: &[u8]) -> Vec<u8> {
    [&[0x80], octets].concat()
}

fn pieces(instance: &Instance) -> impl Iterator<Item = &Piece> {
    instance.script.steps.iter().flat_map(|step| match step {
        Step::Send(write) => &write.pieces[..],
        _ => &[],
    })
}

fn frames(instance: &Instance) -> Option<Vec<u8>> {
    let mut octets = vec![0x80];
    if instance.script.payload_len() > LEN_MAX {
        return None;
    }
    for piece in pieces(instance) {
        match piece {
            Piece::Frame(frame) => octets.extend(frame.encode(Role::Client, [1, 2, 3, 4])),
            Piece::Raw(raw) => octets.extend_from_slice(raw),
            Piece::Compressed(message) => octets.extend(message.frame.encode(Role::Client, [1, 2, 3, 4])),
        }
    }
    (octets.len() > 1).then_some(octets)
}

fn payloads(instance: &Instance) -> Vec<Vec<u8>> {
    let payload = |piece: &Piece| match piece {
        Piece::Frame(frame) if frame.payload.len() <= LEN_MAX => Some(frame.payload.octets()),
        Piece::Frame(_) | Piece::Raw(_) | Piece::Compressed(_) => None,
    };
    pieces(instance).filter_map(payload).collect()
}

fn compressed(instance: &Instance) -> Vec<Vec<u8>> {
    let mut compression = wsgauntlet_suite::peer::compression::Compression::new(None, Role::Client, false);
    let mut seeds = Vec::new();
    for piece in pieces(instance) {
        if let Piece::Compressed(message) = piece
            && message.frame.payload.len() <= LEN_MAX
        {
            let frames = compression.frames(message);
            seeds.push(frames.iter().flat_map(|frame| frame.payload.octets()).collect());
        }
    }
    seeds
}

fn places() -> Places {
    Places {
        host: "localhost".to_owned(),
        target: "/".to_owned(),
        key: "dGhlIHNhbXBsZSBub25jZQ==".to_owned(),
        accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".to_owned(),
        subprotocol: String::new(),
    }
}

fn request(instance: &Instance) -> Vec<u8> {
    let mut draft = HeadDraft::new("GET / HTTP/1.1");
    draft
        .field("Host", "localhost")
        .field("Upgrade", "websocket")
        .field("Connection", "Upgrade")
        .field("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
        .field("Sec-WebSocket-Version", "13");
    instance.script.opening.request.apply(draft, &places())
}

fn response(instance: &Instance) -> Vec<u8> {
    let mut draft = HeadDraft::new("HTTP/1.1 101 Switching Protocols");
    draft
        .field("Upgrade", "websocket")
        .field("Connection", "Upgrade")
        .field("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    instance.script.opening.response.apply(draft, &places())
}

fn extensions(instance: &Instance) -> Vec<Vec<u8>> {
    let edits = &instance.script.opening.request.set;
    let named = edits.iter().filter(|(name, _)| name.eq_ignore_ascii_case(b"Sec-WebSocket-Extensions"));
    named.flat_map(|(_, values)| values.clone()).collect()
}

/// Sessions of the generator, for whoever wants to look at some.
pub fn sessions(count: u64) -> Vec<Session> {
    (0..count).map(|seed| generate::session(&mut Rng::new(seed), Role::Server)).collect()
}
