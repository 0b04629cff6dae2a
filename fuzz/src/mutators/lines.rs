//! Lines: those of a head, a case file or a report, and what stands within one.

use super::rearrange;
use wsgauntlet::fuzz::Rng;

/// What heads and files are read by.
const SEPARATORS: &[&[u8]] =
    &[b" ", b"\t", b",", b";", b":", b"=", b"\"", b"\r", b"\n", b"\0", b"", b"\r\n ", b"[", b"]"];

/// The octets with `times` changes of the lines that `end` ends.
pub(super) fn mutate(octets: &[u8], end: &[u8], times: usize, rng: &mut Rng) -> Vec<u8> {
    let mut lines = split(octets, end);
    for _ in 0..times {
        let other = if lines.is_empty() { Vec::new() } else { lines[rng.below(lines.len())].clone() };
        match rng.below(4) {
            0 | 1 => rearrange(&mut lines, other, rng),
            2 => {
                let at = rng.below(lines.len());
                if let Some(line) = lines.get_mut(at) {
                    splice(line, &other, rng);
                }
            }
            _ => {
                let at = rng.below(lines.len());
                if let Some(line) = lines.get_mut(at) {
                    reseparate(line, rng);
                }
            }
        }
    }
    lines.join(end)
}

fn split(octets: &[u8], end: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = vec![Vec::new()];
    let mut rest = octets;
    while let Some((&first, behind)) = rest.split_first() {
        if let Some(behind) = rest.strip_prefix(end) {
            lines.push(Vec::new());
            rest = behind;
        } else {
            lines.last_mut().expect("there is always one").push(first);
            rest = behind;
        }
    }
    lines
}

/// The line's beginning, and the end of another one.
fn splice(line: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    line.truncate(rng.below(line.len() + 1));
    line.extend_from_slice(&other[rng.below(other.len() + 1)..]);
}

/// Another separator where one is, or between two octets.
fn reseparate(line: &mut Vec<u8>, rng: &mut Rng) {
    let places: Vec<usize> = (0..line.len()).filter(|&at| !line[at].is_ascii_alphanumeric()).collect();
    let (at, taken) = match places.is_empty() || rng.once_in(4) {
        true => (rng.below(line.len() + 1), 0),
        false => (*rng.pick(&places), 1),
    };
    line.splice(at..at + taken, rng.pick(SEPARATORS).iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines that are split and joined are what they were.
    #[test]
    fn splitting_loses_nothing() {
        for text in [&b""[..], b"one", b"one\r\ntwo\r\n\r\n", b"\r\r\n\n"] {
            assert_eq!(split(text, b"\r\n").join(&b"\r\n"[..]), text);
        }
    }

    /// All kinds of changes come, and none of an empty text goes wrong.
    #[test]
    fn lines_change() {
        let mut lengths = std::collections::BTreeSet::new();
        for seed in 0..300 {
            mutate(b"", b"\r\n", 4, &mut Rng::new(seed));
            let head = mutate(
                b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
                b"\r\n",
                1,
                &mut Rng::new(seed),
            );
            lengths.insert(head.len());
        }
        assert!(lengths.len() > 20, "{lengths:?}");
    }
}
