//! What is wrong with the octets of a head, line by line, RFC 9112 §2 to §5. httparse is a
//! recipient and forgives some of it; a judge, and a strict endpoint, do not.

use super::token::is_token;

/// One departure from the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadViolation {
    /// RFC 9112 §2.2: a recipient may accept it, a sender must not send it.
    #[error("a line ends in LF without CR")]
    BareLf,
    /// RFC 9112 §2.2: a CR that no LF follows.
    #[error("a CR stands without LF")]
    BareCr,
    /// RFC 9112 §2.2.
    #[error("whitespace before the first field line")]
    SpaceAfterStartLine,
    /// RFC 9112 §5.2: a line that starts with whitespace continues the one before.
    #[error("a field line is folded")]
    Folded,
    /// RFC 9112 §5.1.
    #[error("whitespace between a field name and the colon")]
    SpaceBeforeColon,
    /// RFC 9112 §5: no colon in a field line.
    #[error("a field line has no colon")]
    NoColon,
    /// RFC 9110 §5.1.
    #[error("a field name is not a token")]
    NameNotToken,
    /// RFC 9110 §5.5.
    #[error("a NUL or another control octet in a field value")]
    ControlOctet,
}

/// All violations of a head that ends with an empty line. `head` holds that line.
pub fn violations(head: &[u8]) -> Vec<HeadViolation> {
    let mut found = Vec::new();
    let mut note = |violation| {
        if !found.contains(&violation) {
            found.push(violation);
        }
    };
    let lines: Vec<&[u8]> = head.split(|octet| *octet == b'\n').collect();
    for (index, line) in lines.iter().enumerate() {
        let is_last = index + 1 == lines.len();
        if is_last && line.is_empty() {
            break;
        }
        let line = match line.strip_suffix(b"\r") {
            Some(line) => line,
            None => {
                note(HeadViolation::BareLf);
                line
            }
        };
        if line.contains(&b'\r') {
            note(HeadViolation::BareCr);
        }
        if index == 0 || line.is_empty() {
            continue;
        }
        field_line(line, index == 1, &mut note);
    }
    found
}

fn field_line(line: &[u8], first: bool, note: &mut impl FnMut(HeadViolation)) {
    if matches!(line[0], b' ' | b'\t') {
        note(if first { HeadViolation::SpaceAfterStartLine } else { HeadViolation::Folded });
        return;
    }
    let Some(colon) = line.iter().position(|octet| *octet == b':') else {
        note(HeadViolation::NoColon);
        return;
    };
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    if matches!(name.last(), Some(b' ' | b'\t')) {
        note(HeadViolation::SpaceBeforeColon);
    } else if !is_token(name) {
        note(HeadViolation::NameNotToken);
    }
    // RFC 9110 §5.5: VCHAR, obs-text, SP and HTAB; a bare CR was named already.
    if value.iter().any(|octet| (*octet < 0x20 && !matches!(octet, b'\t' | b'\r')) || *octet == 0x7f) {
        note(HeadViolation::ControlOctet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_violation_is_named() {
        use HeadViolation::*;
        let table: [(&[u8], &[HeadViolation]); 9] = [
            (b"GET / HTTP/1.1\r\nHost: a\r\nX:\xff\t\r\n\r\n", &[]),
            (b"GET / HTTP/1.1\nHost: a\r\n\r\n", &[BareLf]),
            (b"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", &[BareCr]),
            (b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", &[SpaceAfterStartLine]),
            (b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", &[Folded]),
            (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", &[SpaceBeforeColon]),
            (b"GET / HTTP/1.1\r\nHost\r\n\r\n", &[NoColon]),
            (b"GET / HTTP/1.1\r\nHo st: a\r\n\r\n", &[NameNotToken]),
            (b"GET / HTTP/1.1\r\nHost: a\0\r\n\r\n", &[ControlOctet]),
        ];
        for (head, expected) in table {
            assert_eq!(violations(head), expected, "{:?}", String::from_utf8_lossy(head));
        }
    }
}
