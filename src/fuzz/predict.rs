//! What the target owes for the octets that our peer sends, as the reference's receiver reads them. Where the RFC leaves the
//! target a choice, nothing is predicted.

mod deflate;

use super::walker::{Walked, Walker};
use deflate::{Deflate, is_no_deflate_data};
use wsgauntlet_reference::receive::{Incoming, Receiver};
use wsgauntlet_reference::{Config, Violation};
use wsgauntlet_wire::deflate::Walk;
use wsgauntlet_wire::frame::CONTROL_PAYLOAD_LEN_MAX;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{Opcode, Role};

/// A message under way is inflated after each write while it has at most this number of octets.
const PEEKED_LEN_MAX: usize = 4096;

/// What the target has to do with the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It stays open.
    Open,
    /// Our Close was received: a Close answers it, and TCP ends.
    Closed,
    /// A rule was broken. `due`: no lawful endpoint goes on from here. Before that, one that judges late may.
    Failed { violation: Violation, due: bool },
    /// The RFC lets the target go on or fail.
    Free(Violation),
}

/// Reads what our peer sends as the target has to.
#[derive(Debug)]
pub struct Predictor {
    receiver: Receiver,
    walker: Walker,
    deflate: Option<Deflate>,
    /// The messages that an echo sends back.
    pub messages: Vec<(Opcode, Vec<u8>)>,
    pub pings: Vec<Vec<u8>>,
    /// Pings behind the point from which nothing is processed any more.
    pub pings_behind: Vec<Vec<u8>>,
    /// The code of our Close, when that was received.
    pub close_code: Option<u16>,
    pub ending: Ending,
    /// A message behind which targets may hold different windows, or stand at different bits. What is no data for us behind it
    /// can be some for them.
    diverged: bool,
    /// Frames went out behind the Close or the violation.
    pub more_behind: bool,
    /// What was sent last has an answer: a ping, or the end of a message.
    pub asks_last: bool,
}

impl Predictor {
    /// For a target in `role`, and what was agreed with it.
    pub fn new(role: Role, agreed: Option<DeflateParams>) -> Predictor {
        let mut receiver = Receiver::new(&Config::new(role));
        receiver.agree(agreed);
        let deflate = agreed.map(|params| Deflate::new(role.peer(), &params));
        Predictor {
            receiver,
            walker: Walker::new(agreed.is_some()),
            deflate,
            messages: Vec::new(),
            pings: Vec::new(),
            pings_behind: Vec::new(),
            close_code: None,
            ending: Ending::Open,
            diverged: false,
            more_behind: false,
            asks_last: false,
        }
    }

    /// Whether no frame is under way.
    pub fn at_boundary(&self) -> bool {
        self.walker.at_boundary()
    }

    /// The longest message or frame so far, in octets, as declared.
    pub fn len_max(&self) -> u64 {
        self.walker.len_max
    }

    /// Takes octets behind the opening.
    pub fn push(&mut self, octets: &[u8]) {
        let mut rest = octets;
        while self.ending == Ending::Open && !rest.is_empty() {
            let before = rest;
            let read = self.receiver.receive(&mut rest);
            let taken = &before[..before.len() - rest.len()];
            match read {
                Ok(incoming) => {
                    let compressed = self.walk(taken);
                    if let Some(incoming) = incoming {
                        self.incoming(incoming, compressed);
                    }
                }
                Err(violation) => self.broken(violation, taken),
            }
        }
        if self.ending != Ending::Open && !rest.is_empty() {
            self.more_behind = true;
            self.walk(rest);
        }
        self.peek();
    }

    /// A target that inflates what it has need not wait for the end of a message that reaches too far.
    fn peek(&mut self) {
        if self.ending == Ending::Open
            && let (Some(payload), Some(deflate)) = (self.walker.partial(), &self.deflate)
            && payload.len() <= PEEKED_LEN_MAX
            && deflate.peeks_too_far(payload)
        {
            self.ending = Ending::Free(Violation::NotDeflate);
        }
    }

    /// The octet that breaks a rule is the last of `taken`.
    fn broken(&mut self, violation: Violation, taken: &[u8]) {
        let (before, last) = taken.split_at(taken.len().saturating_sub(1));
        self.walk(before);
        self.asks_last = false;
        self.ending = match violation {
            // The rule binds the sender; how strict a receiver is, §10.7 leaves to it. Limits are its own, §10.4.
            Violation::LengthNotMinimal | Violation::FrameTooLong | Violation::MessageTooLong => {
                Ending::Free(violation)
            }
            // Whether it is no DEFLATE data, the second decoder says when the message is whole.
            Violation::NotDeflate => Ending::Free(violation),
            Violation::Unmasked
            | Violation::Masked
            | Violation::ReservedBit
            | Violation::ReservedOpcode
            | Violation::LengthTopBit
            | Violation::ContinuationOfNothing
            | Violation::Interleaved
            | Violation::ControlFragmented
            | Violation::ControlTooLong
            | Violation::CloseOneOctet
            | Violation::CloseCode(_)
            | Violation::CloseReasonNotUtf8
            | Violation::TextNotUtf8 => Ending::Failed { violation, due: false },
        };
        self.walk(last);
    }

    /// Walks over frames. Gives what the walk over the compressed message that ended last came to.
    fn walk(&mut self, octets: &[u8]) -> Option<Walk> {
        let mut rest = octets;
        let mut inflated = None;
        while !rest.is_empty() {
            let Some(walked) = self.walker.step(&mut rest) else { continue };
            let walk = match (&walked.compressed, &mut self.deflate) {
                (Some(payload), Some(deflate)) => Some(deflate.inflate(payload)),
                (Some(_), None) | (None, _) => None,
            };
            self.ended(&walked, walk.as_ref());
            inflated = walk;
        }
        inflated
    }

    /// A frame ended.
    fn ended(&mut self, walked: &Walked, walk: Option<&Walk>) {
        let header = walked.header;
        let data_end = header.fin && !header.opcode.is_control() && !header.opcode.is_reserved();
        match &mut self.ending {
            Ending::Open => self.asks_last = data_end || header.opcode == Opcode::Ping,
            Ending::Closed => {}
            Ending::Failed { due: true, .. } => {
                if header.opcode == Opcode::Ping {
                    self.pings_behind.push(walked.control.clone());
                }
            }
            Ending::Failed { violation: Violation::TextNotUtf8, due } => {
                // §8.1 begins where the endpoint finds it: at the end of the message at the latest.
                *due = data_end || header.opcode == Opcode::Close;
            }
            Ending::Failed { violation: Violation::ControlTooLong, .. }
                if header.payload_len <= CONTROL_PAYLOAD_LEN_MAX as u64 =>
            {
                // The length is short, and its form is long: another rule, which binds the sender.
                self.ending = Ending::Free(Violation::LengthNotMinimal);
            }
            Ending::Failed { due, .. } => *due = true,
            Ending::Free(Violation::NotDeflate) => {
                if walk.is_some_and(is_no_deflate_data) && !self.diverged {
                    self.ending = Ending::Failed { violation: Violation::NotDeflate, due: true };
                }
                self.diverged |= walk.is_some();
            }
            Ending::Free(_) => {}
        }
    }

    fn incoming(&mut self, incoming: Incoming, walk: Option<Walk>) {
        match incoming {
            Incoming::Message { kind, payload } => {
                let unusual = match (&walk, &self.deflate) {
                    (Some(walk), Some(deflate)) => deflate.is_unusual(walk),
                    (Some(_) | None, _) => false,
                };
                if unusual {
                    self.diverged = true;
                    self.ending = Ending::Free(Violation::NotDeflate);
                } else {
                    self.messages.push((kind.opcode(), payload));
                }
            }
            Incoming::Ping(payload) => self.pings.push(payload),
            Incoming::Pong(_) => {}
            Incoming::Close(close) => {
                self.close_code = close.code.map(|code| code.0);
                self.ending = Ending::Closed;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsgauntlet_wire::Frame;

    /// After a message that is cut short, some inflaters are still within a block, and read the next message as its rest.
    #[test]
    fn behind_a_message_that_is_cut_short_nothing_is_certain() {
        let mut predictor = Predictor::new(Role::Server, Some(DeflateParams::default()));
        let mut send = |payload: &[u8]| {
            let mut frame = Frame::new(Opcode::Text, payload.to_vec());
            frame.header.rsv = 4;
            predictor.push(&frame.masked([1, 2, 3, 4]).to_octets());
            predictor.ending.clone()
        };
        let no_data = [0x0c, 0xc2, 0x01, 0x09, 0, 0, 0, 0, 0x90, 0xff];
        assert_eq!(
            send(&[0x04, 0x80, 0x31, 0x0d, 0, 0, 0, 0x40, 0xea, 0x29]),
            Ending::Free(Violation::NotDeflate)
        );
        assert_eq!(send(&no_data), Ending::Free(Violation::NotDeflate));
        // Alone, it is no data for any inflater.
        let mut predictor = Predictor::new(Role::Server, Some(DeflateParams::default()));
        let mut frame = Frame::new(Opcode::Text, no_data.to_vec());
        frame.header.rsv = 4;
        predictor.push(&frame.masked([1, 2, 3, 4]).to_octets());
        assert_eq!(predictor.ending, Ending::Failed { violation: Violation::NotDeflate, due: true });
    }

    /// A match 513 octets back, in a window of 512, may fail the connection as soon as it is there, before its message ends.
    #[test]
    fn a_reach_beyond_the_window_frees_before_the_end_of_the_message() {
        let agreed = DeflateParams { client_max_window_bits: Some(9), ..DeflateParams::default() };
        let mut predictor = Predictor::new(Role::Server, Some(agreed));
        let mut send = |payload: &[u8], fin| {
            let mut frame = Frame::new(Opcode::Binary, payload.to_vec());
            (frame.header.fin, frame.header.rsv) = (fin, 4);
            predictor.push(&frame.masked([1, 2, 3, 4]).to_octets());
            predictor.ending.clone()
        };
        assert_eq!(send(&[0xaa, 0x18, 0x05, 0x23, 0x1b, 0, 0], true), Ending::Open);
        assert_eq!(send(&[0x1a, 0x2e, 0x09, 0, 0], false), Ending::Free(Violation::NotDeflate));
    }
}
