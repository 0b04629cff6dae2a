//! A server that refuses wrongly: `distort` spoils the response, `refuse` puts something else in its place.

use super::table::quirks;
use crate::behavior::opening::Refusing;
use crate::refusal::Refusal;
use wsgauntlet_wire::opening::head::HeadDraft;

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
    }
}

impl RefusalSent {
    pub(super) fn distort(self, draft: &mut HeadDraft, refusal: &Refusal) {
        let about_version = matches!(refusal, Refusal::Version | Refusal::VersionRepeated);
        match self {
            RefusalSent::Status200 => draft.start_line = b"HTTP/1.1 200 OK".to_vec(),
            RefusalSent::UpgradeOmitted => draft.set(b"Upgrade", &[]),
            RefusalSent::ConnectionOmitted => draft.set(b"Connection", &[b"close".to_vec()]),
            RefusalSent::VersionsOmitted => draft.set(b"Sec-WebSocket-Version", &[]),
            RefusalSent::VersionsOther if about_version => {
                draft.set(b"Sec-WebSocket-Version", &[b"8".to_vec()]);
            }
            RefusalSent::HostWith404 if *refusal == Refusal::Host => {
                draft.start_line = b"HTTP/1.1 404 Not Found".to_vec();
            }
            RefusalSent::GrammarWith500 if matches!(refusal, Refusal::Grammar(_)) => {
                draft.start_line = b"HTTP/1.1 500 Internal Server Error".to_vec();
            }
            RefusalSent::VersionsOther
            | RefusalSent::HostWith404
            | RefusalSent::GrammarWith500
            | RefusalSent::Silent
            | RefusalSent::Hanging
            | RefusalSent::Reset
            | RefusalSent::CloseFrame
            | RefusalSent::AfterOpening
            | RefusalSent::NotHttp => {}
        }
    }

    /// What is done in place of the response.
    pub(super) fn refuse(self, response: Vec<u8>) -> Refusing {
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
            _ => Refusing::Respond(response),
        }
    }
}
