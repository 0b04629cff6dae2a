//! UTF-8 as it arrives: RFC 3629, in octets of any segmentation, failing at the very octet that
//! makes the stream invalid (RFC 6455 §8.1).

/// Validates a stream of octets. After an error it stays in error.
#[derive(Clone, Debug, Default)]
pub struct Utf8Validator {
    /// The octets of a character that is not complete: at most three.
    partial: Vec<u8>,
    seen: u64,
    failed: Option<Utf8Error>,
}

/// The octet that cannot occur where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid UTF-8 at octet {offset}")]
pub struct Utf8Error {
    /// Index, in the stream, of the first octet that no valid continuation of the stream has.
    pub offset: u64,
}

impl Utf8Validator {
    /// A validator at the start of a text.
    pub fn new() -> Utf8Validator {
        Utf8Validator::default()
    }

    /// Takes the next octets.
    ///
    /// # Errors
    ///
    /// The first octet with which no valid text can continue. The error stays.
    pub fn push(&mut self, octets: &[u8]) -> Result<(), Utf8Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let mut rest = octets;
        while !self.partial.is_empty() {
            let Some((&octet, after)) = rest.split_first() else {
                return Ok(());
            };
            self.partial.push(octet);
            match std::str::from_utf8(&self.partial) {
                Ok(_) => self.partial.clear(),
                Err(error) if error.error_len().is_some() => return self.fail(self.seen),
                Err(_) => {}
            }
            self.seen += 1;
            rest = after;
        }
        match std::str::from_utf8(rest) {
            Ok(_) => {}
            Err(error) => {
                let valid = error.valid_up_to();
                if let Some(bad_len) = error.error_len() {
                    // The last octet of the invalid sequence was still possible, its successor is
                    // not, unless the first octet itself cannot occur.
                    let offset = self.seen + (valid + first_impossible(&rest[valid..], bad_len)) as u64;
                    return self.fail(offset);
                }
                self.partial.extend_from_slice(&rest[valid..]);
            }
        }
        self.seen += rest.len() as u64;
        Ok(())
    }

    /// Whether the stream may end here: no character is cut.
    pub fn is_complete(&self) -> bool {
        self.failed.is_none() && self.partial.is_empty()
    }

    fn fail(&mut self, offset: u64) -> Result<(), Utf8Error> {
        let error = Utf8Error { offset };
        self.failed = Some(error);
        Err(error)
    }
}

/// Index of the first octet of `octets` after which no continuation is valid.
fn first_impossible(octets: &[u8], bad_len: usize) -> usize {
    (0..octets.len())
        .find(|&last| {
            std::str::from_utf8(&octets[..=last]).err().is_some_and(|error| error.error_len().is_some())
        })
        .unwrap_or(bad_len)
}

/// Whether `octets` as a whole are valid UTF-8.
pub fn is_valid(octets: &[u8]) -> bool {
    std::str::from_utf8(octets).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row: octets, and the index of the octet that makes them invalid.
    #[test]
    fn fails_at_the_octet() {
        let table: [(&[u8], Option<u64>); 12] = [
            (b"", None),
            (b"\xce\xba\xe1\xbd\xb9\xcf\x83", None),
            (b"\xf0\x9f\x98\x80", None),
            (b"\xce", None),
            (b"\x80", Some(0)),
            (b"\xc0\xaf", Some(0)),
            (b"a\xed\xa0\x80", Some(2)),
            (b"\xf4\x90\x80\x80", Some(1)),
            (b"\xf5", Some(0)),
            (b"\xf0\x9f\x98a", Some(3)),
            (b"\xce\x41", Some(1)),
            (b"\xe0\x9f", Some(1)),
        ];
        for (octets, expected) in table {
            for cut in 0..=octets.len() {
                let mut validator = Utf8Validator::new();
                let result = validator.push(&octets[..cut]).and_then(|()| validator.push(&octets[cut..]));
                assert_eq!(result.err().map(|error| error.offset), expected, "{octets:02x?} cut at {cut}");
            }
        }
        let mut cut_short = Utf8Validator::new();
        cut_short.push(b"\xce").expect("may go on");
        assert!(!cut_short.is_complete());
        cut_short.push(b"\xba").expect("a whole character");
        assert!(cut_short.is_complete());
        cut_short.push(b"\xff").expect_err("cannot occur");
        assert!(!cut_short.is_complete());
        assert_eq!(cut_short.push(b"a"), Err(Utf8Error { offset: 2 }), "an error stays");
    }
}
