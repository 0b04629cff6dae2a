//! Frames: headers, order, fragments, and payloads that stay masked with the key that their header has.

use super::rearrange;
use wsgauntlet::fuzz::Rng;
use wsgauntlet_wire::frame::RSV1;
use wsgauntlet_wire::{Frame, Header, LengthForm, Opcode, boundary, mask};

/// Frames with their payloads as the receiver sees them, and what stands behind the last whole one.
fn read(octets: &[u8]) -> (Vec<Frame>, &[u8]) {
    let (mut frames, mut rest) = (Vec::new(), octets);
    while let Some((header, len)) = Header::decode(rest) {
        let Some(end) = usize::try_from(header.payload_len).ok().and_then(|payload| len.checked_add(payload))
        else {
            break;
        };
        let Some(payload) = rest.get(len..end) else { break };
        let mut frame = Frame { header, payload: payload.to_vec() };
        if let Some(key) = header.key {
            mask::apply(key, 0, &mut frame.payload);
        }
        frames.push(frame);
        rest = &rest[end..];
    }
    (frames, rest)
}

/// The octets behind `choices` octets that are none of a frame, with `times` changes.
pub(super) fn mutate(octets: &[u8], choices: usize, times: usize, rng: &mut Rng) -> Vec<u8> {
    let (chosen, rest) = octets.split_at(choices.min(octets.len()));
    let (mut frames, behind) = read(rest);
    change_some(&mut frames, times, rng);
    let mut written = chosen.to_vec();
    written.resize(choices, 0x80);
    for frame in &frames {
        frame.encode(&mut written);
    }
    written.extend_from_slice(behind);
    written
}

/// Frames with `times` changes.
pub(super) fn change_some(frames: &mut Vec<Frame>, times: usize, rng: &mut Rng) {
    for _ in 0..times {
        change(frames, rng);
    }
}

fn change(frames: &mut Vec<Frame>, rng: &mut Rng) {
    let at = rng.below(frames.len());
    match rng.below(8) {
        0 | 1 => {
            let new = some_frame(rng);
            rearrange(frames, new, rng);
        }
        2 => split(frames, at, rng),
        3 => {
            let payload = some_payload(rng);
            alter(frames, at, |frame| set_payload(frame, payload));
        }
        4 => {
            let (end, len) = (rng.once_in(2), *rng.pick(boundary::SHORT_LENGTHS));
            alter(frames, at, |frame| set_payload(frame, resized(&frame.payload, len, end)));
        }
        5 => {
            let opcode = some_opcode(rng);
            alter(frames, at, |frame| frame.header.opcode = opcode);
        }
        6 => alter(frames, at, |frame| frame.header.fin = !frame.header.fin),
        _ => {
            let (which, key) = (rng.below(4), rng.draw().to_be_bytes());
            alter(frames, at, |frame| match which {
                0 => frame.header.rsv ^= RSV1,
                1 => frame.header.key = Some([key[0], key[1], key[2], key[3]]),
                2 => frame.header.key = None,
                _ => widen(&mut frame.header),
            });
        }
    }
}

fn alter(frames: &mut [Frame], at: usize, how: impl FnOnce(&mut Frame)) {
    if let Some(frame) = frames.get_mut(at) {
        how(frame);
    }
}

/// Two fragments of one frame, and now and then a ping between them.
fn split(frames: &mut Vec<Frame>, at: usize, rng: &mut Rng) {
    let Some(frame) = frames.get_mut(at) else { return };
    let (first, second) = frame.payload.split_at(rng.below(frame.payload.len() + 1));
    let (first, second) = (first.to_vec(), second.to_vec());
    let mut behind = frame.clone();
    behind.header.opcode = Opcode::Continuation;
    behind.header.rsv = 0;
    set_payload(&mut behind, second);
    frame.header.fin = false;
    set_payload(frame, first);
    frames.insert(at + 1, behind);
    if rng.once_in(3) {
        frames.insert(at + 1, Frame::new(Opcode::Ping, *b"between").masked([7, 0, 9, 4]));
    }
}

fn set_payload(frame: &mut Frame, payload: Vec<u8>) {
    frame.header.payload_len = payload.len() as u64;
    frame.header.length_form = LengthForm::minimal(frame.header.payload_len);
    frame.payload = payload;
}

/// A longer form of the length than its value needs, §5.2.
fn widen(header: &mut Header) {
    header.length_form = match header.length_form {
        LengthForm::Seven => LengthForm::Sixteen,
        LengthForm::Sixteen | LengthForm::SixtyFour => LengthForm::SixtyFour,
    };
}

/// `len` octets of the payload, filled up or cut at one of its ends.
fn resized(payload: &[u8], len: usize, end: bool) -> Vec<u8> {
    let kept = payload.len().min(len);
    let filling = vec![b'*'; len - kept];
    if end {
        [&payload[..kept], &filling].concat()
    } else {
        [&filling, &payload[payload.len() - kept..]].concat()
    }
}

fn some_opcode(rng: &mut Rng) -> Opcode {
    *rng.pick(boundary::OPCODES)
}

fn some_payload(rng: &mut Rng) -> Vec<u8> {
    (0..=rng.below(3)).flat_map(|_| *rng.pick(boundary::PAYLOADS)).copied().collect()
}

fn some_frame(rng: &mut Rng) -> Frame {
    Frame::new(some_opcode(rng), some_payload(rng)).masked([0x37, 0xfa, 0x21, 0x3d]).fin(!rng.once_in(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole frames stay whole frames, with their payloads readable, and something about them changes.
    #[test]
    fn frames_stay_frames() {
        let mut octets = vec![0x80];
        for frame in [Frame::new(Opcode::Text, *b"one"), Frame::new(Opcode::Close, *b"\x03\xe8")] {
            frame.masked([1, 2, 3, 4]).encode(&mut octets);
        }
        let mut changed = 0;
        for seed in 0..500 {
            let mutated = mutate(&octets, 1, 1, &mut Rng::new(seed));
            let (_, behind) = read(&mutated[1..]);
            assert_eq!(behind, b"", "seed {seed}: {mutated:02x?}");
            changed += usize::from(mutated != octets);
        }
        assert!(changed > 400, "{changed} of 500");
    }

    /// What is no whole frame stays where it is.
    #[test]
    fn what_is_behind_stays() {
        let octets = [0x80, 0x81, 0xfe, 0xff];
        for seed in 0..100 {
            assert!(mutate(&octets, 1, 3, &mut Rng::new(seed)).ends_with(&octets[1..]), "seed {seed}");
        }
    }

    /// The halves of a split frame are its payload.
    #[test]
    fn fragments_are_the_message() {
        for seed in 0..50 {
            let mut frames = vec![Frame::new(Opcode::Text, *b"a message").masked([1, 2, 3, 4])];
            split(&mut frames, 0, &mut Rng::new(seed));
            let last = frames.len() - 1;
            assert_eq!([&frames[0].payload[..], &frames[last].payload].concat(), b"a message");
            assert!(!frames[0].header.fin && frames[last].header.fin);
            assert_eq!(frames[last].header.opcode, Opcode::Continuation);
        }
    }
}
