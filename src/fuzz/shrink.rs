//! Makes a session smaller while it still shows the same deviation. Sans-io: it proposes a smaller session, and the caller
//! reports whether that still shows it. When nothing is left to propose, no single removal keeps the deviation.

use super::session::Session;
use wsgauntlet_suite::case::compress::Compress;
use wsgauntlet_suite::case::head_edit::HeadEdit;
use wsgauntlet_suite::case::script::Step;
use wsgauntlet_suite::case::{Cut, FrameSpec, Masking, Payload, Piece, Write};
use wsgauntlet_wire::Opcode;
use wsgauntlet_wire::opening::DeflateOffer;

/// One simplification.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Edit {
    /// Only these scripts stay.
    Scripts(usize, usize),
    Script(usize),
    PlainOpening,
    Opening(OpeningPart),
    Step(Place),
    /// So many steps from there: fragments go together with what ends them.
    Steps(Place, usize),
    Cut(Place),
    CutPosition(Place, usize),
    Coalesced(Place),
    Piece(Place, usize),
    /// So many pieces from there.
    Pieces(Place, usize, usize),
    /// A compressed message is sent as it is.
    Uncompressed(Place, usize),
    Frame(Place, usize, FramePart),
    /// Octets `from` to `to` of raw octets.
    Raw(Place, usize, (usize, usize)),
}

/// How many neighbours go together.
const RUN_MAX: usize = 4;

/// A step: script and index.
type Place = (usize, usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OpeningPart {
    Deflate,
    DeflateParams,
    Cut,
    Coalesced,
    StopAfter,
    Request,
    Response,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FramePart {
    Key,
    Rsv(u8),
    Fin,
    Masking,
    LengthForm,
    DeclaredLen,
    How,
    Fragments,
    Between,
    Len(usize),
    Plain,
}

/// Shrinks one session.
#[derive(Debug)]
pub struct Shrinker {
    best: Session,
    edits: Vec<Edit>,
    at: usize,
    improved: bool,
    /// Proposals so far.
    pub tries: usize,
}

impl Shrinker {
    /// Begins with a session that shows the deviation.
    pub fn new(session: Session) -> Shrinker {
        let edits = edits(&session);
        Shrinker { best: session, edits, at: 0, improved: false, tries: 0 }
    }

    /// The smallest so far.
    pub fn best(&self) -> &Session {
        &self.best
    }

    /// The next proposal. Call `report` before the next one.
    pub fn propose(&mut self) -> Option<Session> {
        loop {
            let Some(edit) = self.edits.get(self.at) else {
                if !std::mem::take(&mut self.improved) {
                    return None;
                }
                self.edits = edits(&self.best);
                self.at = 0;
                continue;
            };
            self.at += 1;
            if let Some(smaller) = apply(&self.best, edit)
                && smaller != self.best
            {
                self.tries += 1;
                return Some(smaller);
            }
        }
    }

    /// Whether the last proposal, `session`, still shows it.
    pub fn report(&mut self, session: Session, shows: bool) {
        if shows {
            self.best = session;
            self.improved = true;
            // What is left is counted anew; the edits before this one are tried again at the end.
            let at = self.at.saturating_sub(1);
            self.edits = edits(&self.best);
            self.at = at.min(self.edits.len());
        }
    }
}

/// Shrinks while `shows` says yes.
pub fn shrink(session: Session, mut shows: impl FnMut(&Session) -> bool) -> Session {
    let mut shrinker = Shrinker::new(session);
    while let Some(smaller) = shrinker.propose() {
        let kept = shows(&smaller);
        shrinker.report(smaller, kept);
    }
    shrinker.best
}

/// All single simplifications, the coarse ones first.
fn edits(session: &Session) -> Vec<Edit> {
    let mut edits = Vec::new();
    let count = session.scripts.len();
    if count > 2 {
        edits.push(Edit::Scripts(count / 2, count));
        edits.push(Edit::Scripts(0, count / 2));
    }
    edits.extend((0..count).rev().map(Edit::Script));
    edits.push(Edit::PlainOpening);
    let parts = [
        OpeningPart::Deflate,
        OpeningPart::DeflateParams,
        OpeningPart::Cut,
        OpeningPart::Coalesced,
        OpeningPart::StopAfter,
        OpeningPart::Request,
        OpeningPart::Response,
    ];
    edits.extend(parts.map(Edit::Opening));
    for (script, steps) in session.scripts.iter().enumerate() {
        edits.extend((0..steps.len()).rev().map(|step| Edit::Step((script, step))));
        for run in 2..=RUN_MAX.min(steps.len()) {
            edits.extend((0..=steps.len() - run).map(|step| Edit::Steps((script, step), run)));
        }
    }
    for (script, steps) in session.scripts.iter().enumerate() {
        for (index, step) in steps.iter().enumerate() {
            if let Step::Send(write) = step {
                let place = (script, index);
                edits.extend((0..write.pieces.len()).rev().map(|piece| Edit::Piece(place, piece)));
                for run in 2..=RUN_MAX.min(write.pieces.len()) {
                    edits.extend((0..=write.pieces.len() - run).map(|piece| Edit::Pieces(place, piece, run)));
                }
                edits.push(Edit::Cut(place));
                if let Cut::At(positions) = &write.cut {
                    edits.extend((0..positions.len()).map(|position| Edit::CutPosition(place, position)));
                }
                edits.push(Edit::Coalesced(place));
                for (piece, spec) in write.pieces.iter().enumerate() {
                    piece_edits(place, piece, spec, &mut edits);
                }
            }
        }
    }
    edits
}

fn piece_edits(place: Place, piece: usize, spec: &Piece, edits: &mut Vec<Edit>) {
    let frame = match spec {
        Piece::Frame(frame) => frame,
        Piece::Compressed(message) => {
            edits.push(Edit::Uncompressed(place, piece));
            &message.frame
        }
        Piece::Raw(octets) => {
            let half = octets.len() / 2;
            edits.push(Edit::Raw(place, piece, (half, octets.len())));
            edits.push(Edit::Raw(place, piece, (0, half)));
            edits.extend((0..octets.len()).rev().map(|at| Edit::Raw(place, piece, (at, at + 1))));
            return;
        }
    };
    let mut part = |part| edits.push(Edit::Frame(place, piece, part));
    for simple in [
        FramePart::How,
        FramePart::Fragments,
        FramePart::Between,
        FramePart::Masking,
        FramePart::Rsv(4),
        FramePart::Rsv(2),
        FramePart::Rsv(1),
        FramePart::Fin,
        FramePart::LengthForm,
        FramePart::DeclaredLen,
        FramePart::Key,
    ] {
        part(simple);
    }
    let len = frame.payload.len();
    for shorter in [0, 2, len / 2, len.saturating_sub(len / 4), len.saturating_sub(16), len.saturating_sub(1)]
    {
        if shorter < len {
            part(FramePart::Len(shorter));
        }
    }
    part(FramePart::Plain);
}

/// The session after the edit, `None` where it does not apply.
fn apply(session: &Session, edit: &Edit) -> Option<Session> {
    let mut smaller = session.clone();
    match edit {
        Edit::Scripts(from, to) => smaller.scripts = session.scripts.get(*from..*to)?.to_vec(),
        Edit::Script(at) => {
            session.scripts.get(*at)?;
            smaller.scripts.remove(*at);
        }
        Edit::PlainOpening => smaller.opening = Default::default(),
        Edit::Opening(part) => apply_opening(&mut smaller, *part),
        Edit::Step((script, step)) => {
            let steps = smaller.scripts.get_mut(*script)?;
            steps.get(*step)?;
            steps.remove(*step);
            if steps.is_empty() {
                smaller.scripts.remove(*script);
            }
        }
        Edit::Steps((script, step), run) => {
            let steps = smaller.scripts.get_mut(*script)?;
            steps.get(*step..step + run)?;
            steps.drain(*step..step + run);
            if steps.is_empty() {
                smaller.scripts.remove(*script);
            }
        }
        Edit::Cut(place)
        | Edit::CutPosition(place, _)
        | Edit::Coalesced(place)
        | Edit::Piece(place, _)
        | Edit::Pieces(place, ..)
        | Edit::Uncompressed(place, _)
        | Edit::Frame(place, ..)
        | Edit::Raw(place, ..) => {
            let Step::Send(write) = smaller.scripts.get_mut(place.0)?.get_mut(place.1)? else { return None };
            apply_write(write, edit)?;
        }
    }
    Some(smaller)
}

/// Applies an edit of one write; `None` where it does not apply. Other edits change nothing.
fn apply_write(write: &mut Write, edit: &Edit) -> Option<()> {
    match edit {
        Edit::Cut(_) => write.cut = Cut::Whole,
        Edit::CutPosition(_, position) => {
            let Cut::At(positions) = &mut write.cut else { return None };
            positions.get(*position)?;
            positions.remove(*position);
        }
        Edit::Coalesced(_) => write.coalesced = false,
        Edit::Piece(_, piece) => {
            write.pieces.get(*piece)?;
            write.pieces.remove(*piece);
        }
        Edit::Pieces(_, piece, run) => {
            write.pieces.get(*piece..piece + run)?;
            write.pieces.drain(*piece..piece + run);
        }
        Edit::Uncompressed(_, piece) => {
            let Piece::Compressed(message) = write.pieces.get(*piece)? else { return None };
            let mut frame = message.frame.clone();
            frame.rsv &= !4;
            write.pieces[*piece] = Piece::Frame(frame);
        }
        Edit::Frame(_, piece, part) => apply_frame(write.pieces.get_mut(*piece)?, *part),
        Edit::Raw(_, piece, (from, to)) => {
            let Piece::Raw(octets) = write.pieces.get_mut(*piece)? else { return None };
            octets.get(*from..*to)?;
            octets.drain(*from..*to);
        }
        Edit::Scripts(..)
        | Edit::Script(_)
        | Edit::PlainOpening
        | Edit::Opening(_)
        | Edit::Step(_)
        | Edit::Steps(..) => {}
    }
    Some(())
}

fn apply_opening(session: &mut Session, part: OpeningPart) {
    let opening = &mut session.opening;
    match part {
        OpeningPart::Deflate => opening.deflate = None,
        OpeningPart::DeflateParams => opening.deflate = opening.deflate.map(|_| DeflateOffer::default()),
        OpeningPart::Cut => opening.cut = Cut::Whole,
        OpeningPart::Coalesced => opening.coalesced = false,
        OpeningPart::StopAfter => opening.stop_after = None,
        OpeningPart::Request => opening.request = HeadEdit::default(),
        OpeningPart::Response => opening.response = HeadEdit::default(),
    }
}

fn apply_frame(piece: &mut Piece, part: FramePart) {
    let frame: &mut FrameSpec = match piece {
        Piece::Frame(frame) => frame,
        Piece::Compressed(message) => {
            match part {
                FramePart::How => message.how = Compress::default(),
                FramePart::Fragments => message.fragments = Cut::Whole,
                FramePart::Between => message.between.clear(),
                FramePart::Key
                | FramePart::Rsv(_)
                | FramePart::Fin
                | FramePart::Masking
                | FramePart::LengthForm
                | FramePart::DeclaredLen
                | FramePart::Len(_)
                | FramePart::Plain => {}
            }
            &mut message.frame
        }
        Piece::Raw(_) => return,
    };
    match part {
        FramePart::Key => frame.key = None,
        FramePart::Rsv(bit) => frame.rsv &= !bit,
        FramePart::Fin => frame.fin = true,
        FramePart::Masking => frame.masking = Masking::Right,
        FramePart::LengthForm => frame.length_form = None,
        FramePart::DeclaredLen => frame.declared_len = None,
        FramePart::How | FramePart::Fragments | FramePart::Between => {}
        FramePart::Len(len) => {
            let mut octets = frame.payload.octets();
            octets.truncate(len);
            frame.payload = Payload::Literal(octets);
        }
        FramePart::Plain => {
            let kept = if frame.opcode == Opcode::Close { 2 } else { 0 };
            let mut octets = frame.payload.octets();
            for octet in octets.iter_mut().skip(kept) {
                *octet = b'x';
            }
            frame.payload = Payload::Literal(octets);
        }
    }
}
