//! What a target must have for an instance to decide anything: what the case says, and what follows from its script.

use crate::case::address::Redirect;
use crate::case::expectation::Outcome;
use crate::case::model::Need;
use crate::case::script::{Piece, Script, Step};
use crate::case::surface::{CaseSurface, NeedSurface};
use wsgauntlet_wire::Opcode;
use wsgauntlet_wire::opening::certificate::Certificate;

/// All of them, in their order, each once.
pub(super) fn needs(surface: &CaseSurface, script: &Script) -> Vec<Need> {
    let mut needs: Vec<Need> = surface
        .needs
        .iter()
        .map(|need| match need {
            NeedSurface::Alive => Need::Alive,
            NeedSurface::Deflate => Need::Deflate,
            NeedSurface::Echo => Need::Echo,
            NeedSurface::EchoBinary => Need::EchoBinary,
            NeedSurface::NoDeflate => Need::NoDeflate,
            NeedSurface::Subprotocol => Need::Subprotocol,
            NeedSurface::Tls => Need::Tls,
        })
        .collect();
    for step in &script.steps {
        match step {
            Step::Alive { .. } => needs.push(Need::Alive),
            Step::Expect(expectation) => {
                // Where something else than the echo is allowed too, a target without one is judged.
                if let [Outcome::Message { opcode, .. }] = expectation.outcomes.as_slice() {
                    needs.push(if *opcode == Opcode::Text { Need::Echo } else { Need::EchoBinary });
                }
            }
            Step::Send(write) if write.pieces.iter().any(Piece::is_text) => needs.push(Need::Text),
            Step::Open
            | Step::IfDeflate(_)
            | Step::IfOffered(_)
            | Step::Send(_)
            | Step::Close
            | Step::HalfClose
            | Step::Answer
            | Step::Reset
            | Step::Wait(_) => {}
        }
    }
    if script.commands().next().is_some() {
        needs.push(Need::Driver);
    }
    if let Some(address) = &script.opening.address {
        needs.push(Need::Launch);
        if address.is_secure() || address.redirect.as_ref().is_some_and(Redirect::is_secure) {
            needs.push(Need::Tls);
        }
        if address.certificate != Certificate::Valid {
            needs.push(Need::Verification);
        }
    }
    if script.segments_records() {
        needs.push(Need::Tls);
    }
    if script.opening.deflate.is_some() {
        needs.push(Need::Deflate);
    }
    needs.sort_unstable();
    needs.dedup();
    needs
}
