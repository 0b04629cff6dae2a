//! Request and response heads. httparse reads what is well-formed; `Fields` looks values up as
//! RFC 9110 §5 does: names in any case, several lines as one list.

use super::token;
use std::fmt;
use std::mem::MaybeUninit;

/// The largest head that is read, in octets. RFC 9112 §3 recommends 8000 for a request line alone.
pub const HEAD_LEN_MAX: usize = 64 * 1024;

/// The most field lines that are read.
pub const FIELDS_MAX: usize = 512;

/// One field line. The value is without the whitespace around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// A token, in the letter case in which it was sent.
    pub name: String,
    /// Any octets.
    pub value: Vec<u8>,
}

/// Why octets are not a head that is read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// The head has more than 65,536 octets.
    #[error("no end of the head within {HEAD_LEN_MAX} octets")]
    TooLong,
    /// The head has more than 512 field lines.
    #[error("more than {FIELDS_MAX} field lines")]
    TooManyFields,
    /// What is not well-formed: the start line, its version or status, a line break, a field name or a field value.
    #[error("not an HTTP/1 head: {0}")]
    Malformed(&'static str),
}

/// Field lines in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<Field>);

impl Fields {
    /// The values of all lines named `name`, in any case.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.0.iter().filter(move |f| f.name.eq_ignore_ascii_case(name)).map(|f| f.value.as_slice())
    }

    /// How many lines have the name, in any case.
    pub fn count(&self, name: &str) -> usize {
        self.values(name).count()
    }

    /// The value, if exactly one line has the name.
    pub fn single(&self, name: &str) -> Option<&[u8]> {
        let mut lines = self.0.iter().filter(|f| f.name.eq_ignore_ascii_case(name));
        let first = lines.next()?;
        lines.next().is_none().then_some(first.value.as_slice())
    }

    /// Whether the list that the lines named `name` make together has the token, in any case.
    pub fn has_token(&self, name: &str, wanted: &str) -> bool {
        self.values(name)
            .any(|value| token::list(value).any(|element| element.eq_ignore_ascii_case(wanted.as_bytes())))
    }
}

/// `METHOD target HTTP/1.x`, and the fields. Any minor version of one digit is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHead {
    /// A token, `GET` in a handshake.
    pub method: String,
    /// The request target as it was sent, RFC 9112 §3.2.
    pub target: String,
    /// The digit after `HTTP/1.`.
    pub minor_version: u8,
    /// The field lines.
    pub fields: Fields,
}

/// `HTTP/1.x status reason`, and the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseHead {
    /// The digit after `HTTP/1.`.
    pub minor_version: u8,
    /// Three digits: 100 to 999.
    pub status: u16,
    /// The reason phrase, which may be empty.
    pub reason: String,
    /// The field lines.
    pub fields: Fields,
}

impl RequestHead {
    /// The head at the start of `octets` and its length in octets; `None` while its end is missing.
    ///
    /// # Errors
    ///
    /// A head that is not well-formed or beyond a limit: [`HEAD_LEN_MAX`], [`FIELDS_MAX`].
    pub fn parse(octets: &[u8]) -> Result<Option<(RequestHead, usize)>, HeadError> {
        let higher = HigherMinorVersion::of_request(octets);
        let octets = higher.as_ref().map_or(octets, |higher| higher.lowered.as_slice());
        let mut storage = [const { MaybeUninit::uninit() }; FIELDS_MAX];
        let mut request = httparse::Request::new(&mut []);
        let parsed = request.parse_with_uninit_headers(octets, &mut storage);
        let Some(len) = complete(parsed, octets)? else {
            return Ok(None);
        };
        let head = RequestHead {
            method: request.method.unwrap_or_default().to_owned(),
            target: request.path.unwrap_or_default().to_owned(),
            minor_version: higher.as_ref().map(|higher| higher.minor).or(request.version).unwrap_or_default(),
            fields: fields(request.headers),
        };
        Ok(Some((head, len)))
    }
}

impl RequestHead {
    /// The head as it is sent: a request line, a line for each field, and an empty line.
    pub fn draft(&self) -> HeadDraft {
        let RequestHead { method, target, minor_version, fields } = self;
        let mut draft = HeadDraft::new(format!("{method} {target} HTTP/1.{minor_version}"));
        draft.fields(fields);
        draft
    }
}

impl ResponseHead {
    /// The head as it is sent: a status line, a line for each field, and an empty line.
    pub fn draft(&self) -> HeadDraft {
        let ResponseHead { minor_version, status, reason, fields } = self;
        let mut draft = HeadDraft::new(format!("HTTP/1.{minor_version} {status} {reason}"));
        draft.fields(fields);
        draft
    }
}

impl ResponseHead {
    /// The head at the start of `octets` and its length in octets; `None` while its end is missing.
    ///
    /// # Errors
    ///
    /// A head that is not well-formed or beyond a limit: [`HEAD_LEN_MAX`], [`FIELDS_MAX`].
    pub fn parse(octets: &[u8]) -> Result<Option<(ResponseHead, usize)>, HeadError> {
        let higher = HigherMinorVersion::of_response(octets);
        let octets = higher.as_ref().map_or(octets, |higher| higher.lowered.as_slice());
        let mut storage = [const { MaybeUninit::uninit() }; FIELDS_MAX];
        let mut response = httparse::Response::new(&mut []);
        let parsed = httparse::ParserConfig::default().parse_response_with_uninit_headers(
            &mut response,
            octets,
            &mut storage,
        );
        let Some(len) = complete(parsed, octets)? else {
            return Ok(None);
        };
        let head = ResponseHead {
            minor_version: higher
                .as_ref()
                .map(|higher| higher.minor)
                .or(response.version)
                .unwrap_or_default(),
            status: response.code.unwrap_or_default(),
            reason: response.reason.unwrap_or_default().to_owned(),
            fields: fields(response.headers),
        };
        Ok(Some((head, len)))
    }
}

/// A head of HTTP/1.2 to HTTP/1.9, which httparse does not read. RFC 9110 §6.2: a recipient "SHOULD process the message as if
/// it were in the highest minor version within that major version to which the recipient is conformant".
struct HigherMinorVersion {
    minor: u8,
    /// The octets with 1 as the minor version.
    lowered: Vec<u8>,
}

impl HigherMinorVersion {
    fn of_request(octets: &[u8]) -> Option<HigherMinorVersion> {
        let line_len = octets.iter().position(|octet| matches!(octet, b'\r' | b'\n'))?;
        let digit = line_len.checked_sub(1)?;
        HigherMinorVersion::at(octets, digit)
    }

    fn of_response(octets: &[u8]) -> Option<HigherMinorVersion> {
        HigherMinorVersion::at(octets, VERSION_PREFIX.len())
    }

    /// `digit`: the index of the minor version, behind `HTTP/1.`.
    fn at(octets: &[u8], digit: usize) -> Option<HigherMinorVersion> {
        let minor = octets.get(digit).filter(|minor| matches!(minor, b'2'..=b'9'))?;
        if !octets[..digit].ends_with(VERSION_PREFIX) {
            return None;
        }
        let mut lowered = octets.to_vec();
        lowered[digit] = b'1';
        Some(HigherMinorVersion { minor: minor - b'0', lowered })
    }
}

const VERSION_PREFIX: &[u8] = b"HTTP/1.";

fn complete(
    parsed: Result<httparse::Status<usize>, httparse::Error>,
    octets: &[u8],
) -> Result<Option<usize>, HeadError> {
    match parsed {
        Ok(httparse::Status::Complete(len)) if len <= HEAD_LEN_MAX => Ok(Some(len)),
        Ok(httparse::Status::Complete(_)) => Err(HeadError::TooLong),
        Ok(httparse::Status::Partial) if octets.len() > HEAD_LEN_MAX => Err(HeadError::TooLong),
        Ok(httparse::Status::Partial) => Ok(None),
        Err(httparse::Error::TooManyHeaders) => Err(HeadError::TooManyFields),
        Err(httparse::Error::HeaderName) => Err(HeadError::Malformed("a field name")),
        Err(httparse::Error::HeaderValue) => Err(HeadError::Malformed("a field value")),
        Err(httparse::Error::NewLine) => Err(HeadError::Malformed("a line break")),
        Err(httparse::Error::Status) => Err(HeadError::Malformed("the status")),
        Err(httparse::Error::Token) => Err(HeadError::Malformed("the start line")),
        Err(httparse::Error::Version) => Err(HeadError::Malformed("the HTTP version")),
    }
}

fn fields(headers: &[httparse::Header<'_>]) -> Fields {
    let field = |header: &httparse::Header<'_>| Field {
        name: header.name.to_owned(),
        value: token::trim(header.value).to_vec(),
    };
    Fields(headers.iter().map(field).collect())
}

/// A line of a head that is being built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// `name: value`.
    Field {
        /// Octets before the colon.
        name: Vec<u8>,
        /// Octets after the colon and a space.
        value: Vec<u8>,
    },
    /// Written as it stands, the line break added.
    Raw(Vec<u8>),
}

/// A head to be sent: any octets, well-formed by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadDraft {
    /// The first line, without its line break.
    pub start_line: Vec<u8>,
    /// The field lines, in their order.
    pub lines: Vec<Line>,
    /// What ends the start line and each field line, CR LF by default.
    pub line_break: Vec<u8>,
    /// The octets after the last field line, the empty line by default.
    pub end: Vec<u8>,
    /// What follows the head in the same octets.
    pub body: Vec<u8>,
}

impl HeadDraft {
    /// A head without fields.
    pub fn new(start_line: impl Into<Vec<u8>>) -> HeadDraft {
        HeadDraft {
            start_line: start_line.into(),
            lines: Vec::new(),
            line_break: b"\r\n".to_vec(),
            end: b"\r\n".to_vec(),
            body: Vec::new(),
        }
    }

    /// Adds a field at the end.
    pub fn field(&mut self, name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> &mut HeadDraft {
        self.lines.push(Line::Field { name: name.into(), value: value.into() });
        self
    }

    fn fields(&mut self, fields: &Fields) {
        for Field { name, value } in &fields.0 {
            self.field(name.as_str(), value.as_slice());
        }
    }

    /// Removes all lines of that name and returns where the first of them stood.
    pub fn remove(&mut self, wanted: &[u8]) -> Option<usize> {
        let is_wanted =
            |line: &Line| matches!(line, Line::Field { name, .. } if name.eq_ignore_ascii_case(wanted));
        let at = self.lines.iter().position(is_wanted);
        self.lines.retain(|line| !is_wanted(line));
        at
    }

    /// Puts these values, a line each, where the field stood, or at the end.
    pub fn set(&mut self, name: &[u8], values: &[Vec<u8>]) {
        let at = self.remove(name).unwrap_or(self.lines.len());
        for (index, value) in values.iter().enumerate() {
            self.lines.insert(at + index, Line::Field { name: name.to_vec(), value: value.clone() });
        }
    }

    /// The octets that are sent.
    pub fn to_octets(&self) -> Vec<u8> {
        let mut out = self.start_line.clone();
        out.extend_from_slice(&self.line_break);
        for line in &self.lines {
            match line {
                Line::Field { name, value } => {
                    out.extend_from_slice(name);
                    out.extend_from_slice(b": ");
                    out.extend_from_slice(value);
                }
                Line::Raw(octets) => out.extend_from_slice(octets),
            }
            out.extend_from_slice(&self.line_break);
        }
        out.extend_from_slice(&self.end);
        out.extend_from_slice(&self.body);
        out
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, String::from_utf8_lossy(&self.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_over_several_lines_and_any_case() {
        let octets = b"GET /chat HTTP/1.1\r\nhost: a\r\nCONNECTION: keep-alive\r\nConnection: foo , uPgrade\r\n\r\nrest";
        let (head, len) = RequestHead::parse(octets).expect("well-formed").expect("complete");
        assert_eq!(&octets[len..], b"rest");
        assert_eq!((head.method.as_str(), head.target.as_str(), head.minor_version), ("GET", "/chat", 1));
        assert!(head.fields.has_token("Connection", "Upgrade"));
        assert!(!head.fields.has_token("Connection", "up"));
        assert_eq!(head.fields.single("Host"), Some(&b"a"[..]));
        assert_eq!(head.fields.single("Connection"), None);
    }

    /// RFC 9110 §6.2: a higher minor version is "sufficiently backwards-compatible to be safely processed".
    #[test]
    fn a_higher_minor_version_is_read() {
        let octets = b"HTTP/1.2 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nrest";
        let (head, len) = ResponseHead::parse(octets).expect("well-formed").expect("complete");
        assert_eq!((head.minor_version, head.status, &octets[len..]), (2, 101, &b"rest"[..]));
        assert_eq!(ResponseHead::parse(&octets[..12]), Ok(None));
        let octets = b"GET /chat HTTP/1.9\r\nHost: a\r\n\r\n";
        let (head, len) = RequestHead::parse(octets).expect("well-formed").expect("complete");
        assert_eq!((head.minor_version, head.target.as_str(), len), (9, "/chat", octets.len()));
        for other in [&b"HTTP/2.2 101 a\r\n\r\n"[..], b"HTTP/1.a 101 a\r\n\r\n", b"HTTP/1.12 101 a\r\n\r\n"] {
            assert!(ResponseHead::parse(other).is_err(), "{}", String::from_utf8_lossy(other));
        }
    }

    #[test]
    fn a_draft_is_parsed_as_it_was_built() {
        let mut draft = HeadDraft::new("HTTP/1.1 101 Switching Protocols");
        draft.field("Upgrade", "websocket").field("Connection", "Upgrade");
        draft.set(b"upgrade", &[b"a".to_vec(), b"b".to_vec()]);
        let octets = draft.to_octets();
        let (head, len) = ResponseHead::parse(&octets).expect("well-formed").expect("complete");
        assert_eq!((len, head.status), (octets.len(), 101));
        assert_eq!(head.fields.values("Upgrade").collect::<Vec<_>>(), [b"a", b"b"]);
        assert!(ResponseHead::parse(&octets[..len - 1]).expect("a prefix").is_none());
        assert_eq!(ResponseHead::parse(b"SSH-2.0-x\r\n"), Err(HeadError::Malformed("the HTTP version")));
    }
}
