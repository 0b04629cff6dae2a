//! A plain LZ77 matcher with hash chains: finds matches within a window of any size. Knows no bits.

use super::symbol::{Match, Token};

/// Earlier places that are tried for a match.
const CHAIN_LEN_MAX: usize = 128;
const HASH_BITS: u32 = 13;
const NONE: usize = usize::MAX;

/// Octets to be matched, and what came before them.
pub(super) struct Matcher<'a> {
    data: &'a [u8],
    window_len: usize,
    /// Matches reach no further back than this place.
    floor: usize,
    /// The last place of each hash, and for each place the one before.
    head: Vec<usize>,
    previous: Vec<usize>,
}

impl<'a> Matcher<'a> {
    /// `data` starts with the history, of which no more than `window_len` octets can matter.
    pub(super) fn new(data: &'a [u8], window_len: usize) -> Matcher<'a> {
        Matcher {
            data,
            window_len,
            floor: 0,
            head: vec![NONE; 1 << HASH_BITS],
            previous: Vec::with_capacity(data.len()),
        }
    }

    /// From now on matches do not reach before `place`.
    pub(super) fn forget_before(&mut self, place: usize) {
        self.floor = place;
    }

    /// The octets from `start` to `end` as tokens: at each place the longest match found, the nearest of equal ones.
    /// Calls go forward through the data.
    pub(super) fn tokens(&mut self, start: usize, end: usize) -> Vec<Token> {
        let mut tokens = Vec::new();
        let mut place = start;
        while place < end {
            self.insert_before(place);
            match self.longest(place, end) {
                Some(found) => {
                    place += found.len_octets();
                    tokens.push(Token::Match(found));
                }
                None => {
                    tokens.push(Token::Literal(self.data[place]));
                    place += 1;
                }
            }
        }
        tokens
    }

    fn longest(&self, place: usize, end: usize) -> Option<Match> {
        let len_max = (end - place).min(Match::LEN_MAX);
        if len_max < Match::LEN_MIN {
            return None;
        }
        let wanted = &self.data[place..place + len_max];
        let floor = self.floor.max(place.saturating_sub(self.window_len));
        let mut best = (0, 0);
        let mut candidate = self.head[self.hash(place)?];
        for _ in 0..CHAIN_LEN_MAX {
            if candidate == NONE || candidate < floor || best.0 == len_max {
                break;
            }
            let len = wanted.iter().zip(&self.data[candidate..]).take_while(|(a, b)| a == b).count();
            if len > best.0 {
                best = (len, place - candidate);
            }
            candidate = self.previous[candidate];
        }
        Match::new(best.0, best.1)
    }

    fn insert_before(&mut self, place: usize) {
        for inserted in self.previous.len()..place {
            let Some(hash) = self.hash(inserted) else { return };
            self.previous.push(self.head[hash]);
            self.head[hash] = inserted;
        }
    }

    fn hash(&self, place: usize) -> Option<usize> {
        let octets = self.data.get(place..)?.first_chunk::<3>()?;
        let value = u32::from_le_bytes([octets[0], octets[1], octets[2], 0]);
        Some((value.wrapping_mul(0x9e37_79b1) >> (32 - HASH_BITS)) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literals(octets: &[u8]) -> Vec<Token> {
        octets.iter().copied().map(Token::Literal).collect()
    }

    fn found(len: usize, distance: usize) -> Token {
        Token::Match(Match::new(len, distance).expect("a match that has a code"))
    }

    #[track_caller]
    fn check(data: &[u8], start: usize, end: usize, expected: &[&[Token]]) {
        assert_eq!(Matcher::new(data, 256).tokens(start, end), expected.concat());
    }

    #[test]
    fn the_longest_match_is_found_and_the_nearest_of_equal_ones() {
        check(b"abcabc", 0, 6, &[&literals(b"abc"), &[found(3, 3)]]);
        check(b"abcXabcYabc", 8, 11, &[&[found(3, 4)]]);
        check(b"abcXabcYabcZ", 8, 12, &[&[found(3, 4)], &literals(b"Z")]);
        check(b"abcdXabcYabcd", 9, 13, &[&[found(4, 9)]]);
        check(&[7; 300], 0, 300, &[&literals(&[7]), &[found(258, 1), found(41, 1)]]);
    }

    /// What follows `end` is another block's.
    #[test]
    fn a_match_ends_where_it_is_told() {
        check(b"abcdeXabcde", 6, 10, &[&[found(4, 6)]]);
        check(b"abcdeXabcde", 6, 9, &[&[found(3, 6)]]);
        check(b"abcdeXabcde", 6, 8, &[&literals(b"ab")]);
    }

    #[test]
    fn a_match_reaches_to_the_windows_end_and_no_further() {
        // The filler ascends, so it has no match, nor part of one.
        let data =
            |filler_len: u8| [&b"\xff\xfe\xfd"[..], &Vec::from_iter(0..filler_len), b"\xff\xfe\xfd"].concat();
        check(&data(253), 256, 259, &[&[found(3, 256)]]);
        check(&data(252), 255, 258, &[&[found(3, 255)]]);
        let too_far = [b"\xff\xfe\xfd\xfb", &data(253)[3..]].concat();
        check(&too_far, 257, 260, &[&literals(b"\xff\xfe\xfd")]);
    }

    #[test]
    fn what_was_forgotten_is_not_matched() {
        for (floor, expected) in [(0, vec![found(3, 6)]), (3, literals(b"abc")), (1, literals(b"abc"))] {
            let mut matcher = Matcher::new(b"abcXYZabc", 256);
            matcher.forget_before(floor);
            assert_eq!(matcher.tokens(6, 9), expected, "nothing before {floor}");
        }
    }
}
