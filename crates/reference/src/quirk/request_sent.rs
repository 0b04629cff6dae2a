//! A client whose request is wrong.

use super::table::quirks;
use wsgauntlet_wire::opening::head::{HeadDraft, Line};

quirks! {
    /// What is wrong with a request.
    pub enum RequestSent {
        /// Sends no Host.
        HostOmitted "request-without-host" Client ["rfc6455/4.1/request-host"],
        /// Sends Host twice.
        HostRepeated "request-with-two-hosts" Client ["rfc6455/4.1/request-is-valid-http"],
        /// Leaves the port out of Host.
        HostWithoutPort "request-host-without-port" Client ["rfc6455/4.1/request-host"],
        /// Sends no Upgrade.
        UpgradeOmitted "request-without-upgrade" Client ["rfc6455/4.1/request-upgrade"],
        /// Names another protocol in Upgrade.
        UpgradeOther "request-with-other-upgrade" Client ["rfc6455/4.1/request-upgrade"],
        /// Sends no Connection.
        ConnectionOmitted "request-without-connection" Client ["rfc6455/4.1/request-connection"],
        /// Sends "Connection: keep-alive".
        ConnectionOther "request-with-other-connection" Client ["rfc6455/4.1/request-connection"],
        /// Sends no key.
        KeyOmitted "request-without-key" Client ["rfc6455/4.1/request-key-present"],
        /// Sends two keys.
        KeyRepeated "request-with-two-keys" Client ["rfc6455/11.3.1/key-once-in-request"],
        /// Sends a key of 15 octets.
        KeyShort "request-key-short" Client ["rfc6455/4.1/key-is-16-octet-nonce"],
        /// Sends a key of 17 octets.
        KeyLong "request-key-long" Client ["rfc6455/4.1/key-is-16-octet-nonce"],
        /// Sends a key that is not base64.
        KeyNotBase64 "request-key-not-base64" Client ["rfc6455/4.1/key-is-16-octet-nonce"],
        /// Sends the key of the RFC's example on each connection.
        KeyConstant "request-key-constant" Client ["rfc6455/4.1/key-random-per-connection"],
        /// Sends no version.
        VersionOmitted "request-without-version" Client ["rfc6455/4.1/request-version-13"],
        /// Sends version 8.
        VersionOther "request-with-version-8" Client ["rfc6455/4.1/request-version-13"],
        /// Sends a list of versions.
        VersionList "request-with-version-list" Client ["rfc6455/4.1/request-version-13"],
        /// Sends the version with a leading zero.
        VersionPadded "request-with-padded-version" Client ["rfc6455/4.3/version-value-grammar", "rfc6455/4.1/request-version-13"],
        /// Sends the version twice.
        VersionRepeated "request-with-two-versions" Client ["rfc6455/11.3.5/version-once-in-request"],
        /// Sends POST.
        MethodPost "request-with-post" Client ["rfc6455/4.1/request-is-get"],
        /// Sends the method in lower case.
        MethodLowercase "request-method-lowercase" Client ["rfc6455/4.1/request-is-get"],
        /// Sends HTTP/1.0.
        Http10 "request-in-http-1.0" Client ["rfc6455/4.1/request-is-get"],
        /// Sends HTTP/1.2.
        Http12 "request-in-http-1.2" Client ["rfc9110/6.2/client-version-conformant"],
        /// Sends an empty request target.
        TargetEmpty "request-target-empty" Client ["rfc6455/4.1/request-target-matches-resource"],
        /// Leaves the first slash out of the request target.
        TargetWithoutSlash "request-target-without-slash" Client ["rfc6455/4.1/request-target-matches-resource"],
        /// Leaves the query out of the request target.
        TargetWithoutQuery "request-target-without-query" Client ["rfc6455/3/resource-name-construction"],
        /// Sends a fragment identifier in the request target.
        TargetWithFragment "request-target-with-fragment" Client ["rfc6455/3/no-fragment-identifier"],
        /// Sends a ws URI as request target.
        TargetWs "request-target-is-ws-uri" Client ["rfc6455/4.1/request-target-matches-resource"],
        /// Sends an empty Sec-WebSocket-Protocol.
        SubprotocolsEmpty "request-with-empty-subprotocols" Client ["rfc6455/4.1/subprotocols-are-tokens"],
        /// Offers a subprotocol that is no token.
        SubprotocolNotToken "request-subprotocol-not-token" Client ["rfc6455/4.1/subprotocols-are-tokens"],
        /// Offers a subprotocol twice.
        SubprotocolRepeated "request-with-subprotocol-twice" Client ["rfc6455/4.1/subprotocols-unique"],
        /// Sends a malformed Sec-WebSocket-Extensions.
        ExtensionsMalformed "request-with-malformed-extensions" Client ["rfc6455/9.1/malformed-extensions-fail", "rfc6455/4.1/request-is-valid-http"],
        /// Quotes a parameter that is no token.
        QuotedNoToken "request-extension-quotes-no-token" Client ["rfc6455/9.1/quoted-value-is-token", "rfc6455/4.3/extension-value-is-token"],
        /// Breaks an extension into two lines between its parameters.
        ExtensionSplit "request-extension-split-amid-parameters" Client ["rfc6455/11.3.2/extensions-may-repeat-in-request", "rfc6455/9.1/extensions-header-may-split"],
        /// Sends a second line of subprotocols, with none in it.
        SubprotocolLineEmpty "request-second-subprotocol-line-empty" Client ["rfc6455/11.3.4/subprotocol-may-repeat-in-request"],
        /// Ends the lines of the request in LF.
        BareLf "request-lines-end-in-lf" Client ["rfc6455/4.1/request-is-valid-http"],
        /// Writes a CR within a value.
        BareCr "request-with-bare-cr" Client ["rfc9112/2.2/no-bare-cr-sent"],
        /// Folds a line of the request.
        Folded "request-folded" Client ["rfc6455/4.1/request-is-valid-http"],
        /// Writes a space before a colon.
        SpaceBeforeColon "request-space-before-colon" Client ["rfc6455/4.1/request-is-valid-http"],
        /// Writes whitespace before the first field.
        SpaceBeforeFields "request-space-before-first-field" Client ["rfc9112/2.2/no-whitespace-before-first-field"],
        /// Sends a body with its request.
        Body "request-with-body" Client ["rfc9110/7.8/request-complete-before-switch", "rfc6455/4.1/no-data-before-response"],
        /// Sends one line break too many after the head.
        ExtraLineBreak "request-with-extra-line-break" Client ["rfc6455/4.1/no-data-before-response"],
    }
}

const KEY: &[u8] = b"Sec-WebSocket-Key";
const VERSION: &[u8] = b"Sec-WebSocket-Version";
const EXTENSIONS: &[u8] = b"Sec-WebSocket-Extensions";
const PROTOCOL: &[u8] = b"Sec-WebSocket-Protocol";

impl RequestSent {
    pub(super) fn distort(self, draft: &mut HeadDraft, target: &str, host: &str, key: &str) {
        let request_line = |target: &str| format!("GET {target} HTTP/1.1").into_bytes();
        let set = |draft: &mut HeadDraft, name: &[u8], values: &[&str]| {
            let values: Vec<Vec<u8>> = values.iter().map(|value| value.as_bytes().to_vec()).collect();
            draft.set(name, &values);
        };
        let raw = |draft: &mut HeadDraft, line: &[u8]| draft.lines.push(Line::Raw(line.to_vec()));
        match self {
            RequestSent::HostOmitted => set(draft, b"Host", &[]),
            RequestSent::HostRepeated => set(draft, b"Host", &[host, host]),
            RequestSent::HostWithoutPort => {
                let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
                set(draft, b"Host", &[name]);
            }
            RequestSent::UpgradeOmitted => set(draft, b"Upgrade", &[]),
            RequestSent::UpgradeOther => set(draft, b"Upgrade", &["websockets"]),
            RequestSent::ConnectionOmitted => set(draft, b"Connection", &[]),
            RequestSent::ConnectionOther => set(draft, b"Connection", &["keep-alive"]),
            RequestSent::KeyOmitted => set(draft, KEY, &[]),
            RequestSent::KeyRepeated => set(draft, KEY, &[key, key]),
            RequestSent::KeyShort => set(draft, KEY, &["AQIDBAUGBwgJCgsMDQ4P"]),
            RequestSent::KeyLong => set(draft, KEY, &["AQIDBAUGBwgJCgsMDQ4PEBE="]),
            RequestSent::KeyNotBase64 => set(draft, KEY, &["!!!!!!!!!!!!!!!!!!!!!!=="]),
            RequestSent::KeyConstant => set(draft, KEY, &["dGhlIHNhbXBsZSBub25jZQ=="]),
            RequestSent::VersionOmitted => set(draft, VERSION, &[]),
            RequestSent::VersionOther => set(draft, VERSION, &["8"]),
            RequestSent::VersionList => set(draft, VERSION, &["13, 8"]),
            RequestSent::VersionPadded => set(draft, VERSION, &["013"]),
            RequestSent::VersionRepeated => set(draft, VERSION, &["13", "13"]),
            RequestSent::MethodPost => draft.start_line.splice(..3, *b"POST").for_each(drop),
            RequestSent::MethodLowercase => draft.start_line[..3].make_ascii_lowercase(),
            RequestSent::Http10 => {
                draft.start_line = format!("GET {target} HTTP/1.0").into_bytes();
            }
            RequestSent::Http12 => {
                draft.start_line = format!("GET {target} HTTP/1.2").into_bytes();
            }
            RequestSent::TargetEmpty => draft.start_line = request_line(""),
            RequestSent::TargetWithoutSlash => {
                let target = target.strip_prefix('/').unwrap_or(target);
                let target = if target.is_empty() { "?" } else { target };
                draft.start_line = request_line(target);
            }
            RequestSent::TargetWithoutQuery => {
                let path = target.split_once('?').map_or(target, |(path, _)| path);
                draft.start_line = request_line(path);
            }
            RequestSent::TargetWithFragment => {
                draft.start_line = request_line(&format!("{target}#top"));
            }
            RequestSent::TargetWs => {
                draft.start_line = request_line(&format!("ws://{host}{target}"));
            }
            RequestSent::SubprotocolsEmpty => set(draft, PROTOCOL, &[""]),
            RequestSent::SubprotocolNotToken => set(draft, PROTOCOL, &["chat room"]),
            RequestSent::SubprotocolRepeated => set(draft, PROTOCOL, &["chat, chat"]),
            RequestSent::ExtensionsMalformed => {
                set(draft, EXTENSIONS, &["permessage-deflate;=;"]);
            }
            RequestSent::QuotedNoToken => {
                set(draft, EXTENSIONS, &["permessage-deflate; client_max_window_bits=\"1 5\""]);
            }
            RequestSent::ExtensionSplit => {
                set(draft, EXTENSIONS, &["permessage-deflate;", "client_max_window_bits"]);
            }
            RequestSent::SubprotocolLineEmpty => set(draft, PROTOCOL, &["chat", ""]),
            RequestSent::BareLf => {
                draft.line_break = b"\n".to_vec();
                draft.end = b"\n".to_vec();
            }
            RequestSent::BareCr => raw(draft, b"X-Note: a\rb"),
            RequestSent::Folded => raw(draft, b"X-Note: folded\r\n here"),
            RequestSent::SpaceBeforeColon => raw(draft, b"X-Note : here"),
            RequestSent::SpaceBeforeFields => {
                draft.lines.insert(0, Line::Raw(b" X-Note: here".to_vec()));
            }
            RequestSent::Body => {
                raw(draft, b"Content-Length: 5");
                draft.body = b"hello".to_vec();
            }
            RequestSent::ExtraLineBreak => draft.body = b"\r\n".to_vec(),
        }
    }
}
