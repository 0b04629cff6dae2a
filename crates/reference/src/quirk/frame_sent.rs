//! An endpoint that sends frames that are wrong: `distort` spoils a frame, `distort_octets` its octets.

use super::table::quirks;
use wsgauntlet_wire::SplitMix64;
use wsgauntlet_wire::{Frame, LengthForm, Opcode, mask};

quirks! {
    /// What is wrong with a frame.
    pub enum FrameSent {
        /// Masks all frames.
        ServerMasks "server-masks" Server ["rfc6455/5.1/server-does-not-mask"],
        /// Masks control frames.
        ServerMasksControl "server-masks-control" Server ["rfc6455/5.1/server-does-not-mask"],
        /// Masks frames with a key of zeros.
        ServerMasksWithZeros "server-masks-with-zeros" Server ["rfc6455/5.1/server-does-not-mask"],
        /// Announces a masking key on Close frames and sends their payload in clear.
        ServerCloseKeyNotApplied "server-masks-close-in-clear" Server ["rfc6455/5.1/server-does-not-mask"],
        /// Masks no frame.
        ClientDoesNotMask "client-does-not-mask" Client ["rfc6455/5.1/client-masks"],
        /// Does not mask control frames.
        ClientControlUnmasked "client-does-not-mask-control" Client ["rfc6455/5.1/client-masks"],
        /// Does not mask Close frames.
        ClientCloseUnmasked "client-does-not-mask-close" Client ["rfc6455/5.5.1/client-close-masked"],
        /// Does not mask frames without payload.
        ClientEmptyUnmasked "client-does-not-mask-empty" Client ["rfc6455/5.1/client-masks"],
        /// Masks with zeros.
        KeyZero "masking-key-zero" Client ["rfc6455/5.3/fresh-key-per-frame", "rfc6455/5.3/key-from-strong-entropy"],
        /// Masks all frames with one key.
        KeyConstant "masking-key-constant" Client ["rfc6455/5.3/fresh-key-per-frame", "rfc6455/10.3/masking-key-unpredictable-to-application"],
        /// Counts the masking keys up.
        KeyCounter "masking-key-counter" Client ["rfc6455/5.3/key-not-predictable"],
        /// Uses each masking key for two frames.
        KeyTwice "masking-key-used-twice" Client ["rfc6455/5.3/fresh-key-per-frame"],
        /// Repeats one octet four times as masking key.
        KeyOneOctet "masking-key-of-one-octet" Client ["rfc6455/5.3/key-from-strong-entropy"],
        /// Announces a masking key and sends the payload in clear.
        KeyNotApplied "masking-key-not-applied" Client ["rfc6455/5.3/masking-algorithm"],
        /// Leaves the MASK bit out and masks.
        MaskBitCleared "mask-bit-cleared" Client ["rfc6455/5.3/masked-frame-flagged", "rfc6455/5.2/client-mask-bit-set"],
        /// Begins to mask with the key's second octet.
        PhaseShifted "masking-begins-with-second-octet" Client ["rfc6455/5.3/masking-algorithm"],
        /// Masks with the key in the other byte order.
        KeyReversed "masking-key-applied-reversed" Client ["rfc6455/5.3/masking-algorithm"],
        /// Leaves the last octets in clear where the length is no multiple of four.
        TailInClear "masking-leaves-tail" Client ["rfc6455/5.3/masking-algorithm"],
        /// Counts the masking key in the length.
        LengthHoldsKey "length-sent-with-key" Client ["rfc6455/5.3/length-excludes-masking-key"],
        /// Writes short lengths in the 16-bit form.
        NonMinimal16 "send-non-minimal-16" Both ["rfc6455/5.2/minimal-length"],
        /// Writes lengths of data frames in the 64-bit form.
        NonMinimal64 "send-non-minimal-64" Both ["rfc6455/5.2/minimal-length"],
        /// Writes 125 in the 16-bit form: the bound is off by one.
        Length125In16 "send-125-in-16" Both ["rfc6455/5.2/minimal-length"],
        /// Writes 65535 in the 64-bit form: the bound is off by one.
        Length65535In64 "send-65535-in-64" Both ["rfc6455/5.2/minimal-length"],
        /// Writes lengths of 126 to 65535 in the 64-bit form.
        NonMinimal64Medium "send-medium-lengths-in-64" Both ["rfc6455/5.2/minimal-length"],
        /// Writes 126 and 127 as if they were short lengths.
        Length126Short "send-126-as-short-length" Both ["rfc6455/5.2/minimal-length", "rfc6455/6.1/data-encapsulated-in-frames"],
        /// Writes 65536 as 0 in the 16-bit form.
        Length65536In16 "send-65536-in-16" Both ["rfc6455/6.1/data-encapsulated-in-frames"],
        /// Writes extended lengths in the other byte order.
        LengthReversed "send-length-reversed" Both ["rfc6455/5.2/length-network-byte-order"],
        /// Sets the top bit of 64-bit lengths.
        TopBit "send-length-top-bit" Both ["rfc6455/5.2/length-most-significant-bit"],
        /// Declares one octet more than it sends.
        LengthMore "send-length-one-more" Both ["rfc6455/6.1/data-encapsulated-in-frames"],
        /// Declares one octet less than it sends.
        LengthLess "send-length-one-less" Both ["rfc6455/6.1/data-encapsulated-in-frames"],
        /// Sets RSV1 on data frames.
        Rsv1 "send-rsv1" Both ["rfc6455/5.2/rsv-zero-when-sending"],
        /// Sets RSV2 on data frames.
        Rsv2 "send-rsv2" Both ["rfc6455/5.2/rsv-zero-when-sending"],
        /// Sets RSV3 on data frames.
        Rsv3 "send-rsv3" Both ["rfc6455/5.2/rsv-zero-when-sending"],
        /// Sends each frame back with the reserved bit RSV3 on control frames.
        RsvControl "send-rsv-on-control" Both ["rfc6455/5.2/rsv-zero-when-sending"],
        /// Sends data with opcode 3.
        ReservedOpcode "send-reserved-opcode" Both ["rfc6455/5.2/unknown-opcode-fails", "rfc6455/6.1/first-frame-opcode"],
        /// Sends data with opcode 0.
        ContinuationOpcode "send-stray-continuation" Both ["rfc6455/6.1/first-frame-opcode", "rfc6455/5.4/unfragmented-message-form"],
        /// Sends binary messages as text.
        BinaryAsText "send-binary-as-text" Both ["rfc6455/6.1/first-frame-opcode"],
        /// Sends text messages as binary.
        TextAsBinary "send-text-as-binary" Both ["rfc6455/6.1/first-frame-opcode"],
        /// Leaves FIN out of the last frame of a message.
        FinCleared "send-without-fin" Both ["rfc6455/6.1/last-frame-fin"],
        /// Leaves FIN out of pongs.
        PongNotFinal "send-pong-without-fin" Both ["rfc6455/5.4/control-not-fragmented"],
        /// Leaves FIN out of Close frames.
        CloseNotFinal "send-close-without-fin" Both ["rfc6455/5.4/control-not-fragmented"],
        /// Does not send the last octet of a data frame.
        LastOctetMissing "send-without-last-octet" Both ["rfc6455/6.1/frames-transmitted"],
        /// Sends the header of a data frame, and no payload.
        PayloadMissing "send-header-only" Both ["rfc6455/6.1/frames-transmitted"],
        /// Sends an octet that belongs to no frame after each data frame.
        OctetAfter "send-octet-after-frame" Both ["rfc6455/6.1/data-encapsulated-in-frames"],
        /// Sends a pong in the middle of the octets of payloads above 125 octets.
        PongWithin "send-pong-within-frame" Both ["rfc6455/6.1/data-encapsulated-in-frames", "rfc6455/10.3/frame-contents-fixed-once-begun"],
    }
}

/// What an endpoint remembers from frame to frame.
#[derive(Debug, Default)]
pub(super) struct FrameMemory {
    /// How many frames, with the one that is sent now.
    pub(super) count: u32,
    pub(super) last_key: Option<[u8; 4]>,
}

impl FrameSent {
    /// Spoils a frame. `memory` counts it already.
    pub(super) fn distort(self, frame: &mut Frame, memory: &FrameMemory, rng: &mut SplitMix64) {
        self.key(frame, memory, rng);
        self.length(frame);
        let opcode = frame.header.opcode;
        let data = !opcode.is_control();
        let header = &mut frame.header;
        match self {
            FrameSent::Rsv1 if data => header.rsv ^= 4,
            FrameSent::Rsv2 if data => header.rsv |= 2,
            FrameSent::Rsv3 if data => header.rsv |= 1,
            FrameSent::RsvControl if !data => header.rsv |= 1,
            FrameSent::ReservedOpcode if data => header.opcode = Opcode::ReservedData(3),
            FrameSent::ContinuationOpcode if data => header.opcode = Opcode::Continuation,
            FrameSent::BinaryAsText if opcode == Opcode::Binary => header.opcode = Opcode::Text,
            FrameSent::TextAsBinary if opcode == Opcode::Text => header.opcode = Opcode::Binary,
            FrameSent::FinCleared if data => header.fin = false,
            FrameSent::PongNotFinal if opcode == Opcode::Pong => header.fin = false,
            FrameSent::CloseNotFinal if opcode == Opcode::Close => header.fin = false,
            _ => {}
        }
    }

    fn key(self, frame: &mut Frame, memory: &FrameMemory, rng: &mut SplitMix64) {
        let opcode = frame.header.opcode;
        let count = memory.count;
        let key = frame.header.key;
        frame.header.key = match self {
            FrameSent::ServerMasks => Some(rng.masking_key()),
            FrameSent::ServerMasksControl if opcode.is_control() => Some(rng.masking_key()),
            FrameSent::ServerCloseKeyNotApplied if opcode == Opcode::Close => Some(rng.masking_key()),
            FrameSent::ServerMasksWithZeros | FrameSent::KeyZero => Some([0; 4]),
            FrameSent::ClientDoesNotMask => None,
            FrameSent::ClientControlUnmasked if opcode.is_control() => None,
            FrameSent::ClientCloseUnmasked if opcode == Opcode::Close => None,
            FrameSent::ClientEmptyUnmasked if frame.payload.is_empty() => None,
            FrameSent::KeyConstant => Some([0x12, 0x34, 0x56, 0x78]),
            FrameSent::KeyCounter => Some(count.to_be_bytes()),
            FrameSent::KeyTwice if count.is_multiple_of(2) => memory.last_key,
            FrameSent::KeyOneOctet => key.map(|key| [key[0]; 4]),
            _ => key,
        };
    }

    fn length(self, frame: &mut Frame) {
        let control = frame.header.opcode.is_control();
        let header = &mut frame.header;
        let len = header.payload_len;
        match self {
            FrameSent::LengthHoldsKey if len < 122 => header.payload_len += 4,
            FrameSent::NonMinimal16 if len < 126 => header.length_form = LengthForm::Sixteen,
            FrameSent::NonMinimal64 if !control => header.length_form = LengthForm::SixtyFour,
            FrameSent::Length125In16 if len == 125 => header.length_form = LengthForm::Sixteen,
            FrameSent::Length65535In64 if len == 65_535 => {
                header.length_form = LengthForm::SixtyFour;
            }
            FrameSent::NonMinimal64Medium if (126..65_536).contains(&len) => {
                header.length_form = LengthForm::SixtyFour;
            }
            FrameSent::Length126Short if (126..=127).contains(&len) => {
                header.length_form = LengthForm::Seven;
            }
            FrameSent::Length65536In16 if len == 65_536 => {
                header.length_form = LengthForm::Sixteen;
            }
            FrameSent::LengthReversed => match header.length_form {
                LengthForm::Seven => {}
                LengthForm::Sixteen => header.payload_len = u64::from((len as u16).swap_bytes()),
                LengthForm::SixtyFour => header.payload_len = len.swap_bytes(),
            },
            FrameSent::TopBit if header.length_form == LengthForm::SixtyFour => {
                header.payload_len |= 1 << 63;
            }
            FrameSent::LengthMore if !control && len != 125 && len < 65_535 => {
                header.payload_len += 1;
            }
            FrameSent::LengthLess if !control && len > 0 && len != 126 && len < 65_536 => {
                header.payload_len -= 1;
            }
            _ => {}
        }
    }

    /// Spoils the octets of a frame.
    pub(super) fn distort_octets(self, frame: &Frame, octets: &mut Vec<u8>) {
        // Another fault may have left less than the payload.
        let payload_at = octets.len().saturating_sub(frame.payload.len());
        let control = frame.header.opcode.is_control();
        let len = frame.payload.len();
        let key = frame.header.key.unwrap_or_default();
        match self {
            FrameSent::MaskBitCleared if frame.header.key.is_some() => {
                octets.get_mut(1).into_iter().for_each(|second| *second &= 0x7f);
            }
            FrameSent::KeyNotApplied | FrameSent::ServerCloseKeyNotApplied => {
                mask::apply(key, 0, &mut octets[payload_at..]);
            }
            FrameSent::PhaseShifted => {
                mask::apply(key, 0, &mut octets[payload_at..]);
                mask::apply(key, 1, &mut octets[payload_at..]);
            }
            FrameSent::KeyReversed => {
                let [a, b, c, d] = key;
                mask::apply(key, 0, &mut octets[payload_at..]);
                mask::apply([d, c, b, a], 0, &mut octets[payload_at..]);
            }
            FrameSent::TailInClear => {
                let tail_at = (payload_at + len - len % 4).min(octets.len());
                mask::apply(key, 0, &mut octets[tail_at..]);
            }
            FrameSent::LastOctetMissing if !control && len > 0 => {
                octets.pop();
            }
            FrameSent::PayloadMissing if !control => octets.truncate(payload_at),
            FrameSent::OctetAfter if !control => octets.push(0),
            FrameSent::PongWithin if len > 125 => {
                let middle = (payload_at + len / 2).min(octets.len());
                octets.splice(middle..middle, [0x8a, 0x00]);
            }
            _ => {}
        }
    }
}
