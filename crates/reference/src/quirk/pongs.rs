//! An endpoint that answers pings wrongly.

use super::table::quirks;
use crate::behavior::closing::{PingContext, Pongs as Answer};
use std::time::Duration;
use wsgauntlet_wire::deflate::TAIL;
use wsgauntlet_wire::{Frame, Opcode};

quirks! {
    /// What answers a ping.
    pub enum Pongs {
        /// Answers no ping.
        None "no-pong" Both ["rfc6455/5.5.2/pong-in-response"],
        /// Answers with an empty pong.
        Empty "pong-empty" Both ["rfc6455/5.5.3/pong-echoes-application-data"],
        /// Leaves the last octet of the payload out.
        LastOctetLost "pong-without-last-octet" Both ["rfc6455/5.5.3/pong-echoes-application-data"],
        /// Sends no more than eight octets of the payload back.
        FirstEight "pong-cut-at-8" Both ["rfc6455/5.5.3/pong-echoes-application-data"],
        /// Ends the payload at its first NUL.
        CutAtNul "pong-cut-at-nul" Both ["rfc6455/5.5.3/pong-echoes-application-data"],
        /// Fills the payload up to 125 octets with zeros.
        Padded "pong-padded" Both ["rfc6455/5.5.3/pong-echoes-application-data"],
        /// Answers each ping with the same words.
        Constant "pong-with-own-payload" Both ["rfc6455/5.5.3/pong-echoes-application-data"],
        /// Answers with the payload of the ping before.
        Previous "pong-of-previous-ping" Both ["rfc6455/5.5.3/pong-echoes-application-data"],
        /// Writes a shorter payload over that of the ping before, whose end it sends too.
        Overwritten "pong-with-stale-tail" Both ["rfc6455/5.5.3/pong-echoes-application-data"],
        /// Replaces in the payload what is not UTF-8.
        Utf8 "pong-made-utf8" Both ["rfc6455/5.5.3/pong-echoes-application-data"],
        /// Adds the four octets of an empty block to pongs between the fragments of a message.
        TailAmidMessage "pong-with-deflate-tail" Both ["rfc6455/5.5.3/pong-echoes-application-data"],
        /// Adds the length before the payload.
        LengthAdded "pong-with-length-prefix" Both ["rfc6455/5.5.3/pong-echoes-application-data"],
        /// Sends pongs 30 seconds late.
        Late "pong-late" Both ["rfc6455/5.5.2/pong-soon", "rfc6455/5.5.2/pong-in-response"],
        /// Answers a ping with a ping.
        AsPing "ping-for-ping" Both ["rfc6455/5.5.2/pong-in-response"],
        /// Answers a ping with a text message.
        AsText "text-for-ping" Both ["rfc6455/5.5.2/pong-in-response", "rfc6455/6.2/control-frames-handled"],
        /// Answers a ping with a Close frame.
        AsClose "close-for-ping" Both ["rfc6455/5.5.2/pong-in-response"],
        /// Answers only the first ping.
        FirstOnly "pong-for-first-ping-only" Both ["rfc6455/5.5.2/pong-in-response"],
        /// Answers only the first three pings.
        FirstThree "pong-for-three-pings-only" Both ["rfc6455/5.5.2/pong-in-response"],
        /// Answers only the first four hundred pings.
        First400 "pong-for-400-pings-only" Both ["rfc6455/5.5.2/pong-in-response"],
        /// Answers every second ping.
        EverySecond "pong-for-every-second-ping" Both ["rfc6455/5.5.2/pong-in-response"],
        /// Does not answer pings without payload.
        NotEmpty "no-pong-for-empty-ping" Both ["rfc6455/5.5.2/pong-in-response"],
        /// Does not answer pings of 125 octets.
        Not125 "no-pong-for-125" Both ["rfc6455/5.5.2/pong-in-response"],
        /// Does not answer pings whose payload was there before.
        NotRepeated "no-pong-for-repeated-ping" Both ["rfc6455/5.5.2/pong-in-response"],
        /// Does not answer pings between the fragments of a message.
        NotAmidMessage "no-pong-amid-message" Both ["rfc6455/5.4/control-frames-mid-message", "rfc6455/5.5.2/pong-in-response"],
        /// Does not answer pings after the first message.
        NotAfterMessage "no-pong-after-message" Both ["rfc6455/5.5.2/pong-in-response"],
        /// Answers a ping between the fragments of a message only when the message is whole.
        AfterMessage "pong-after-message" Both ["rfc6455/5.5.2/pong-soon", "rfc6455/5.4/control-frames-mid-message"],
        /// Answers a pong with a Close frame.
        CloseForPong "close-for-pong" Both ["rfc6455/5.5.3/unsolicited-pong"],
    }
}

const LATE: Duration = Duration::from_secs(30);

/// What an endpoint remembers from ping to ping.
#[derive(Debug, Default)]
pub(super) struct PongMemory {
    count: u64,
    /// The payloads so far, or the last one where no more is needed.
    seen: Vec<Vec<u8>>,
    /// Pongs that wait for the end of a message.
    pub(super) held: Vec<Frame>,
}

/// What is known of a ping from those before it.
#[derive(Debug)]
pub(super) struct Ping {
    /// How many pings, with this one.
    count: u64,
    previous: Option<Vec<u8>>,
    /// A ping with this payload was there before. Known where all payloads are kept.
    repeated: bool,
}

impl PongMemory {
    /// Another ping arrived. `keeps_all`: all payloads are kept.
    pub(super) fn note(&mut self, payload: &[u8], keeps_all: bool) -> Ping {
        self.count += 1;
        let previous = self.seen.last().cloned();
        let repeated = keeps_all && self.seen.iter().any(|seen| seen == payload);
        if !keeps_all {
            self.seen.clear();
        }
        self.seen.push(payload.to_vec());
        Ping { count: self.count, previous, repeated }
    }
}

impl Pongs {
    /// What answers a ping. Pongs for the end of a message go to `held`.
    pub(super) fn answer(
        self,
        payload: &[u8],
        context: PingContext,
        ping: &Ping,
        held: &mut Vec<Frame>,
    ) -> Answer {
        let answered = match self {
            Pongs::None => false,
            Pongs::FirstOnly => ping.count == 1,
            Pongs::FirstThree => ping.count <= 3,
            Pongs::First400 => ping.count <= 400,
            Pongs::EverySecond => ping.count % 2 == 1,
            Pongs::NotEmpty => !payload.is_empty(),
            Pongs::Not125 => payload.len() != 125,
            Pongs::NotRepeated => !ping.repeated,
            Pongs::NotAmidMessage => !context.mid_message,
            Pongs::NotAfterMessage => context.messages == 0,
            _ => true,
        };
        let frames = match self {
            _ if !answered => Vec::new(),
            Pongs::AsPing => vec![Frame::new(Opcode::Ping, payload)],
            Pongs::AsText => vec![Frame::new(Opcode::Text, payload)],
            Pongs::AsClose => vec![Frame::new(Opcode::Close, &[0x03, 0xe8][..])],
            Pongs::AfterMessage if context.mid_message => {
                held.push(Frame::new(Opcode::Pong, payload));
                Vec::new()
            }
            Pongs::TailAmidMessage if context.mid_message => {
                vec![Frame::new(Opcode::Pong, [payload, &TAIL].concat())]
            }
            _ => vec![Frame::new(Opcode::Pong, self.payload(payload, ping.previous.as_deref()))],
        };
        let delay = if self == Pongs::Late { LATE } else { Duration::ZERO };
        Answer { frames, delay }
    }

    fn payload(self, payload: &[u8], previous: Option<&[u8]>) -> Vec<u8> {
        let len = payload.len();
        match self {
            Pongs::Empty => Vec::new(),
            Pongs::LastOctetLost => payload[..len.saturating_sub(1)].to_vec(),
            Pongs::FirstEight => payload[..len.min(8)].to_vec(),
            Pongs::CutAtNul => {
                let end = payload.iter().position(|octet| *octet == 0);
                payload[..end.unwrap_or(len)].to_vec()
            }
            Pongs::Padded => [payload, &vec![0; 125 - len.min(125)]].concat(),
            Pongs::Constant => b"pong".to_vec(),
            Pongs::Previous => previous.unwrap_or(payload).to_vec(),
            Pongs::Overwritten => {
                let tail = previous.and_then(|previous| previous.get(len..));
                [payload, tail.unwrap_or_default()].concat()
            }
            Pongs::Utf8 => {
                let text = String::from_utf8_lossy(payload);
                let is_ascii = payload.is_ascii();
                // Replacement characters are longer: 40 of any kind fit a pong.
                let len_max = if is_ascii { usize::MAX } else { 40 };
                text.chars().take(len_max).collect::<String>().into_bytes()
            }
            Pongs::LengthAdded => [&[len as u8], &payload[..len.min(124)]].concat(),
            _ => payload.to_vec(),
        }
    }

    /// What is sent in answer to a pong.
    pub(super) fn answer_pong(self) -> Vec<Frame> {
        match self {
            Pongs::CloseForPong => vec![Frame::new(Opcode::Close, &[0x03, 0xe8][..])],
            _ => Vec::new(),
        }
    }
}
