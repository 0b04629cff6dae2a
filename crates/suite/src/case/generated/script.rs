//! Scripts, their steps and what these send.

use crate::case::boundary::{CUT_POSITIONS, CUTS, FLOODS, SEGMENTS, WAITS_MS};
use crate::case::compress::{BlockFault, Compress, Content, TokenRun};
use crate::case::expectation::{DeflateMatch, Expectation};
use crate::case::payload::{PAYLOAD_LEN_MAX, Payload};
use crate::case::script::{CompressedSpec, Cut, FrameSpec, Masking, Opening, Piece, Script, Step, Write};
use std::time::Duration;
use wsgauntlet_wire::choices::{Choices, Chosen};
use wsgauntlet_wire::deflate::{Alphabet, Ending, Match, Padding, Shape};
use wsgauntlet_wire::{Opcode, boundary, chosen_of, generated};

chosen_of! {
    Masking: Right Wrong;
}

generated!(
    BlockFault,
    Compress,
    CompressedSpec,
    Cut,
    FrameSpec,
    Masking,
    Piece,
    Script,
    Step,
    TokenRun,
    Write
);

impl Chosen for Script {
    const OCTETS_MAX: usize = 512;

    fn simplest() -> Self {
        Script { opening: Opening::default(), steps: Vec::new(), closing_added: false, holds_answers: false }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let Script { opening, steps, closing_added, holds_answers } = self;
        opening.choose(choices);
        choices.flag(closing_added, false);
        choices.rarely(holds_answers);
        steps.choose(choices);
    }
}

impl Chosen for Step {
    fn simplest() -> Self {
        Step::Open
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.variant(
            self,
            &[
                Step::simplest,
                || Step::Send(Write::default()),
                || Step::Expect(Expectation::simplest()),
                || Step::Alive { evidence: false },
                || Step::Close,
                || Step::IfDeflate(DeflateMatch::Declined),
                || Step::IfOffered(DeflateMatch::Declined),
                || Step::HalfClose,
                || Step::Answer,
                || Step::Reset,
                || Step::Wait(Duration::ZERO),
            ],
        );
        match self {
            Step::Open | Step::Close | Step::HalfClose | Step::Answer | Step::Reset => {}
            Step::IfDeflate(wanted) | Step::IfOffered(wanted) => wanted.choose(choices),
            Step::Alive { evidence } => choices.flag(evidence, false),
            Step::Send(write) => write.choose(choices),
            Step::Expect(expectation) => expectation.choose(choices),
            Step::Wait(time) => choices.duration(time, WAITS_MS),
        }
    }
}

impl Chosen for Write {
    fn simplest() -> Self {
        Write::default()
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let Write { pieces, coalesced, cut, segments, flood } = self;
        pieces.choose(choices);
        choices.flag(coalesced, false);
        cut.choose(choices);
        let mut is_odd = *segments > 0 || *flood > 0;
        choices.rarely(&mut is_odd);
        if is_odd {
            choices.narrow(segments, SEGMENTS, u64::from(u16::MAX));
            choose_flood(flood, choices);
        }
    }
}

/// How many times the frame goes out: as many times as lengths can be long.
fn choose_flood(flood: &mut usize, choices: &mut Choices<'_>) {
    let mut is_listed = FLOODS.contains(flood);
    choices.flag(&mut is_listed, true);
    if is_listed {
        choices.one_of(flood, FLOODS);
    } else {
        choices.len(flood, PAYLOAD_LEN_MAX);
    }
}

impl Chosen for Cut {
    fn simplest() -> Self {
        Cut::Whole
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let mut is_cut = *self != Cut::Whole;
        choices.flag(&mut is_cut, false);
        if !is_cut {
            return;
        }
        choices.variant(self, &[|| Cut::At(Vec::new()), || Cut::Every(1)]);
        match self {
            Cut::Whole => {}
            Cut::Every(len) => {
                choices.narrow(len, CUTS, PAYLOAD_LEN_MAX as u64);
                *len = (*len).max(1);
            }
            Cut::At(positions) => {
                super::list(
                    positions,
                    choices,
                    || 0,
                    |position, choices| {
                        choices.narrow(position, CUT_POSITIONS, PAYLOAD_LEN_MAX as u64);
                    },
                );
                positions.sort_unstable();
            }
        }
    }
}

impl Chosen for Piece {
    fn simplest() -> Self {
        Piece::Frame(FrameSpec::simplest())
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.variant(
            self,
            &[
                Piece::simplest,
                Piece::simplest,
                Piece::simplest,
                || Piece::Compressed(CompressedSpec::simplest()),
                || Piece::Raw(Vec::new()),
            ],
        );
        match self {
            Piece::Frame(frame) => frame.choose(choices),
            Piece::Raw(octets) => choices.octets(octets, boundary::PAYLOADS),
            Piece::Compressed(message) => message.choose(choices),
        }
    }
}

impl Chosen for FrameSpec {
    fn simplest() -> Self {
        FrameSpec::new(Opcode::Text, Payload::empty())
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let FrameSpec { fin, rsv, opcode, payload, masking, key, length_form, declared_len } = self;
        choices.flag(fin, true);
        choices.reserved_bits(rsv);
        opcode.choose(choices);
        payload.choose(choices);
        choices.masking_key(key);
        let mut is_odd = *masking != Masking::Right || length_form.is_some() || declared_len.is_some();
        choices.rarely(&mut is_odd);
        if is_odd {
            masking.choose(choices);
            length_form.choose(choices);
            let mut is_declared = declared_len.is_some();
            choices.flag(&mut is_declared, false);
            if is_declared {
                use boundary::{DECLARED_LENGTHS, HUGE_LENGTHS, TOP_BIT_LENGTHS};
                let table = [DECLARED_LENGTHS, HUGE_LENGTHS, TOP_BIT_LENGTHS].concat();
                choices.number(declared_len.get_or_insert_default(), &table, u64::MAX);
            }
        }
    }
}

impl Chosen for CompressedSpec {
    fn simplest() -> Self {
        let frame = FrameSpec { rsv: 4, ..FrameSpec::simplest() };
        CompressedSpec { frame, how: Compress::default(), fragments: Cut::Whole, between: Vec::new() }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let CompressedSpec { frame, how, fragments, between } = self;
        frame.choose(choices);
        how.choose(choices);
        fragments.choose(choices);
        between.choose(choices);
    }
}

impl Chosen for Compress {
    fn simplest() -> Self {
        Compress::default()
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let mut is_odd = !self.is_ordinary();
        choices.flag(&mut is_odd, false);
        if !is_odd {
            return;
        }
        let Compress { shape, content, ending, padding, trailing, cut_len } = self;
        <Shape as Chosen>::choose(shape, choices);
        content.choose(choices);
        <Ending as Chosen>::choose(ending, choices);
        <Padding as Chosen>::choose(padding, choices);
        choices.octets(trailing, boundary::PAYLOADS);
        let mut is_cut = cut_len.is_some();
        choices.flag(&mut is_cut, false);
        if is_cut {
            choices.len(cut_len.get_or_insert_default(), PAYLOAD_LEN_MAX);
        }
    }
}

impl Chosen for Content {
    fn simplest() -> Self {
        Content::Shaped
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let fault: fn() -> Content = || Content::Fault(BlockFault::ReservedType);
        choices.variant(self, &[Content::simplest, || Content::Tokens(Vec::new()), fault]);
        match self {
            Content::Shaped => {}
            Content::Tokens(runs) => runs.choose(choices),
            Content::Fault(fault) => fault.choose(choices),
        }
    }
}

impl Chosen for TokenRun {
    fn simplest() -> Self {
        TokenRun::Literals(Vec::new())
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.variant(
            self,
            &[
                TokenRun::simplest,
                || TokenRun::Matches { found: Match::SHORTEST, count: 1 },
                || TokenRun::InvalidLength { symbol: 286 },
                || TokenRun::InvalidDistance { symbol: 30 },
            ],
        );
        match self {
            TokenRun::Literals(octets) => choices.octets(octets, boundary::PAYLOADS),
            TokenRun::Matches { found, count } => {
                found.choose(choices);
                choices.len(count, PAYLOAD_LEN_MAX);
            }
            TokenRun::InvalidLength { symbol } => choices.one_of(symbol, &[286, 287]),
            TokenRun::InvalidDistance { symbol } => choices.one_of(symbol, &[30, 31]),
        }
    }
}

impl Chosen for BlockFault {
    fn simplest() -> Self {
        BlockFault::ReservedType
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.variant(
            self,
            &[
                BlockFault::simplest,
                || BlockFault::StoredLength,
                || BlockFault::OverSubscribed(Alphabet::Literals),
                || BlockFault::Incomplete(Alphabet::Literals),
                || BlockFault::NoEndOfBlock,
            ],
        );
        match self {
            BlockFault::ReservedType | BlockFault::StoredLength | BlockFault::NoEndOfBlock => {}
            BlockFault::OverSubscribed(alphabet) | BlockFault::Incomplete(alphabet) => {
                alphabet.choose(choices)
            }
        }
    }
}
