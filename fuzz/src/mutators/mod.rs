//! Mutators that know what a target's octets are: frames stay frames, lines stay lines, blocks stay blocks. Half of the time
//! libFuzzer's own mutations, of octets, are left to do what these would never do. Start reading in `mutate`.

mod blocks;
mod frames;
mod lines;

use crate::inputs::{CutFrames, PlayedFrames};
use crate::seeds::Kind;
use wsgauntlet::fuzz::Rng;
use wsgauntlet_wire::choices::Chosen;

/// libFuzzer's own: the buffer, the length of what it holds, the length it may reach; gives the new length.
pub type Plain = fn(&mut [u8], usize, usize) -> usize;

/// Mutates the first `len` octets of `data` in place, into `len_max` octets at the most; gives the new length.
pub fn mutate(kind: Kind, data: &mut [u8], len: usize, len_max: usize, seed: u32, plain: Plain) -> usize {
    let mut rng = Rng::new(u64::from(seed));
    if rng.once_in(2) {
        return plain(data, len, len_max);
    }
    match structured(kind, &data[..len], &mut rng) {
        Some(mutated) => {
            let len = mutated.len().min(len_max);
            data[..len].copy_from_slice(&mutated[..len]);
            len
        }
        None => plain(data, len, len_max),
    }
}

/// The octets with one to four things about them changed; nothing for a kind that has no structure of its own.
pub fn structured(kind: Kind, octets: &[u8], rng: &mut Rng) -> Option<Vec<u8>> {
    let times = 1 + rng.below(4);
    match kind {
        Kind::Frames => Some(frames::mutate(octets, 1, times, rng)),
        Kind::CutFrames => {
            let mut input = CutFrames::from_choices(octets);
            frames::change_some(&mut input.frames, times, rng);
            Some(input.choices())
        }
        Kind::PlayedFrames => {
            let mut input = PlayedFrames::from_choices(octets);
            frames::change_some(&mut input.sent.frames, times, rng);
            Some(input.choices())
        }
        Kind::Requests | Kind::Responses => Some(lines::mutate(octets, b"\r\n", times, rng)),
        Kind::Cases | Kind::Reports => Some(lines::mutate(octets, b"\n", times, rng)),
        Kind::Compressed => Some(blocks::mutate(octets, rng)),
        // Every octet of choices is one choice: libFuzzer's own mutations change values, not syntax.
        Kind::ExtensionLists
        | Kind::Instances
        | Kind::Messages
        | Kind::RequestEdits
        | Kind::ResponseEdits => None,
        Kind::Choices | Kind::Extensions | Kind::Payloads => None,
    }
}

/// Takes one of a list away, doubles it, moves it, or puts a new one in.
fn rearrange<T: Clone>(list: &mut Vec<T>, new: T, rng: &mut Rng) {
    let at = rng.below(list.len());
    match rng.below(4) {
        _ if list.is_empty() => list.push(new),
        0 => drop(list.remove(at)),
        1 => list.insert(at, list[at].clone()),
        2 => {
            let moved = list.remove(at);
            list.insert(rng.below(list.len() + 1), moved);
        }
        _ => list.insert(at, new),
    }
}
