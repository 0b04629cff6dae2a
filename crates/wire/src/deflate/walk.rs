//! The decoder that the monitors judge with: inflates a message and reports facts. It has no policy and does not know what
//! was negotiated.

use std::sync::LazyLock;

use super::WINDOW_LEN_MAX;
use super::bits::BitReader;
use super::fault::{Fault, FaultKind};
use super::huffman::{Decoded, Decoder};
use super::symbol::{
    Alphabet, CODE_LENGTH_ORDER, DISTANCES_MAX, END_OF_BLOCK, FIXED_DISTANCE_LENGTHS, LITERALS_MAX,
    distance_base, fixed_literal_lengths, length_base,
};

/// How many blocks of a message are recorded; more are decoded and counted.
pub const BLOCKS_RECORDED_MAX: usize = 4096;

/// What a block is encoded with (RFC 1951 §3.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockKind {
    /// BTYPE 00.
    Stored,
    /// BTYPE 01.
    Fixed,
    /// BTYPE 10.
    Dynamic,
}

/// A block that was decoded to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalkedBlock {
    /// Its type.
    pub kind: BlockKind,
    /// Whether its BFINAL bit is set.
    pub bfinal: bool,
    /// Where its header starts, in bits from the payload's start.
    pub start_bit: usize,
    /// Octets of output.
    pub len_out: usize,
}

/// How the payload ended, seen from RFC 7692 §7.2.1, steps 2 and 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tail {
    /// Lawful: the last octet has the header of an empty stored block, whose other four octets were removed.
    Removed,
    /// The payload has no octets, not even the one of §7.2.3.6.
    EmptyPayload,
    /// The payload's last four octets are 00 00 ff ff, those of an empty stored block: they were not removed.
    Kept,
    /// The payload ends after a block, with no (complete) header of an empty stored block. For `after_final` that block
    /// had BFINAL set, so this is a DEFLATE stream that ended, sent without the octet 00 of §7.2.3.4.
    NoEmptyBlock {
        /// Whether the last block had BFINAL set.
        after_final: bool,
    },
    /// The payload ends within a block, which went on to read the octets appended.
    InsideBlock,
    /// Decoding failed before the payload's end.
    NotReached,
}

/// The facts of one message. The tail that [`Inflater`] appends is part of what was decoded: the block that it
/// completes is the last one recorded, and bits beyond the payload are those of the tail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// Up to the fault, if there was one.
    pub output: Vec<u8>,
    /// The first [`BLOCKS_RECORDED_MAX`] blocks that were decoded to their end.
    pub blocks: Vec<WalkedBlock>,
    /// The number of all blocks that were decoded to their end.
    pub block_count: usize,
    /// The greatest match distance, in octets; 0 without a match. Holds for the window agreed (§7.1.2).
    pub distance_max: usize,
    /// The first match of that distance, in bits from the payload's start.
    pub distance_max_bit: usize,
    /// How far before the start of this message the furthest match reaches, in octets; `None` when every match stays
    /// inside. After `*_no_context_takeover` (§7.1.1) anything else is an offence.
    pub beyond_message: Option<usize>,
    /// How far a match reaches beyond the end of a BFINAL block of this message, in octets. RFC 1951 §3.2.3 ends the
    /// data set there; RFC 7692 does not say whether the window goes on.
    pub beyond_final: Option<usize>,
    /// Where the last block with BFINAL ended, in octets from the payload's start, padding included. What follows is a
    /// further block, or what other decoders call trailing octets.
    pub final_end: Option<usize>,
    /// The first padding after a BFINAL block that is not of zeros, in bits. §7.2.1: "MUST add minimal padding bits of
    /// 0".
    pub final_padding: Option<usize>,
    /// The first padding within a stored block's header that is not of zeros, in bits. RFC 1951 §3.2.4 ignores it.
    pub stored_padding: Option<usize>,
    /// The most distance codes that a dynamic block declared. RFC 1951 §3.2.7 allows 32; zlib refuses 31 and 32.
    pub distance_codes_max: usize,
    /// How the payload ended.
    pub tail: Tail,
    /// §7.2.2: whether payload and tail are DEFLATE data to their last octet. A message may pass here and still not end
    /// as it must: see `tail`.
    pub end: Result<(), Fault>,
}

/// Decodes a message by RFC 7692 §7.2.2 behind the octets of `history`. `payload` is that of all its fragments, without
/// the tail. Time is linear in payload and output, memory in the output.
pub(super) fn walk_message(payload: &[u8], history: &[u8], output_len_max: usize) -> Walk {
    let mut walker = Walker::new(payload, history, output_len_max);
    let end = walker.walk();
    walker.into_walk(end)
}

static FIXED: LazyLock<(Decoder, Decoder)> = LazyLock::new(|| {
    let built = "the fixed codes of RFC 1951 are complete";
    (
        Decoder::new(Alphabet::Literals, &fixed_literal_lengths()).expect(built),
        Decoder::new(Alphabet::Distances, &FIXED_DISTANCE_LENGTHS).expect(built),
    )
});

/// One message on its way.
struct Walker<'a> {
    bits: BitReader<'a>,
    history: &'a [u8],
    output_len_max: usize,
    walk: Walk,
    /// Output at the end of the last BFINAL block.
    final_output: Option<usize>,
    /// The last block boundary within the payload, in bits, and the block before it.
    boundary: usize,
    boundary_block: Option<WalkedBlock>,
    /// Where LEN of the last stored block starts, in bits.
    stored_len_bit: Option<usize>,
}

impl<'a> Walker<'a> {
    fn new(payload: &'a [u8], history: &'a [u8], output_len_max: usize) -> Walker<'a> {
        let walk = Walk {
            output: Vec::new(),
            blocks: Vec::new(),
            block_count: 0,
            distance_max: 0,
            distance_max_bit: 0,
            beyond_message: None,
            beyond_final: None,
            final_end: None,
            final_padding: None,
            stored_padding: None,
            distance_codes_max: 0,
            tail: Tail::NotReached,
            end: Ok(()),
        };
        Walker {
            bits: BitReader::new(payload),
            history,
            output_len_max,
            walk,
            final_output: None,
            boundary: 0,
            boundary_block: None,
            stored_len_bit: None,
        }
    }

    fn walk(&mut self) -> Result<(), Fault> {
        while !self.bits.is_at_end() {
            self.block()?;
        }
        Ok(())
    }

    fn into_walk(mut self, end: Result<(), Fault>) -> Walk {
        self.walk.tail = self.tail(end);
        self.walk.end = end;
        self.walk
    }

    fn tail(&self, end: Result<(), Fault>) -> Tail {
        let payload_end = self.bits.payload_end();
        let reached = match end {
            Ok(()) => true,
            Err(Fault { kind: FaultKind::CutShort, .. }) => true,
            Err(_) => self.bits.position() > payload_end,
        };
        // Three bits of a header have to fit into the rest of the payload.
        let between_blocks = payload_end - self.boundary < 3;
        match self.boundary_block {
            _ if !reached => Tail::NotReached,
            _ if payload_end == 0 => Tail::EmptyPayload,
            _ if end.is_ok() && self.stored_len_bit == Some(payload_end) => Tail::Removed,
            Some(block) if between_blocks && self.boundary == payload_end && is_empty_stored(&block) => {
                Tail::Kept
            }
            Some(block) if between_blocks => Tail::NoEmptyBlock { after_final: block.bfinal },
            Some(_) | None => Tail::InsideBlock,
        }
    }

    fn block(&mut self) -> Result<(), Fault> {
        let start_bit = self.bits.position();
        let output_before = self.walk.output.len();
        let bfinal = self.take(1)? == 1;
        self.stored_len_bit = None;
        let type_bit = self.bits.position();
        let kind = match self.take(2)? {
            0 => BlockKind::Stored,
            1 => BlockKind::Fixed,
            2 => BlockKind::Dynamic,
            _ => return fault(FaultKind::InvalidBlockType, type_bit),
        };
        match kind {
            BlockKind::Stored => self.stored()?,
            BlockKind::Fixed => self.compressed(&FIXED.0, &FIXED.1)?,
            BlockKind::Dynamic => {
                let (literals, distances) = self.dynamic_header()?;
                self.compressed(&literals, &distances)?;
            }
        }
        if bfinal {
            self.end_final_block();
        }
        let len_out = self.walk.output.len() - output_before;
        self.record(WalkedBlock { kind, bfinal, start_bit, len_out });
        Ok(())
    }

    fn end_final_block(&mut self) {
        // RFC 7692 §7.2.1: "an endpoint MUST add minimal padding bits of 0 to make it end at a byte boundary. The next
        // DEFLATE block follows the padded data if any."
        let padding_bit = self.bits.position();
        if !self.bits.align() {
            self.walk.final_padding.get_or_insert(padding_bit);
        }
        self.walk.final_end = Some(self.bits.position() / 8);
        self.final_output = Some(self.walk.output.len());
    }

    fn record(&mut self, block: WalkedBlock) {
        self.walk.block_count += 1;
        if self.walk.blocks.len() < BLOCKS_RECORDED_MAX {
            self.walk.blocks.push(block);
        }
        let position = self.bits.position();
        if position <= self.bits.payload_end() {
            self.boundary = position;
            self.boundary_block = Some(block);
        }
    }

    fn stored(&mut self) -> Result<(), Fault> {
        let padding_bit = self.bits.position();
        if !self.bits.align() {
            self.walk.stored_padding.get_or_insert(padding_bit);
        }
        let len_bit = self.bits.position();
        self.stored_len_bit = Some(len_bit);
        let len = self.take(16)? as u16;
        let nlen = self.take(16)? as u16;
        if len != !nlen {
            return fault(FaultKind::StoredLengthMismatch { len, nlen }, len_bit);
        }
        let wanted = usize::from(len);
        let room = self.output_len_max - self.walk.output.len();
        let copied = self.bits.copy_octets(wanted.min(room), &mut self.walk.output);
        let bit = self.bits.position();
        if copied < wanted.min(room) {
            return fault(FaultKind::CutShort, bit);
        }
        if copied < wanted {
            return self.too_long(bit);
        }
        Ok(())
    }

    fn dynamic_header(&mut self) -> Result<(Decoder, Decoder), Fault> {
        let header_bit = self.bits.position();
        let literals = self.take(5)? as usize + 257;
        let distances = self.take(5)? as usize + 1;
        let code_lengths = self.take(4)? as usize + 4;
        self.walk.distance_codes_max = self.walk.distance_codes_max.max(distances);
        if literals > LITERALS_MAX {
            return fault(FaultKind::TooManyCodes { literals }, header_bit);
        }
        let codes_bit = self.bits.position();
        let mut lengths = [0; CODE_LENGTH_ORDER.len()];
        for &symbol in &CODE_LENGTH_ORDER[..code_lengths] {
            lengths[symbol] = self.take(3)? as u8;
        }
        let decoder = at(codes_bit, Decoder::new(Alphabet::CodeLengths, &lengths))?;
        let lengths_bit = self.bits.position();
        let mut lengths = [0; LITERALS_MAX + DISTANCES_MAX];
        self.code_lengths(&decoder, &mut lengths[..literals + distances])?;
        let (literal_lengths, distance_lengths) = lengths[..literals + distances].split_at(literals);
        Ok((
            at(lengths_bit, Decoder::new(Alphabet::Literals, literal_lengths))?,
            at(lengths_bit, Decoder::new(Alphabet::Distances, distance_lengths))?,
        ))
    }

    /// §3.2.7: "all code lengths form a single sequence", which repetitions may cross.
    fn code_lengths(&mut self, decoder: &Decoder, lengths: &mut [u8]) -> Result<(), Fault> {
        let mut done = 0;
        while done < lengths.len() {
            let bit = self.bits.position();
            let symbol = self.symbol(decoder, Alphabet::CodeLengths)?;
            let (value, count) = match symbol {
                16 => {
                    let count = 3 + self.take(2)? as usize;
                    match done.checked_sub(1) {
                        Some(previous) => (lengths[previous], count),
                        None => return fault(FaultKind::InvalidRepeat, bit),
                    }
                }
                17 => (0, 3 + self.take(3)? as usize),
                18 => (0, 11 + self.take(7)? as usize),
                length => (length as u8, 1),
            };
            match lengths.get_mut(done..done + count) {
                Some(run) => run.fill(value),
                None => return fault(FaultKind::InvalidRepeat, bit),
            }
            done += count;
        }
        Ok(())
    }

    fn compressed(&mut self, literals: &Decoder, distances: &Decoder) -> Result<(), Fault> {
        loop {
            let bit = self.bits.position();
            match self.symbol(literals, Alphabet::Literals)? {
                END_OF_BLOCK => return Ok(()),
                symbol @ ..END_OF_BLOCK => {
                    if self.walk.output.len() >= self.output_len_max {
                        return self.too_long(bit);
                    }
                    self.walk.output.push(symbol as u8);
                }
                symbol => self.matched(symbol, distances, bit)?,
            }
        }
    }

    fn matched(&mut self, length_symbol: u16, distances: &Decoder, bit: usize) -> Result<(), Fault> {
        let Some((len_base, extra_bits)) = length_base(length_symbol) else {
            return fault(FaultKind::InvalidSymbol(Alphabet::Literals), bit);
        };
        let len = usize::from(len_base) + self.take(u32::from(extra_bits))? as usize;
        let distance_bit = self.bits.position();
        let symbol = self.symbol(distances, Alphabet::Distances)?;
        let Some((distance_base, extra_bits)) = distance_base(symbol) else {
            return fault(FaultKind::InvalidSymbol(Alphabet::Distances), distance_bit);
        };
        let distance = usize::from(distance_base) + self.take(u32::from(extra_bits))? as usize;
        let available = (self.history.len() + self.walk.output.len()).min(WINDOW_LEN_MAX);
        if distance > available {
            return fault(FaultKind::DistanceTooFar { distance, available }, distance_bit);
        }
        self.note_distance(distance, bit);
        let room = self.output_len_max - self.walk.output.len();
        self.copy_match(len.min(room), distance);
        if len > room { self.too_long(bit) } else { Ok(()) }
    }

    fn note_distance(&mut self, distance: usize, bit: usize) {
        if distance > self.walk.distance_max {
            self.walk.distance_max = distance;
            self.walk.distance_max_bit = bit;
        }
        let here = self.walk.output.len();
        let beyond = |start: usize| distance.checked_sub(here - start).filter(|&octets| octets > 0);
        self.walk.beyond_message = self.walk.beyond_message.max(beyond(0));
        self.walk.beyond_final = self.walk.beyond_final.max(self.final_output.and_then(beyond));
    }

    fn copy_match(&mut self, len: usize, distance: usize) {
        let output = &mut self.walk.output;
        let from_history = distance.saturating_sub(output.len()).min(len);
        let start = self.history.len() - distance.saturating_sub(output.len());
        output.extend_from_slice(&self.history[start..start + from_history]);
        let rest = len - from_history;
        let start = output.len() - distance.min(output.len());
        if rest <= output.len() - start {
            output.extend_from_within(start..start + rest);
        } else {
            // §3.2.3: "the referenced string may overlap the current position".
            for source in start..start + rest {
                output.push(output[source]);
            }
        }
    }

    fn symbol(&mut self, decoder: &Decoder, alphabet: Alphabet) -> Result<u16, Fault> {
        let (bits, available) = self.bits.peek();
        match decoder.decode(bits, available) {
            Decoded::Symbol { symbol, len } => {
                self.bits.consume(len);
                Ok(symbol)
            }
            Decoded::CutShort => fault(FaultKind::CutShort, self.bits.position()),
            Decoded::Unused => fault(FaultKind::InvalidSymbol(alphabet), self.bits.position()),
        }
    }

    fn take(&mut self, count: u32) -> Result<u32, Fault> {
        let bit = self.bits.position();
        self.bits.take(count).ok_or(Fault { kind: FaultKind::CutShort, bit })
    }

    fn too_long<T>(&self, bit: usize) -> Result<T, Fault> {
        fault(FaultKind::OutputTooLong { limit: self.output_len_max }, bit)
    }
}

fn is_empty_stored(block: &WalkedBlock) -> bool {
    block.kind == BlockKind::Stored && block.len_out == 0
}

fn fault<T>(kind: FaultKind, bit: usize) -> Result<T, Fault> {
    Err(Fault { kind, bit })
}

fn at<T>(bit: usize, result: Result<T, FaultKind>) -> Result<T, Fault> {
    result.map_err(|kind| Fault { kind, bit })
}
