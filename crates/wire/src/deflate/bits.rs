//! Bits in RFC 1951's order (§3.1.1: from the least significant bit of each octet). Knows nothing of blocks.

use super::TAIL;

/// A message payload followed by [`TAIL`], read bit by bit. Positions are counted in bits from the payload's start.
pub(super) struct BitReader<'a> {
    payload: &'a [u8],
    /// The next octet that is not in `hold` yet.
    next: usize,
    /// The next `held` bits, the first one lowest. What lies above them is zero, or the bits that follow.
    hold: u64,
    held: u32,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(payload: &'a [u8]) -> BitReader<'a> {
        BitReader { payload, next: 0, hold: 0, held: 0 }
    }

    /// Of the next bit, in bits.
    pub(super) fn position(&self) -> usize {
        self.next * 8 - self.held as usize
    }

    /// Where the payload ends and the appended tail starts, in bits.
    pub(super) fn payload_end(&self) -> usize {
        self.payload.len() * 8
    }

    /// Whether payload and tail are used up.
    pub(super) fn is_at_end(&self) -> bool {
        self.position() == self.payload_end() + TAIL.len() * 8
    }

    /// The next bits (the first one lowest) and how many of them there are: 56 or more, except near the end.
    pub(super) fn peek(&mut self) -> (u64, u32) {
        self.refill();
        (self.hold, self.held)
    }

    /// Drops `count` bits, which `peek` has shown to be there.
    pub(super) fn consume(&mut self, count: u32) {
        debug_assert!(count <= self.held, "consumed bits that were not there");
        self.hold = self.hold.checked_shr(count).unwrap_or(0);
        self.held = self.held.saturating_sub(count);
    }

    /// The next `count` bits (32 at the most) as an integer, least significant bit first; `None` when they are not
    /// there.
    pub(super) fn take(&mut self, count: u32) -> Option<u32> {
        let (bits, available) = self.peek();
        if available < count {
            return None;
        }
        self.consume(count);
        Some((bits & ((1 << count) - 1)) as u32)
    }

    /// Goes on to the next octet boundary, and says whether all bits skipped were 0.
    pub(super) fn align(&mut self) -> bool {
        let skipped = self.held % 8;
        let zero = self.hold & ((1 << skipped) - 1) == 0;
        self.consume(skipped);
        zero
    }

    /// Appends `len` octets to `out`, or as many as there are, and gives their number. Must be at an octet boundary.
    pub(super) fn copy_octets(&mut self, len: usize, out: &mut Vec<u8>) -> usize {
        debug_assert!(self.held.is_multiple_of(8), "octets are read at octet boundaries");
        self.next -= self.held as usize / 8;
        (self.hold, self.held) = (0, 0);
        let end = self.next.saturating_add(len).min(self.payload.len() + TAIL.len());
        let split = self.payload.len();
        let body = &self.payload[self.next.min(split)..end.min(split)];
        let tail = &TAIL[self.next.max(split) - split..end.max(split) - split];
        out.extend_from_slice(body);
        out.extend_from_slice(tail);
        self.next = end;
        body.len() + tail.len()
    }

    fn refill(&mut self) {
        if let Some(word) = self.payload.get(self.next..).and_then(<[u8]>::first_chunk::<8>) {
            self.hold |= u64::from_le_bytes(*word) << self.held;
            let octets = (63 - self.held) / 8;
            self.next += octets as usize;
            self.held += octets * 8;
            return;
        }
        while self.held <= 55 {
            let split = self.payload.len();
            let octet = match self.next.checked_sub(split) {
                None => self.payload[self.next],
                Some(at) if at < TAIL.len() => TAIL[at],
                Some(_) => return,
            };
            self.hold |= u64::from(octet) << self.held;
            self.next += 1;
            self.held += 8;
        }
    }
}

/// Octets made bit by bit.
#[derive(Default)]
pub(super) struct BitWriter {
    octets: Vec<u8>,
    hold: u64,
    /// Fewer than 8 between calls.
    held: u32,
}

impl BitWriter {
    /// Writes the lowest `count` bits (32 at the most) of `value`, least significant bit first.
    pub(super) fn write(&mut self, value: u32, count: u32) {
        debug_assert!(count <= 32, "at most 32 bits at once");
        self.hold |= (u64::from(value) & ((1 << count) - 1)) << self.held;
        self.held += count;
        while self.held >= 8 {
            self.octets.push(self.hold as u8);
            self.hold >>= 8;
            self.held -= 8;
        }
    }

    /// Fills up to the next octet boundary with `bit`.
    pub(super) fn align(&mut self, bit: bool) {
        if self.held > 0 {
            self.write(if bit { 0xff } else { 0 }, 8 - self.held);
        }
    }

    /// Appends octets; aligns first, with zeros, when not at a boundary.
    pub(super) fn extend(&mut self, octets: &[u8]) {
        self.align(false);
        self.octets.extend_from_slice(octets);
    }

    /// The bits written so far.
    pub(super) fn len_bits(&self) -> usize {
        self.octets.len() * 8 + self.held as usize
    }

    /// What was written, filled up with zeros.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.align(false);
        self.octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(len: usize) -> Vec<u8> {
        (0..len).map(|place| (place * 37 + 211) as u8).collect()
    }

    /// The bits of a payload and its tail, one by one.
    fn plain_bits(payload: &[u8]) -> Vec<u32> {
        payload
            .iter()
            .chain(&TAIL)
            .flat_map(|octet| (0..8).map(move |bit| u32::from(octet >> bit & 1)))
            .collect()
    }

    /// Each width of each payload is read as if bit by bit, to the last bit and no further.
    #[test]
    fn any_width_is_read_as_if_bit_by_bit() {
        for len in 0..24 {
            let payload = octets(len);
            let plain = plain_bits(&payload);
            for width in 1..=32 {
                let mut reader = BitReader::new(&payload);
                assert_eq!(reader.payload_end(), len * 8);
                for (index, expected) in plain.chunks(width).enumerate() {
                    let at = index * width;
                    assert_eq!((reader.position(), reader.is_at_end()), (at, false));
                    assert!(reader.peek().1 as usize >= 56.min(plain.len() - at), "{width} bits at {at}");
                    if expected.len() < width {
                        assert_eq!(reader.take(width as u32), None);
                    }
                    let value = expected.iter().rev().fold(0, |value, bit| value << 1 | bit);
                    assert_eq!(reader.take(expected.len() as u32), Some(value), "{width} bits at {at}");
                }
                assert_eq!((reader.is_at_end(), reader.peek().1, reader.take(1)), (true, 0, None));
            }
        }
    }

    #[test]
    fn octets_are_copied_from_any_boundary_and_no_further_than_the_tail() {
        for len in 0..20 {
            let payload = octets(len);
            let whole = [&payload[..], &TAIL].concat();
            for start in 0..=whole.len() {
                for count in 0..whole.len() + 3 {
                    let mut reader = BitReader::new(&payload);
                    assert!((0..start).all(|_| reader.take(8).is_some()));
                    let end = (start + count).min(whole.len());
                    let mut copied = vec![7];
                    assert_eq!(reader.copy_octets(count, &mut copied), end - start);
                    assert_eq!(
                        (copied[0], &copied[1..], reader.position()),
                        (7, &whole[start..end], end * 8)
                    );
                    assert_eq!(reader.take(8), whole.get(end).map(|octet| u32::from(*octet)));
                }
            }
        }
    }

    #[test]
    fn what_is_skipped_is_looked_at() {
        let payload = [0x01, 0x80, 0xff];
        for (taken, zero, position) in
            [(0, true, 0), (1, true, 8), (8, true, 8), (9, false, 16), (15, false, 16)]
        {
            let mut reader = BitReader::new(&payload);
            assert!(reader.take(taken).is_some());
            assert_eq!((reader.align(), reader.position()), (zero, position), "after {taken} bits");
        }
    }

    #[test]
    fn bits_are_written_from_the_lowest_and_filled_up() {
        let mut writer = BitWriter::default();
        writer.write(0xff, 3);
        assert_eq!(writer.len_bits(), 3);
        writer.align(false);
        writer.align(true);
        writer.write(1, 2);
        writer.align(true);
        assert_eq!(writer.len_bits(), 16);
        writer.write(0xffff_fffe, 32);
        writer.write(0x5a5a_5a5a, 32);
        writer.write(2, 2);
        writer.extend(b"a");
        writer.extend(b"b");
        writer.write(1, 1);
        assert_eq!(writer.len_bits(), 105);
        let written = b"\x07\xfd\xfe\xff\xff\xff\x5a\x5a\x5a\x5a\x02ab\x01";
        assert_eq!(writer.finish(), written);
    }
}
