//! An endpoint that reads heads wrongly: `misread` makes of a head the one that it parses.

use super::table::quirks;

quirks! {
    /// How a head is read that should be read otherwise.
    pub enum HeadReading {
        /// Knows the names of header fields only in the case of the RFC.
        NamesInOneCase "header-names-in-one-case" Both ["rfc6455/4.1/header-names-case-insensitive"],
        /// Reads only the first line of each header field.
        FirstLineOnly "first-header-line-only" Both ["rfc6455/4.2.2/valid-opening-accepted", "rfc6455/4.1/response-connection-checked"],
        /// Reads only the last line of each header field.
        LastLineOnly "last-header-line-only" Both ["rfc6455/4.2.2/valid-opening-accepted", "rfc6455/4.1/response-connection-checked"],
        /// Takes HTTP/0.9 for HTTP/1.1.
        Http09 "accept-http-0.9" Server ["rfc6455/4.2.1/get-request-required"],
        /// Takes a request line without a version for one of HTTP/1.1.
        VersionAbsent "accept-request-line-without-version" Server ["rfc6455/4.2.1/get-request-required"],
        /// Joins the lines of a folded key, and takes it.
        FoldedKeyJoined "accept-folded-key" Server ["rfc9112/5.2/obs-fold-rejected-or-replaced", "rfc6455/4.2.1/key-required-16-octets"],
        /// Trims spaces from values, and leaves tabs.
        TabsUntrimmed "header-values-keep-tabs" Server ["rfc6455/4.2.2/valid-opening-accepted"],
        /// Takes a folded line for a field of its own.
        FoldedLineAsField "folded-line-as-field" Server ["rfc9112/5.2/obs-fold-rejected-or-replaced"],
        /// Forgives whitespace before the colon.
        SpaceBeforeColon "accept-space-before-colon" Server ["rfc9112/5.1/whitespace-before-colon-400"],
        /// Ends a value at a NUL, and accepts it.
        NulEndsValue "nul-ends-header-value" Server ["rfc6455/4.2.1/malformed-opening-refused"],
        /// Ends a line at a CR without LF, so that a value can hold another field.
        BareCrEndsLine "bare-cr-ends-line" Both ["rfc9112/2.2/bare-cr-invalid-or-replaced"],
        /// Skips lines without a colon.
        LineWithoutColon "skip-line-without-colon" Server ["rfc6455/10.7/invalid-opening-http-status", "rfc6455/4.2.1/malformed-opening-refused"],
        /// Skips lines that begin with a colon.
        NameEmpty "skip-empty-header-names" Server ["rfc6455/10.1/server-distrusts-input", "rfc6455/4.2.1/malformed-opening-refused"],
        /// Skips fields whose name is no token.
        NameNotToken "skip-invalid-header-names" Server ["rfc6455/10.7/invalid-opening-http-status", "rfc6455/4.2.1/malformed-opening-refused"],
        /// Ends a line at VT, FF and NEL too.
        LinesEndAnywhere "lines-end-at-any-break" Server ["rfc6455/4.2.1/malformed-opening-refused", "rfc6455/4.2.1/unknown-header-fields-ignored"],
        /// Does not trim values: one space stands before, none after.
        ValuesUntrimmed "header-values-untrimmed" Both ["rfc6455/4.2.2/valid-opening-accepted", "rfc6455/4.1/accept-whitespace-ignored"],
        /// Trims VT and FF from values, and the other separators of ASCII.
        ControlsTrimmed "header-values-trimmed-of-controls" Both ["rfc6455/4.2.1/upgrade-required", "rfc6455/4.1/accept-key-checked"],
        /// Trims VT, FF and the separators of ASCII from values, as Python does.
        SeparatorsTrimmed "header-values-trimmed-of-separators" Both ["rfc6455/4.2.1/upgrade-required", "rfc6455/4.1/accept-key-checked"],
        /// Reads a status with a leading zero as a number.
        StatusNumeric "accept-response-status-with-leading-zero" Client ["rfc6455/4.1/nonconforming-response-fails"],
        /// Does not look at the protocol of a status line.
        StatusLineAnyProtocol "accept-response-any-protocol" Client ["rfc6455/4.1/nonconforming-response-fails"],
        /// Trims from values what is whitespace in Latin-1 and in Unicode.
        SpacesTrimmed "header-values-trimmed-beyond-ascii" Both ["rfc6455/4.2.1/upgrade-required", "rfc6455/4.1/accept-key-checked"],
        /// Finds no value unless a space follows the colon.
        NeedsSpaceAfterColon "needs-space-after-colon" Both ["rfc6455/4.2.2/valid-opening-accepted", "rfc6455/4.1/response-validated"],
        /// Splits lists only where a space follows the comma.
        ListsNeedSpace "lists-need-comma-space" Both ["rfc6455/4.2.2/valid-opening-accepted", "rfc6455/4.1/response-connection-checked"],
    }
}

/// The names in the case of RFC 6455.
const NAMES: [&[u8]; 9] = [
    b"Host",
    b"Upgrade",
    b"Connection",
    b"Sec-WebSocket-Key",
    b"Sec-WebSocket-Version",
    b"Sec-WebSocket-Protocol",
    b"Sec-WebSocket-Extensions",
    b"Sec-WebSocket-Accept",
    b"Content-Length",
];

impl HeadReading {
    /// The head as this endpoint sees it.
    pub(super) fn misread(self, head: &[u8]) -> Vec<u8> {
        let head = match self {
            HeadReading::BareCrEndsLine => end_lines_at(head, |octet| octet == b'\r'),
            HeadReading::LinesEndAnywhere => end_lines_at(head, |octet| matches!(octet, 0x0b | 0x0c | 0x85)),
            _ => head.to_vec(),
        };
        let mut lines: Vec<Vec<u8>> = split_lines(&head);
        // The empty line, and what splitting leaves after it.
        let end = lines.split_off(lines.len().saturating_sub(2));
        let mut fields = lines.split_off(lines.len().min(1));
        match self {
            HeadReading::FirstLineOnly => keep_one_line(&mut fields),
            HeadReading::LastLineOnly => {
                fields.reverse();
                keep_one_line(&mut fields);
                fields.reverse();
            }
            HeadReading::LineWithoutColon => fields.retain(|line| line.contains(&b':')),
            HeadReading::Http09
            | HeadReading::VersionAbsent
            | HeadReading::StatusNumeric
            | HeadReading::StatusLineAnyProtocol => {
                lines.iter_mut().for_each(|line| self.misread_start_line(line));
            }
            HeadReading::FoldedKeyJoined => join_folded_key(&mut fields),
            HeadReading::NameEmpty => fields.retain(|line| !line.starts_with(b":")),
            HeadReading::NameNotToken => fields.retain(|line| {
                let name = split_field(line).0;
                !name.trim_ascii_end().contains(&b' ')
            }),
            _ => fields.iter_mut().for_each(|line| self.misread_field(line)),
        }
        lines.extend(fields);
        lines.extend(end);
        lines.join(&b"\r\n"[..])
    }

    fn misread_start_line(self, line: &mut Vec<u8>) {
        let first_space = line.iter().position(|octet| *octet == b' ');
        match self {
            HeadReading::StatusNumeric if line.starts_with(b"HTTP/1.1 0") => {
                line.remove(b"HTTP/1.1 ".len());
            }
            HeadReading::StatusLineAnyProtocol => {
                if let Some(space) = first_space {
                    line.splice(..space, *b"HTTP/1.1");
                }
            }
            HeadReading::Http09 if line.ends_with(b" HTTP/0.9") => {
                line.truncate(line.len() - 3);
                line.extend_from_slice(b"1.1");
            }
            HeadReading::VersionAbsent if line.iter().filter(|octet| **octet == b' ').count() == 1 => {
                line.extend_from_slice(b" HTTP/1.1");
            }
            _ => {}
        }
    }

    fn misread_field(self, line: &mut Vec<u8>) {
        let (name, value) = split_field(line);
        let known = NAMES.iter().find(|known| known.eq_ignore_ascii_case(name));
        let lost = match self {
            HeadReading::NamesInOneCase => known.is_some_and(|known| *known != name),
            HeadReading::ValuesUntrimmed => {
                let trimmed = value.trim_ascii();
                !trimmed.is_empty() && value != [b" ", trimmed].concat()
            }
            HeadReading::TabsUntrimmed => known.is_some() && has_tab_around(value),
            HeadReading::NeedsSpaceAfterColon => known.is_some() && !value.starts_with(b" "),
            HeadReading::ListsNeedSpace => {
                let mut after_comma = value.split(|octet| *octet == b',').skip(1);
                name.eq_ignore_ascii_case(b"Connection")
                    && after_comma.any(|element| !element.starts_with(b" "))
            }
            _ => false,
        };
        let replaced = match self {
            _ if lost => [b"X-Lost:", value].concat(),
            HeadReading::FoldedLineAsField => {
                let line = line.trim_ascii_start();
                let colon: &[u8] = if line.contains(&b':') { b"" } else { b": x" };
                [line, colon].concat()
            }
            HeadReading::ControlsTrimmed | HeadReading::SeparatorsTrimmed => {
                let is_trimmed = |octet: &u8| match self {
                    HeadReading::SeparatorsTrimmed => matches!(octet, 0x09..=0x0d | 0x1c..=0x20),
                    _ => matches!(octet, 0x01..=0x20 | 0x7f),
                };
                let start = value.iter().position(|octet| !is_trimmed(octet)).unwrap_or(value.len());
                let end = value.iter().rposition(|octet| !is_trimmed(octet)).map_or(start, |at| at + 1);
                [name, b": ", &value[start..end]].concat()
            }
            HeadReading::SpacesTrimmed if !value.is_ascii() => {
                [name, b": ", trimmed_beyond_ascii(value)].concat()
            }
            HeadReading::SpaceBeforeColon => [name.trim_ascii_end(), b":", value].concat(),
            HeadReading::NulEndsValue => {
                let end = line.iter().position(|octet| *octet == 0);
                line[..end.unwrap_or(line.len())].to_vec()
            }
            _ => return,
        };
        *line = replaced;
    }
}

/// A value without what is whitespace beyond ASCII, in Latin-1 or in UTF-8.
fn trimmed_beyond_ascii(value: &[u8]) -> &[u8] {
    const SPACES: [&[u8]; 15] = [
        b" ",
        b"\t",
        b"\x85",
        b"\xa0",
        b"\xc2\x85",
        b"\xc2\xa0",
        b"\xe1\x9a\x80",
        b"\xe2\x80\x80",
        b"\xe2\x80\x83",
        b"\xe2\x80\xa8",
        b"\xe2\x80\xa9",
        b"\xe2\x80\xaf",
        b"\xe2\x81\x9f",
        b"\xe3\x80\x80",
        b"\xef\xbb\xbf",
    ];
    let mut value = value;
    while let Some(rest) = SPACES.iter().find_map(|space| value.strip_prefix(*space)) {
        value = rest;
    }
    // The longer ones first: the last octet of some is one in Latin-1.
    while let Some(rest) = SPACES.iter().rev().find_map(|space| value.strip_suffix(*space)) {
        value = rest;
    }
    value
}

/// The name, and what follows the colon.
fn split_field(line: &[u8]) -> (&[u8], &[u8]) {
    match line.iter().position(|octet| *octet == b':') {
        Some(colon) => (&line[..colon], &line[colon + 1..]),
        None => (line, b""),
    }
}

fn split_lines(head: &[u8]) -> Vec<Vec<u8>> {
    let lines = head.split(|octet| *octet == b'\n');
    let without_cr = |line: &[u8]| line.strip_suffix(b"\r").unwrap_or(line).to_vec();
    lines.map(without_cr).collect()
}

/// Makes CRLF of what ends a line here and has no LF.
fn end_lines_at(head: &[u8], ends: fn(u8) -> bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(head.len());
    for (index, octet) in head.iter().enumerate() {
        if ends(*octet) && head.get(index + 1) != Some(&b'\n') {
            out.extend_from_slice(b"\r\n");
        } else {
            out.push(*octet);
        }
    }
    out
}

/// Whether a tab is before or behind a value.
fn has_tab_around(value: &[u8]) -> bool {
    let inner = value.trim_ascii();
    let start = value.len() - value.trim_ascii_start().len();
    !inner.is_empty() && [&value[..start], &value[start + inner.len()..]].concat().contains(&b'\t')
}

/// Appends a line that begins with whitespace to the key before it.
fn join_folded_key(fields: &mut Vec<Vec<u8>>) {
    let mut joined: Vec<Vec<u8>> = Vec::new();
    for line in fields.drain(..) {
        let folded = line.starts_with(b" ") || line.starts_with(b"\t");
        match joined.last_mut() {
            Some(last) if folded && split_field(last).0.eq_ignore_ascii_case(b"Sec-WebSocket-Key") => {
                last.extend_from_slice(line.trim_ascii());
            }
            _ => joined.push(line),
        }
    }
    *fields = joined;
}

fn keep_one_line(fields: &mut Vec<Vec<u8>>) {
    let mut seen: Vec<Vec<u8>> = Vec::new();
    fields.retain(|line| {
        let name = split_field(line).0.to_ascii_lowercase();
        let first = !seen.contains(&name);
        seen.push(name);
        first
    });
}
