//! An endpoint that closes wrongly: `reply` makes what answers a Close frame.

use super::table::quirks;
use crate::behavior::closing::{Reply, ReplyContext, TcpEnd};
use std::time::Duration;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::{CloseCode, Frame, Opcode};

quirks! {
    /// What becomes of the closing handshake.
    pub enum ClosingFault {
        /// Ends TCP without answering a Close frame.
        NoReply "close-not-answered" Both ["rfc6455/5.5.1/close-is-answered"],
        /// Does nothing about a Close frame.
        Ignored "close-ignored" Both ["rfc6455/5.5.1/close-is-answered", "rfc6455/5.5.1/close-tcp-after-closing-handshake"],
        /// Does not answer a Close frame without a code.
        EmptyNotAnswered "empty-close-not-answered" Both ["rfc6455/5.5.1/close-is-answered"],
        /// Does not answer a Close frame between the fragments of a message.
        AmidMessageNotAnswered "close-amid-message-not-answered" Both ["rfc6455/5.5.1/close-is-answered", "rfc6455/5.4/control-frames-mid-message"],
        /// Does not answer a Close frame before the first message.
        FirstNotAnswered "close-before-message-not-answered" Both ["rfc6455/5.5.1/close-is-answered"],
        /// Answers an empty Close frame with 1005.
        Reply1005 "close-reply-1005" Both ["rfc6455/7.4.1/1005-not-sent"],
        /// Answers with 1006.
        Reply1006 "close-reply-1006" Both ["rfc6455/7.4.1/1006-not-sent"],
        /// Answers with 1015.
        Reply1015 "close-reply-1015" Both ["rfc6455/7.4.1/1015-not-sent"],
        /// Answers with 1004.
        Reply1004 "close-reply-1004" Both ["rfc6455/7.4.1/1004-reserved"],
        /// Answers with code 0.
        ReplyZero "close-reply-0" Both ["rfc6455/7.4.2/0-999-not-used"],
        /// Answers with code 5000.
        Reply5000 "close-reply-5000" Both ["rfc6455/11.7/status-code-range"],
        /// Answers with the octets of the code swapped.
        ReplySwapped "close-reply-swapped" Both ["rfc6455/5.5.1/body-starts-with-code", "rfc6455/5.2/length-network-byte-order"],
        /// Answers with the code in decimal digits.
        ReplyInAscii "close-reply-in-ascii" Both ["rfc6455/5.5.1/body-starts-with-code"],
        /// Answers with one octet of the code.
        ReplyOneOctet "close-reply-one-octet" Both ["rfc6455/5.5.1/body-starts-with-code"],
        /// Answers with a reason and no code.
        ReplyReasonOnly "close-reply-reason-only" Both ["rfc6455/5.5.1/body-starts-with-code"],
        /// Answers with a reason that is not UTF-8.
        ReplyNotUtf8 "close-reply-not-utf8" Both ["rfc6455/5.5.1/reason-is-utf8", "rfc6455/8.1/invalid-utf8-fails"],
        /// Answers with a reason cut within a character.
        ReplyCutShort "close-reply-cut-short" Both ["rfc6455/5.5.1/reason-is-utf8", "rfc6455/8.1/invalid-utf8-fails"],
        /// Answers with a reason of 200 octets.
        ReplyTooLong "close-reply-too-long" Both ["rfc6455/5.5/control-length-and-fragmentation"],
        /// Answers with two Close frames.
        ReplyTwice "close-reply-twice" Both ["rfc6455/7.1.2/close-after-both-closes", "rfc6455/7.1.2/start-closing-sends-close"],
        /// Answers 30 seconds late.
        ReplyLate "close-reply-late" Both ["rfc6455/5.5.1/close-answered-soon", "rfc6455/5.5.1/close-is-answered"],
        /// Answers a Close frame with a pong of its payload.
        ReplyPong "pong-for-close" Both ["rfc6455/5.5.1/close-is-answered"],
        /// Sends a message after its Close frame.
        DataAfter "data-after-close" Both ["rfc6455/5.5.1/no-data-after-close"],
        /// Sends the rest of a fragmented message after its Close frame.
        ContinuationAfter "continuation-after-close" Both ["rfc6455/5.5.1/no-data-after-close"],
        /// Reads on after a Close frame, and echoes.
        ReadsOn "reads-on-after-close" Both ["rfc6455/5.5.1/no-data-after-close", "rfc6455/5.5.1/close-tcp-after-closing-handshake"],
        /// Ends TCP as soon as both ends sent a Close frame, before the server does.
        EndsTcpFirst "ends-tcp-before-server" Client ["rfc6455/5.5.1/client-waits-for-tcp-close", "rfc6455/7.1.1/client-awaits-tcp-close"],
        /// Keeps TCP open when the closing handshake is done.
        TcpKept "tcp-kept-after-close" Server ["rfc6455/5.5.1/close-tcp-after-closing-handshake", "rfc6455/5.5.1/server-closes-tcp-immediately"],
        /// Waits for the client to end TCP first.
        TcpAwaited "server-awaits-tcp-close" Server ["rfc6455/5.5.1/server-closes-tcp-immediately"],
        /// Ends TCP 30 seconds late.
        TcpLate "tcp-closed-late" Server ["rfc6455/5.5.1/server-closes-tcp-immediately"],
        /// Resets TCP when the closing handshake is done.
        TcpReset "tcp-reset-after-close" Server ["rfc6455/7.1.1/tcp-closed-cleanly"],
        /// Resets TCP when octets behind the Close frame arrived with it: they are left unread.
        ResetUnread "tcp-reset-with-unread-octets" Server ["rfc6455/7.1.1/tcp-closed-cleanly"],
        /// Does not end its direction when the peer has ended the other.
        EofIgnored "eof-ignored" Both ["rfc6455/5.5.1/close-tcp-after-closing-handshake", "rfc6455/7.2.1/lost-connection-fails"],
        /// Sends a Close frame with 1006 when the peer ends TCP.
        Close1006OnEof "close-1006-on-eof" Both ["rfc6455/7.4.1/1006-not-sent"],
    }
}

const LATE: Duration = Duration::from_secs(30);

impl ClosingFault {
    /// Spoils the answer to a Close frame. `lawful` is the payload that answers it.
    pub(super) fn reply(self, close: &ClosePayload, lawful: &[u8], context: ReplyContext) -> Reply {
        let frames = match self {
            ClosingFault::NoReply | ClosingFault::Ignored => Vec::new(),
            ClosingFault::EmptyNotAnswered if close.code.is_none() => Vec::new(),
            ClosingFault::AmidMessageNotAnswered if context.mid_message => Vec::new(),
            ClosingFault::FirstNotAnswered if context.messages == 0 => Vec::new(),
            ClosingFault::ReplyPong => vec![Frame::new(Opcode::Pong, lawful)],
            ClosingFault::ReplyTwice => {
                vec![Frame::new(Opcode::Close, lawful), Frame::new(Opcode::Close, lawful)]
            }
            ClosingFault::DataAfter => {
                vec![Frame::new(Opcode::Close, lawful), Frame::new(Opcode::Text, "bye")]
            }
            ClosingFault::ContinuationAfter => vec![
                Frame::new(Opcode::Text, "by").fin(false),
                Frame::new(Opcode::Close, lawful),
                Frame::new(Opcode::Continuation, "e"),
            ],
            _ => vec![Frame::new(Opcode::Close, self.payload(close, lawful))],
        };
        let silent = frames.is_empty() && self != ClosingFault::NoReply;
        Reply {
            delay: if self == ClosingFault::ReplyLate { LATE } else { Duration::ZERO },
            tcp_end: match self {
                _ if silent => TcpEnd::Never,
                ClosingFault::NoReply | ClosingFault::EndsTcpFirst => TcpEnd::Now,
                ClosingFault::ReplyLate | ClosingFault::TcpLate => TcpEnd::Late(LATE),
                ClosingFault::TcpKept | ClosingFault::ReadsOn => TcpEnd::Never,
                ClosingFault::TcpAwaited => TcpEnd::AfterPeer,
                ClosingFault::TcpReset => TcpEnd::Reset,
                ClosingFault::ResetUnread if context.unread => TcpEnd::Reset,
                _ => TcpEnd::Lawful,
            },
            reads_on: self == ClosingFault::ReadsOn,
            frames,
        }
    }

    fn payload(self, close: &ClosePayload, lawful: &[u8]) -> Vec<u8> {
        let code = |code: u16| CloseCode(code).0.to_be_bytes().to_vec();
        let with = |reason: &[u8]| ClosePayload::encode(CloseCode::NORMAL, reason);
        match self {
            ClosingFault::Reply1005 if close.code.is_none() => code(1005),
            ClosingFault::Reply1006 => code(1006),
            ClosingFault::Reply1015 => code(1015),
            ClosingFault::Reply1004 => code(1004),
            ClosingFault::ReplyZero => code(0),
            ClosingFault::Reply5000 => code(5000),
            ClosingFault::ReplySwapped => lawful.iter().rev().copied().collect(),
            ClosingFault::ReplyInAscii => {
                close.code.map(|code| code.to_string().into_bytes()).unwrap_or_default()
            }
            ClosingFault::ReplyOneOctet => vec![lawful.first().copied().unwrap_or(3)],
            ClosingFault::ReplyReasonOnly => b"bye".to_vec(),
            ClosingFault::ReplyNotUtf8 => with(b"\xff\xfe"),
            ClosingFault::ReplyCutShort => {
                with("bye \u{20ac}".as_bytes().split_last().map_or(&[], |(_, rest)| rest))
            }
            ClosingFault::ReplyTooLong => with(&[b'x'; 200]),
            _ => lawful.to_vec(),
        }
    }
}
