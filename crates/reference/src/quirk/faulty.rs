//! An endpoint with a set of quirks. The impls of the steps are in `hooks`.

use super::assembly::AssemblyMemory;
use super::catalogue::{InArea, Quirk};
use super::deflate_received::InflateMemory;
use super::driven::DrivenMemory;
use super::frame_sent::FrameMemory;
use super::message_sent::MessageMemory;
use super::misreading::HeaderMemory;
use super::pongs::PongMemory;
use super::rare::RareMemory;
use super::segments::SegmentMemory;
use super::set::QuirkSet;
use super::unmasking::UnmaskMemory;
use super::whole::WholeMemory;
use crate::event::MessageKind;
use crate::incoming::Incoming;
use crate::message::Message;
use crate::violation::Violation;
use std::collections::VecDeque;
use wsgauntlet_wire::Opcode;

/// The behavior of an endpoint with quirks, and the record of which ones its steps asked for.
///
/// The only way from a step to a quirk is `has` and `all`, which note the question. So a quirk that a connection did not ask for
/// did not matter in it: an endpoint that has it would have done the same. With the empty set this is a strict endpoint that
/// records, the third implementation beside `Strict` and one with quirks: a recorder with a list of its own could differ from
/// what the steps ask.
///
/// Quirks of one area act together. Those that overlook or refuse something do so if any of them does. Those that rewrite
/// something do so in the order of their table. Where only one can act, the first one does that changes something.
#[derive(Debug, Default)]
pub(crate) struct Faulty {
    quirks: QuirkSet,
    asked: QuirkSet,
    /// The octets of the peer's head, if it was complete.
    pub(super) request: Vec<u8>,
    /// A valid request is refused with 500.
    pub(super) internal_error: bool,
    pub(super) received: ReceivedMemory,
    pub(super) whole: WholeMemory,
    pub(super) pongs: PongMemory,
    pub(super) frames: FrameMemory,
    pub(super) sent: MessageMemory,
    pub(super) driven: DrivenMemory,
    /// Messages that were compressed.
    pub(super) compressed: u64,
}

/// What the steps of a receiver remember.
#[derive(Debug, Default)]
pub(super) struct ReceivedMemory {
    /// Whole frames and whole messages.
    pub(super) frames: u64,
    pub(super) messages: u64,
    pub(super) last_kind: Option<MessageKind>,
    /// permessage-deflate was agreed.
    pub(super) deflate: bool,
    /// The opcode of the header that broke a rule last.
    pub(super) judged: Option<Opcode>,
    /// A violation was overlooked since the last header.
    pub(super) overlooked: bool,
    /// Fails the connection when the frame under way ends, unless a segment ended within it.
    pub(super) suspect: Option<Violation>,
    /// Fails the connection when what was read is answered.
    pub(super) late: Option<Violation>,
    /// What else arrived with the last thing.
    pub(super) ready: VecDeque<Incoming>,
    /// A message that goes on when the one that interrupted it has ended.
    pub(super) interrupted: Option<Message>,
    pub(super) segments: SegmentMemory,
    pub(super) unmask: UnmaskMemory,
    pub(super) header: HeaderMemory,
    pub(super) assembly: AssemblyMemory,
    pub(super) inflate: Option<InflateMemory>,
    pub(super) rare: RareMemory,
}

impl Faulty {
    /// With an empty set: strict, and a recorder.
    pub(crate) fn new(quirks: QuirkSet) -> Faulty {
        Faulty { quirks, ..Faulty::default() }
    }

    /// The quirks that steps asked for, whether the endpoint has them or not.
    pub(crate) fn asked(&self) -> QuirkSet {
        self.asked
    }

    /// Whether the endpoint has a quirk.
    pub(super) fn has(&mut self, quirk: impl Into<Quirk>) -> bool {
        let quirk = quirk.into();
        self.asked.insert(quirk);
        self.quirks.contains(quirk)
    }

    /// The quirks of an area that the endpoint has, in the order of the table.
    pub(super) fn all<A: InArea>(&mut self) -> impl Iterator<Item = A> + Clone + use<A> {
        self.asked.insert_area::<A>();
        self.quirks.of::<A>()
    }
}
