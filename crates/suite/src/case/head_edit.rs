//! Edits of an opening head: what a case changes in the valid one, down to its raw octets.

use wsgauntlet_wire::opening::head::{HeadDraft, Line};

/// Octets with the places `{host}`, `{target}`, `{key}`, `{accept}`, `{accept-in-other-case}` and
/// `{subprotocol-in-other-case}` in them.
pub type Template = Vec<u8>;

/// What is changed. Empty: the valid head.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HeadEdit {
    /// The whole head, octet by octet; everything else is ignored but `body`.
    pub raw: Option<Template>,
    /// The start line as a whole.
    pub start_line: Option<Template>,
    /// The method of the request line.
    pub method: Option<Template>,
    /// The target of the request line.
    pub target: Option<Template>,
    /// `HTTP/1.1`.
    pub version: Option<Template>,
    /// As a server: the status code.
    pub status: Option<Template>,
    /// The reason phrase of the status line.
    pub reason: Option<Template>,
    /// Fields that get these values, a line each.
    pub set: Vec<(Vec<u8>, Vec<Template>)>,
    /// Names of fields that are taken out, in any case of letters.
    pub remove: Vec<Vec<u8>>,
    /// Lines right after the start line, as they stand.
    pub first: Vec<Template>,
    /// Lines after the last field, as they stand.
    pub add: Vec<Template>,
    /// How field names are written.
    pub name_case: NameCase,
    /// What ends each line, in place of CRLF.
    pub line_break: Option<Vec<u8>>,
    /// Octets that follow the head.
    pub body: Template,
}

/// How field names are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum NameCase {
    /// As the head is written otherwise.
    #[default]
    AsIs,
    /// In lower-case letters.
    Lower,
    /// In upper-case letters.
    Upper,
}

/// What stands in for the places of a template.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The value of Host.
    pub host: String,
    /// The request target.
    pub target: String,
    /// The value of Sec-WebSocket-Key.
    pub key: String,
    /// The value of Sec-WebSocket-Accept that answers the key.
    pub accept: String,
    /// The first subprotocol that a client offers.
    pub subprotocol: String,
}

impl Places {
    /// The template with each place replaced by its octets.
    pub fn fill(&self, template: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(template.len());
        let mut rest = template;
        let other_subprotocol: String = self.subprotocol.chars().map(in_other_case).collect();
        let other_case: String = self.accept.chars().map(in_other_case).collect();
        'next: while let Some(at) = memchr::memchr(b'{', rest) {
            out.extend_from_slice(&rest[..at]);
            rest = &rest[at..];
            for (place, value) in [
                (&b"{host}"[..], &self.host),
                (b"{target}", &self.target),
                (b"{key}", &self.key),
                (b"{accept}", &self.accept),
                (b"{accept-in-other-case}", &other_case),
                (b"{subprotocol-in-other-case}", &other_subprotocol),
            ] {
                if let Some(after) = rest.strip_prefix(place) {
                    out.extend_from_slice(value.as_bytes());
                    rest = after;
                    continue 'next;
                }
            }
            out.push(rest[0]);
            rest = &rest[1..];
        }
        out.extend_from_slice(rest);
        out
    }
}

fn in_other_case(c: char) -> char {
    if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
}

impl HeadEdit {
    /// The octets of `draft` after the edits. A start line is rebuilt from its three parts.
    pub fn apply(&self, draft: HeadDraft, places: &Places) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return [places.fill(raw), places.fill(&self.body)].concat();
        }
        let mut draft = draft;
        draft.start_line = self.start_line(&draft.start_line, places);
        for (name, values) in &self.set {
            let values: Vec<Vec<u8>> = values.iter().map(|value| places.fill(value)).collect();
            draft.set(name, &values);
        }
        for name in &self.remove {
            draft.remove(name);
        }
        for (index, line) in self.first.iter().enumerate() {
            draft.lines.insert(index, Line::Raw(places.fill(line)));
        }
        draft.lines.extend(self.add.iter().map(|line| Line::Raw(places.fill(line))));
        for line in &mut draft.lines {
            if let Line::Field { name, .. } = line {
                match self.name_case {
                    NameCase::AsIs => {}
                    NameCase::Lower => name.make_ascii_lowercase(),
                    NameCase::Upper => name.make_ascii_uppercase(),
                }
            }
        }
        if let Some(line_break) = &self.line_break {
            draft.line_break = line_break.clone();
            draft.end = line_break.clone();
        }
        draft.body = places.fill(&self.body);
        draft.to_octets()
    }

    fn start_line(&self, line: &[u8], places: &Places) -> Vec<u8> {
        if let Some(start_line) = &self.start_line {
            return places.fill(start_line);
        }
        let parts: Vec<Vec<u8>> = line.splitn(3, |octet| *octet == b' ').map(<[u8]>::to_vec).collect();
        let is_request = !line.starts_with(b"HTTP/");
        let edits = if is_request {
            [&self.method, &self.target, &self.version]
        } else {
            [&self.version, &self.status, &self.reason]
        };
        let parts = parts.into_iter().zip(edits).map(|(part, edit)| match edit {
            Some(edit) => places.fill(edit),
            None => part,
        });
        parts.collect::<Vec<_>>().join(&b' ')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_in_order() {
        let mut draft = HeadDraft::new("GET /chat HTTP/1.1");
        draft.field("Host", "a").field("Upgrade", "websocket");
        let places = Places { key: "K".into(), ..Places::default() };
        let edit = HeadEdit {
            method: Some(b"POST".to_vec()),
            set: vec![(b"upgrade".to_vec(), vec![b"x".to_vec(), b"y".to_vec()])],
            remove: vec![b"HOST".to_vec()],
            add: vec![b"Key : {key}".to_vec()],
            name_case: NameCase::Upper,
            ..HeadEdit::default()
        };
        let expected = "POST /chat HTTP/1.1\r\nUPGRADE: x\r\nUPGRADE: y\r\nKey : K\r\n\r\n";
        assert_eq!(String::from_utf8_lossy(&edit.apply(draft, &places)), expected);
    }
}
