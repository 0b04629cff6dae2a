//! An endpoint that compresses wrongly.

use super::table::quirks;
use wsgauntlet_wire::deflate::{
    Compressor, Encoder, Ending, Finality, Padding, Settings, Shape, TAIL, WindowBits,
};
use wsgauntlet_wire::frame::RSV1;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{Frame, Opcode};

quirks! {
    /// What is wrong with compressed messages.
    pub enum DeflateSent {
        /// Compresses messages and does not mark them.
        NotMarked "deflate-without-rsv1" Both ["rfc7692/6.1/send-compressed-message"],
        /// Marks messages as compressed that are not.
        MarkedOnly "rsv1-without-deflate" Both ["rfc7692/6.1/send-uncompressed-message"],
        /// Marks control frames as compressed.
        ControlMarked "rsv1-on-control" Both ["rfc7692/6.1/rsv1-only-on-first-frame"],
        /// Compresses pongs.
        PongCompressed "deflate-pong" Both ["rfc7692/6/only-data-messages-compressed", "rfc7692/6.1/rsv1-only-on-first-frame"],
        /// Leaves the octets 00 00 ff ff at the end of messages.
        TailKept "deflate-tail-kept" Both ["rfc7692/7.2.1/tail-octets-removed"],
        /// Removes one octet too many from the end of messages.
        TailCutFurther "deflate-tail-cut-further" Both ["rfc7692/7.2.1/tail-octets-removed"],
        /// Sends the empty message without an octet.
        EmptyWithoutOctet "deflate-empty-without-octet" Both ["rfc7692/7.2.3.6/empty-message-is-one-zero-octet"],
        /// Ends messages without an empty block.
        NoEmptyBlock "deflate-without-empty-block" Both ["rfc7692/7.2.1/message-ends-with-empty-block"],
        /// Pads a final block with ones.
        PaddingOnes "deflate-padding-of-ones" Both ["rfc7692/7.2.1/bfinal-padding"],
        /// Refers to earlier messages though no context is taken over.
        ContextKept "deflate-context-kept" Both ["rfc7692/7.2.1/server-starts-with-empty-window", "rfc7692/7.2.1/client-starts-with-empty-window"],
        /// Compresses with the largest window whatever was agreed.
        WindowIgnored "window-bits-ignored" Both ["rfc7692/7.2.1/server-window-within-agreed", "rfc7692/7.2.1/client-window-within-agreed"],
        /// Compresses with one window bit more than was agreed.
        WindowOneMore "window-bits-one-more" Both ["rfc7692/7.2.1/server-window-within-agreed", "rfc7692/7.2.1/client-window-within-agreed"],
        /// Takes the parameters of the two directions for each other.
        ParamsSwapped "deflate-parameters-swapped" Both ["rfc7692/7.2.1/server-window-within-agreed", "rfc7692/7.2.1/client-window-within-agreed", "rfc7692/5/agreed-parameters-reflect-offer"],
        /// Sends a block of the reserved type.
        ReservedBlock "deflate-reserved-block" Both ["rfc7692/6.1/send-compressed-message"],
        /// Refers to octets before the first.
        DistanceTooFar "deflate-distance-too-far" Both ["rfc7692/6.1/send-compressed-message", "rfc7692/7.2.1/window-at-most-32768"],
        /// Compresses each fragment on its own.
        EachFragment "deflate-each-fragment" Both ["rfc7692/7.2.1/tail-kept-in-non-final-fragments", "rfc7692/6.1/send-compressed-message"],
        /// Sends compressed text as binary.
        TextAsBinary "deflate-text-as-binary" Both ["rfc7692/6.1/first-opcode-is-original"],
        /// Compresses the first message only, and marks all.
        FirstOnly "deflate-first-message-only" Both ["rfc7692/6.1/send-uncompressed-message"],
    }
}

impl DeflateSent {
    /// The agreed parameters as this endpoint reads them.
    pub(super) fn params(self, params: DeflateParams) -> DeflateParams {
        match self {
            DeflateSent::ParamsSwapped => DeflateParams {
                server_no_context_takeover: params.client_no_context_takeover,
                client_no_context_takeover: params.server_no_context_takeover,
                server_max_window_bits: params.client_max_window_bits,
                client_max_window_bits: params.server_max_window_bits,
            },
            _ => params,
        }
    }

    /// How this endpoint compresses in place of what was agreed.
    pub(super) fn settings(self, mut settings: Settings) -> Settings {
        let bits = settings.window_bits.get();
        match self {
            DeflateSent::ContextKept => settings.context_takeover = true,
            DeflateSent::WindowIgnored => settings.window_bits = WindowBits::MAX,
            DeflateSent::WindowOneMore => {
                settings.window_bits = WindowBits::new(bits + 1).unwrap_or(WindowBits::MAX);
            }
            _ => {}
        }
        settings
    }

    /// Whether `message` compresses otherwise than the strict endpoint.
    pub(super) fn compresses_otherwise(self) -> bool {
        !matches!(
            self,
            DeflateSent::ParamsSwapped
                | DeflateSent::ContextKept
                | DeflateSent::WindowIgnored
                | DeflateSent::WindowOneMore
                | DeflateSent::ControlMarked
                | DeflateSent::PongCompressed
        )
    }

    /// The frame of a message that is to be compressed. `count`: compressed messages before it.
    pub(super) fn message(
        self,
        opcode: Opcode,
        payload: &[u8],
        count: u64,
        compressor: &mut Compressor,
    ) -> Vec<Frame> {
        let compressed = |compressor: &mut Compressor| compressor.compress_message(payload);
        let marked = |opcode: Opcode, payload: Vec<u8>| {
            let mut frame = Frame::new(opcode, payload);
            frame.header.rsv = RSV1;
            vec![frame]
        };
        let shaped = |finality, ending, padding| {
            let shape = Shape { finality, ..Shape::default() };
            let mut message = Encoder::new(Settings::default()).message(payload, &shape);
            message.ending = ending;
            message.padding = padding;
            message.encode()
        };
        match self {
            DeflateSent::NotMarked => vec![Frame::new(opcode, compressed(compressor))],
            DeflateSent::MarkedOnly => marked(opcode, payload.to_vec()),
            DeflateSent::FirstOnly if count > 0 => marked(opcode, payload.to_vec()),
            DeflateSent::TailKept => marked(opcode, [compressed(compressor), TAIL.to_vec()].concat()),
            DeflateSent::TailCutFurther => {
                let mut payload = compressed(compressor);
                payload.pop();
                marked(opcode, payload)
            }
            DeflateSent::EmptyWithoutOctet if payload.is_empty() => marked(opcode, Vec::new()),
            DeflateSent::NoEmptyBlock => {
                marked(opcode, shaped(Finality::Never, Ending::Absent, Padding::Zeros))
            }
            DeflateSent::PaddingOnes => {
                marked(opcode, shaped(Finality::LastBlock, Ending::Removed, Padding::Ones))
            }
            DeflateSent::ReservedBlock => marked(opcode, vec![0x06, 0x00]),
            DeflateSent::DistanceTooFar => {
                // A fixed block that begins with a match: length 3, distance 1.
                marked(opcode, vec![0x02, 0x02, 0x00])
            }
            DeflateSent::EachFragment => {
                let (head, tail) = payload.split_at(payload.len() / 2);
                let first = compressor.compress_message(head);
                let last = compressor.compress_message(tail);
                let mut frames = marked(opcode, first);
                frames[0].header.fin = false;
                frames.push(Frame::new(Opcode::Continuation, last));
                frames
            }
            DeflateSent::TextAsBinary => marked(Opcode::Binary, compressed(compressor)),
            _ => marked(opcode, compressed(compressor)),
        }
    }

    /// Spoils a control frame where permessage-deflate was agreed.
    pub(super) fn control(self, frame: &mut Frame) {
        match self {
            DeflateSent::ControlMarked => frame.header.rsv = RSV1,
            DeflateSent::PongCompressed if frame.header.opcode == Opcode::Pong => {
                let shape = Shape::default();
                let message = Encoder::new(Settings::default()).message(&frame.payload, &shape);
                *frame = Frame::new(Opcode::Pong, message.encode());
                frame.header.rsv = RSV1;
            }
            _ => {}
        }
    }
}
