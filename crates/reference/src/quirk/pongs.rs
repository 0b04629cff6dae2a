//! An endpoint that answers pings wrongly. Hook: what answers a ping is made by `answer`.

use super::catalogue::quirks;
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
        /// Adds the four octets of an empty block to pongs amid a message.
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
        /// Does not answer pings amid a message.
        NotAmidMessage "no-pong-amid-message" Both ["rfc6455/5.4/control-frames-mid-message", "rfc6455/5.5.2/pong-in-response"],
        /// Does not answer pings after the first message.
        NotAfterMessage "no-pong-after-message" Both ["rfc6455/5.5.2/pong-in-response"],
        /// Answers a ping amid a message when the message is whole.
        AfterMessage "pong-after-message" Both ["rfc6455/5.5.2/pong-soon", "rfc6455/5.4/control-frames-mid-message"],
        /// Answers a pong with a Close frame.
        CloseForPong "close-for-pong" Both ["rfc6455/5.5.3/unsolicited-pong"],
    }
}

const LATE: Duration = Duration::from_secs(30);

/// What an endpoint remembers from ping to ping.
#[derive(Debug, Default)]
pub struct PongMemory {
    count: u64,
    /// The payloads so far, or the last one where no more is needed.
    seen: Vec<Vec<u8>>,
    /// Pongs that wait for the end of a message.
    pub waiting: Vec<Frame>,
}

/// What else matters when a ping arrives.
#[derive(Clone, Copy, Debug)]
pub struct PingContext {
    pub amid_message: bool,
    /// Whole messages so far.
    pub messages: u64,
}

impl Pongs {
    /// What is sent in answer to a ping.
    pub fn answer(self, payload: &[u8], context: PingContext, memory: &mut PongMemory) -> Vec<Frame> {
        memory.count += 1;
        let previous = memory.seen.last().cloned();
        let repeated = self == Pongs::NotRepeated && memory.seen.iter().any(|seen| seen == payload);
        if self != Pongs::NotRepeated {
            memory.seen.clear();
        }
        memory.seen.push(payload.to_vec());
        let pong = |payload: &[u8]| vec![Frame::new(Opcode::Pong, payload)];
        let answered = match self {
            Pongs::None => false,
            Pongs::FirstOnly => memory.count == 1,
            Pongs::FirstThree => memory.count <= 3,
            Pongs::First400 => memory.count <= 400,
            Pongs::EverySecond => memory.count % 2 == 1,
            Pongs::NotEmpty => !payload.is_empty(),
            Pongs::Not125 => payload.len() != 125,
            Pongs::NotRepeated => !repeated,
            Pongs::NotAmidMessage => !context.amid_message,
            Pongs::NotAfterMessage => context.messages == 0,
            _ => true,
        };
        match self {
            _ if !answered => Vec::new(),
            Pongs::AsPing => vec![Frame::new(Opcode::Ping, payload)],
            Pongs::AsText => vec![Frame::new(Opcode::Text, payload)],
            Pongs::AsClose => vec![Frame::new(Opcode::Close, &[0x03, 0xe8][..])],
            Pongs::AfterMessage if context.amid_message => {
                memory.waiting.extend(pong(payload));
                Vec::new()
            }
            Pongs::TailAmidMessage if context.amid_message => pong(&[payload, &TAIL].concat()),
            _ => pong(&self.payload(payload, previous.as_deref())),
        }
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
    pub fn answer_pong(self) -> Vec<Frame> {
        match self {
            Pongs::CloseForPong => vec![Frame::new(Opcode::Close, &[0x03, 0xe8][..])],
            _ => Vec::new(),
        }
    }

    pub fn delay(self) -> Duration {
        match self {
            Pongs::Late => LATE,
            _ => Duration::ZERO,
        }
    }
}
