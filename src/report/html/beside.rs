//! Two transcripts side by side, aligned, so that what differs stands out.

/// A row: the index of a line at the left, at the right, or of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    Both(usize, usize),
    Left(usize),
    Right(usize),
}

/// Aligns by a longest common subsequence of lines that say the same. A transcript has 60 lines at
/// the most, so that a table of them all is small.
pub(super) fn align(left: &[String], right: &[String]) -> Vec<Row> {
    let keys = |lines: &[String]| lines.iter().map(|line| key(line)).collect::<Vec<String>>();
    let (left, right) = (keys(left), keys(right));
    let mut longest = vec![vec![0u16; right.len() + 1]; left.len() + 1];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            longest[i][j] = if left[i] == right[j] {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut rows = Vec::new();
    while i < left.len() || j < right.len() {
        if i < left.len() && j < right.len() && left[i] == right[j] {
            rows.push(Row::Both(i, j));
            i += 1;
            j += 1;
        } else if j == right.len() || (i < left.len() && longest[i + 1][j] >= longest[i][j + 1]) {
            rows.push(Row::Left(i));
            i += 1;
        } else {
            rows.push(Row::Right(j));
            j += 1;
        }
    }
    rows
}

/// Fields whose values differ from play to play, so that a difference means nothing.
const DRAWN: [&str; 6] =
    ["Host:", "Sec-WebSocket-Key:", "Sec-WebSocket-Accept:", "Date:", "Server:", "Content-Length:"];

/// Whether a line is such a field, on either side.
pub(super) fn is_drawn(line: &str) -> bool {
    drawn(line.split_at(line.len().min(2)).1).is_some()
}

fn drawn(text: &str) -> Option<&'static str> {
    DRAWN
        .into_iter()
        .find(|field| text.get(..field.len()).is_some_and(|name| name.eq_ignore_ascii_case(field)))
}

/// What a line says: without what is drawn at random (keys, and the octets that they mask), and
/// without what belongs to the host.
fn key(line: &str) -> String {
    let (sign, text) = line.split_at(line.len().min(2));
    if let Some(field) = drawn(text) {
        return format!("{sign}{field}");
    }
    if text.starts_with("GET ") {
        return format!("{sign}GET");
    }
    if sign == "- " {
        return text.split(',').next().unwrap_or_default().to_owned();
    }
    // `> text  81 83 .. | 61 62 63  3 octets, masked, "abc"`: the octets stand between two spaces.
    match (text.split_once("  "), text.rsplit_once("  ")) {
        (Some((name, _)), Some((_, description))) if text.contains("masked") => {
            format!("{sign}{name}  {description}")
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[&str]) -> Vec<String> {
        text.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn differences_stand_out_and_noise_does_not() {
        let left = lines(&[
            "> GET /chat HTTP/1.1",
            "> Host: 127.0.0.1:9001",
            "< HTTP/1.1 101 Switching Protocols",
            "> text  81 83 01 02 03 04 | 61 62 63  3 octets, masked, \"abc\"",
            "< text  81 03 | 61 62 63  3 octets, \"abc\"",
            "- silence until the deadline, 2000 ms",
        ]);
        let right = lines(&[
            "> GET / HTTP/1.1",
            "> host: localhost",
            "< HTTP/1.1 101 Switching Protocols",
            "> text  81 83 0a 0b 0c 0d | 67 68 69  3 octets, masked, \"abc\"",
            "< close  88 02 | 03 ea  2 octets, 1002",
            "< end of the connection",
        ]);
        use Row::{Both, Left, Right};
        assert_eq!(
            align(&left, &right),
            [Both(0, 0), Both(1, 1), Both(2, 2), Both(3, 3), Left(4), Left(5), Right(4), Right(5)]
        );
    }

    /// Every line is in the result once, in its order.
    #[test]
    fn nothing_is_lost() {
        let all = ["a", "b", "c", "a", "d"];
        for cut in 0..all.len() {
            let (left, right) = (lines(&all[..cut]), lines(&all[cut..]));
            let rows = align(&left, &right);
            let lefts: Vec<usize> = rows
                .iter()
                .filter_map(|row| match row {
                    Row::Both(i, _) | Row::Left(i) => Some(*i),
                    Row::Right(_) => None,
                })
                .collect();
            let rights: Vec<usize> = rows
                .iter()
                .filter_map(|row| match row {
                    Row::Both(_, j) | Row::Right(j) => Some(*j),
                    Row::Left(_) => None,
                })
                .collect();
            assert_eq!(lefts, (0..left.len()).collect::<Vec<_>>());
            assert_eq!(rights, (0..right.len()).collect::<Vec<_>>());
        }
    }
}
