//! The steps of what an application asks for: Close frames, pings, pongs and messages that answer nothing.

use crate::misuse::Misuse;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::frame::CONTROL_PAYLOAD_LEN_MAX;
use wsgauntlet_wire::{CloseCode, Frame};

/// The longest close reason, in octets: a code goes before it.
const REASON_LEN_MAX: usize = CONTROL_PAYLOAD_LEN_MAX - 2;

/// The steps of what an application asks for.
pub(crate) trait Driving {
    /// The payload of a Close frame of the application's own, §5.5.1 and §7.4. A reason that is too long is cut between
    /// characters.
    fn own_close(&mut self, code: Option<CloseCode>, reason: &str) -> Result<Vec<u8>, Misuse> {
        match code {
            Some(code) if !code.may_be_sent() => Err(Misuse::CloseCode),
            Some(code) => {
                let fits = |end: &usize| *end <= REASON_LEN_MAX && reason.is_char_boundary(*end);
                let end = (0..=reason.len()).rev().find(fits).unwrap_or(0);
                Ok(ClosePayload::encode(code, &reason.as_bytes()[..end]))
            }
            None if !reason.is_empty() => Err(Misuse::ReasonWithoutCode),
            None => Ok(Vec::new()),
        }
    }

    /// Whether messages that wait to be transmitted are dropped for a Close frame. §6.1: frames "MUST be transmitted".
    fn close_drops_messages(&mut self) -> bool {
        false
    }

    /// Whether an application that closes again sends another Close frame.
    fn closes_again(&mut self) -> bool {
        false
    }

    /// Whether a message is sent after a Close frame. §5.5.1: "The application MUST NOT send any more data frames after sending a
    /// Close frame."
    fn sends_after_close(&mut self) -> bool {
        false
    }

    /// Whether the peer's Close frame is answered that answers ours, or crossed it.
    fn answers_after_own_close(&mut self) -> bool {
        false
    }

    /// The payload of a ping of the application's own, §5.5.2.
    fn own_ping(&mut self, payload: &[u8]) -> Result<Vec<u8>, Misuse> {
        own_control(payload)
    }

    /// The payload of a pong that the application sends unasked, §5.5.3. None: it is not sent.
    fn own_pong(&mut self, payload: &[u8]) -> Result<Option<Vec<u8>>, Misuse> {
        own_control(payload).map(Some)
    }

    /// Whether a pong fails the connection. §5.5.3: "A Pong frame MAY be sent unsolicited."
    fn fails_at_pong(&mut self, _payload: &[u8]) -> bool {
        false
    }

    /// The frames of a message that the application sends in fragments, §5.4.
    fn own_fragments(&mut self, frames: Vec<Frame>) -> Vec<Frame> {
        frames
    }

    /// The frames of messages that several tasks send at once. §5.4: "The fragments of one message MUST NOT be interleaved between
    /// the fragments of another message".
    fn in_turn(&mut self, messages: Vec<Vec<Frame>>) -> Vec<Frame> {
        messages.concat()
    }

    /// Whether text that UTF-8 cannot express is encoded all the same, §5.6.
    fn encodes_surrogates(&mut self) -> bool {
        false
    }
}

/// §5.5: "All control frames MUST have a payload length of 125 bytes or less".
fn own_control(payload: &[u8]) -> Result<Vec<u8>, Misuse> {
    if payload.len() > CONTROL_PAYLOAD_LEN_MAX { Err(Misuse::ControlTooLong) } else { Ok(payload.to_vec()) }
}
