//! The faults of a target's opening head that a run overlooks, so that one fault of the opening does not hide what the
//! target does with frames. `runner::wrong_opening` finds them, our peer goes on in spite of them, and the judge judges
//! them only where an instance is about them.

use wsgauntlet_wire::opening::ResponseHead;

/// A fault that every opening of a target has: of a server's response, or of a client's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OpeningFault {
    /// 200 in place of 101.
    Status,
    /// Upgrade is absent, or does not name websocket alone.
    Upgrade,
    /// Connection is absent, or does not name upgrade.
    Connection,
    /// Sec-WebSocket-Accept is absent, or has another value than the key asks for.
    Accept,
    /// A subprotocol that was not offered.
    Subprotocol,
    /// An extension that was not offered.
    Extension,
    /// A response whose head is read, but is not formed as HTTP wants it: lines end in LF, a 101 has a Content-Length.
    ResponseForm,
    /// A request whose lines are not formed as HTTP wants them.
    RequestForm,
    /// Another method than GET, or another version than HTTP/1.1.
    RequestLine,
    /// A request target that is not the one asked for.
    RequestTarget,
    /// Host is absent, or names another host or port.
    RequestHost,
    /// A request without Upgrade, or with one that does not name websocket.
    RequestUpgrade,
    /// A request without Connection, or with one that does not name upgrade.
    RequestConnection,
    /// A key that is absent, repeated, not of 16 octets, or that of an example.
    RequestKey,
    /// Sec-WebSocket-Version is absent, repeated, or not 13.
    RequestVersion,
    /// Malformed subprotocols in a request.
    RequestSubprotocols,
    /// Malformed extensions in a request.
    RequestExtensions,
}

impl OpeningFault {
    /// All of them.
    pub const ALL: [OpeningFault; 17] = [
        OpeningFault::Status,
        OpeningFault::Upgrade,
        OpeningFault::Connection,
        OpeningFault::Accept,
        OpeningFault::Subprotocol,
        OpeningFault::Extension,
        OpeningFault::ResponseForm,
        OpeningFault::RequestForm,
        OpeningFault::RequestLine,
        OpeningFault::RequestTarget,
        OpeningFault::RequestHost,
        OpeningFault::RequestUpgrade,
        OpeningFault::RequestConnection,
        OpeningFault::RequestKey,
        OpeningFault::RequestVersion,
        OpeningFault::RequestSubprotocols,
        OpeningFault::RequestExtensions,
    ];

    /// The name in stored runs, in kebab-case.
    pub fn name(self) -> &'static str {
        match self {
            OpeningFault::Status => "status",
            OpeningFault::Upgrade => "upgrade",
            OpeningFault::Connection => "connection",
            OpeningFault::Accept => "accept",
            OpeningFault::Subprotocol => "subprotocol",
            OpeningFault::Extension => "extension",
            OpeningFault::ResponseForm => "response-form",
            OpeningFault::RequestForm => "request-form",
            OpeningFault::RequestLine => "request-line",
            OpeningFault::RequestTarget => "request-target",
            OpeningFault::RequestHost => "request-host",
            OpeningFault::RequestUpgrade => "request-upgrade",
            OpeningFault::RequestConnection => "request-connection",
            OpeningFault::RequestKey => "request-key",
            OpeningFault::RequestVersion => "request-version",
            OpeningFault::RequestSubprotocols => "request-subprotocols",
            OpeningFault::RequestExtensions => "request-extensions",
        }
    }

    /// The fault of this name.
    pub fn of_name(name: &str) -> Option<OpeningFault> {
        OpeningFault::ALL.into_iter().find(|fault| fault.name() == name)
    }

    /// The requirements that the fault breaks. An instance that verifies one of them is about the fault.
    pub fn requirements(self) -> &'static [&'static str] {
        match self {
            OpeningFault::Status => &["rfc6455/4.2.2/response-status-line-101"],
            OpeningFault::Upgrade => {
                &["rfc6455/4.2.2/response-upgrade-websocket", "rfc9110/7.8/101-has-upgrade"]
            }
            OpeningFault::Connection => {
                &["rfc6455/4.2.2/response-connection-upgrade", "rfc9110/7.8/upgrade-needs-connection-option"]
            }
            OpeningFault::Accept => {
                &["rfc6455/4.2.2/accept-key-computed", "rfc6455/11.3.3/accept-once-in-response"]
            }
            OpeningFault::Subprotocol => &[
                "rfc6455/4.2.2/subprotocol-from-offer",
                "rfc6455/4.2.2/no-subprotocol-when-none-agreed",
                "rfc6455/4.2.2/empty-subprotocol-illegal",
            ],
            OpeningFault::Extension => &[
                "rfc6455/9/no-unrequested-extension",
                "rfc6455/4.2.2/no-unoffered-extensions",
                "rfc6455/4.2.2/extensions-from-offer",
                "rfc6455/9.1/parameters-defined-for-extension",
            ],
            OpeningFault::ResponseForm => &[
                "rfc6455/4.2.2/accepts-with-valid-response",
                "rfc9110/6.2/server-version-conformant",
                "rfc9112/6.1/no-transfer-encoding-in-101",
            ],
            OpeningFault::RequestForm => &[
                "rfc6455/4.1/request-is-valid-http",
                "rfc9112/2.2/no-bare-cr-sent",
                "rfc9112/2.2/no-whitespace-before-first-field",
            ],
            OpeningFault::RequestLine => {
                &["rfc6455/4.1/request-is-get", "rfc9110/6.2/client-version-conformant"]
            }
            OpeningFault::RequestTarget => {
                &["rfc6455/4.1/request-target-matches-resource", "rfc6455/3/no-fragment-identifier"]
            }
            OpeningFault::RequestHost => &["rfc6455/4.1/request-host"],
            OpeningFault::RequestUpgrade => &["rfc6455/4.1/request-upgrade"],
            OpeningFault::RequestConnection => {
                &["rfc6455/4.1/request-connection", "rfc9110/7.8/upgrade-needs-connection-option"]
            }
            OpeningFault::RequestKey => &[
                "rfc6455/4.1/request-key-present",
                "rfc6455/4.1/key-is-16-octet-nonce",
                "rfc6455/11.3.1/key-once-in-request",
                "rfc6455/4.1/key-random-per-connection",
            ],
            OpeningFault::RequestVersion => &[
                "rfc6455/4.1/request-version-13",
                "rfc6455/11.3.5/version-once-in-request",
                "rfc6455/4.3/version-value-grammar",
            ],
            OpeningFault::RequestSubprotocols => &[
                "rfc6455/4.1/subprotocols-are-tokens",
                "rfc6455/4.1/subprotocols-unique",
                "rfc6455/11.3.4/subprotocol-may-repeat-in-request",
            ],
            OpeningFault::RequestExtensions => &[
                "rfc6455/9.1/malformed-extensions-fail",
                "rfc6455/9.1/parameters-defined-for-extension",
                "rfc6455/9/parameters-follow-extension",
                "rfc7692/7.1.1.1/server-no-context-takeover-valueless",
                "rfc7692/7.1.2.1/offered-server-max-window-bits-value",
                "rfc7692/7.1.2.2/offered-client-max-window-bits-value",
                "rfc6455/4.3/extension-value-is-token",
                "rfc6455/9.1/quoted-value-is-token",
                "rfc6455/9.1/extensions-header-may-split",
                "rfc6455/11.3.2/extensions-may-repeat-in-request",
            ],
        }
    }
}

/// A set of faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpeningFaults(u32);

impl OpeningFaults {
    /// The empty set.
    pub const NONE: OpeningFaults = OpeningFaults(0);

    /// The set with one fault more.
    #[must_use]
    pub fn with(self, fault: OpeningFault) -> OpeningFaults {
        OpeningFaults(self.0 | 1 << fault as u8)
    }

    /// The faults that both sets hold.
    #[must_use]
    pub fn and(self, other: OpeningFaults) -> OpeningFaults {
        OpeningFaults(self.0 & other.0)
    }

    /// The faults of this set that `keeps` says yes to.
    #[must_use]
    pub fn retain(self, keeps: impl Fn(OpeningFault) -> bool) -> OpeningFaults {
        self.iter().filter(|fault| keeps(*fault)).fold(OpeningFaults::NONE, OpeningFaults::with)
    }

    /// Whether the set has the fault.
    pub fn contains(self, fault: OpeningFault) -> bool {
        self.0 & 1 << fault as u8 != 0
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The faults of the set, in the order of [`OpeningFault::ALL`].
    pub fn iter(self) -> impl Iterator<Item = OpeningFault> {
        OpeningFault::ALL.into_iter().filter(move |fault| self.contains(*fault))
    }

    /// What is overlooked in an instance that verifies `requirements`: not the fault that it is about.
    #[must_use]
    pub fn beside<'a>(self, requirements: impl Iterator<Item = &'a str> + Clone) -> OpeningFaults {
        self.retain(|fault| !requirements.clone().any(|id| fault.requirements().contains(&id)))
    }

    /// Whether a breach of that requirement is overlooked.
    pub fn breaks(self, requirement: &str) -> bool {
        self.iter().any(|fault| fault.requirements().contains(&requirement))
    }

    /// Whether frames follow a response. A 200 with an accept value means to be a 101.
    pub fn switches(self, head: &ResponseHead) -> bool {
        let meant = || {
            head.status == 200
                && (head.fields.count("Sec-WebSocket-Accept") > 0 || head.fields.count("Upgrade") > 0)
        };
        head.status == 101 || self.contains(OpeningFault::Status) && meant()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An instance judges the fault that it is about, and overlooks the others.
    #[test]
    fn an_instance_judges_what_it_is_about() {
        let both = OpeningFaults::NONE.with(OpeningFault::Accept).with(OpeningFault::Upgrade);
        let accept = ["rfc6455/4.2.2/accept-key-computed"];
        let left = both.beside(accept.into_iter());
        assert!(left.contains(OpeningFault::Upgrade) && !left.contains(OpeningFault::Accept));
        assert!(left.breaks("rfc9110/7.8/101-has-upgrade") && !left.breaks(accept[0]));
        assert_eq!(both.beside(["rfc6455/5.1/server-closes-on-unmasked"].into_iter()), both);
    }

    /// Stored runs hold names.
    #[test]
    fn names_are_read_back() {
        for fault in OpeningFault::ALL {
            assert_eq!(OpeningFault::of_name(fault.name()), Some(fault));
        }
    }

    /// A page that is served with 200 opens nothing, whatever is overlooked.
    #[test]
    fn a_page_is_no_opening() {
        let parse = |text: &str| ResponseHead::parse(text.as_bytes()).expect("a head").expect("complete").0;
        let status = OpeningFaults::NONE.with(OpeningFault::Status);
        assert!(!status.switches(&parse("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")));
        let meant = parse("HTTP/1.1 200 OK\r\nSec-WebSocket-Accept: x\r\n\r\n");
        assert!(status.switches(&meant) && !OpeningFaults::NONE.switches(&meant));
    }
}
