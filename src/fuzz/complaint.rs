//! What a target did that it may not do.

use crate::embedded;
use wsgauntlet_reference::Violation;
use wsgauntlet_suite::oracle::legacy_fingerprint;
use wsgauntlet_suite::requirement::Level;
use wsgauntlet_wire::Role;

/// One deviation of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The id of the requirement that is broken.
    pub requirement: &'static str,
    /// Whether only a SHOULD is broken.
    pub tolerated: bool,
    /// In a word or two, what was looked at.
    pub noticed: &'static str,
    /// What the requirement demands, as a sentence.
    pub expected: String,
    /// What the target did, as a sentence.
    pub observed: String,
    /// Index of the event that shows it.
    pub event: usize,
    /// The sentence that the fingerprint is made of, where it is not `observed`: lists of benign complaints hold it.
    signature: Option<String>,
}

impl Complaint {
    /// A deviation from `requirement`; it is tolerated if that one is no MUST.
    pub fn new(
        requirement: &'static str,
        noticed: &'static str,
        expected: impl Into<String>,
        observed: impl Into<String>,
        event: usize,
    ) -> Complaint {
        let level = embedded::catalogue().get(requirement).map(|requirement| requirement.level);
        Complaint {
            requirement,
            tolerated: level != Some(Level::Must),
            noticed,
            expected: expected.into(),
            observed: observed.into(),
            event,
            signature: None,
        }
    }

    /// With this sentence in its fingerprint, whatever `observed` says.
    #[must_use]
    pub fn signed(mut self, signature: String) -> Complaint {
        self.signature = Some(signature);
        self
    }

    /// The same deviation as one that the RFC tolerates.
    pub fn tolerated(mut self) -> Complaint {
        self.tolerated = true;
        self
    }

    /// The same for deviations of one kind and cause.
    pub fn fingerprint(&self) -> String {
        match embedded::catalogue().get(self.requirement) {
            Some(requirement) => {
                let sentence = self.signature.as_ref().unwrap_or(&self.observed);
                legacy_fingerprint::of_sentence(&requirement.id, self.noticed, sentence)
            }
            None => String::new(),
        }
    }
}

/// What is looked at beside the connections: the process of the target.
pub const PROCESS: &str = "process";

/// A message must be delivered, and echoed, as it was sent.
pub const ECHO: &str = "rfc6455/6.2/incoming-parsed-as-frames";
/// A ping must be answered.
pub const PONG: &str = "rfc6455/5.5.2/pong-in-response";
/// Behind a violation nothing is processed.
pub const STOP: &str = "rfc6455/7.1.7/stop-processing-after-fail";
/// A Close must be answered.
pub const CLOSE_ANSWERED: &str = "rfc6455/5.5.1/close-is-answered";
/// The answer to a Close has its status code.
pub const CLOSE_ECHOES: &str = "rfc6455/5.5.1/close-echoes-status-code";
/// A Close is sent before a connection is failed.
pub const CLOSE_BEFORE_FAILING: &str = "rfc6455/7.1.7/close-frame-before-failing";
/// TCP ends after the closing handshake.
pub const TCP_CLOSED: &str = "rfc6455/5.5.1/close-tcp-after-closing-handshake";
/// A valid opening is accepted.
pub const OPENING: &str = "rfc6455/4.2.2/valid-opening-accepted";
/// A client sends an opening request.
pub const REQUEST: &str = "rfc6455/4.1/client-sends-opening-handshake";
/// An invalid opening is refused with an HTTP status.
pub const HTTP_STATUS: &str = "rfc6455/10.7/invalid-opening-http-status";
/// Invalid data is answered with a Close.
pub const INVALID_DATA: &str = "rfc6455/10.7/invalid-data-close-frame";
/// TCP ends cleanly, not by a reset.
pub const TCP_CLEAN: &str = "rfc6455/7.1.1/tcp-closed-cleanly";
/// Lengths take the fewest octets.
pub const MINIMAL: &str = "rfc6455/5.2/minimal-length";

/// The requirement by which a violation ends the connection.
pub fn by_violation(violation: Violation) -> &'static str {
    match violation {
        Violation::Unmasked => "rfc6455/5.1/server-closes-on-unmasked",
        Violation::Masked => "rfc6455/5.1/client-closes-on-masked",
        Violation::ReservedBit => "rfc6455/5.2/rsv-zero-unless-negotiated",
        Violation::ReservedOpcode => "rfc6455/5.2/unknown-opcode-fails",
        Violation::LengthTopBit => "rfc6455/5.2/length-most-significant-bit",
        Violation::LengthNotMinimal => MINIMAL,
        Violation::ContinuationOfNothing => "rfc6455/5.4/fragmented-message-form",
        Violation::Interleaved => "rfc6455/5.4/no-interleaving",
        Violation::ControlFragmented => "rfc6455/5.4/control-not-fragmented",
        Violation::ControlTooLong => "rfc6455/5.5/control-length-and-fragmentation",
        Violation::CloseOneOctet => "rfc6455/5.5.1/body-starts-with-code",
        Violation::CloseCode(_) => "rfc6455/10.7/incoming-data-validated",
        Violation::CloseReasonNotUtf8 | Violation::TextNotUtf8 => "rfc6455/8.1/invalid-utf8-fails",
        Violation::FrameTooLong | Violation::MessageTooLong | Violation::NotDeflate => {
            "rfc7692/6.2/receive-compressed-message"
        }
    }
}

/// The requirement by which a failed connection ends.
pub fn failed_ends(role: Role) -> &'static str {
    match role {
        Role::Server => "rfc6455/7.1.7/server-fail-closes",
        Role::Client => "rfc6455/7.1.7/client-fail-closes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsgauntlet_wire::CloseCode;

    /// Every requirement that a complaint names is in the catalogue.
    #[test]
    fn requirements_exist() {
        let violations = [
            Violation::Unmasked,
            Violation::Masked,
            Violation::ReservedBit,
            Violation::ReservedOpcode,
            Violation::LengthTopBit,
            Violation::LengthNotMinimal,
            Violation::ContinuationOfNothing,
            Violation::Interleaved,
            Violation::ControlFragmented,
            Violation::ControlTooLong,
            Violation::CloseOneOctet,
            Violation::CloseCode(CloseCode(1005)),
            Violation::CloseReasonNotUtf8,
            Violation::TextNotUtf8,
            Violation::NotDeflate,
        ];
        let mut ids: Vec<&str> = violations.into_iter().map(by_violation).collect();
        ids.extend([ECHO, PONG, STOP, CLOSE_ANSWERED, CLOSE_ECHOES, CLOSE_BEFORE_FAILING, TCP_CLOSED]);
        ids.extend([
            OPENING,
            REQUEST,
            MINIMAL,
            HTTP_STATUS,
            INVALID_DATA,
            TCP_CLEAN,
            failed_ends(Role::Client),
            failed_ends(Role::Server),
        ]);
        for id in ids {
            assert!(embedded::catalogue().get(id).is_some(), "{id}");
        }
    }
}
