//! The steps of receiving data, RFC 6455 §5 and §6.2, and RFC 7692 §6.2.

use crate::deflate::inflater::Inflater;
use crate::event::{MessageKind, Transmit};
use crate::incoming::Incoming;
use crate::message::Message;
use crate::violation::Violation;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{Header, Opcode, Role, mask};

/// What is done with octets that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// These are read.
    Read(Vec<u8>),
    /// Nothing is read.
    Ignore,
    /// Nothing is read, and this is transmitted.
    Transmit(Vec<Transmit>),
}

/// What the end of a segment of TCP does to the frame under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SegmentEnd {
    /// Nothing: §5.4 knows no segments.
    NoEffect,
    /// A header that is not complete is forgotten.
    HeaderLost,
    /// The frame ends.
    PayloadEnds,
    /// The frame ends if it is a pong.
    PongEnds,
}

/// What the end of a frame does to the message under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ControlEffect {
    /// Nothing: §5.4 lets control frames stand between fragments.
    NoEffect,
    /// The message begins anew.
    Reset,
    /// The frame's payload joins the message.
    Join,
    /// The message ends.
    End,
}

/// A text message that is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadText {
    /// §8.1: the connection is failed.
    Fail,
    /// It is delivered as it is.
    Accept,
    /// It is delivered, and the connection is failed then.
    FailLater,
    /// It is not delivered.
    Drop,
    /// It is delivered with replacement characters.
    Replace,
}

/// What is known of a frame while its header arrives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameSoFar {
    pub(crate) fin: bool,
    pub(crate) opcode: Opcode,
    /// The bits 4, 2, 1.
    pub(crate) rsv: u8,
    /// The seven bits of the second octet, once it is there.
    pub(crate) short_len: Option<u8>,
    /// The payload length, once all its octets are there.
    pub(crate) len: Option<u64>,
    /// Whole frames before it.
    pub(crate) frames: u64,
    /// Whole messages before it.
    pub(crate) messages: u64,
    /// The kind of the message under way.
    pub(crate) mid_message: Option<MessageKind>,
    /// Octets of the message under way so far; 0 without one.
    pub(crate) message_len: usize,
    /// permessage-deflate was agreed.
    pub(crate) deflate: bool,
}

/// The steps from octets to messages.
pub(crate) trait Receiving {
    /// Whether a connection survives a read without octets: a part of a TLS record arrived.
    fn survives_partial_record(&mut self) -> bool {
        true
    }

    /// What is done with octets that arrived after the opening handshake.
    fn input(&mut self, octets: &[u8], _role: Role) -> Input {
        Input::Read(octets.to_vec())
    }

    /// How many messages and control frames of one segment are read.
    fn things_max(&mut self) -> u64 {
        u64::MAX
    }

    /// The parameters by which messages are inflated. None: they are not. `len_max`: the longest message, in octets.
    fn receiving_params(
        &mut self,
        _role: Role,
        agreed: Option<DeflateParams>,
        _len_max: usize,
    ) -> Option<DeflateParams> {
        agreed
    }

    /// A segment ended, and these are the octets of a header that is not complete.
    fn header_cut(&mut self, _header: &mut [u8]) {}

    /// A segment ended. `mid_frame`: within a frame; `mid_character`: within a character of a text.
    ///
    /// # Errors
    /// The violation that a quirk sees in it.
    fn segment_end(&mut self, _mid_frame: bool, _mid_character: bool) -> Result<SegmentEnd, Violation> {
        Ok(SegmentEnd::NoEffect)
    }

    /// What was held back and is due now.
    ///
    /// # Errors
    /// A violation that was held back.
    fn held(&mut self) -> Result<Option<Incoming>, Violation> {
        Ok(None)
    }

    /// Whether a violation has no consequence, for now at least. `header`: the octets of the header so far; `message`: the one
    /// under way.
    fn overlooks(&mut self, _violation: Violation, _header: &[u8], _message: Option<&Message>) -> bool {
        false
    }

    /// A frame starts, and its header broke no rule. `octets`: those of the header; `message`: the one under way.
    ///
    /// # Errors
    /// The violation that a quirk sees in it.
    fn frame_starts(
        &mut self,
        _header: &mut Header,
        _octets: &[u8],
        _message: Option<&mut Message>,
    ) -> Result<(), Violation> {
        Ok(())
    }

    /// Whether a message is compressed, where permessage-deflate was agreed. RFC 7692 §6.2: by the bit of its first frame.
    fn is_compressed(&mut self, rsv1: bool) -> bool {
        rsv1
    }

    /// A message started before this one ended.
    fn interrupted(&mut self, _message: Option<Message>) {}

    /// The message that goes on when another one has ended.
    fn resumed(&mut self) -> Option<Message> {
        None
    }

    /// §5.3: removes the mask of a piece of payload that begins at `offset`.
    fn unmask(&mut self, header: &Header, offset: u64, octets: &mut [u8]) {
        if let Some(key) = header.key {
            mask::apply(key, offset, octets);
        }
    }

    /// Whether text is judged before its message ends.
    fn judges_text_early(&mut self) -> bool {
        true
    }

    /// Takes a piece of a compressed message. `fails_fast`: text is judged as it arrives.
    ///
    /// # Errors
    /// RFC 7692 §7.2.2: data that does not inflate; and what inflated text breaks.
    fn inflate(
        &mut self,
        inflater: &mut Inflater,
        message: &mut Message,
        piece: &[u8],
        fails_fast: bool,
    ) -> Result<(), Violation> {
        message.inflate(inflater, piece, || fails_fast && self.judges_text_early())
    }

    /// Ends a compressed message. False: it is dropped.
    ///
    /// # Errors
    /// As those of `inflate`.
    fn inflate_end(
        &mut self,
        inflater: &mut Inflater,
        message: &mut Message,
        fails_fast: bool,
    ) -> Result<bool, Violation> {
        message.inflate_end(inflater, || fails_fast && self.judges_text_early())?;
        Ok(true)
    }

    /// A piece of a close reason arrived.
    ///
    /// # Errors
    /// The violation that a quirk sees in it.
    fn close_reason_piece(&mut self, _piece: &[u8]) -> Result<(), Violation> {
        Ok(())
    }

    /// Whether a Close frame is taken whose reason is not UTF-8.
    fn takes_bad_reason(&mut self) -> bool {
        false
    }

    /// A frame ended.
    ///
    /// # Errors
    /// A violation that was held back until here.
    fn frame_ends(&mut self) -> Result<(), Violation> {
        Ok(())
    }

    /// What the end of a frame does to the message under way.
    fn effect_on_message(&mut self, _opcode: Opcode) -> ControlEffect {
        ControlEffect::NoEffect
    }

    /// Whether a data frame is the last one of its message, §5.4.
    fn is_last(&mut self, header: &Header) -> bool {
        header.fin
    }

    /// What is done with a text message that ended and is not UTF-8.
    fn bad_text(&mut self, _message: &Message) -> BadText {
        BadText::Fail
    }

    /// §6.2: "the endpoint MUST notify" what arrived. `fragments`: where those of a message begin.
    ///
    /// # Errors
    /// The violation that a quirk sees in it.
    fn deliver(&mut self, incoming: Incoming, _fragments: &[usize]) -> Result<Option<Incoming>, Violation> {
        Ok(Some(incoming))
    }

    /// Something arrived with a frame that is still to be delivered itself.
    fn also_arrived(&mut self, _incoming: Option<Incoming>) {}
}
