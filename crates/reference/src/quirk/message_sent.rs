//! An endpoint that sends messages wrongly: too few, too many, too late, in the wrong frames.

use super::table::quirks;
use std::time::Duration;
use wsgauntlet_wire::{Frame, Opcode};

quirks! {
    /// What becomes of a message that is sent.
    pub enum MessageSent {
        /// Sends no message.
        Nothing "message-not-sent" Both ["rfc6455/6.1/frames-transmitted"],
        /// Sends each message twice.
        Twice "message-sent-twice" Both ["rfc6455/6.1/send-message-steps"],
        /// Sends each message 30 seconds late.
        Late "message-sent-late" Both ["rfc6455/6.1/frames-transmitted"],
        /// Sends the message before in place of each.
        Previous "previous-message-sent" Both ["rfc6455/6.1/send-message-steps"],
        /// Sends only the first three messages.
        FirstThree "three-messages-sent" Both ["rfc6455/6.1/frames-transmitted"],
        /// Sends no message without payload.
        EmptyNot "empty-message-not-sent" Both ["rfc6455/6.1/frames-transmitted"],
        /// Cuts messages at 125 octets.
        CutAt125 "message-sent-cut-at-125" Both ["rfc6455/6.1/send-message-steps"],
        /// Cuts messages at 65535 octets.
        CutAt65535 "message-sent-cut-at-65535" Both ["rfc6455/6.1/send-message-steps"],
        /// Adds a NUL to each message.
        NulAdded "message-sent-with-nul" Both ["rfc6455/6.1/send-message-steps"],
        /// Writes the message's opcode in each fragment.
        FragmentOpcodes "fragments-sent-with-opcode" Both ["rfc6455/5.4/fragmented-message-form", "rfc6455/6.1/first-frame-opcode"],
        /// Sends fragments and does not end them.
        FragmentsEndless "fragments-sent-without-end" Both ["rfc6455/6.1/last-frame-fin"],
        /// Sets FIN in the first fragment.
        FragmentsFinFirst "fragments-sent-with-fin-first" Both ["rfc6455/5.4/fragmented-message-form"],
        /// Sends fragments in the wrong order.
        FragmentsReversed "fragments-sent-reversed" Both ["rfc6455/5.4/fragments-in-order"],
        /// Begins the next message before the last fragment of one.
        FragmentsInterleaved "fragments-sent-interleaved" Both ["rfc6455/5.4/no-interleaving"],
        /// Sets RSV1 in the fragments after the first.
        FragmentsRsv "fragments-sent-with-rsv1" Both ["rfc6455/5.2/rsv-zero-when-sending", "rfc7692/6.1/rsv1-only-on-first-frame"],
        /// Masks the fragments of a message with one key.
        FragmentsOneKey "fragments-sent-with-one-key" Client ["rfc6455/5.3/fresh-key-per-frame"],
    }
}

const LATE: Duration = Duration::from_secs(30);

/// What an endpoint remembers from message to message.
#[derive(Debug, Default)]
pub(super) struct MessageMemory {
    /// How many messages, with the one that is sent now.
    pub(super) count: u64,
    previous: Option<Frame>,
}

impl MessageSent {
    /// The frames that go out in place of one that is the whole message.
    pub(super) fn frames(self, mut frame: Frame, memory: &mut MessageMemory) -> Vec<Frame> {
        match self {
            MessageSent::Nothing => return Vec::new(),
            MessageSent::Twice => return vec![frame.clone(), frame],
            MessageSent::Late => {}
            MessageSent::Previous => {
                let previous = memory.previous.replace(frame.clone());
                return vec![previous.unwrap_or(frame)];
            }
            MessageSent::FirstThree if memory.count > 3 => return Vec::new(),
            MessageSent::EmptyNot if frame.payload.is_empty() => return Vec::new(),
            MessageSent::FirstThree | MessageSent::EmptyNot => {}
            MessageSent::CutAt125 => frame.payload.truncate(125),
            MessageSent::CutAt65535 => frame.payload.truncate(65_535),
            MessageSent::NulAdded => frame.payload.push(0),
            MessageSent::FragmentOpcodes
            | MessageSent::FragmentsEndless
            | MessageSent::FragmentsFinFirst
            | MessageSent::FragmentsReversed
            | MessageSent::FragmentsInterleaved
            | MessageSent::FragmentsRsv
            | MessageSent::FragmentsOneKey => return self.fragments(&frame),
        }
        vec![rebuilt(&frame, frame.header.opcode, frame.payload.clone())]
    }

    fn fragments(self, frame: &Frame) -> Vec<Frame> {
        let middle = frame.payload.len() / 2;
        let (head, tail) = frame.payload.split_at(middle);
        let mut first = rebuilt(frame, frame.header.opcode, head.to_vec()).fin(false);
        let mut last = rebuilt(frame, Opcode::Continuation, tail.to_vec());
        last.header.rsv = 0;
        match self {
            MessageSent::FragmentOpcodes => last.header.opcode = frame.header.opcode,
            MessageSent::FragmentsEndless => last.header.fin = false,
            MessageSent::FragmentsFinFirst => first.header.fin = true,
            MessageSent::FragmentsReversed => {
                first = rebuilt(frame, frame.header.opcode, tail.to_vec()).fin(false);
                last = rebuilt(frame, Opcode::Continuation, head.to_vec());
                last.header.rsv = 0;
            }
            MessageSent::FragmentsInterleaved => {
                let other = rebuilt(frame, frame.header.opcode, frame.payload.clone());
                return vec![first, other, last];
            }
            MessageSent::FragmentsRsv => last.header.rsv = 4,
            _ => {}
        }
        vec![first, last]
    }

    /// How late messages go out.
    pub(super) fn delay(self) -> Duration {
        match self {
            MessageSent::Late => LATE,
            _ => Duration::ZERO,
        }
    }
}

fn rebuilt(frame: &Frame, opcode: Opcode, payload: Vec<u8>) -> Frame {
    let mut rebuilt = Frame::new(opcode, payload);
    rebuilt.header.rsv = frame.header.rsv;
    rebuilt
}
