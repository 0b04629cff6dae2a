//! The choices of this crate's types: frames, heads, extension parameters and DEFLATE blocks. See [`crate::choices`].

use crate::boundary::{self, heads};
use crate::choices::{Choices, Chosen};
use crate::close::ClosePayload;
use crate::opening::certificate::Certificate;
#[cfg(doc)]
use crate::opening::head::HEAD_LEN_MAX;
use crate::opening::head::{Fields, HeadDraft, Line};
use crate::opening::token::{is_token_octet, trim};
use crate::opening::{DeflateOffer, DeflateParams, Extension, Field, RequestHead, ResponseHead};
use crate::{CloseCode, Frame, Header, LengthForm, Opcode, Role, chosen_of, generated};

chosen_of! {
    Role: Server Client;
    LengthForm: Seven Sixteen SixtyFour;
    Certificate: Valid Expired OtherName Untrusted;
}

generated!(
    CloseCode,
    ClosePayload,
    DeflateOffer,
    DeflateParams,
    Extension,
    Field,
    Fields,
    Frame,
    HeadDraft,
    Header,
    LengthForm,
    Opcode,
    RequestHead,
    ResponseHead,
    Role
);

impl Chosen for Opcode {
    fn simplest() -> Self {
        Opcode::Text
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let mut bits = u64::from(self.bits());
        let table: Vec<u64> = boundary::OPCODES.iter().map(|opcode| u64::from(opcode.bits())).collect();
        choices.number(&mut bits, &table, 15);
        if choices.is_reading() {
            *self = Opcode::from_bits(bits as u8);
        }
    }
}

impl Chosen for CloseCode {
    fn simplest() -> Self {
        CloseCode::NORMAL
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        use boundary::{BAD_CLOSE_CODES, OPEN_CLOSE_CODES, REGISTERED_CLOSE_CODES};
        let table = [REGISTERED_CLOSE_CODES, OPEN_CLOSE_CODES, BAD_CLOSE_CODES].concat();
        choices.narrow(&mut self.0, &table, u64::from(u16::MAX));
    }
}

/// A payload that can be read: a code whenever there is a reason.
impl Chosen for ClosePayload {
    fn simplest() -> Self {
        ClosePayload { code: None, reason: String::new() }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let ClosePayload { code, reason } = self;
        code.choose(choices);
        if code.is_some() {
            choices.text(reason, boundary::TEXT_UNITS);
        }
    }
}

impl Choices<'_> {
    /// A masking key: absent, one of [`boundary::KEYS`], or any.
    pub fn masking_key(&mut self, key: &mut Option<[u8; 4]>) {
        let count = boundary::KEYS.len() + 2;
        let current = key.map_or(0, |key| {
            boundary::KEYS.iter().position(|listed| *listed == key).map_or(count - 1, |at| at + 1)
        });
        let chosen = self.alternative(current, count);
        if chosen == count - 1 {
            key.get_or_insert_default().iter_mut().for_each(|octet| self.any(octet));
        } else if self.is_reading() {
            *key = chosen.checked_sub(1).and_then(|at| boundary::KEYS.get(at)).copied();
        }
    }

    /// RSV1, RSV2, RSV3 as the bits 4, 2, 1 (RFC 6455 §5.2): usually 0.
    pub fn reserved_bits(&mut self, rsv: &mut u8) {
        self.narrow(rsv, &[0, 0, 0, 0, 0, 0, 0, 4, 4, 2, 1, 7, 6, 5, 3], 7);
    }

    /// Window bits within 8 to 15 (RFC 7692 §7.1.2), usually absent.
    pub fn window_bits(&mut self, bits: &mut Option<u8>) {
        let mut is_there = bits.is_some();
        self.flag(&mut is_there, false);
        if is_there {
            self.one_of(bits.get_or_insert(15), boundary::WINDOW_BITS);
        }
    }
}

/// The length and its form where `payload_len` is what a sender would declare. Both are nearly always those of the payload.
fn choose_len(header: &mut Header, payload_len: u64, choices: &mut Choices<'_>) {
    let mut is_declared = header.payload_len != payload_len;
    choices.rarely(&mut is_declared);
    if is_declared {
        let table =
            [boundary::DECLARED_LENGTHS, boundary::HUGE_LENGTHS, boundary::TOP_BIT_LENGTHS, &[0, 1]].concat();
        choices.number(&mut header.payload_len, &table, u64::MAX);
    } else if choices.is_reading() {
        header.payload_len = payload_len;
    }
    let mut has_form = header.length_form != LengthForm::minimal(header.payload_len);
    choices.rarely(&mut has_form);
    if has_form {
        header.length_form.choose(choices);
    } else if choices.is_reading() {
        header.length_form = LengthForm::minimal(header.payload_len);
    }
    if choices.is_reading() {
        fit(header);
    }
}

/// A form in which the length can be written: a shorter one would write other digits.
fn fit(header: &mut Header) {
    let fits = match header.length_form {
        LengthForm::Seven => header.payload_len <= 125,
        LengthForm::Sixteen => header.payload_len <= u64::from(u16::MAX),
        LengthForm::SixtyFour => true,
    };
    if !fits {
        header.length_form = LengthForm::minimal(header.payload_len);
    }
}

/// Any header that has octets: they decode to the same header.
impl Chosen for Header {
    fn simplest() -> Self {
        Header::new(Opcode::Text, 0)
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choose_bits(self, choices);
        choose_len(self, 0, choices);
    }
}

fn choose_bits(header: &mut Header, choices: &mut Choices<'_>) {
    choices.flag(&mut header.fin, true);
    choices.reserved_bits(&mut header.rsv);
    header.opcode.choose(choices);
    choices.masking_key(&mut header.key);
}

/// Any frame. Nearly always its header declares the length of its payload, in the minimal form.
impl Chosen for Frame {
    fn simplest() -> Self {
        Frame::new(Opcode::Text, Vec::new())
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let Frame { header, payload } = self;
        choose_bits(header, choices);
        choices.octets(payload, boundary::PAYLOADS);
        choose_len(header, payload.len() as u64, choices);
    }
}

/// The longest value of a field, in octets.
const VALUE_LEN_MAX: usize = 4096;

/// A field whose name is a token and whose value is one that a parser gives: no control octets, no whitespace around it.
impl Chosen for Field {
    fn simplest() -> Self {
        Field { name: "Upgrade".to_owned(), value: b"websocket".to_vec() }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let Field { name, value } = self;
        choices.word(name, heads::FIELD_NAMES, is_token_octet);
        choices.octets(value, &heads::FIELD_VALUES.iter().map(|value| value.as_bytes()).collect::<Vec<_>>());
        if choices.is_reading() {
            value.iter_mut().filter(|octet| !is_value_octet(**octet)).for_each(|octet| *octet = b'x');
            value.truncate(VALUE_LEN_MAX);
            *value = trim(value).to_vec();
        }
    }
}

/// RFC 9110 §5.5: visible octets, spaces, tabs, and octets above US-ASCII.
fn is_value_octet(octet: u8) -> bool {
    octet == b'\t' || (octet >= 0x20 && octet != 0x7f)
}

impl Chosen for Fields {
    const OCTETS_MAX: usize = 256;

    fn simplest() -> Self {
        Fields::default()
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        self.0.choose(choices);
    }
}

/// A well-formed request head: its octets are parsed as the same head, up to [`HEAD_LEN_MAX`] of them.
impl Chosen for RequestHead {
    const OCTETS_MAX: usize = 256;

    fn simplest() -> Self {
        RequestHead {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            minor_version: 1,
            fields: Fields::default(),
        }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let RequestHead { method, target, minor_version, fields } = self;
        choices.word(method, heads::METHODS, is_token_octet);
        choices.word(target, heads::TARGETS, |octet| octet.is_ascii_graphic());
        choices.narrow(minor_version, &[1, 0, 2, 9], 9);
        fields.choose(choices);
    }
}

/// A well-formed response head: its octets are parsed as the same head, up to [`HEAD_LEN_MAX`] of them.
impl Chosen for ResponseHead {
    const OCTETS_MAX: usize = 256;

    fn simplest() -> Self {
        ResponseHead {
            minor_version: 1,
            status: 101,
            reason: "Switching Protocols".to_owned(),
            fields: Fields::default(),
        }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let ResponseHead { minor_version, status, reason, fields } = self;
        choices.narrow(minor_version, &[1, 0, 2, 9], 9);
        choices.narrow(status, boundary::STATUSES, 999);
        choices.text(reason, heads::REASONS);
        if choices.is_reading() {
            *status = (*status).max(100);
            *reason = reason.chars().filter(|c| *c == ' ' || c.is_ascii_graphic()).collect();
            *reason = reason.trim().to_owned();
        }
        fields.choose(choices);
    }
}

impl Chosen for Line {
    fn simplest() -> Self {
        Line::Field { name: b"Upgrade".to_vec(), value: b"websocket".to_vec() }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.variant(self, &[Line::simplest, || Line::Raw(Vec::new())]);
        match self {
            Line::Field { name, value } => {
                choices.octets(name, &as_octets(heads::FIELD_NAMES));
                choices.octets(value, &as_octets(heads::FIELD_VALUES));
            }
            Line::Raw(octets) => {
                let table = [heads::LAWFUL_LINES, heads::BAD_LINES].concat();
                choices.octets(octets, &as_octets(&table));
            }
        }
    }
}

fn as_octets<'a>(table: &[&'a str]) -> Vec<&'a [u8]> {
    table.iter().map(|entry| entry.as_bytes()).collect()
}

/// A head of any octets, of a request or of a response, well-formed or not.
impl Chosen for HeadDraft {
    const OCTETS_MAX: usize = 256;

    fn simplest() -> Self {
        HeadDraft::new("GET / HTTP/1.1")
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let HeadDraft { start_line, lines, line_break, end, body } = self;
        choices.octets(start_line, &as_octets(heads::START_LINES));
        lines.choose(choices);
        for ending in [line_break, end] {
            let mut is_odd = ending != b"\r\n";
            choices.rarely(&mut is_odd);
            if is_odd {
                choices.octets(ending, &as_octets(heads::BAD_LINE_BREAKS));
            } else if choices.is_reading() {
                *ending = b"\r\n".to_vec();
            }
        }
        choices.octets(body, boundary::PAYLOADS);
    }
}

/// A well-formed extension: its name and its parameters are tokens.
impl Chosen for Extension {
    fn simplest() -> Self {
        Extension { name: "permessage-deflate".to_owned(), params: Vec::new() }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let Extension { name, params } = self;
        choices.word(name, heads::EXTENSION_NAMES, is_token_octet);
        let mut named: Vec<Parameter> =
            params.drain(..).map(|(name, value)| Parameter { name, value }).collect();
        named.choose(choices);
        *params = named.into_iter().map(|Parameter { name, value }| (name, value)).collect();
    }
}

/// A parameter of an extension.
#[derive(Clone)]
struct Parameter {
    name: String,
    value: Option<String>,
}

impl Chosen for Parameter {
    fn simplest() -> Self {
        Parameter { name: "server_no_context_takeover".to_owned(), value: None }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.word(&mut self.name, heads::PARAMETER_NAMES, is_token_octet);
        let mut has_value = self.value.is_some();
        choices.flag(&mut has_value, false);
        if has_value {
            let value = self.value.get_or_insert_default();
            choices.word(value, heads::PARAMETER_VALUES, is_token_octet);
        }
    }
}

/// Any offer that RFC 7692 §7.1 allows.
impl Chosen for DeflateOffer {
    fn simplest() -> Self {
        DeflateOffer::default()
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let DeflateOffer {
            server_no_context_takeover,
            client_no_context_takeover,
            server_max_window_bits,
            client_max_window_bits,
        } = self;
        choices.flag(server_no_context_takeover, false);
        choices.flag(client_no_context_takeover, false);
        choices.window_bits(server_max_window_bits);
        let mut is_there = client_max_window_bits.is_some();
        choices.flag(&mut is_there, false);
        if is_there {
            choices.window_bits(client_max_window_bits.get_or_insert_default());
        }
    }
}

/// Any agreement that RFC 7692 §7.1 allows.
impl Chosen for DeflateParams {
    fn simplest() -> Self {
        DeflateParams::default()
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let DeflateParams {
            server_no_context_takeover,
            client_no_context_takeover,
            server_max_window_bits,
            client_max_window_bits,
        } = self;
        choices.flag(server_no_context_takeover, false);
        choices.flag(client_no_context_takeover, false);
        choices.window_bits(server_max_window_bits);
        choices.window_bits(client_max_window_bits);
    }
}
