//! Seeds: what the case library sends, as the octets that each kind of target reads. Those of structured targets are
//! written as choices, which make the same values again.

use crate::heads;
use crate::inputs::{CutFrames, CutHead, PlayedFrames};
use wsgauntlet::embedded;
use wsgauntlet::fuzz::{Rng, Session, generate};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::case::head_edit::HeadEdit;
use wsgauntlet_suite::case::script::{Piece, Step};
use wsgauntlet_wire::choices::Chosen;
use wsgauntlet_wire::deflate::{Encoder, Message, Settings};
use wsgauntlet_wire::opening::{Extension, extension};
use wsgauntlet_wire::{Frame, Header, Role, mask};

/// What a target's octets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One octet of choice, then frames of a client.
    Frames,
    /// [`crate::inputs::CutFrames`], as choices.
    CutFrames,
    /// [`crate::inputs::PlayedFrames`], as choices.
    PlayedFrames,
    /// [`crate::inputs::CutHead`] of a request, as choices.
    RequestEdits,
    /// [`crate::inputs::CutHead`] of a response, as choices.
    ResponseEdits,
    /// A list of extensions, as choices.
    ExtensionLists,
    /// A list of compressed messages, as choices.
    Messages,
    /// An instance, as choices.
    Instances,
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

/// The seeds of a kind, at most 400 of them: see [`all`].
pub fn of(kind: Kind) -> Vec<Vec<u8>> {
    let seeds = all(kind);
    let step = seeds.len().div_ceil(SEEDS_MAX).max(1);
    seeds.into_iter().step_by(step).collect()
}

/// All that the library has of a kind, sorted and without repetitions.
pub(crate) fn all(kind: Kind) -> Vec<Vec<u8>> {
    let library = embedded::library();
    let instances = || library.instances(Role::Server);
    let mut seeds: Vec<Vec<u8>> = match kind {
        Kind::Frames => instances().filter_map(frames).collect(),
        Kind::PlayedFrames => {
            let each = instances().filter_map(cut_frames).enumerate();
            each.map(|(index, sent)| PlayedFrames { instance: index as u8, sent }.choices()).collect()
        }
        Kind::CutFrames => instances().filter_map(cut_frames).map(|frames| frames.choices()).collect(),
        Kind::RequestEdits => instances().map(|instance| edit(&instance.script.opening.request)).collect(),
        Kind::ResponseEdits => {
            library.instances(Role::Client).map(|instance| edit(&instance.script.opening.response)).collect()
        }
        Kind::ExtensionLists => {
            let lists = instances().flat_map(extensions).filter_map(|list| extension::parse(&list).ok());
            lists.map(|list: Vec<Extension>| list.choices()).collect()
        }
        Kind::Messages => instances().map(messages).map(|messages| messages.choices()).collect(),
        Kind::Instances => instances().chain(library.instances(Role::Client)).map(|i| i.choices()).collect(),
        Kind::Payloads => instances().flat_map(payloads).collect(),
        Kind::Compressed => instances().flat_map(compressed).collect(),
        Kind::Requests => instances()
            .map(|instance| with_choice(&heads::request(&instance.script.opening.request)))
            .collect(),
        Kind::Responses => library
            .instances(Role::Client)
            .map(|instance| heads::response(&instance.script.opening.response, b""))
            .collect(),
        Kind::Extensions => instances().flat_map(extensions).collect(),
        Kind::Cases => embedded::sources().into_iter().map(|source| source.text.into_bytes()).collect(),
        Kind::Choices => (0..64).map(|seed| Rng::new(seed).octets(600)).collect(),
        Kind::Reports => vec![b"{\"schema\":\"wsgauntlet/report/1\"}".to_vec(), b"[[deviation]]\n".to_vec()],
    };
    // A case file is long and whole.
    seeds.retain(|seed| kind == Kind::Cases || seed.len() <= LEN_MAX);
    seeds.sort();
    seeds.dedup();
    seeds
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

/// The frames that an instance sends, as a reader finds them.
fn cut_frames(instance: &Instance) -> Option<CutFrames> {
    let octets = frames(instance)?;
    let (cut, mut rest) = octets.split_first()?;
    let mut frames = Vec::new();
    while let Some((header, len)) = Header::decode(rest) {
        let wanted = usize::try_from(header.payload_len).unwrap_or(usize::MAX);
        let end = len.saturating_add(wanted).min(rest.len());
        let mut payload = rest[len..end].to_vec();
        if let Some(key) = header.key {
            mask::apply(key, 0, &mut payload);
        }
        frames.push(Frame { header, payload });
        rest = &rest[end..];
    }
    (!frames.is_empty()).then_some(CutFrames { cut: *cut, frames })
}

/// An edit of a head that is cut in the middle, as choices.
fn edit(edit: &HeadEdit) -> Vec<u8> {
    CutHead { cut: 0x80, edit: edit.clone() }.choices()
}

/// The compressed messages of an instance, in blocks of the shape that each asks for.
fn messages(instance: &Instance) -> Vec<Message> {
    let mut encoder = Encoder::new(Settings::default());
    let compressed = pieces(instance).filter_map(|piece| match piece {
        Piece::Compressed(message) if message.frame.payload.len() <= LEN_MAX => Some(message),
        Piece::Compressed(_) | Piece::Frame(_) | Piece::Raw(_) => None,
    });
    compressed
        .map(|message| Message {
            ending: message.how.ending,
            padding: message.how.padding,
            trailing: message.how.trailing.clone(),
            cut_len: message.how.cut_len,
            ..encoder.message(&message.frame.payload.octets(), &message.how.shape)
        })
        .collect()
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

fn extensions(instance: &Instance) -> Vec<Vec<u8>> {
    let edits = &instance.script.opening.request.set;
    let named = edits.iter().filter(|(name, _)| name.eq_ignore_ascii_case(b"Sec-WebSocket-Extensions"));
    named.flat_map(|(_, values)| values.clone()).collect()
}

/// Sessions of the generator, for whoever wants to look at some.
pub fn sessions(count: u64) -> Vec<Session> {
    (0..count).map(|seed| generate::session(&mut Rng::new(seed), Role::Server)).collect()
}
