//! An endpoint that inflates wrongly: `inflate` makes of a whole compressed message what it delivers.

use super::table::quirks;
use crate::violation::Violation;
use wsgauntlet_wire::deflate::{BlockKind, FaultKind, Inflater, Walk, WalkedBlock};

quirks! {
    /// What becomes of compressed messages.
    pub enum DeflateReceived {
        /// Agrees to the extension and fails on RSV1.
        NotUnderstood "deflate-agreed-not-understood" Both ["rfc7692/5/agreed-pmce-used", "rfc7692/6.2/receive-compressed-message"],
        /// Delivers compressed messages as they came.
        NotInflated "deflate-not-inflated" Both ["rfc7692/6.2/receive-compressed-message"],
        /// Inflates messages that are not marked.
        UnmarkedInflated "inflate-unmarked" Both ["rfc7692/6/rsv1-unset-means-uncompressed", "rfc7692/6.2/receive-uncompressed-message"],
        /// Inflates the message after a compressed one, marked or not.
        MarkKept "rsv1-kept-for-next-message" Both ["rfc7692/6/rsv1-unset-means-uncompressed"],
        /// Inflates each message with an empty window.
        ContextLost "inflate-context-lost" Both ["rfc7692/7.2.2/server-keeps-decompression-window", "rfc7692/7.2.2/client-keeps-decompression-window"],
        /// Empties the window at a message that is not compressed.
        ContextLostByPlain "inflate-context-lost-by-uncompressed" Both ["rfc7692/7.2.2/server-keeps-decompression-window", "rfc7692/7.2.2/client-keeps-decompression-window"],
        /// Fails when a control frame comes between the fragments of a compressed message.
        ControlAmid "inflate-control-amid-message" Both ["rfc7692/6/only-data-messages-compressed", "rfc6455/5.4/control-frames-mid-message"],
        /// Inflates each fragment on its own.
        EachFragment "inflate-each-fragment" Both ["rfc7692/6/fragments-decompressed-as-one"],
        /// Inflates with a window of 1024 octets.
        SmallWindow "inflate-with-1024" Both ["rfc7692/7.2.2/server-decompresses-full-window", "rfc7692/7.2.2/client-decompresses-full-window"],
        /// Fails on matches at the full distance of the window: the bound is off by one.
        FullDistance "inflate-distance-32768-refused" Both ["rfc7692/7.2.2/server-decompresses-full-window", "rfc7692/7.2.2/client-decompresses-full-window"],
        /// Fails on stored blocks of data.
        Stored "inflate-stored-refused" Both ["rfc7692/7.2.1/any-block-type"],
        /// Fails on blocks with fixed codes.
        Fixed "inflate-fixed-refused" Both ["rfc7692/7.2.1/any-block-type"],
        /// Fails on blocks with dynamic codes.
        Dynamic "inflate-dynamic-refused" Both ["rfc7692/7.2.1/any-block-type"],
        /// Fails on messages of several blocks.
        SeveralBlocks "inflate-several-blocks-refused" Both ["rfc7692/7.2.1/several-blocks-per-message"],
        /// Fails on BFINAL.
        Bfinal "inflate-bfinal-refused" Both ["rfc7692/7.2.1/bfinal-either-way"],
        /// Can inflate nothing after a message with BFINAL.
        BfinalEnds "inflate-ends-at-bfinal" Both ["rfc7692/7.2.1/bfinal-either-way"],
        /// Loses what is behind the first block with BFINAL in a message.
        BfinalEndsMessage "inflate-stops-at-bfinal" Both ["rfc7692/7.2.1/bfinal-either-way", "rfc7692/6.2/receive-compressed-message"],
        /// Inflates nothing behind the first block with BFINAL: that message is cut, and those after it are empty.
        BfinalEmpties "inflate-empty-after-bfinal" Both ["rfc7692/7.2.1/bfinal-either-way", "rfc7692/6.2/receive-compressed-message"],
        /// Fails on the empty compressed message.
        Empty "inflate-empty-refused" Both ["rfc7692/7.2.3.6/empty-message-is-one-zero-octet"],
        /// Loses what lies beyond 8192 inflated octets.
        Buffer8192 "inflate-cut-at-8192" Both ["rfc7692/6.2/receive-compressed-message"],
        /// Delivers what was inflated before the data broke.
        BrokenAccepted "inflate-broken-accepted" Both ["rfc7692/6.2/receive-compressed-message", "rfc6455/10.7/incoming-data-validated"],
        /// Delivers what was inflated of a message that ends within a block.
        CutShortAccepted "inflate-cut-short-accepted" Both ["rfc7692/6.2/receive-compressed-message", "rfc6455/10.7/incoming-data-validated"],
        /// Drops messages that do not inflate, and goes on.
        BrokenDropped "inflate-broken-dropped" Both ["rfc7692/6.2/receive-compressed-message", "rfc6455/10.7/incoming-data-validated"],
        /// Does not validate text that was compressed.
        TextNotJudged "inflated-text-not-judged" Both ["rfc7692/6.1/decompressed-data-constraints"],
        /// Validates compressed text before it is inflated.
        TextJudgedCompressed "compressed-text-judged" Both ["rfc7692/6.1/decompressed-data-constraints"],
    }
}

/// What comes of a compressed message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inflated {
    Message(Vec<u8>),
    /// Text that is not judged.
    Unjudged(Vec<u8>),
    Fail(Violation),
    Drop,
}

/// What an endpoint remembers from message to message.
#[derive(Debug)]
pub(super) struct InflateMemory {
    inflater: Inflater,
    context_takeover: bool,
    ended: bool,
    last_compressed: bool,
}

impl InflateMemory {
    pub(super) fn new(context_takeover: bool, len_max: usize) -> InflateMemory {
        InflateMemory {
            inflater: Inflater::new(len_max),
            context_takeover,
            ended: false,
            last_compressed: false,
        }
    }
}

impl DeflateReceived {
    /// Whether a data message is handled as a compressed one.
    pub(super) fn is_compressed(self, rsv1: bool, memory: &mut InflateMemory) -> bool {
        let last = std::mem::replace(&mut memory.last_compressed, rsv1);
        if !rsv1 && self == DeflateReceived::ContextLostByPlain {
            memory.inflater.forget_history();
        }
        match self {
            DeflateReceived::UnmarkedInflated => true,
            DeflateReceived::MarkKept => rsv1 || last,
            DeflateReceived::NotInflated => false,
            _ => rsv1,
        }
    }

    fn refuses(
        self,
        walk: &Walk,
        payload: &[u8],
        fragments: &[usize],
        text: bool,
        memory: &mut InflateMemory,
    ) -> bool {
        let data = || walk.blocks.iter().filter(|block| block.len_out > 0);
        let bfinal = walk.blocks.iter().any(|block| block.bfinal);
        let any = |kind| data().any(|block| block.kind == kind);
        match self {
            DeflateReceived::SmallWindow => walk.distance_max > 1024,
            DeflateReceived::FullDistance => walk.distance_max == 32_768,
            DeflateReceived::Stored => any(BlockKind::Stored),
            DeflateReceived::Fixed => any(BlockKind::Fixed),
            DeflateReceived::Dynamic => any(BlockKind::Dynamic),
            DeflateReceived::SeveralBlocks => data().count() > 1,
            DeflateReceived::Bfinal => bfinal,
            DeflateReceived::BfinalEnds => std::mem::replace(&mut memory.ended, bfinal),
            DeflateReceived::Empty => walk.output.is_empty() && walk.end.is_ok(),
            DeflateReceived::EachFragment => {
                fragments.iter().any(|start| *start > 0 && *start < payload.len())
            }
            DeflateReceived::TextJudgedCompressed => text && std::str::from_utf8(payload).is_err(),
            _ => false,
        }
    }
}

/// Loses what quirks lose of an inflated message with BFINAL, and after one.
fn cut_at_bfinal(
    faults: &(impl Iterator<Item = DeflateReceived> + Clone),
    blocks: &[WalkedBlock],
    output: &mut Vec<u8>,
    memory: &mut InflateMemory,
) {
    let has = |fault: DeflateReceived| faults.clone().any(|other| other == fault);
    let (ends_message, empties) =
        (has(DeflateReceived::BfinalEndsMessage), has(DeflateReceived::BfinalEmpties));
    if empties && memory.ended {
        output.clear();
    }
    let Some(last) = blocks.iter().position(|block| block.bfinal) else { return };
    if ends_message || empties {
        let len: u64 = blocks[..=last].iter().map(|block| block.len_out as u64).sum();
        output.truncate(usize::try_from(len).unwrap_or(usize::MAX));
    }
    if ends_message {
        memory.inflater.forget_history();
    }
    memory.ended |= empties;
}

/// What an endpoint with these quirks makes of a whole compressed message. `fragments`: where those of `payload` begin.
pub(super) fn inflate(
    faults: impl Iterator<Item = DeflateReceived> + Clone,
    payload: &[u8],
    fragments: &[usize],
    text: bool,
    memory: &mut InflateMemory,
) -> Inflated {
    let has = |fault: DeflateReceived| faults.clone().any(|other| other == fault);
    if !memory.context_takeover || has(DeflateReceived::ContextLost) {
        memory.inflater.forget_history();
    }
    let walk = memory.inflater.inflate_message(payload);
    if faults.clone().any(|fault| fault.refuses(&walk, payload, fragments, text, memory)) {
        return Inflated::Fail(Violation::NotDeflate);
    }
    let mut output = walk.output;
    match walk.end {
        Err(fault) if matches!(fault.kind, FaultKind::OutputTooLong { .. }) => {
            Inflated::Fail(Violation::MessageTooLong)
        }
        Err(_) if has(DeflateReceived::BrokenDropped) => Inflated::Drop,
        Err(fault) => {
            let accepted = match fault.kind == FaultKind::CutShort {
                true => has(DeflateReceived::CutShortAccepted),
                false => has(DeflateReceived::BrokenAccepted),
            };
            if accepted { Inflated::Message(output) } else { Inflated::Fail(Violation::NotDeflate) }
        }
        Ok(()) => {
            cut_at_bfinal(&faults, &walk.blocks, &mut output, memory);
            if has(DeflateReceived::Buffer8192) {
                output.truncate(8192);
            }
            if has(DeflateReceived::TextNotJudged) {
                Inflated::Unjudged(output)
            } else {
                Inflated::Message(output)
            }
        }
    }
}
