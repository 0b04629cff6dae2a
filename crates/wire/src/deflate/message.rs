//! A compressed message as data: blocks of any kind, legal or not, and how the payload ends. Encoding never fails: what
//! has no legal form has an illegal one.

use std::sync::LazyLock;

use super::TAIL;
use super::bits::BitWriter;
use super::huffman::{CODE_LEN_MAX, CODE_LENGTH_LEN_MAX, canonical_codes, lengths_for};
use super::symbol::{
    Alphabet, CODE_LENGTH_ORDER, DISTANCES_MAX, END_OF_BLOCK, FIXED_DISTANCE_LENGTHS, LITERALS_MAX, Token,
    fixed_literal_lengths,
};

/// The payload of one message, all its fragments together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The blocks, in their order.
    pub blocks: Vec<Block>,
    /// What follows the blocks.
    pub ending: Ending,
    /// The bits that fill up to octet boundaries.
    pub padding: Padding,
    /// Octets after the ending. Illegal unless they are DEFLATE blocks themselves.
    pub trailing: Vec<u8>,
    /// Cuts the payload after this many octets, the trailing ones included. Illegal, but for cuts between blocks.
    pub cut_len: Option<usize>,
}

/// One DEFLATE block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// RFC 7692 §7.2.1 allows BFINAL in any block; the next one follows at an octet boundary.
    pub bfinal: bool,
    /// Type and content.
    pub body: Body,
}

/// A block's type and content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// BTYPE 00. More than 65,535 octets become several blocks, of which the last has the BFINAL bit.
    Stored(Vec<u8>),
    /// BTYPE 00 with LEN and NLEN as given.
    StoredClaim {
        /// LEN, whatever the number of octets is.
        len: u16,
        /// NLEN, whatever LEN is.
        nlen: u16,
        /// What follows the two.
        octets: Vec<u8>,
    },
    /// BTYPE 01.
    Fixed(Vec<Token>),
    /// BTYPE 10.
    Dynamic {
        /// The content, without the end of the block.
        tokens: Vec<Token>,
        /// The codes that it is written with.
        tables: Tables,
    },
    /// BTYPE 11, which is reserved; then, at the next octet boundary, these octets.
    Reserved(Vec<u8>),
}

/// The Huffman codes of a dynamic block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tables {
    /// Made for the tokens; complete, but for a single distance code (RFC 1951 §3.2.7).
    Fitted,
    /// Three codes of one bit. Illegal.
    OverSubscribed(Alphabet),
    /// Two codes of two bits. Illegal.
    Incomplete(Alphabet),
    /// Code lengths as given: 257 to 286 for the literals and 1 to 32 for the distances (filled up with zeros or cut to
    /// that), of 15 bits at the most (cut to that). A symbol without a code is left out, the end of the block included.
    Given {
        /// The code length of each literal/length symbol, in bits.
        literals: Vec<u8>,
        /// The code length of each distance symbol, in bits.
        distances: Vec<u8>,
    },
}

/// How a payload ends, after its blocks (RFC 7692 §7.2.1, steps 2 and 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Ending {
    /// Lawful: an empty stored block, unless the last block is one; its last four octets removed.
    #[default]
    Removed,
    /// The same, its last four octets left there. Illegal at the end of a message; lawful at the end of a fragment.
    Kept,
    /// Nothing but padding to the octet boundary. Illegal, since step 2 was left out.
    Absent,
}

/// The bits up to an octet boundary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Padding {
    /// Lawful.
    #[default]
    Zeros,
    /// Illegal after BFINAL (RFC 7692 §7.2.1); ignored in a stored block's header (RFC 1951 §3.2.4).
    Ones,
}

impl Block {
    /// A stored block without octets: what a sync flush appends.
    pub fn empty_stored() -> Block {
        Block { bfinal: false, body: Body::Stored(Vec::new()) }
    }

    fn is_empty_stored(&self) -> bool {
        matches!(&self.body, Body::Stored(octets) if octets.is_empty())
    }
}

impl Message {
    /// A lawful ending after these blocks.
    pub fn new(blocks: Vec<Block>) -> Message {
        Message { blocks, ..Message::default() }
    }

    /// The octets of the payload. Without blocks, and with a lawful ending, that is the octet 00 of RFC 7692 §7.2.3.6.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = BlockWriter { bits: BitWriter::default(), ones: self.padding == Padding::Ones };
        for block in &self.blocks {
            writer.block(block);
        }
        // §7.2.1: "If the resulting data does not end with an empty DEFLATE block with no compression [...], append an
        // empty DEFLATE block with no compression to the tail end."
        let ends_empty = self.blocks.last().is_some_and(Block::is_empty_stored);
        if self.ending != Ending::Absent && !ends_empty {
            writer.block(&Block::empty_stored());
        }
        let mut payload = writer.finish();
        if self.ending == Ending::Removed {
            payload.truncate(payload.len() - TAIL.len());
        }
        payload.extend_from_slice(&self.trailing);
        payload.truncate(self.cut_len.unwrap_or(usize::MAX));
        payload
    }
}

/// How long a block would be if it started at an octet boundary, in bits.
pub(super) fn len_bits(block: &Block) -> usize {
    let mut writer = BlockWriter { bits: BitWriter::default(), ones: false };
    writer.block(block);
    writer.bits.len_bits()
}

/// The code of one symbol, and its length in bits.
type Code = (u16, u32);

/// The codes of literals and distances in blocks with fixed codes.
static FIXED_CODES: LazyLock<(Vec<Code>, Vec<Code>)> =
    LazyLock::new(|| (canonical_codes(&fixed_literal_lengths()), canonical_codes(&FIXED_DISTANCE_LENGTHS)));

struct BlockWriter {
    bits: BitWriter,
    /// Whether padding is of ones.
    ones: bool,
}

impl BlockWriter {
    fn block(&mut self, block: &Block) {
        let bfinal = block.bfinal;
        match &block.body {
            Body::Stored(octets) => self.stored(bfinal, octets),
            Body::StoredClaim { len, nlen, octets } => self.stored_claim(bfinal, *len, *nlen, octets),
            Body::Fixed(tokens) => {
                self.header(bfinal, 1);
                let (literals, distances) = &*FIXED_CODES;
                self.tokens(tokens, literals, distances);
            }
            Body::Dynamic { tokens, tables } => {
                self.header(bfinal, 2);
                self.dynamic(tokens, tables);
            }
            Body::Reserved(octets) => {
                self.header(bfinal, 3);
                self.bits.align(self.ones);
                self.bits.extend(octets);
            }
        }
        if bfinal {
            self.bits.align(self.ones);
        }
    }

    fn header(&mut self, bfinal: bool, btype: u32) {
        self.bits.write(u32::from(bfinal), 1);
        self.bits.write(btype, 2);
    }

    fn stored(&mut self, bfinal: bool, octets: &[u8]) {
        let mut rest = octets;
        loop {
            let (chunk, after) = rest.split_at(rest.len().min(usize::from(u16::MAX)));
            let len = chunk.len() as u16;
            self.stored_claim(bfinal && after.is_empty(), len, !len, chunk);
            rest = after;
            if rest.is_empty() {
                return;
            }
        }
    }

    fn stored_claim(&mut self, bfinal: bool, len: u16, nlen: u16, octets: &[u8]) {
        self.header(bfinal, 0);
        self.bits.align(self.ones);
        self.bits.extend(&len.to_le_bytes());
        self.bits.extend(&nlen.to_le_bytes());
        self.bits.extend(octets);
    }

    fn dynamic(&mut self, tokens: &[Token], tables: &Tables) {
        let (literals, distances) = match tables {
            Tables::Fitted
            | Tables::OverSubscribed(Alphabet::CodeLengths)
            | Tables::Incomplete(Alphabet::CodeLengths) => fitted(tokens),
            Tables::OverSubscribed(Alphabet::Literals) => (literals_with(3, 1), fitted(tokens).1),
            Tables::Incomplete(Alphabet::Literals) => (literals_with(2, 2), fitted(tokens).1),
            Tables::OverSubscribed(Alphabet::Distances) => (fitted(tokens).0, vec![1; 3]),
            Tables::Incomplete(Alphabet::Distances) => (fitted(tokens).0, vec![2; 2]),
            Tables::Given { literals, distances } => (
                sized(literals, usize::from(END_OF_BLOCK) + 1, LITERALS_MAX),
                sized(distances, 1, DISTANCES_MAX),
            ),
        };
        let runs = run_lengths(&[&literals[..], &distances[..]].concat());
        let mut frequencies = [0; CODE_LENGTH_ORDER.len()];
        for run in &runs {
            frequencies[usize::from(run.symbol)] += 1;
        }
        with_two_symbols(&mut frequencies);
        let mut code_lengths = lengths_for(&frequencies, CODE_LENGTH_LEN_MAX);
        match tables {
            Tables::OverSubscribed(Alphabet::CodeLengths) => code_lengths[..3].fill(1),
            Tables::Incomplete(Alphabet::CodeLengths) => {
                code_lengths.fill(0);
                code_lengths[..2].fill(2);
            }
            Tables::Fitted
            | Tables::OverSubscribed(Alphabet::Literals | Alphabet::Distances)
            | Tables::Incomplete(Alphabet::Literals | Alphabet::Distances)
            | Tables::Given { .. } => {}
        }
        self.dynamic_header(literals.len(), distances.len(), &code_lengths);
        let codes = canonical_codes(&code_lengths);
        for run in &runs {
            let (code, len) = codes[usize::from(run.symbol)];
            self.bits.write(u32::from(code), len);
            self.bits.write(u32::from(run.extra), u32::from(run.extra_bits));
        }
        self.tokens(tokens, &canonical_codes(&literals), &canonical_codes(&distances));
    }

    fn dynamic_header(&mut self, literals: usize, distances: usize, code_lengths: &[u8]) {
        let in_order = CODE_LENGTH_ORDER.map(|symbol| code_lengths[symbol]);
        let sent = in_order.iter().rposition(|&len| len > 0).map_or(4, |last| (last + 1).max(4));
        self.bits.write(literals as u32 - 257, 5);
        self.bits.write(distances as u32 - 1, 5);
        self.bits.write(sent as u32 - 4, 4);
        for &len in &in_order[..sent] {
            self.bits.write(u32::from(len), 3);
        }
    }

    /// The tokens and the end of the block.
    fn tokens(&mut self, tokens: &[Token], literals: &[Code], distances: &[Code]) {
        for token in tokens {
            let (literal, distance) = token.coded();
            for (coded, codes) in [(Some(literal), literals), (distance, distances)] {
                let Some(coded) = coded else { continue };
                let (code, len) = codes.get(usize::from(coded.symbol)).copied().unwrap_or((0, 0));
                self.bits.write(u32::from(code), len);
                self.bits.write(u32::from(coded.extra), u32::from(coded.extra_bits));
            }
        }
        let (code, len) = literals[usize::from(END_OF_BLOCK)];
        self.bits.write(u32::from(code), len);
    }

    fn finish(mut self) -> Vec<u8> {
        self.bits.align(self.ones);
        self.bits.finish()
    }
}

/// Code lengths made for the tokens, without unused ones at the end. Symbols that cannot be declared are left out.
fn fitted(tokens: &[Token]) -> (Vec<u8>, Vec<u8>) {
    let mut literals = [0; LITERALS_MAX];
    let mut distances = [0; DISTANCES_MAX];
    literals[usize::from(END_OF_BLOCK)] = 1;
    for token in tokens {
        let (literal, distance) = token.coded();
        if let Some(frequency) = literals.get_mut(usize::from(literal.symbol)) {
            *frequency += 1;
        }
        if let Some(frequency) = distance.and_then(|coded| distances.get_mut(usize::from(coded.symbol))) {
            *frequency += 1;
        }
    }
    with_two_symbols(&mut literals);
    let literals = sized_to_last(lengths_for(&literals, CODE_LEN_MAX), usize::from(END_OF_BLOCK) + 1);
    let distances = sized_to_last(lengths_for(&distances, CODE_LEN_MAX), 1);
    (literals, distances)
}

/// Gives a lone symbol a companion, since a code of one symbol is incomplete.
fn with_two_symbols(frequencies: &mut [usize]) {
    while frequencies.iter().filter(|&&frequency| frequency > 0).count() < 2 {
        let Some(unused) = frequencies.iter_mut().find(|frequency| **frequency == 0) else { return };
        *unused = 1;
    }
}

/// Literal/length code lengths that give the end of the block and the first literals, `count` in all, `len` bits each.
fn literals_with(count: usize, len: u8) -> Vec<u8> {
    let mut lengths = vec![0; usize::from(END_OF_BLOCK) + 1];
    lengths[..count - 1].fill(len);
    lengths[usize::from(END_OF_BLOCK)] = len;
    lengths
}

fn sized(lengths: &[u8], count_min: usize, count_max: usize) -> Vec<u8> {
    let mut sized: Vec<u8> = lengths.iter().map(|&len| len.min(CODE_LEN_MAX as u8)).collect();
    sized.resize(sized.len().clamp(count_min, count_max), 0);
    sized
}

fn sized_to_last(mut lengths: Vec<u8>, count_min: usize) -> Vec<u8> {
    let used = lengths.iter().rposition(|&len| len > 0).map_or(0, |last| last + 1);
    lengths.truncate(used.max(count_min));
    lengths
}

/// A symbol of the code length alphabet with its extra bits.
struct Run {
    symbol: u8,
    extra: u8,
    extra_bits: u8,
}

/// §3.2.7: 16 copies the length before 3 to 6 times, 17 repeats zero 3 to 10 times, 18 repeats it 11 to 138 times.
fn run_lengths(lengths: &[u8]) -> Vec<Run> {
    let mut runs = Vec::new();
    for same in lengths.chunk_by(|a, b| a == b) {
        let len = same[0];
        let mut left = same.len();
        if len > 0 {
            runs.push(Run { symbol: len, extra: 0, extra_bits: 0 });
            left -= 1;
        }
        while left > 0 {
            let (symbol, count_min, count_max, extra_bits) = match (len, left) {
                (0, 11..) => (18, 11, 138, 7),
                (0, 3..) => (17, 3, 10, 3),
                (1.., 3..) => (16, 3, 6, 2),
                (_, _) => (len, 1, 1, 0),
            };
            let count = left.min(count_max);
            runs.push(Run { symbol, extra: (count - count_min) as u8, extra_bits });
            left -= count;
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often which length, and the symbols, extra values and extra bits that say so.
    type Row = (usize, u8, &'static [(u8, u8, u8)]);

    #[test]
    fn equal_lengths_are_repeated() {
        let table: [Row; 14] = [
            (2, 0, &[(0, 0, 0), (0, 0, 0)]),
            (3, 0, &[(17, 0, 3)]),
            (10, 0, &[(17, 7, 3)]),
            (11, 0, &[(18, 0, 7)]),
            (138, 0, &[(18, 127, 7)]),
            (139, 0, &[(18, 127, 7), (0, 0, 0)]),
            (150, 0, &[(18, 127, 7), (18, 1, 7)]),
            (1, 5, &[(5, 0, 0)]),
            (3, 5, &[(5, 0, 0), (5, 0, 0), (5, 0, 0)]),
            (4, 5, &[(5, 0, 0), (16, 0, 2)]),
            (7, 5, &[(5, 0, 0), (16, 3, 2)]),
            (8, 5, &[(5, 0, 0), (16, 3, 2), (5, 0, 0)]),
            (10, 5, &[(5, 0, 0), (16, 3, 2), (16, 0, 2)]),
            (13, 5, &[(5, 0, 0), (16, 3, 2), (16, 3, 2)]),
        ];
        for (count, len, expected) in table {
            let runs = run_lengths(&vec![len; count]);
            let runs: Vec<_> = runs.iter().map(|run| (run.symbol, run.extra, run.extra_bits)).collect();
            assert_eq!(runs, expected, "{count} times {len}");
        }
        assert_eq!(run_lengths(&[5, 0, 5]).len(), 3);
    }

    #[test]
    fn lengths_are_fitted_to_what_can_be_declared() {
        assert_eq!(sized(&[20, 3], 1, 32), [15, 3]);
        assert_eq!((sized(&[], 2, 4), sized(&[1; 6], 2, 4)), (vec![0; 2], vec![1; 4]));
        assert_eq!(sized_to_last(vec![1, 0, 2, 0, 0], 1), [1, 0, 2]);
        assert_eq!(
            (sized_to_last(vec![0; 3], 2), sized_to_last(vec![0, 1, 0], 3)),
            (vec![0; 2], vec![0, 1, 0])
        );
        for (mut frequencies, expected) in
            [([0, 0, 0], [1, 1, 0]), ([0, 5, 0], [1, 5, 0]), ([5, 0, 0], [5, 1, 0]), ([0, 2, 3], [0, 2, 3])]
        {
            with_two_symbols(&mut frequencies);
            assert_eq!(frequencies, expected);
        }
        let three = literals_with(3, 1);
        assert_eq!((three.len(), &three[..3], three[256]), (257, &[1, 1, 0][..], 1));
    }

    /// The number of code lengths that are sent, four at the least, goes by the order of §3.2.7.
    #[test]
    fn the_last_code_lengths_are_left_out() {
        let header = |used: &[usize]| {
            let mut lengths = [0; CODE_LENGTH_ORDER.len()];
            used.iter().for_each(|&symbol| lengths[symbol] = 1);
            let mut writer = BlockWriter { bits: BitWriter::default(), ones: false };
            writer.dynamic_header(258, 3, &lengths);
            (writer.bits.len_bits(), writer.finish())
        };
        // HLIT 1, HDIST 2, HCLEN, then three bits for each length.
        assert_eq!(header(&[]), (26, vec![0b010_00001, 0, 0, 0]));
        assert_eq!(header(&[16, 0]), (26, vec![0b010_00001, 0b0100_0000, 0b1000_0000, 0]));
        assert_eq!(header(&[8]), (29, vec![0b010_00001, 0b0000_0100, 0, 0b0000_0100]));
        assert_eq!(header(&[15]).0, 14 + 19 * 3);
    }

    #[test]
    fn blocks_without_a_code_are_laid_out_as_drawn() {
        let encode = |bfinal, body, padding| {
            let message =
                Message { ending: Ending::Absent, padding, ..Message::new(vec![Block { bfinal, body }]) };
            message.encode()
        };
        assert_eq!(encode(false, Body::Reserved(vec![0xab]), Padding::Zeros), [0x06, 0xab]);
        assert_eq!(encode(true, Body::Reserved(vec![0xab]), Padding::Ones), [0xff, 0xab]);
        assert_eq!(encode(true, Body::Stored(b"a".to_vec()), Padding::Zeros), b"\x01\x01\0\xfe\xffa");
        assert_eq!(encode(false, Body::Stored(b"a".to_vec()), Padding::Ones), b"\xf8\x01\0\xfe\xffa");
        let claim = Body::StoredClaim { len: 0x0102, nlen: 0x0304, octets: b"a".to_vec() };
        assert_eq!(encode(false, claim, Padding::Zeros), b"\0\x02\x01\x04\x03a");
        let long = encode(true, Body::Stored(vec![b'a'; 65_536]), Padding::Zeros);
        assert_eq!((long.len(), &long[..5]), (65_546, &b"\0\xff\xff\0\0"[..]));
        assert_eq!(long[65_540..], b"\x01\x01\0\xfe\xffa"[..]);
    }

    #[test]
    fn a_length_in_bits_counts_the_padding_of_a_final_block_only() {
        let fixed = |bfinal| Block { bfinal, body: Body::Fixed(Vec::new()) };
        assert_eq!((len_bits(&fixed(false)), len_bits(&fixed(true))), (10, 16));
        assert_eq!(len_bits(&Block::empty_stored()), 40);
    }

    #[test]
    fn the_ending_is_followed_by_what_trails_and_then_cut() {
        let message = Message { trailing: b"abc".to_vec(), cut_len: Some(3), ..Message::default() };
        assert_eq!(message.encode(), b"\0ab");
        let kept = Message { ending: Ending::Kept, ..Message::new(vec![Block::empty_stored()]) };
        assert_eq!(kept.encode(), b"\0\0\0\xff\xff", "the last block is the empty one");
    }
}
