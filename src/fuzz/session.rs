//! What is sent in one connection: an opening, and scripts one behind the other. The steps are those of cases, so that
//! cases are seeds, and what is found is a case.

use wsgauntlet_suite::case::Script;
use wsgauntlet_suite::case::script::{Opening, Piece, Step, Write};

/// One connection of the fuzzer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Session {
    /// What our peer does differently while the connection opens.
    pub opening: Opening,
    /// After each script everything that it asks for is awaited; the next one follows where the connection is open.
    pub scripts: Vec<Vec<Step>>,
}

impl Session {
    /// What our peer sends of a case, without what it expects. `None`: nothing is left of it.
    pub fn from_case(script: &Script) -> Option<Session> {
        // What a driver does follows from its command: the oracle knows nothing of it.
        if script.commands().next().is_some() {
            return None;
        }
        let steps: Vec<Step> = script.steps.iter().filter(|step| is_sent(step)).cloned().collect();
        let session = Session { opening: script.opening.clone(), scripts: vec![steps] };
        (!session.is_empty()).then_some(session)
    }

    /// Whether our peer does nothing but open an ordinary connection.
    pub fn is_empty(&self) -> bool {
        self.scripts.iter().all(Vec::is_empty) && self.opening == Opening::default()
    }

    /// The step that follows the opening.
    pub fn first_step(&self) -> Option<&Step> {
        self.scripts.first()?.first()
    }

    /// The writes of all scripts, in order.
    pub fn writes(&self) -> impl Iterator<Item = &Write> {
        self.scripts.iter().flatten().filter_map(|step| match step {
            Step::Send(write) => Some(write),
            _ => None,
        })
    }

    /// The frames, compressed messages and raw octets of all writes, in order.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.writes().flat_map(|write| &write.pieces)
    }

    /// Whether every message that is compressed leaves it to the compressor how.
    pub fn compresses_ordinarily(&self) -> bool {
        self.pieces().all(|piece| match piece {
            Piece::Compressed(message) => message.how.is_ordinary(),
            Piece::Frame(_) | Piece::Raw(_) => true,
        })
    }

    /// The octets of payload that our peer sends.
    pub fn payload_len(&self) -> usize {
        self.pieces().map(piece_len).sum()
    }

    /// How many steps the scripts have together.
    pub fn steps_len(&self) -> usize {
        self.scripts.iter().map(Vec::len).sum()
    }
}

fn piece_len(piece: &Piece) -> usize {
    match piece {
        Piece::Frame(frame) => frame.payload.len(),
        Piece::Raw(octets) => octets.len(),
        Piece::Compressed(message) => message.frame.payload.len(),
    }
}

/// Whether a step of a case means something without what the case expects.
fn is_sent(step: &Step) -> bool {
    match step {
        Step::Send(_) | Step::HalfClose | Step::Reset | Step::Wait(_) | Step::Alive { .. } => true,
        Step::Open
        | Step::IfDeflate(_)
        | Step::IfOffered(_)
        | Step::Expect(_)
        | Step::Answer
        | Step::Close => false,
    }
}
