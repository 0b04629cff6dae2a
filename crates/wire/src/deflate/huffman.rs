//! Huffman codes as RFC 1951 §3.2.2 has them: decoding, canonical codes, and code lengths for given frequencies.

use super::fault::FaultKind;
use super::symbol::{Alphabet, END_OF_BLOCK};

/// The longest code of the literal/length and distance alphabets, in bits.
pub(super) const CODE_LEN_MAX: usize = 15;
/// The longest code of the code length alphabet, in bits.
pub(super) const CODE_LENGTH_LEN_MAX: usize = 7;

/// What the next bits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    Symbol {
        symbol: u16,
        len: u32,
    },
    /// There are too few bits to say.
    CutShort,
    /// No symbol has these bits as its code.
    Unused,
}

/// Codes of up to this many bits are found in one step.
const LOOKUP_BITS: u32 = 9;

/// A canonical code, ready for decoding.
pub(super) struct Decoder {
    /// By the next `LOOKUP_BITS` bits: the symbol times 16 plus the length of its code, or 0 for longer codes.
    lookup: [u16; 1 << LOOKUP_BITS],
    /// How many codes there are of each length.
    counts: [u16; CODE_LEN_MAX + 1],
    /// In the order of their codes.
    symbols: Vec<u16>,
}

impl Decoder {
    /// Refuses what zlib refuses: over-subscribed codes, and incomplete ones, except a single code of one bit (for the
    /// distances §3.2.7 says so) and a distance alphabet without any code. Lengths are 15 at the most.
    pub(super) fn new(alphabet: Alphabet, lengths: &[u8]) -> Result<Decoder, FaultKind> {
        if alphabet == Alphabet::Literals
            && lengths.get(usize::from(END_OF_BLOCK)).is_none_or(|&len| len == 0)
        {
            return Err(FaultKind::MissingEndOfBlock);
        }
        let counts = count_lengths(lengths);
        let mut left: i32 = 1;
        for &count in &counts[1..] {
            left = (left << 1) - i32::from(count);
            if left < 0 {
                return Err(FaultKind::OverSubscribed(alphabet));
            }
        }
        let used: u16 = counts[1..].iter().sum();
        let permitted = match alphabet {
            Alphabet::CodeLengths => false,
            Alphabet::Literals => used == 1 && counts[1] == 1,
            Alphabet::Distances => used == 0 || (used == 1 && counts[1] == 1),
        };
        if left > 0 && !permitted {
            return Err(FaultKind::IncompleteCode(alphabet));
        }
        Ok(Decoder::build(lengths, counts))
    }

    fn build(lengths: &[u8], counts: [u16; CODE_LEN_MAX + 1]) -> Decoder {
        let mut symbols: Vec<u16> =
            (0..lengths.len() as u16).filter(|&symbol| lengths[usize::from(symbol)] > 0).collect();
        symbols.sort_by_key(|&symbol| lengths[usize::from(symbol)]);
        let mut lookup = [0; 1 << LOOKUP_BITS];
        for (symbol, (code, len)) in canonical_codes(lengths).into_iter().enumerate() {
            if len > 0 && len <= LOOKUP_BITS {
                for index in (usize::from(code)..lookup.len()).step_by(1 << len) {
                    lookup[index] = (symbol as u16) << 4 | len as u16;
                }
            }
        }
        Decoder { lookup, counts, symbols }
    }

    /// The symbol that `bits` start with, the first bit lowest, of which `available` are there.
    pub(super) fn decode(&self, bits: u64, available: u32) -> Decoded {
        let entry = self.lookup[bits as usize & ((1 << LOOKUP_BITS) - 1)];
        let len = u32::from(entry & 15);
        if len > available {
            Decoded::CutShort
        } else if len > 0 {
            Decoded::Symbol { symbol: entry >> 4, len }
        } else {
            self.decode_bit_by_bit(bits, available)
        }
    }

    fn decode_bit_by_bit(&self, bits: u64, available: u32) -> Decoded {
        // `first` is the first code of this length, and `index` its place among the symbols.
        let (mut code, mut first, mut index) = (0u32, 0u32, 0u32);
        for len in 1..=CODE_LEN_MAX as u32 {
            if len > available {
                return Decoded::CutShort;
            }
            code = code << 1 | (bits >> (len - 1)) as u32 & 1;
            let count = u32::from(self.counts[len as usize]);
            first <<= 1;
            if code < first + count {
                return match self.symbols.get((index + code - first) as usize) {
                    Some(&symbol) => Decoded::Symbol { symbol, len },
                    None => Decoded::Unused,
                };
            }
            index += count;
            first += count;
        }
        Decoded::Unused
    }
}

fn count_lengths(lengths: &[u8]) -> [u16; CODE_LEN_MAX + 1] {
    let mut counts = [0; CODE_LEN_MAX + 1];
    for &len in lengths {
        counts[usize::from(len).min(CODE_LEN_MAX)] += 1;
    }
    counts
}

/// The code of each symbol, its bits reversed for writing (§3.1.1), and its length; length 0 for a symbol without one.
/// Codes of over-subscribed lengths are cut to their length.
pub(super) fn canonical_codes(lengths: &[u8]) -> Vec<(u16, u32)> {
    let mut counts = count_lengths(lengths);
    counts[0] = 0;
    let mut next = [0u32; CODE_LEN_MAX + 1];
    for len in 1..=CODE_LEN_MAX {
        next[len] = (next[len - 1] + u32::from(counts[len - 1])) << 1;
    }
    let code_of = |&len: &u8| {
        let len = usize::from(len).min(CODE_LEN_MAX);
        if len == 0 {
            return (0, 0);
        }
        let code = next[len] & ((1 << len) - 1);
        next[len] += 1;
        ((code as u16).reverse_bits() >> (16 - len), len as u32)
    };
    lengths.iter().map(code_of).collect()
}

/// Code lengths of at most `len_max` bits for symbols of the given frequencies: a complete code, and optimal unless the
/// limit bites. A symbol of frequency 0 has none; a single symbol has 1 bit, so that its code is incomplete.
/// There are fewer symbols used than 2 to the power of `len_max`.
pub(super) fn lengths_for(frequencies: &[usize], len_max: usize) -> Vec<u8> {
    let mut used: Vec<usize> = (0..frequencies.len()).filter(|&symbol| frequencies[symbol] > 0).collect();
    used.sort_by_key(|&symbol| frequencies[symbol]);
    let weights: Vec<usize> = used.iter().map(|&symbol| frequencies[symbol]).collect();
    let mut counts = count_depths(&weights, len_max);
    enforce_limit(&mut counts);
    let mut lengths = vec![0; frequencies.len()];
    let longest_first =
        counts.iter().enumerate().rev().flat_map(|(len, &count)| std::iter::repeat_n(len as u8, count));
    for (symbol, len) in used.into_iter().zip(longest_first) {
        lengths[symbol] = len;
    }
    lengths
}

/// How many leaves Huffman's tree has at each depth, those beyond `len_max` counted there. Weights ascend.
fn count_depths(weights: &[usize], len_max: usize) -> Vec<usize> {
    let mut counts = vec![0; len_max + 1];
    match weights.len() {
        0 => return counts,
        1 => {
            counts[1] = 1;
            return counts;
        }
        _ => {}
    }
    // Nodes are numbered leaves first, then inner nodes in the order in which they are made, which is that of weight.
    let mut weight = weights.to_vec();
    let mut parent = vec![0; weights.len() * 2 - 1];
    let (mut leaf, mut inner) = (0, weights.len());
    for made in weights.len()..parent.len() {
        let mut sum: usize = 0;
        for _ in 0..2 {
            let lightest = if leaf < weights.len() && (inner >= made || weight[leaf] <= weight[inner]) {
                &mut leaf
            } else {
                &mut inner
            };
            sum = sum.saturating_add(weight[*lightest]);
            parent[*lightest] = made;
            *lightest += 1;
        }
        weight.push(sum);
    }
    let mut depth = vec![0; parent.len()];
    for node in (0..parent.len() - 1).rev() {
        depth[node] = depth[parent[node]] + 1;
    }
    for &leaf_depth in &depth[..weights.len()] {
        counts[leaf_depth.min(len_max)] += 1;
    }
    counts
}

/// Lengthens shorter codes until those at the limit fit, by Kraft's sum.
fn enforce_limit(counts: &mut [usize]) {
    let len_max = counts.len() - 1;
    let kraft = |counts: &[usize]| -> usize { (1..=len_max).map(|len| counts[len] << (len_max - len)).sum() };
    let mut excess = kraft(counts).saturating_sub(1 << len_max);
    while excess > 0 {
        let Some(len) = (1..len_max).rev().find(|&len| counts[len] > 0) else { return };
        // One code of the limit's length moves up beside a shorter one, which becomes one bit longer: the sum falls by
        // 1.
        counts[len_max] -= 1;
        counts[len] -= 1;
        counts[len + 1] += 2;
        excess -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 is a complete code.
    fn kraft_sum(lengths: &[u8]) -> f64 {
        lengths.iter().filter(|&&len| len > 0).map(|&len| 0.5f64.powi(i32::from(len))).sum()
    }

    #[test]
    fn limits_hold_where_huffmans_tree_is_deeper() {
        let mut fibonacci = vec![1usize, 1];
        while fibonacci.len() < 40 {
            fibonacci.push(fibonacci[fibonacci.len() - 1] + fibonacci[fibonacci.len() - 2]);
        }
        for (count, len_max) in [(40, 15), (17, 15), (16, 15), (19, 7), (9, 7), (8, 7), (2, 15)] {
            let lengths = lengths_for(&fibonacci[..count], len_max);
            assert_eq!(kraft_sum(&lengths), 1.0, "{count} symbols within {len_max} bits: {lengths:?}");
            assert!(lengths.iter().all(|&len| (1..=len_max).contains(&usize::from(len))), "{lengths:?}");
            assert!(lengths.is_sorted_by(|a, b| a >= b), "rarer symbols have longer codes: {lengths:?}");
        }
        // 17 symbols would need a code of 16 bits.
        assert_eq!(lengths_for(&fibonacci[..17], 16)[0], 16);
    }

    #[test]
    fn codes_are_those_of_the_rfcs_example() {
        // RFC 1951 §3.2.2: "consider the alphabet ABCDEFGH, with bit lengths (3, 3, 3, 3, 3, 2, 4, 4)".
        let lengths = [3, 3, 3, 3, 3, 2, 4, 4];
        let codes: Vec<String> = canonical_codes(&lengths)
            .into_iter()
            .map(|(code, len)| (0..len).map(|bit| if code >> bit & 1 == 1 { '1' } else { '0' }).collect())
            .collect();
        assert_eq!(codes, ["010", "011", "100", "101", "110", "00", "1110", "1111"]);
    }

    #[test]
    fn a_code_is_decoded_at_any_length() {
        // Codes of 1 to 15 bits, the last two of them of 15: below and above what is looked up in one step.
        let lengths: Vec<u8> = (1..=15).chain([15]).collect();
        let decoder = Decoder::new(Alphabet::Distances, &lengths).map_err(|kind| kind.to_string()).unwrap();
        for (symbol, (code, len)) in canonical_codes(&lengths).into_iter().enumerate() {
            let expected = Decoded::Symbol { symbol: symbol as u16, len };
            assert_eq!(decoder.decode(u64::from(code), len), expected);
            assert_eq!(decoder.decode(u64::from(code) | u64::MAX << len, 56), expected, "whatever follows");
            assert_eq!(decoder.decode(u64::from(code), len - 1), Decoded::CutShort);
        }
    }

    /// Each row: frequencies, and the code lengths of Huffman's tree, in which leaves go before inner nodes of their
    /// weight.
    #[test]
    fn lengths_are_huffmans() {
        let table: [(&[usize], &[u8]); 9] = [
            (&[], &[]),
            (&[0, 0], &[0, 0]),
            (&[0, 7, 0], &[0, 1, 0]),
            (&[9, 0, 1], &[1, 0, 1]),
            (&[1, 1, 2, 3, 5, 8], &[5, 5, 4, 3, 2, 1]),
            (&[5, 5, 5, 5], &[2, 2, 2, 2]),
            (&[4, 3, 2, 1], &[1, 2, 3, 3]),
            (&[1, 1, 1, 1, 4], &[3, 3, 3, 3, 1]),
            (&[1, 1, 2, 2], &[2, 2, 2, 2]),
        ];
        for (frequencies, lengths) in table {
            assert_eq!(lengths_for(frequencies, CODE_LEN_MAX), lengths, "{frequencies:?}");
        }
    }

    /// What zlib takes for a code, and what it refuses.
    #[test]
    fn only_complete_codes_are_taken_and_single_ones() {
        use Alphabet::{CodeLengths, Distances, Literals};
        let with_end = |lens: &[u8], end: u8| {
            let mut lengths = vec![0; usize::from(END_OF_BLOCK)];
            lengths[..lens.len()].copy_from_slice(lens);
            lengths.push(end);
            lengths
        };
        let table = [
            (Literals, vec![1; 256], Some(FaultKind::MissingEndOfBlock)),
            (Literals, with_end(&[1, 1], 0), Some(FaultKind::MissingEndOfBlock)),
            (Literals, with_end(&[], 1), None),
            (Literals, with_end(&[], 2), Some(FaultKind::IncompleteCode(Literals))),
            (Literals, with_end(&[1], 2), Some(FaultKind::IncompleteCode(Literals))),
            (Literals, with_end(&[1, 2], 2), None),
            (Literals, with_end(&[1, 2, 2], 2), Some(FaultKind::OverSubscribed(Literals))),
            (Distances, vec![0, 0], None),
            (Distances, vec![0, 1], None),
            (Distances, vec![0, 2], Some(FaultKind::IncompleteCode(Distances))),
            (Distances, vec![1, 2], Some(FaultKind::IncompleteCode(Distances))),
            (Distances, vec![1, 1], None),
            (Distances, vec![1, 1, 15], Some(FaultKind::OverSubscribed(Distances))),
            (CodeLengths, vec![1], Some(FaultKind::IncompleteCode(CodeLengths))),
            (CodeLengths, vec![0, 0], Some(FaultKind::IncompleteCode(CodeLengths))),
            (CodeLengths, vec![1, 1], None),
        ];
        for (alphabet, lengths, fault) in table {
            assert_eq!(Decoder::new(alphabet, &lengths).err(), fault, "{alphabet} {lengths:?}");
        }
    }
}
