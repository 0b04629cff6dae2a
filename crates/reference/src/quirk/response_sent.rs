//! A server whose opening response is wrong: `distort` spoils it, `assemble` what is sent with it.

use super::table::quirks;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use sha1::{Digest, Sha1};
use wsgauntlet_wire::hex;
use wsgauntlet_wire::opening::head::{HeadDraft, Line};
use wsgauntlet_wire::opening::key;
use wsgauntlet_wire::opening::token;
use wsgauntlet_wire::opening::{Extension, RequestHead};

quirks! {
    /// What is wrong with a 101.
    pub enum ResponseSent {
        /// Sends no Sec-WebSocket-Accept.
        AcceptOmitted "accept-omitted" Server ["rfc6455/4.2.2/accept-key-computed"],
        /// Sends Sec-WebSocket-Accept twice.
        AcceptRepeated "accept-repeated" Server ["rfc6455/11.3.3/accept-once-in-response"],
        /// Hashes the decoded nonce in place of the key as sent.
        AcceptOfNonce "accept-of-decoded-key" Server ["rfc6455/4.2.2/accept-key-computed"],
        /// Hashes the key without the GUID.
        AcceptWithoutGuid "accept-without-guid" Server ["rfc6455/4.2.2/accept-key-computed"],
        /// Hashes the GUID in lower case.
        AcceptGuidLowercase "accept-guid-lowercase" Server ["rfc6455/4.2.2/accept-key-computed"],
        /// Hashes the GUID before the key.
        AcceptGuidFirst "accept-guid-first" Server ["rfc6455/4.2.2/accept-key-computed"],
        /// Writes the hash in hexadecimal.
        AcceptInHex "accept-in-hex" Server ["rfc6455/4.2.2/accept-key-computed"],
        /// Writes the hash in the URL-safe alphabet.
        AcceptUrlSafe "accept-url-safe" Server ["rfc6455/4.2.2/accept-key-computed"],
        /// Writes the hash without padding.
        AcceptUnpadded "accept-unpadded" Server ["rfc6455/4.2.2/accept-key-computed"],
        /// Sends the key back as it came.
        AcceptEchoesKey "accept-echoes-key" Server ["rfc6455/4.2.2/accept-key-computed"],
        /// Sends the accept value of the RFC's example to everybody.
        AcceptConstant "accept-constant" Server ["rfc6455/4.2.2/accept-key-computed"],
        /// Hashes the whitespace around the key too.
        AcceptUntrimmed "accept-of-untrimmed-key" Server ["rfc6455/4.2.2/accept-key-computed"],
        /// Sends no Upgrade with 101.
        UpgradeOmitted "101-without-upgrade" Server ["rfc9110/7.8/101-has-upgrade", "rfc6455/4.2.2/response-upgrade-websocket"],
        /// Names another protocol in Upgrade.
        UpgradeOther "101-with-other-upgrade" Server ["rfc6455/4.2.2/response-upgrade-websocket"],
        /// Sends the request's Upgrade back, whatever else it lists.
        UpgradeEchoed "101-echoes-upgrade" Server ["rfc6455/4.2.2/response-upgrade-websocket"],
        /// Sends no Connection with 101.
        ConnectionOmitted "101-without-connection" Server ["rfc9110/7.8/upgrade-needs-connection-option", "rfc6455/4.2.2/response-connection-upgrade"],
        /// Sends "Connection: keep-alive" with 101.
        ConnectionOther "101-with-other-connection" Server ["rfc6455/4.2.2/response-connection-upgrade"],
        /// Opens with status 200.
        Status200 "opens-with-200" Server ["rfc6455/4.2.2/response-status-line-101"],
        /// Opens in HTTP/1.0.
        Http10 "opens-in-http-1.0" Server ["rfc6455/4.2.2/accepts-with-valid-response"],
        /// Opens in HTTP/1.2.
        Http12 "opens-in-http-1.2" Server ["rfc9110/6.2/server-version-conformant"],
        /// Ends the lines of the head in LF.
        BareLf "101-lines-end-in-lf" Server ["rfc6455/4.2.2/accepts-with-valid-response"],
        /// Folds a line of the head.
        Folded "101-folded" Server ["rfc6455/4.2.2/accepts-with-valid-response"],
        /// Writes a space before a colon.
        SpaceBeforeColon "101-space-before-colon" Server ["rfc6455/4.2.2/accepts-with-valid-response"],
        /// Writes whitespace before the first field.
        SpaceBeforeFields "101-space-before-first-field" Server ["rfc9112/2.2/no-whitespace-before-first-field"],
        /// Writes a CR within a value.
        BareCr "101-bare-cr" Server ["rfc9112/2.2/no-bare-cr-sent"],
        /// Writes a NUL within a value.
        Nul "101-nul-in-value" Server ["rfc6455/4.2.2/accepts-with-valid-response"],
        /// Writes a line that is no field.
        NoColon "101-line-without-colon" Server ["rfc6455/4.2.2/accepts-with-valid-response"],
        /// Forgets the empty line after the head.
        NoEmptyLine "101-without-end" Server ["rfc6455/4.2.2/accepts-with-valid-response"],
        /// Writes one line break too many after the head.
        ExtraLineBreak "101-with-extra-line-break" Server ["rfc6455/4.2.2/accepts-with-valid-response", "rfc6455/6.1/data-encapsulated-in-frames"],
        /// Sends a body with 101.
        Body "101-with-body" Server ["rfc6455/4.2.2/accepts-with-valid-response", "rfc6455/6.1/data-encapsulated-in-frames"],
        /// Sends a Content-Length with 101.
        ContentLength "101-with-content-length" Server ["rfc6455/4.2.2/accepts-with-valid-response"],
        /// Sends Transfer-Encoding with 101.
        TransferEncoding "101-with-transfer-encoding" Server ["rfc9112/6.1/no-transfer-encoding-in-101"],
        /// Sends the response twice.
        Twice "101-twice" Server ["rfc6455/4.2.2/accepts-with-valid-response", "rfc6455/6.1/data-encapsulated-in-frames"],
        /// Sends a frame before the response.
        FrameFirst "frame-before-101" Server ["rfc6455/4.2.2/accepts-with-valid-response", "rfc6455/6.1/send-only-when-open"],
        /// Sends the 100 after the 101.
        ContinueLast "100-after-101" Server ["rfc9110/7.8/100-before-101"],
        /// Selects a subprotocol that was not offered.
        SubprotocolUnoffered "subprotocol-unoffered" Server ["rfc6455/4.2.2/subprotocol-from-offer", "rfc6455/4.2.2/no-subprotocol-when-none-agreed"],
        /// Sends the whole offer back as the subprotocol.
        SubprotocolOfferEchoed "subprotocol-offer-echoed" Server ["rfc6455/4.3/response-subprotocol-grammar", "rfc6455/4.2.2/response-subprotocol-form"],
        /// Sends an empty Sec-WebSocket-Protocol where it selects none.
        SubprotocolEmpty "subprotocol-empty" Server ["rfc6455/4.2.2/empty-subprotocol-illegal", "rfc6455/4.2.2/no-subprotocol-when-none-agreed"],
        /// Writes the subprotocol in lower case.
        SubprotocolLowercase "subprotocol-lowercase" Server ["rfc6455/4.2.2/subprotocol-from-offer", "rfc7936/2/subprotocol-case-sensitive"],
        /// Sends Sec-WebSocket-Protocol twice.
        SubprotocolRepeated "subprotocol-repeated" Server ["rfc6455/11.3.4/subprotocol-once-in-response"],
        /// Accepts an extension that was not offered.
        ExtensionUnoffered "extension-unoffered" Server ["rfc6455/9/no-unrequested-extension", "rfc6455/4.2.2/no-unoffered-extensions"],
        /// Sends all offered extensions back as accepted.
        ExtensionOfferEchoed "extension-offer-echoed" Server ["rfc6455/4.2.2/extensions-from-offer", "rfc7692/5/accepted-element-supported"],
        /// Sends an empty Sec-WebSocket-Extensions where it accepts none.
        ExtensionEmpty "extension-empty" Server ["rfc6455/9.1/malformed-extensions-fail", "rfc6455/4.2.2/accepts-with-valid-response"],
    }
}

const ACCEPT: &[u8] = b"Sec-WebSocket-Accept";
const PROTOCOL: &[u8] = b"Sec-WebSocket-Protocol";
const EXTENSIONS: &[u8] = b"Sec-WebSocket-Extensions";
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

impl ResponseSent {
    /// Spoils the response to a request. `octets` are those of the request's head.
    pub(super) fn distort(
        self,
        draft: &mut HeadDraft,
        head: &RequestHead,
        octets: &[u8],
        extensions: &[Extension],
    ) {
        match self {
            ResponseSent::AcceptOmitted
            | ResponseSent::AcceptRepeated
            | ResponseSent::AcceptOfNonce
            | ResponseSent::AcceptWithoutGuid
            | ResponseSent::AcceptGuidLowercase
            | ResponseSent::AcceptGuidFirst
            | ResponseSent::AcceptInHex
            | ResponseSent::AcceptUrlSafe
            | ResponseSent::AcceptUnpadded
            | ResponseSent::AcceptEchoesKey
            | ResponseSent::AcceptConstant
            | ResponseSent::AcceptUntrimmed => {
                let key = head.fields.values("Sec-WebSocket-Key").next();
                draft.set(ACCEPT, &self.accepts(key.unwrap_or_default(), octets));
            }
            ResponseSent::UpgradeOmitted => draft.set(b"Upgrade", &[]),
            ResponseSent::UpgradeOther => draft.set(b"Upgrade", &[b"h2c".to_vec()]),
            ResponseSent::UpgradeEchoed => {
                let values: Vec<&[u8]> = head.fields.values("Upgrade").collect();
                draft.set(b"Upgrade", &[values.join(&b", "[..])]);
            }
            ResponseSent::ConnectionOmitted => draft.set(b"Connection", &[]),
            ResponseSent::ConnectionOther => draft.set(b"Connection", &[b"keep-alive".to_vec()]),
            ResponseSent::Status200 => draft.start_line = b"HTTP/1.1 200 OK".to_vec(),
            ResponseSent::Http10 => {
                draft.start_line = b"HTTP/1.0 101 Switching Protocols".to_vec();
            }
            ResponseSent::Http12 => {
                draft.start_line = b"HTTP/1.2 101 Switching Protocols".to_vec();
            }
            ResponseSent::BareLf => {
                draft.line_break = b"\n".to_vec();
                draft.end = b"\n".to_vec();
            }
            ResponseSent::Folded => raw(draft, b"X-Note: folded\r\n here"),
            ResponseSent::SpaceBeforeColon => raw(draft, b"X-Note : here"),
            ResponseSent::SpaceBeforeFields => {
                draft.lines.insert(0, Line::Raw(b" X-Note: here".to_vec()));
            }
            ResponseSent::BareCr => raw(draft, b"X-Note: a\rb"),
            ResponseSent::Nul => raw(draft, b"X-Note: a\0b"),
            ResponseSent::NoColon => raw(draft, b"welcome"),
            ResponseSent::NoEmptyLine => draft.end.clear(),
            ResponseSent::ExtraLineBreak => draft.body = b"\r\n".to_vec(),
            ResponseSent::Body => draft.body = b"hello".to_vec(),
            ResponseSent::ContentLength => raw(draft, b"Content-Length: 0"),
            ResponseSent::TransferEncoding => raw(draft, b"Transfer-Encoding: chunked"),
            ResponseSent::Twice | ResponseSent::FrameFirst | ResponseSent::ContinueLast => {}
            ResponseSent::SubprotocolUnoffered
            | ResponseSent::SubprotocolOfferEchoed
            | ResponseSent::SubprotocolEmpty
            | ResponseSent::SubprotocolLowercase
            | ResponseSent::SubprotocolRepeated => self.subprotocol(draft, head),
            ResponseSent::ExtensionUnoffered => {
                draft.set(EXTENSIONS, &[b"x-unoffered".to_vec()]);
            }
            ResponseSent::ExtensionOfferEchoed => {
                let values: Vec<&[u8]> = head.fields.values("Sec-WebSocket-Extensions").collect();
                if !extensions.is_empty() {
                    draft.set(EXTENSIONS, &[values.join(&b", "[..])]);
                }
            }
            ResponseSent::ExtensionEmpty => draft.set(EXTENSIONS, &[Vec::new()]),
        }
    }

    /// All octets that answer an accepted request.
    pub(super) fn assemble(self, interim: &[u8], response: &[u8]) -> Vec<u8> {
        match self {
            ResponseSent::Twice => [interim, response, response].concat(),
            ResponseSent::FrameFirst => [&[0x89, 0x00], interim, response].concat(),
            ResponseSent::ContinueLast => [response, interim].concat(),
            _ => [interim, response].concat(),
        }
    }

    fn accepts(self, key: &[u8], octets: &[u8]) -> Vec<Vec<u8>> {
        let right = key::accept(key).into_bytes();
        let digest = |parts: &[&[u8]]| Sha1::digest(parts.concat());
        let accept = |parts: &[&[u8]]| STANDARD.encode(digest(parts)).into_bytes();
        let both = [key, GUID.as_bytes()];
        vec![match self {
            ResponseSent::AcceptOmitted => return Vec::new(),
            ResponseSent::AcceptRepeated => return vec![right.clone(), right],
            ResponseSent::AcceptOfNonce => accept(&[&key::nonce(key).unwrap_or_default(), GUID.as_bytes()]),
            ResponseSent::AcceptWithoutGuid => accept(&[key]),
            ResponseSent::AcceptGuidLowercase => accept(&[key, GUID.to_ascii_lowercase().as_bytes()]),
            ResponseSent::AcceptGuidFirst => accept(&[GUID.as_bytes(), key]),
            ResponseSent::AcceptInHex => hex::encode(&digest(&both)).replace(' ', "").into_bytes(),
            ResponseSent::AcceptUrlSafe => {
                // Made sure to differ: not every hash has a "+" or "/".
                let encoded = URL_SAFE.encode(digest(&both)).into_bytes();
                if encoded == right { [&right[..27], b"_"].concat() } else { encoded }
            }
            ResponseSent::AcceptUnpadded => right.strip_suffix(b"=").unwrap_or(&right).to_vec(),
            ResponseSent::AcceptEchoesKey => key.to_vec(),
            ResponseSent::AcceptConstant => b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".to_vec(),
            ResponseSent::AcceptUntrimmed => key::accept(&untrimmed_key(octets)).into_bytes(),
            _ => right,
        }]
    }

    fn subprotocol(self, draft: &mut HeadDraft, head: &RequestHead) {
        let offer: Vec<&[u8]> = head.fields.values("Sec-WebSocket-Protocol").collect();
        let offer = offer.join(&b", "[..]);
        let first = token::list(&offer).next().map(<[u8]>::to_vec);
        let selected = draft.lines.iter().find_map(|line| match line {
            Line::Field { name, value } if name == PROTOCOL => Some(value.clone()),
            Line::Field { .. } | Line::Raw(_) => None,
        });
        match (self, first, selected) {
            (ResponseSent::SubprotocolUnoffered, _, _) => {
                draft.set(PROTOCOL, &[b"x-unoffered".to_vec()]);
            }
            (ResponseSent::SubprotocolOfferEchoed, Some(_), _) => draft.set(PROTOCOL, &[offer]),
            (ResponseSent::SubprotocolEmpty, _, None) => draft.set(PROTOCOL, &[Vec::new()]),
            (ResponseSent::SubprotocolLowercase, Some(first), selected) => {
                let value = selected.unwrap_or(first).to_ascii_lowercase();
                draft.set(PROTOCOL, &[value]);
            }
            (ResponseSent::SubprotocolRepeated, Some(first), selected) => {
                let value = selected.unwrap_or(first);
                draft.set(PROTOCOL, &[value.clone(), value]);
            }
            _ => {}
        }
    }
}

fn raw(draft: &mut HeadDraft, line: &[u8]) {
    draft.lines.push(Line::Raw(line.to_vec()));
}

/// All that stands between the colon and the end of the line, but for one space.
fn untrimmed_key(octets: &[u8]) -> Vec<u8> {
    let name = b"sec-websocket-key:";
    let lines = octets.split(|octet| *octet == b'\r');
    let mut lines = lines.map(|line| line.strip_prefix(b"\n").unwrap_or(line));
    let line = lines.find(|line| line.to_ascii_lowercase().starts_with(name));
    let value = line.map_or(&[][..], |line| &line[name.len()..]);
    value.strip_prefix(b" ").unwrap_or(value).to_vec()
}
