//! A server that refuses wrongly: `distort` spoils the response, `refuse` puts something else in its place.

use super::table::quirks;
use crate::behavior::opening::Refusing;
use crate::refusal::Refusal;
use wsgauntlet_wire::opening::RequestHead;
use wsgauntlet_wire::opening::head::HeadDraft;
use wsgauntlet_wire::opening::token;

quirks! {
    /// What is wrong with a refusal.
    pub enum RefusalSent {
        /// Ends TCP without a response to a request that it refuses.
        Silent "refuses-without-response" Server ["rfc6455/10.7/invalid-opening-http-status", "rfc6455/4.2.1/malformed-opening-refused"],
        /// Neither answers a request that it refuses nor ends TCP.
        Hanging "refuses-by-hanging" Server ["rfc6455/4.2.1/malformed-opening-refused"],
        /// Resets the connection in place of an error response.
        Reset "refuses-by-reset" Server ["rfc6455/10.7/invalid-opening-http-status", "rfc6455/4.2.1/malformed-opening-refused"],
        /// Refuses with status 200.
        Status200 "refuses-with-200" Server ["rfc6455/4.2.1/malformed-opening-refused"],
        /// Refuses with a Close frame in place of HTTP.
        CloseFrame "refuses-with-close-frame" Server ["rfc6455/4.2.1/malformed-opening-refused"],
        /// Opens, then refuses with a Close frame.
        AfterOpening "refuses-after-101" Server ["rfc6455/4.2.1/malformed-opening-refused"],
        /// Refuses with words that are no HTTP response.
        NotHttp "refuses-without-status-line" Server ["rfc6455/4.2.1/malformed-opening-refused"],
        /// Sends 426 without Upgrade.
        UpgradeOmitted "426-without-upgrade" Server ["rfc9110/7.8/426-has-upgrade"],
        /// Sends 426 with Upgrade, and without the option in Connection.
        ConnectionOmitted "426-without-connection" Server ["rfc9110/7.8/upgrade-needs-connection-option"],
        /// Refuses a version without naming those that it speaks.
        VersionsOmitted "version-refused-without-versions" Server ["rfc6455/4.4/advertise-versions", "rfc6455/4.2.2/version-mismatch-aborts"],
        /// Refuses a version and names one that it does not speak.
        VersionsOther "version-refused-with-other-version" Server ["rfc6455/11.3.5/version-lists-supported", "rfc6455/4.4/advertise-versions"],
        /// Refuses a wrong Host with 404.
        HostWith404 "refuses-host-with-404" Server ["rfc6455/10.7/invalid-opening-http-status", "rfc9112/3.2/host-missing-or-repeated-400"],
        /// Refuses a space before a colon with 500.
        GrammarWith500 "refuses-malformed-head-with-500" Server ["rfc6455/10.7/invalid-opening-http-status", "rfc9112/5.1/whitespace-before-colon-400"],
        /// Ends TCP without a response to a head that is malformed.
        MalformedSilent "refuses-malformed-head-silently" Server ["rfc6455/10.7/invalid-opening-http-status"],
        /// Ends TCP without a response to a request whose body has no known end.
        BodyEndSilent "refuses-unknown-body-length-silently" Server ["rfc6455/10.7/invalid-opening-http-status"],
        /// Ends TCP without a response to a request with a body.
        BodySilent "refuses-body-silently" Server ["rfc6455/10.7/invalid-opening-http-status"],
        /// Ends TCP without a response to a head that is too long.
        LongSilent "refuses-long-head-silently" Server ["rfc6455/10.7/invalid-opening-http-status"],
        /// Ends TCP without a response to a request whose Upgrade is not websocket.
        UpgradeSilent "refuses-other-upgrade-silently" Server ["rfc6455/10.7/invalid-opening-http-status"],
        /// Ends TCP without a response to a request whose method is not GET.
        MethodSilent "refuses-other-method-silently" Server ["rfc6455/10.7/invalid-opening-http-status"],
        /// Answers 500 to a request without the version 13.
        VersionWith500 "refuses-version-with-500" Server ["rfc6455/10.7/invalid-opening-http-status", "rfc6455/4.4/advertise-versions"],
        /// Ends TCP without a response to CONNECT.
        ConnectSilent "refuses-connect-silently" Server ["rfc6455/10.7/invalid-opening-http-status"],
        /// Answers 500 where a field of the opening that it reads holds an octet above 127.
        BeyondAsciiWith500 "refuses-octets-beyond-ascii-with-500" Server ["rfc6455/10.7/invalid-opening-http-status"],
        /// Answers 500 where Host or an offer holds an octet above 127.
        OfferBeyondAsciiWith500 "refuses-offers-beyond-ascii-with-500" Server ["rfc6455/10.7/invalid-opening-http-status"],
        /// Ends TCP without a response where Host or an offer holds an octet above 127.
        OfferBeyondAsciiSilent "refuses-offers-beyond-ascii-silently" Server ["rfc6455/10.7/invalid-opening-http-status"],
        /// Answers a request that asks for no upgrade with 426 and without Upgrade.
        PlainWithBare426 "plain-request-gets-bare-426" Server ["rfc9110/7.8/426-has-upgrade"],
        /// Refuses a version with 426 and without Upgrade.
        VersionWithBare426 "version-refused-with-bare-426" Server ["rfc9110/7.8/426-has-upgrade"],
        /// Refuses an Upgrade or Connection that lacks what it needs with Upgrade, and without the option in Connection.
        UpgradeWithoutOption "upgrade-refused-without-option" Server ["rfc9110/7.8/upgrade-needs-connection-option"],
    }
}

/// The fields without which no request opens.
const REQUIRED: [&str; 4] = ["Upgrade", "Connection", "Sec-WebSocket-Version", "Sec-WebSocket-Key"];

/// The authority, and the fields by which a client offers something.
const OFFERED: [&str; 3] = ["Host", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"];

/// A request that is refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused<'a> {
    pub(super) refusal: &'a Refusal,
    /// The octets of its head, if it was complete.
    pub(super) octets: &'a [u8],
}

impl Refused<'_> {
    fn is_about_version(&self) -> bool {
        matches!(self.refusal, Refusal::Version | Refusal::VersionRepeated)
    }

    /// Whether it lacks what asks for an upgrade: a value of Upgrade, or the option in Connection.
    fn asks_for_no_upgrade(&self) -> bool {
        let Ok(Some((head, _))) = RequestHead::parse(self.octets) else { return false };
        let has_value = head.fields.values("Upgrade").any(|value| !value.is_empty());
        !has_value || !head.fields.has_token("Connection", "Upgrade")
    }

    /// Whether Upgrade and Connection, where they are sent, are lists of protocols and of options: RFC 9110 §7.6.1 and §7.8.
    fn has_lists_of_tokens(&self) -> bool {
        let Ok(Some((head, _))) = RequestHead::parse(self.octets) else { return false };
        let is_protocol = |element: &[u8]| element.split(|octet| *octet == b'/').all(token::is_token);
        let is_list = |value| token::list(value).next().is_some() && token::list(value).all(is_protocol);
        ["Upgrade", "Connection"].iter().flat_map(|name| head.fields.values(name)).all(is_list)
    }

    /// Whether Content-Length or Transfer-Encoding say where the body ends.
    fn body_has_an_end(&self) -> bool {
        let Ok(Some((head, _))) = RequestHead::parse(self.octets) else { return false };
        let fields = &head.fields;
        let is_number = |value: &[u8]| !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        match fields.count("Transfer-Encoding") {
            0 => fields.single("Content-Length").is_some_and(is_number),
            _ => fields.single("Transfer-Encoding") == Some(b"chunked"),
        }
    }

    /// Whether one of these fields holds an octet above 127.
    fn is_beyond_ascii(&self, names: &[&str]) -> bool {
        let Ok(Some((head, _))) = RequestHead::parse(self.octets) else { return false };
        names.iter().flat_map(|name| head.fields.values(name)).any(|value| !value.is_ascii())
    }
}

impl RefusalSent {
    pub(super) fn distort(self, draft: &mut HeadDraft, refused: Refused<'_>) {
        let refusal = refused.refusal;
        match self {
            RefusalSent::Status200 => draft.start_line = b"HTTP/1.1 200 OK".to_vec(),
            RefusalSent::UpgradeOmitted => draft.set(b"Upgrade", &[]),
            RefusalSent::ConnectionOmitted => draft.set(b"Connection", &[b"close".to_vec()]),
            RefusalSent::VersionsOmitted => draft.set(b"Sec-WebSocket-Version", &[]),
            RefusalSent::VersionsOther if refused.is_about_version() => {
                draft.set(b"Sec-WebSocket-Version", &[b"8".to_vec()]);
            }
            RefusalSent::HostWith404 if *refusal == Refusal::Host => {
                draft.start_line = b"HTTP/1.1 404 Not Found".to_vec();
            }
            RefusalSent::GrammarWith500 if matches!(refusal, Refusal::Grammar(_)) => {
                draft.start_line = b"HTTP/1.1 500 Internal Server Error".to_vec();
            }
            RefusalSent::BeyondAsciiWith500 if refused.is_beyond_ascii(&REQUIRED) => {
                draft.start_line = b"HTTP/1.1 500 Internal Server Error".to_vec();
            }
            RefusalSent::OfferBeyondAsciiWith500 if refused.is_beyond_ascii(&OFFERED) => {
                draft.start_line = b"HTTP/1.1 500 Internal Server Error".to_vec();
            }
            RefusalSent::VersionWith500 if refused.is_about_version() => {
                draft.start_line = b"HTTP/1.1 500 Internal Server Error".to_vec();
                draft.set(b"Sec-WebSocket-Version", &[]);
            }
            RefusalSent::PlainWithBare426 if refused.asks_for_no_upgrade() => bare_426(draft),
            RefusalSent::VersionWithBare426 if refused.is_about_version() => bare_426(draft),
            RefusalSent::UpgradeWithoutOption
                if matches!(refusal, Refusal::Upgrade | Refusal::Connection)
                    && refused.has_lists_of_tokens() =>
            {
                bare_426(draft);
                draft.set(b"Upgrade", &[b"websocket".to_vec()]);
            }
            RefusalSent::VersionsOther
            | RefusalSent::HostWith404
            | RefusalSent::GrammarWith500
            | RefusalSent::MalformedSilent
            | RefusalSent::BodySilent
            | RefusalSent::BodyEndSilent
            | RefusalSent::UpgradeSilent
            | RefusalSent::MethodSilent
            | RefusalSent::VersionWith500
            | RefusalSent::LongSilent
            | RefusalSent::ConnectSilent
            | RefusalSent::BeyondAsciiWith500
            | RefusalSent::OfferBeyondAsciiWith500
            | RefusalSent::OfferBeyondAsciiSilent
            | RefusalSent::PlainWithBare426
            | RefusalSent::VersionWithBare426
            | RefusalSent::UpgradeWithoutOption
            | RefusalSent::Silent
            | RefusalSent::Hanging
            | RefusalSent::Reset
            | RefusalSent::CloseFrame
            | RefusalSent::AfterOpening
            | RefusalSent::NotHttp => {}
        }
    }

    /// What is done in place of the response.
    pub(super) fn refuse(self, refused: Refused<'_>, response: Vec<u8>) -> Refusing {
        const CLOSE: &[u8] = &[0x88, 0x02, 0x03, 0xea];
        const OPENING: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
            Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
        match self {
            RefusalSent::CloseFrame => Refusing::Respond(CLOSE.to_vec()),
            RefusalSent::AfterOpening => Refusing::Respond([OPENING, CLOSE].concat()),
            RefusalSent::NotHttp => Refusing::Respond(b"go away\r\n".to_vec()),
            RefusalSent::Silent => Refusing::CloseTcp,
            RefusalSent::Hanging => Refusing::Hang,
            RefusalSent::Reset => Refusing::ResetTcp,
            _ if self.is_silent_about(refused) => Refusing::CloseTcp,
            _ => Refusing::Respond(response),
        }
    }

    /// Whether TCP ends without a response for this reason.
    fn is_silent_about(self, refused: Refused<'_>) -> bool {
        match (self, refused.refusal) {
            (
                RefusalSent::MalformedSilent,
                Refusal::Grammar(_) | Refusal::Malformed | Refusal::HttpVersion,
            )
            | (RefusalSent::MethodSilent, Refusal::Method)
            | (RefusalSent::LongSilent, Refusal::HeadTooLong | Refusal::TooManyFields) => true,
            (RefusalSent::BodySilent, Refusal::Body) => refused.body_has_an_end(),
            (RefusalSent::BodyEndSilent, Refusal::Body) => !refused.body_has_an_end(),
            (RefusalSent::UpgradeSilent, Refusal::Upgrade) => !refused.asks_for_no_upgrade(),
            (RefusalSent::OfferBeyondAsciiSilent, _) => refused.is_beyond_ascii(&OFFERED),
            (RefusalSent::ConnectSilent, _) => refused.octets.starts_with(b"CONNECT "),
            _ => false,
        }
    }
}

/// Makes of a refusal one with 426 that names no protocol.
fn bare_426(draft: &mut HeadDraft) {
    draft.start_line = b"HTTP/1.1 426 Upgrade Required".to_vec();
    draft.set(b"Upgrade", &[]);
    draft.set(b"Connection", &[b"close".to_vec()]);
}
