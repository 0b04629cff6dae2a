//! `{ exchange = S, count = 100, in-flight = 8 }`: messages sent and their echoes awaited, several at once.

use super::send::SendSurface;
use crate::case::expectation::{Expectation, Outcome};
use crate::case::payload::Payload;
use crate::case::script::{FrameSpec, Piece, Step, Write};
use wsgauntlet_wire::Opcode;

/// The most messages of one exchange.
const COUNT_MAX: usize = 100_000;

/// The steps of an exchange of `count` messages. At most `in_flight` of them are sent before the first echo is awaited.
pub(super) fn steps(send: SendSurface, count: usize, in_flight: usize) -> Result<Vec<Step>, String> {
    if count > COUNT_MAX || in_flight == 0 {
        return Err(format!("`count` is at most {COUNT_MAX}, `in-flight` at least 1"));
    }
    let pieces = send.pieces()?;
    let [piece] = pieces.as_slice() else {
        return Err("`exchange` holds one message, whole or compressed".to_owned());
    };
    let mut steps = Vec::with_capacity(2 * count);
    for index in 0..count {
        if index >= in_flight {
            steps.push(echo(piece, index - in_flight)?);
        }
        let pieces = vec![message(piece, index)];
        steps.push(Step::Send(Write { pieces, ..Write::default() }));
    }
    for index in count.saturating_sub(in_flight)..count {
        steps.push(echo(piece, index)?);
    }
    Ok(steps)
}

/// The message of that index.
fn message(piece: &Piece, index: usize) -> Piece {
    let numbered = |frame: &FrameSpec| FrameSpec { payload: frame.payload.numbered(index), ..frame.clone() };
    match piece {
        Piece::Frame(frame) => Piece::Frame(numbered(frame)),
        Piece::Raw(octets) => Piece::Raw(octets.clone()),
        Piece::Compressed(message) => {
            let mut message = message.clone();
            message.frame = numbered(&message.frame);
            Piece::Compressed(message)
        }
    }
}

fn echo(piece: &Piece, index: usize) -> Result<Step, String> {
    let frame = match piece {
        Piece::Frame(frame) => frame,
        Piece::Compressed(message) => &message.frame,
        Piece::Raw(_) => return Err("`exchange` holds a text or a binary message".to_owned()),
    };
    if !matches!(frame.opcode, Opcode::Text | Opcode::Binary) {
        return Err("`exchange` holds a text or a binary message".to_owned());
    }
    let payload: Payload = frame.payload.numbered(index);
    Ok(Step::Expect(Expectation {
        outcomes: vec![Outcome::Message { opcode: frame.opcode, payload }],
        tolerate: Vec::new(),
        requirement: None,
        within: None,
    }))
}
