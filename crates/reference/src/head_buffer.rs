//! Collects a head up to its empty line, and takes no octet beyond it.

use wsgauntlet_wire::opening::head::HEAD_LEN_MAX;

#[derive(Debug, Default)]
pub(crate) struct HeadBuffer {
    octets: Vec<u8>,
    line_start: usize,
    skipped_empty_line: bool,
}

/// What the octets so far hold.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeadRead {
    Incomplete,
    /// With the empty line.
    Complete(Vec<u8>),
    /// More than `HEAD_LEN_MAX` octets without an end.
    TooLong,
}

impl HeadBuffer {
    /// Takes octets from the front of `octets` until the head is complete.
    pub(crate) fn take(&mut self, octets: &mut &[u8]) -> HeadRead {
        while let Some((&octet, rest)) = octets.split_first() {
            *octets = rest;
            self.octets.push(octet);
            if octet != b'\n' {
                if self.octets.len() > HEAD_LEN_MAX {
                    return HeadRead::TooLong;
                }
                continue;
            }
            let line = &self.octets[self.line_start..self.octets.len() - 1];
            let empty = matches!(line, [] | [b'\r']);
            self.line_start = self.octets.len();
            if empty && self.octets.len() <= 2 {
                // RFC 9112 §2.2: "a server [...] SHOULD ignore at least one empty line (CRLF)
                // received prior to the request-line."
                self.octets.clear();
                self.line_start = 0;
                self.skipped_empty_line = true;
            } else if empty {
                self.line_start = 0;
                return HeadRead::Complete(std::mem::take(&mut self.octets));
            }
        }
        HeadRead::Incomplete
    }

    /// Whether an empty line before the head was skipped.
    pub(crate) fn skipped_empty_line(&self) -> bool {
        self.skipped_empty_line
    }

    /// What was taken of a head that is not complete.
    pub(crate) fn octets(&self) -> &[u8] {
        &self.octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_at_the_empty_line_in_any_segmentation() {
        let stream = b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nrest";
        for cut in 0..stream.len() - 4 {
            let mut buffer = HeadBuffer::default();
            let mut first = &stream[..cut];
            assert_eq!(buffer.take(&mut first), HeadRead::Incomplete);
            let mut second = &stream[cut..];
            let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec();
            assert_eq!(buffer.take(&mut second), HeadRead::Complete(head));
            assert_eq!(second, b"rest");
        }
    }

    #[test]
    fn no_head_is_longer_than_its_limit() {
        let mut buffer = HeadBuffer::default();
        let endless = vec![b'a'; HEAD_LEN_MAX + 1];
        assert_eq!(buffer.take(&mut &endless[..]), HeadRead::TooLong);
    }
}
