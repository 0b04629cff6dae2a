//! The structured targets: what they are given is a value, which its octets cannot fail to make. Most hand the octets that
//! the value writes to the target that reads octets, and then ask what only the value can tell.

use crate::codec::{run_deflate, run_extensions, run_frames, run_request, run_response};
use crate::endpoints::{play_against, run_reference_cuts};
use crate::heads;
use crate::inputs::{CutFrames, CutHead, read};
use std::time::Duration;
use wsgauntlet::case::{Instance, Script};
use wsgauntlet::embedded;
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet::wire::deflate::{Inflater, Message};
use wsgauntlet::wire::opening::{Extension, RequestHead, ResponseHead, extension};
use wsgauntlet::wire::{Role, naive};
use wsgauntlet_reference::{Endpoint, Transmit};
use wsgauntlet_suite::oracle;
use wsgauntlet_suite::peer::PlayConfig;

/// The octets of frames are read as these frames, up to the first whose header declares another length than it has.
pub fn run_frame_values(octets: &[u8]) {
    let input: CutFrames = read(octets);
    let written = input.octets();
    run_frames(&written);
    let found = naive::frames(&written[1..]);
    let sound =
        input.frames.iter().take_while(|frame| frame.header.payload_len == frame.payload.len() as u64);
    for (frame, found) in sound.zip(&found) {
        assert_eq!((found.fin, found.opcode), (frame.header.fin, frame.header.opcode.bits()));
        assert_eq!((&found.payload, found.complete), (&frame.payload, true));
    }
}

/// A request is decided the same in any cut, and a well-formed head is parsed as the head that it was written from.
pub fn run_request_values(octets: &[u8]) {
    let CutHead { cut, edit } = read(octets);
    let written = heads::request(&edit);
    run_request(&[&[cut], &written[..]].concat());
    if let Ok(Some((head, _))) = RequestHead::parse(&written) {
        let again = head.draft().to_octets();
        assert_eq!(RequestHead::parse(&again), Ok(Some((head, again.len()))));
    }
}

/// A client decides the same of a response in any cut, and a well-formed head is parsed as it was written.
pub fn run_response_values(octets: &[u8]) {
    let CutHead { cut, edit } = read(octets);
    let decide = |cut: Option<usize>| {
        let mut client = Endpoint::new(wsgauntlet::fuzz::memory::config(Role::Client));
        let mut sent = Vec::new();
        while let Some(Transmit::Octets(octets)) = client.poll_transmit(Duration::ZERO) {
            sent.extend(octets);
        }
        let response = heads::response(&edit, &sent);
        let (first, second) = response.split_at(cut.map_or(response.len(), |cut| response.len() * cut / 256));
        client.receive(Duration::ZERO, first);
        client.receive(Duration::ZERO, second);
        let events: Vec<_> = std::iter::from_fn(|| client.poll_event()).collect();
        (response, format!("{events:?}"))
    };
    let (response, events) = decide(None);
    assert_eq!(decide(Some(usize::from(cut))).1, events);
    run_response(&response);
    if let Ok(Some((head, _))) = ResponseHead::parse(&response) {
        let again = head.draft().to_octets();
        assert_eq!(ResponseHead::parse(&again), Ok(Some((head, again.len()))));
    }
}

/// Extensions are written so that they are read as the same.
pub fn run_extension_values(octets: &[u8]) {
    let extensions: Vec<Extension> = wsgauntlet::wire::choices::Chosen::from_choices(octets);
    let elements: Vec<String> = extensions.iter().map(Extension::to_element).collect();
    let written = elements.join(" ,");
    run_extensions(written.as_bytes());
    if !extensions.is_empty() {
        assert_eq!(extension::parse(written.as_bytes()), Ok(extensions));
    }
}

/// How far a message is inflated, in octets.
const OUTPUT_LEN_MAX: usize = 1 << 18;

/// Messages of any blocks inflate as zlib has it, one by one, and in one context the walk changes nothing.
pub fn run_deflate_values(octets: &[u8]) {
    let messages: Vec<Message> = wsgauntlet::wire::choices::Chosen::from_choices(octets);
    let (mut walking, mut quick) = (Inflater::new(OUTPUT_LEN_MAX), Inflater::new(OUTPUT_LEN_MAX));
    for message in messages {
        let payload = message.encode();
        run_deflate(&payload);
        let peeked = walking.peek(&payload);
        let walk = walking.inflate_message(&payload);
        assert_eq!(peeked, walk);
        assert_eq!(quick.inflate(&payload), walk.end.map(|()| walk.output));
    }
}

/// The reference decides the same whatever way frames are cut.
pub fn run_reference_values(octets: &[u8]) {
    run_reference_cuts(&read::<CutFrames>(octets).octets());
}

/// How many octets a script may send, and how many times it may repeat something, so that thousands are played a second.
const PLAYED_LEN_MAX: usize = 1 << 16;

/// Whatever a script does and expects, the play against the reference ends, and is judged twice alike.
pub fn run_script(octets: &[u8]) {
    let instance: Instance = read(octets);
    if !is_light(&instance.script) {
        return;
    }
    let play = PlayConfig::new("localhost");
    let transcript = reference::play(&instance, &play, reference::config(instance.role), Link::Direct);
    let judge = || format!("{:?}", oracle::judge(&instance, &transcript, embedded::catalogue()));
    assert_eq!(judge(), judge());
    play_against(&instance, b"");
}

/// Whether a play of the script takes little time and memory.
fn is_light(script: &Script) -> bool {
    use wsgauntlet::case::compress::{Content, TokenRun};
    use wsgauntlet::case::{Outcome, Piece, Step};
    let expected = |step: &Step| match step {
        Step::Expect(expectation) => {
            let outcomes = expectation.outcomes.iter().chain(&expectation.tolerate);
            let len = |outcome: &Outcome| match outcome {
                Outcome::Message { payload, .. } | Outcome::Pong(payload) => payload.len(),
                _ => 0,
            };
            outcomes.map(len).sum()
        }
        Step::Send(write) => {
            let repeated = |piece: &Piece| match piece {
                Piece::Compressed(message) => {
                    let tokens = match &message.how.content {
                        Content::Tokens(runs) => runs.iter().map(count).sum(),
                        Content::Shaped | Content::Fault(_) => 0,
                    };
                    let between = message.between.iter().map(|frame| frame.payload.len() + 1).sum::<usize>();
                    tokens + between * (1 + message.frame.payload.len())
                }
                Piece::Frame(_) | Piece::Raw(_) => 0,
            };
            write.flood + write.pieces.iter().map(repeated).sum::<usize>()
        }
        _ => 0,
    };
    fn count(run: &TokenRun) -> usize {
        match run {
            TokenRun::Matches { count, .. } => count * 258,
            TokenRun::Literals(_) | TokenRun::InvalidLength { .. } | TokenRun::InvalidDistance { .. } => 0,
        }
    }
    script.payload_len() + script.steps.iter().map(expected).sum::<usize>() <= PLAYED_LEN_MAX
        && script
            .opening
            .address
            .as_ref()
            .and_then(|address| address.redirect.as_ref())
            .is_none_or(|r| r.times <= 100)
}
