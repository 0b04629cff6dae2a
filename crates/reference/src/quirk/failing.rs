//! An endpoint that fails a connection wrongly: `fail` says what it does after a violation.

use super::table::quirks;
use crate::behavior::closing::{Failure, Then};
use crate::violation::Violation;
use std::time::Duration;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::{CloseCode, Frame, Opcode};

quirks! {
    /// What becomes of a violation.
    pub enum Failing {
        /// Sends a Close frame and keeps TCP open.
        TcpKept "fail-keeps-tcp" Server ["rfc6455/7.1.7/server-fail-closes", "rfc6455/7.1.7/client-fail-closes"],
        /// Stops reading, sends nothing and keeps TCP open.
        Hangs "fail-hangs" Both ["rfc6455/7.1.7/server-fail-closes", "rfc6455/7.1.7/client-fail-closes"],
        /// Sends a Close frame and awaits one before it ends TCP.
        CloseAwaited "fail-awaits-close" Both ["rfc6455/7.1.7/stop-processing-after-fail", "rfc6455/7.1.7/server-fail-closes"],
        /// Sends a Close frame and reads on.
        ReadsOn "fail-reads-on" Both ["rfc6455/7.1.7/stop-processing-after-fail"],
        /// Sends a text message that names the violation and reads on.
        TextInstead "fail-with-text" Both ["rfc6455/7.1.7/server-fail-closes", "rfc6455/7.1.7/client-fail-closes"],
        /// Sends two Close frames.
        CloseTwice "fail-closes-twice" Both ["rfc6455/7.1.7/close-frame-before-failing", "rfc6455/7.1.2/start-closing-sends-close"],
        /// Fails 30 seconds late.
        Late "fail-late" Both ["rfc6455/7.1.7/server-fail-closes", "rfc6455/7.1.7/client-fail-closes"],
        /// Fails with code 1000.
        With1000 "fail-with-1000" Both ["rfc6455/7.1.7/close-frame-before-failing"],
        /// Fails with code 1005.
        With1005 "fail-with-1005" Both ["rfc6455/7.4.1/1005-not-sent"],
        /// Fails with code 1006.
        With1006 "fail-with-1006" Both ["rfc6455/7.4.1/1006-not-sent"],
        /// Fails with code 0.
        With0 "fail-with-0" Both ["rfc6455/7.4.2/0-999-not-used"],
        /// Swaps 1002 and 1007.
        CodesSwapped "fail-codes-swapped" Both ["rfc6455/7.1.7/close-frame-before-failing"],
        /// Writes the code in the other byte order.
        CodeReversed "fail-code-reversed" Both ["rfc6455/5.5.1/body-starts-with-code", "rfc6455/5.2/length-network-byte-order"],
        /// Sends a reason that is too long for a control frame.
        ReasonTooLong "fail-reason-too-long" Both ["rfc6455/5.5/control-length-and-fragmentation"],
        /// Sends the octets that broke the rule as reason, UTF-8 or not.
        ReasonNotUtf8 "fail-reason-not-utf8" Both ["rfc6455/5.5.1/reason-is-utf8"],
        /// Sends a message after the Close frame.
        DataAfter "fail-data-after-close" Both ["rfc6455/5.5.1/no-data-after-close"],
        /// Ends TCP without a Close frame.
        NoClose "fail-without-close" Both ["rfc6455/7.1.7/close-frame-before-failing", "rfc6455/10.7/invalid-data-close-frame"],
        /// Ends TCP without a Close frame on the top bit of a length, but for control frames.
        TopBitNoClose "fail-without-close-on-length-top-bit" Both ["rfc6455/7.1.7/close-frame-before-failing"],
        /// Resets TCP without a Close frame.
        Reset "fail-by-reset" Both ["rfc6455/7.1.1/tcp-closed-cleanly", "rfc6455/7.1.7/close-frame-before-failing"],
    }
}

const LATE: Duration = Duration::from_secs(30);

impl Failing {
    /// What a violation leads to. `opcode`: that of the frame, if a header broke the rule.
    pub(super) fn fail(self, violation: Violation, opcode: Option<Opcode>) -> Failure {
        let control = opcode.is_some_and(Opcode::is_control);
        let close = || Frame::new(Opcode::Close, self.payload(violation));
        let frames = match self {
            Failing::Hangs | Failing::NoClose | Failing::Reset => Vec::new(),
            Failing::TopBitNoClose if violation == Violation::LengthTopBit && !control => Vec::new(),
            Failing::TextInstead => vec![Frame::new(Opcode::Text, violation.to_string())],
            Failing::CloseTwice => vec![close(), close()],
            Failing::DataAfter => vec![close(), Frame::new(Opcode::Text, violation.to_string())],
            _ => vec![close()],
        };
        let then = match self {
            Failing::TcpKept | Failing::Hangs => Then::Hang,
            Failing::CloseAwaited => Then::AwaitClose,
            Failing::ReadsOn | Failing::TextInstead => Then::ReadOn,
            Failing::Reset => Then::ResetTcp,
            _ => Then::CloseTcp,
        };
        let delay = if self == Failing::Late { LATE } else { Duration::ZERO };
        Failure { frames, delay, then, demise: None }
    }

    fn payload(self, violation: Violation) -> Vec<u8> {
        let lawful = violation.close_code();
        let code = match self {
            Failing::With1000 => CloseCode::NORMAL,
            Failing::With1005 => CloseCode(1005),
            Failing::With1006 => CloseCode(1006),
            Failing::With0 => CloseCode(0),
            Failing::CodesSwapped if lawful == CloseCode::PROTOCOL_ERROR => CloseCode::INVALID_PAYLOAD,
            Failing::CodesSwapped if lawful == CloseCode::INVALID_PAYLOAD => CloseCode::PROTOCOL_ERROR,
            Failing::CodeReversed => CloseCode(lawful.0.swap_bytes()),
            _ => lawful,
        };
        let reason: &[u8] = match self {
            Failing::ReasonTooLong => &[b'x'; 200],
            Failing::ReasonNotUtf8 => b"\xff",
            _ => b"",
        };
        ClosePayload::encode(code, reason)
    }
}
