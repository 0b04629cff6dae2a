//! An endpoint that does wrong what its application asks for.

use super::table::quirks;
use crate::misuse::Misuse;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::{CloseCode, Frame, Opcode};

quirks! {
    /// What becomes of a Close frame, a ping or a message of the application's own.
    pub enum Driven {
        /// Puts every close code of its application on the wire.
        AnyCode "own-close-any-code" Both [
            "rfc6455/7.4.1/1005-not-sent",
            "rfc6455/7.4.1/1006-not-sent",
            "rfc6455/7.4.1/1015-not-sent",
            "rfc6455/7.4.1/1004-reserved",
            "rfc6455/7.4.2/0-999-not-used",
            "rfc6455/7.4.2/1000-2999-reserved",
            "rfc6455/11.7/status-code-range"
        ],
        /// Sends 1000 in place of the close code of its application.
        CodeReplaced "own-close-always-1000" Both ["rfc6455/7.1.2/start-closing-sends-close"],
        /// Leaves the close reason of its application out.
        ReasonLost "own-close-without-reason" Both ["rfc6455/7.1.2/start-closing-sends-close"],
        /// Cuts close reasons of its application at 100 octets.
        ReasonShort "own-close-reason-cut-at-100" Both ["rfc6455/7.1.2/start-closing-sends-close"],
        /// Sends close reasons of its application that are too long for a control frame.
        ReasonTooLong "own-close-reason-too-long" Both ["rfc6455/5.5/control-length-and-fragmentation"],
        /// Cuts a close reason that is too long within a character.
        ReasonCut "own-close-reason-cut-in-character" Both ["rfc6455/5.5.1/reason-is-utf8"],
        /// Sends the close reason of its application without a code, where the application names none.
        ReasonAlone "own-close-reason-without-code" Both ["rfc6455/5.5.1/body-starts-with-code"],
        /// Drops the messages that wait when its application closes.
        MessagesDropped "own-close-drops-messages" Both ["rfc6455/6.1/frames-transmitted"],
        /// Sends a Close frame each time that its application closes.
        ClosesAgain "own-close-repeated" Both ["rfc6455/7.1.2/close-after-both-closes"],
        /// Sends messages of its application after its Close frame, and echoes what it receives then.
        SendsAfterClose "data-after-own-close" Both ["rfc6455/5.5.1/no-data-after-close", "rfc6455/6.1/send-only-when-open"],
        /// Answers the Close frame that answers its own, or crossed it.
        AnswersTwice "close-answered-after-own-close" Both ["rfc6455/7.1.2/close-after-both-closes"],
        /// Sends pings of its application that are too long for a control frame.
        PingTooLong "own-ping-too-long" Both ["rfc6455/5.5/control-length-and-fragmentation"],
        /// Sends pings of its application without their payload.
        PingEmpty "own-ping-without-payload" Both ["rfc6455/5.5.2/ping-may-have-data"],
        /// Sends pongs of its application that are too long for a control frame.
        PongTooLong "own-pong-too-long" Both ["rfc6455/5.5/control-length-and-fragmentation"],
        /// Sends no pong that nobody asked for.
        PongLost "own-pong-not-sent" Both ["rfc6455/5.5.3/unsolicited-pong"],
        /// Fails the connection on a pong that differs from its last ping.
        ForeignPongFails "refuse-pong-of-no-ping" Both ["rfc6455/5.5.3/unsolicited-pong", "rfc6455/6.2/control-frames-handled"],
        /// Sends the fragments of a message with the opcode of the first one.
        FragmentOpcodes "own-fragments-repeat-opcode" Both ["rfc6455/5.4/fragmented-message-form"],
        /// Sets FIN on each fragment of a message.
        FragmentsFinal "own-fragments-all-final" Both ["rfc6455/5.4/fragmented-message-form", "rfc6455/6.1/last-frame-fin"],
        /// Interleaves the fragments of messages that are sent at once.
        TasksInterleaved "tasks-interleave-fragments" Both ["rfc6455/5.4/no-interleaving"],
        /// Sends one of several messages that are sent at once.
        TasksLost "tasks-lose-messages" Both ["rfc6455/6.1/frames-transmitted", "rfc6455/6.1/send-message-steps"],
        /// Encodes half of a surrogate pair in text.
        Surrogates "surrogates-in-text" Both ["rfc6455/5.6/text-is-utf8"],
    }
}

/// What an endpoint remembers of what its application sent.
#[derive(Debug, Default)]
pub(super) struct DrivenMemory {
    pub(super) last_ping: Option<Vec<u8>>,
}

impl Driven {
    /// The payload of a Close frame of the application's own, where the quirk makes another one. `lawful`: what is sent without.
    pub(super) fn close(
        self,
        code: Option<CloseCode>,
        reason: &str,
        lawful: &Result<Vec<u8>, Misuse>,
    ) -> Option<Vec<u8>> {
        let reason = reason.as_bytes();
        match (self, code) {
            (Driven::AnyCode, Some(code)) if *lawful == Err(Misuse::CloseCode) => {
                Some(ClosePayload::encode(code, reason))
            }
            (Driven::CodeReplaced, Some(_)) if lawful.is_ok() => {
                Some(ClosePayload::encode(CloseCode::NORMAL, &reason[..reason.len().min(100)]))
            }
            (Driven::ReasonLost, Some(code)) if lawful.is_ok() => Some(ClosePayload::encode(code, b"")),
            (Driven::ReasonShort, Some(code)) if lawful.is_ok() && reason.len() > 100 => {
                Some(ClosePayload::encode(code, &reason[..100]))
            }
            (Driven::ReasonTooLong, Some(code)) if reason.len() > 123 => {
                Some(ClosePayload::encode(code, reason))
            }
            (Driven::ReasonCut, Some(code)) if reason.len() > 123 => {
                Some(ClosePayload::encode(code, &reason[..123]))
            }
            (Driven::ReasonAlone, None) if !reason.is_empty() => Some(reason.to_vec()),
            _ => None,
        }
    }

    /// Spoils the fragments of a message.
    pub(super) fn fragments(self, mut frames: Vec<Frame>) -> Vec<Frame> {
        let opcode = frames.first().map_or(Opcode::Text, |frame| frame.header.opcode);
        match self {
            Driven::FragmentOpcodes => frames.iter_mut().for_each(|frame| frame.header.opcode = opcode),
            Driven::FragmentsFinal => frames.iter_mut().for_each(|frame| frame.header.fin = true),
            _ => {}
        }
        frames
    }

    /// The order of the frames of several messages.
    pub(super) fn in_turn(self, messages: &[Vec<Frame>]) -> Option<Vec<Frame>> {
        match self {
            Driven::TasksInterleaved => {
                let longest = messages.iter().map(Vec::len).max().unwrap_or_default();
                let round = |at: usize| messages.iter().filter_map(move |frames| frames.get(at)).cloned();
                Some((0..longest).flat_map(round).collect())
            }
            Driven::TasksLost if messages.len() > 1 => messages.first().cloned(),
            _ => None,
        }
    }
}
