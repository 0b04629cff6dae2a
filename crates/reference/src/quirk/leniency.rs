//! An endpoint that overlooks violations of the framing.

use super::table::quirks;
use crate::behavior::receiving::FrameSoFar;
use crate::event::MessageKind;
use crate::violation::Violation;
use wsgauntlet_wire::frame::CONTROL_PAYLOAD_LEN_MAX;
use wsgauntlet_wire::{CloseCodeClass, Header, Opcode};

quirks! {
    /// What an endpoint lets pass.
    pub enum Leniency {
        /// Takes frames that are not masked.
        Unmasked "accept-unmasked" Server ["rfc6455/5.1/server-closes-on-unmasked"],
        /// Takes control frames that are not masked.
        UnmaskedControl "accept-unmasked-control" Server ["rfc6455/5.1/server-closes-on-unmasked"],
        /// Takes frames without payload that are not masked.
        UnmaskedEmpty "accept-unmasked-empty" Server ["rfc6455/5.1/server-closes-on-unmasked"],
        /// Takes continuations that are not masked.
        UnmaskedContinuation "accept-unmasked-continuation" Server ["rfc6455/5.1/server-closes-on-unmasked"],
        /// Looks at the mask of the first frame only.
        UnmaskedAfterFirst "accept-unmasked-after-first" Server ["rfc6455/5.1/server-closes-on-unmasked"],
        /// Looks at the mask of frames with an extended length only.
        UnmaskedSmall "accept-unmasked-small" Server ["rfc6455/5.1/server-closes-on-unmasked"],
        /// Skips frames that are not masked.
        UnmaskedSkipped "skip-unmasked" Server ["rfc6455/5.1/server-closes-on-unmasked"],
        /// Answers a frame that is not masked, and fails then.
        UnmaskedLate "unmasked-judged-late" Server ["rfc6455/5.1/server-closes-on-unmasked", "rfc6455/7.1.7/stop-processing-after-fail"],
        /// Takes frames that are masked.
        Masked "accept-masked" Client ["rfc6455/5.1/client-closes-on-masked"],
        /// Takes control frames that are masked.
        MaskedControl "accept-masked-control" Client ["rfc6455/5.1/client-closes-on-masked"],
        /// Takes frames without payload that are masked.
        MaskedEmpty "accept-masked-empty" Client ["rfc6455/5.1/client-closes-on-masked"],
        /// Takes continuations that are masked.
        MaskedContinuation "accept-masked-continuation" Client ["rfc6455/5.1/client-closes-on-masked"],
        /// Looks at the mask of the first frame only.
        MaskedAfterFirst "accept-masked-after-first" Client ["rfc6455/5.1/client-closes-on-masked"],
        /// Takes frames that are masked, and leaves them so.
        MaskedRaw "accept-masked-without-unmasking" Client ["rfc6455/5.1/client-closes-on-masked"],
        /// Answers a frame that is masked, and fails then.
        MaskedLate "masked-judged-late" Client ["rfc6455/5.1/client-closes-on-masked", "rfc6455/7.1.7/stop-processing-after-fail"],
        /// Takes RSV1 without an extension.
        Rsv1 "accept-rsv1" Both ["rfc6455/5.2/rsv-zero-unless-negotiated"],
        /// Takes RSV2.
        Rsv2 "accept-rsv2" Both ["rfc6455/5.2/rsv-zero-unless-negotiated"],
        /// Takes RSV3.
        Rsv3 "accept-rsv3" Both ["rfc6455/5.2/rsv-zero-unless-negotiated"],
        /// Takes reserved bits only when all three are set.
        RsvAll "accept-rsv-all-three" Both ["rfc6455/5.2/rsv-zero-unless-negotiated"],
        /// Takes reserved bits in control frames.
        RsvControl "accept-rsv-on-control" Both ["rfc6455/5.2/rsv-zero-unless-negotiated"],
        /// Takes reserved bits in continuations.
        RsvContinuation "accept-rsv-on-continuation" Both ["rfc6455/5.2/rsv-zero-unless-negotiated"],
        /// Takes reserved bits in binary messages.
        RsvBinary "accept-rsv-on-binary" Both ["rfc6455/5.2/rsv-zero-unless-negotiated"],
        /// Takes reserved bits in frames without payload.
        RsvEmpty "accept-rsv-on-empty" Both ["rfc6455/5.2/rsv-zero-unless-negotiated"],
        /// Takes reserved bits after the first message.
        RsvAfterFirst "accept-rsv-after-first" Both ["rfc6455/5.2/rsv-zero-unless-negotiated"],
        /// Skips frames with reserved bits.
        RsvSkipped "skip-rsv" Both ["rfc6455/5.2/rsv-zero-unless-negotiated"],
        /// Takes RSV1 in control frames where permessage-deflate is agreed.
        Rsv1ControlDeflate "accept-rsv1-on-control-with-deflate" Both ["rfc7692/6.1/rsv1-on-other-frames-fails"],
        /// Skips control frames with RSV1 where permessage-deflate is agreed.
        Rsv1ControlDeflateSkipped "skip-rsv1-control-with-deflate" Both ["rfc7692/6.1/rsv1-on-other-frames-fails"],
        /// Takes RSV1 in continuations where permessage-deflate is agreed.
        Rsv1ContinuationDeflate "accept-rsv1-on-continuation-with-deflate" Both ["rfc7692/6.1/rsv1-on-other-frames-fails"],
        /// Answers a frame with reserved bits, and fails then.
        RsvLate "rsv-judged-late" Both ["rfc6455/5.2/rsv-zero-unless-negotiated", "rfc6455/7.1.7/stop-processing-after-fail"],
        /// Takes a reserved data opcode for binary.
        ReservedDataAsBinary "reserved-data-as-binary" Both ["rfc6455/5.2/unknown-opcode-fails"],
        /// Skips frames with a reserved data opcode.
        ReservedDataSkipped "skip-reserved-data" Both ["rfc6455/5.2/unknown-opcode-fails"],
        /// Skips frames with a reserved control opcode.
        ReservedControlSkipped "skip-reserved-control" Both ["rfc6455/5.2/unknown-opcode-fails"],
        /// Takes a reserved control opcode for a ping.
        ReservedControlAsPing "reserved-control-as-ping" Both ["rfc6455/5.2/unknown-opcode-fails"],
        /// Takes a reserved data opcode in the middle of a message for a continuation.
        ReservedDataContinues "reserved-data-as-continuation" Both ["rfc6455/5.2/unknown-opcode-fails"],
        /// Skips frames with a reserved opcode that are fragments.
        ReservedFragmentSkipped "skip-reserved-fragments" Both ["rfc6455/5.2/unknown-opcode-fails"],
        /// Skips frames with a reserved opcode and no payload.
        ReservedEmptySkipped "skip-reserved-empty" Both ["rfc6455/5.2/unknown-opcode-fails"],
        /// Takes up to 125 octets in the 16-bit form.
        NonMinimal16 "accept-non-minimal-16" Both ["rfc6455/10.7/invalid-data-close-frame", "rfc6455/5.2/minimal-length"],
        /// Takes up to 125 octets in the 64-bit form.
        NonMinimal64Small "accept-non-minimal-64-small" Both ["rfc6455/10.7/invalid-data-close-frame", "rfc6455/5.2/minimal-length"],
        /// Takes 126 to 65535 octets in the 64-bit form.
        NonMinimal64Medium "accept-non-minimal-64-medium" Both ["rfc6455/10.7/invalid-data-close-frame", "rfc6455/5.2/minimal-length"],
        /// Takes 125 octets in the 16-bit form: the bound is off by one.
        NonMinimal125 "accept-125-in-16" Both ["rfc6455/10.7/invalid-data-close-frame", "rfc6455/5.2/minimal-length"],
        /// Takes 65535 octets in the 64-bit form: the bound is off by one.
        NonMinimal65535 "accept-65535-in-64" Both ["rfc6455/10.7/invalid-data-close-frame", "rfc6455/5.2/minimal-length"],
        /// Takes a length of 0 in any form.
        NonMinimalZero "accept-non-minimal-zero" Both ["rfc6455/10.7/invalid-data-close-frame", "rfc6455/5.2/minimal-length"],
        /// Takes control frames whose short length is in a longer form.
        NonMinimalControl "accept-non-minimal-control" Both ["rfc6455/10.7/invalid-data-close-frame", "rfc6455/5.2/minimal-length"],
        /// Takes continuations whose length is not minimal.
        NonMinimalContinuation "accept-non-minimal-continuation" Both ["rfc6455/10.7/invalid-data-close-frame", "rfc6455/5.2/minimal-length"],
        /// Clears the top bit of the 64-bit length.
        TopBitCleared "clear-length-top-bit" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Waits for the 2^63 octets that a top bit announces.
        TopBitAwaited "await-length-top-bit" Both ["rfc6455/10.7/invalid-data-close-frame"],
        /// Takes pings of more than 125 octets.
        LongPing "accept-long-ping" Both ["rfc6455/5.5/control-length-and-fragmentation"],
        /// Takes pongs of more than 125 octets.
        LongPong "accept-long-pong" Both ["rfc6455/5.5/control-length-and-fragmentation"],
        /// Takes Close frames of more than 125 octets.
        LongClose "accept-long-close" Both ["rfc6455/10.7/invalid-data-close-frame", "rfc6455/5.5/control-length-and-fragmentation"],
        /// Takes control frames of 126 octets: the bound is off by one.
        Control126 "accept-control-126" Both ["rfc6455/5.5/control-length-and-fragmentation"],
        /// Takes a ping that is a fragment.
        FragmentedPing "accept-fragmented-ping" Both ["rfc6455/5.4/control-not-fragmented"],
        /// Takes a pong that is a fragment.
        FragmentedPong "accept-fragmented-pong" Both ["rfc6455/5.4/control-not-fragmented"],
        /// Takes a Close frame that is a fragment.
        FragmentedClose "accept-fragmented-close" Both ["rfc6455/10.7/invalid-data-close-frame", "rfc6455/5.4/control-not-fragmented"],
        /// Starts a text message with a continuation.
        ContinuationAsText "stray-continuation-as-text" Both ["rfc6455/5.4/fragmented-message-form"],
        /// Starts a binary message with a continuation.
        ContinuationAsBinary "stray-continuation-as-binary" Both ["rfc6455/5.4/fragmented-message-form"],
        /// Skips a continuation that continues nothing.
        ContinuationSkipped "skip-stray-continuation" Both ["rfc6455/5.4/fragmented-message-form"],
        /// Skips a continuation that continues nothing and is not the last.
        ContinuationNotFinalSkipped "skip-stray-continuation-not-final" Both ["rfc6455/5.4/fragmented-message-form"],
        /// Continues the message before, which is complete: its state is kept.
        ContinuationOfLast "continue-last-message" Both ["rfc6455/5.4/fragmented-message-form", "rfc6455/6.2/next-frame-starts-new-message"],
        /// Drops an unfinished message when another message begins.
        InterleavedReplaces "interleaved-message-replaces" Both ["rfc6455/5.4/no-interleaving"],
        /// Appends a message that begins before another has ended to that one.
        InterleavedAppends "interleaved-message-appends" Both ["rfc6455/5.4/no-interleaving"],
        /// Delivers a whole message that interrupts another, and goes on with the other.
        InterleavedNested "interleaved-message-nested" Both ["rfc6455/5.4/no-interleaving"],
        /// Drops a message whose fragments are empty so far when another message begins.
        InterleavedAfterEmpty "interleaved-message-replaces-empty" Both ["rfc6455/5.4/no-interleaving"],
        /// Lets a binary message interrupt a text message, and drops the text.
        InterleavedBinary "interleaved-binary-replaces-text" Both ["rfc6455/5.4/no-interleaving", "rfc6455/5.4/one-type-per-message"],
        /// Takes a Close frame with one octet of payload.
        CloseOneOctet "accept-close-one-octet" Both ["rfc6455/10.7/invalid-data-close-frame", "rfc6455/5.5.1/body-starts-with-code"],
        /// Takes close codes 0 to 999.
        CodeNotUsed "accept-close-code-0-999" Both ["rfc6455/7.4.2/0-999-not-used"],
        /// Takes close code 1004.
        Code1004 "accept-close-code-1004" Both ["rfc6455/7.4.1/1004-reserved"],
        /// Takes close code 1005.
        Code1005 "accept-close-code-1005" Both ["rfc6455/7.4.1/1005-not-sent"],
        /// Takes close code 1006.
        Code1006 "accept-close-code-1006" Both ["rfc6455/7.4.1/1006-not-sent"],
        /// Takes close code 1015.
        Code1015 "accept-close-code-1015" Both ["rfc6455/7.4.1/1015-not-sent"],
        /// Takes close codes 1016 to 2999.
        CodeUndefined "accept-close-code-1016-2999" Both ["rfc6455/7.4.2/1000-2999-reserved"],
        /// Takes close codes above 4999.
        CodeOutOfRange "accept-close-code-5000" Both ["rfc6455/11.7/status-code-range"],
        /// Takes close codes above 32767: it reads them as negative.
        CodeNegative "accept-close-code-negative" Both ["rfc6455/11.7/status-code-range"],
        /// Looks at a close code only where a reason follows.
        CodeWithoutReason "accept-close-code-without-reason" Both ["rfc6455/7.4.2/0-999-not-used", "rfc6455/11.7/status-code-range"],
        /// Takes a close reason that is not UTF-8.
        ReasonNotUtf8 "accept-close-reason-not-utf8" Both ["rfc6455/10.7/invalid-data-close-frame", "rfc6455/5.5.1/reason-is-utf8", "rfc6455/8.1/invalid-utf8-fails"],
        /// Takes a close reason whose last character is cut.
        ReasonCutShort "accept-close-reason-cut-short" Both ["rfc6455/10.7/invalid-data-close-frame", "rfc6455/5.5.1/reason-is-utf8", "rfc6455/8.1/invalid-utf8-fails"],
    }
}

/// What comes of a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reaction {
    Fail,
    Overlook,
    /// Fail when the frame is answered.
    FailLater,
}

impl Leniency {
    pub(super) fn judge(self, violation: Violation, seen: &FrameSoFar) -> Reaction {
        match self {
            Leniency::UnmaskedLate if violation == Violation::Unmasked => Reaction::FailLater,
            Leniency::MaskedLate if violation == Violation::Masked => Reaction::FailLater,
            Leniency::RsvLate if violation == Violation::ReservedBit => Reaction::FailLater,
            _ if self.overlooks(violation, seen) => Reaction::Overlook,
            _ => Reaction::Fail,
        }
    }

    fn overlooks(self, violation: Violation, seen: &FrameSoFar) -> bool {
        match violation {
            Violation::Unmasked | Violation::Masked => self.overlooks_mask(violation, seen),
            Violation::ReservedBit => self.overlooks_rsv(seen),
            Violation::ReservedOpcode => self.overlooks_opcode(seen),
            Violation::LengthTopBit => {
                matches!(self, Leniency::TopBitCleared | Leniency::TopBitAwaited)
            }
            Violation::LengthNotMinimal => self.overlooks_length(seen),
            Violation::ContinuationOfNothing => match self {
                Leniency::ContinuationAsText
                | Leniency::ContinuationAsBinary
                | Leniency::ContinuationSkipped => true,
                Leniency::ContinuationNotFinalSkipped => !seen.fin,
                Leniency::ContinuationOfLast => seen.messages > 0,
                _ => false,
            },
            Violation::Interleaved => match self {
                Leniency::InterleavedReplaces | Leniency::InterleavedAppends => true,
                Leniency::InterleavedNested => seen.fin,
                Leniency::InterleavedAfterEmpty => seen.message_len == 0,
                Leniency::InterleavedBinary => {
                    seen.mid_message == Some(MessageKind::Text) && seen.opcode == Opcode::Binary
                }
                _ => false,
            },
            Violation::ControlFragmented => match self {
                Leniency::FragmentedPing => seen.opcode == Opcode::Ping,
                Leniency::FragmentedPong => seen.opcode == Opcode::Pong,
                Leniency::FragmentedClose => seen.opcode == Opcode::Close,
                Leniency::ReservedFragmentSkipped => seen.opcode.is_reserved(),
                _ => false,
            },
            Violation::ControlTooLong => self.overlooks_control_length(seen),
            Violation::CloseOneOctet => self == Leniency::CloseOneOctet,
            Violation::CloseCode(code) => match self {
                Leniency::CodeNotUsed => code.class() == CloseCodeClass::NotUsed,
                Leniency::Code1004 => code.0 == 1004,
                Leniency::Code1005 => code.0 == 1005,
                Leniency::Code1006 => code.0 == 1006,
                Leniency::Code1015 => code.0 == 1015,
                Leniency::CodeUndefined => code.class() == CloseCodeClass::Undefined,
                Leniency::CodeOutOfRange => code.class() == CloseCodeClass::OutOfRange,
                Leniency::CodeNegative => code.0 > 0x7fff,
                Leniency::CodeWithoutReason => seen.short_len == Some(2),
                _ => false,
            },
            Violation::CloseReasonNotUtf8 => self == Leniency::ReasonNotUtf8,
            Violation::FrameTooLong | Violation::MessageTooLong => match self {
                Leniency::TopBitAwaited => true,
                Leniency::TopBitCleared => seen.len.is_some_and(|len| len > u64::MAX >> 1),
                _ => false,
            },
            Violation::TextNotUtf8 | Violation::NotDeflate => false,
        }
    }

    fn overlooks_mask(self, violation: Violation, seen: &FrameSoFar) -> bool {
        let empty = seen.short_len == Some(0);
        let continuation = seen.opcode == Opcode::Continuation;
        match (violation, self) {
            (Violation::Unmasked, Leniency::Unmasked | Leniency::UnmaskedSkipped)
            | (Violation::Masked, Leniency::Masked | Leniency::MaskedRaw) => true,
            (Violation::Unmasked, Leniency::UnmaskedControl)
            | (Violation::Masked, Leniency::MaskedControl) => seen.opcode.is_control(),
            (Violation::Unmasked, Leniency::UnmaskedEmpty) | (Violation::Masked, Leniency::MaskedEmpty) => {
                empty
            }
            (Violation::Unmasked, Leniency::UnmaskedContinuation)
            | (Violation::Masked, Leniency::MaskedContinuation) => continuation,
            (Violation::Unmasked, Leniency::UnmaskedAfterFirst)
            | (Violation::Masked, Leniency::MaskedAfterFirst) => seen.frames > 0,
            (Violation::Unmasked, Leniency::UnmaskedSmall) => seen.short_len.is_some_and(|len| len < 126),
            _ => false,
        }
    }

    fn overlooks_rsv(self, seen: &FrameSoFar) -> bool {
        match self {
            Leniency::Rsv1 => seen.rsv == 4,
            Leniency::Rsv2 => seen.rsv == 2,
            Leniency::Rsv3 => seen.rsv == 1,
            Leniency::RsvAll => seen.rsv == 7,
            Leniency::RsvControl => seen.opcode.is_control(),
            Leniency::RsvContinuation => seen.opcode == Opcode::Continuation,
            Leniency::RsvBinary => seen.opcode == Opcode::Binary,
            Leniency::RsvEmpty => seen.short_len.is_none_or(|len| len == 0),
            Leniency::RsvAfterFirst => seen.messages > 0,
            Leniency::RsvSkipped => true,
            Leniency::Rsv1ControlDeflate | Leniency::Rsv1ControlDeflateSkipped => {
                seen.deflate && seen.rsv == 4 && seen.opcode.is_control()
            }
            Leniency::Rsv1ContinuationDeflate => {
                seen.deflate && seen.rsv == 4 && seen.opcode == Opcode::Continuation
            }
            _ => false,
        }
    }

    fn overlooks_opcode(self, seen: &FrameSoFar) -> bool {
        let data = matches!(seen.opcode, Opcode::ReservedData(_));
        match self {
            Leniency::ReservedDataAsBinary => data && seen.mid_message.is_none(),
            Leniency::ReservedDataSkipped => data,
            Leniency::ReservedControlSkipped | Leniency::ReservedControlAsPing => !data,
            Leniency::ReservedDataContinues => data && seen.mid_message.is_some(),
            Leniency::ReservedFragmentSkipped => !seen.fin,
            Leniency::ReservedEmptySkipped => seen.short_len.is_none_or(|len| len == 0),
            _ => false,
        }
    }

    fn overlooks_length(self, seen: &FrameSoFar) -> bool {
        let (Some(form), Some(len)) = (seen.short_len, seen.len) else {
            return false;
        };
        match self {
            Leniency::NonMinimal16 => form == 126,
            Leniency::NonMinimal64Small => form == 127 && len <= 125,
            Leniency::NonMinimal64Medium => form == 127 && len > 125,
            Leniency::NonMinimal125 => form == 126 && len == 125,
            Leniency::NonMinimal65535 => form == 127 && len == 65_535,
            Leniency::NonMinimalZero => len == 0,
            Leniency::NonMinimalControl => seen.opcode.is_control(),
            Leniency::NonMinimalContinuation => seen.opcode == Opcode::Continuation,
            // The length that is left when the bit is cleared.
            Leniency::TopBitCleared => len > u64::MAX >> 1,
            _ => false,
        }
    }

    fn overlooks_control_length(self, seen: &FrameSoFar) -> bool {
        let len_is = |test: fn(u64) -> bool| seen.len.is_none_or(test);
        match self {
            Leniency::LongPing => seen.opcode == Opcode::Ping,
            Leniency::LongPong => seen.opcode == Opcode::Pong,
            Leniency::LongClose => seen.opcode == Opcode::Close,
            Leniency::Control126 => len_is(|len| len == 126),
            Leniency::NonMinimalControl => len_is(|len| len <= CONTROL_PAYLOAD_LEN_MAX as u64),
            _ => false,
        }
    }

    /// The length as this endpoint reads it.
    pub(super) fn len(self, len: u64) -> u64 {
        match self {
            Leniency::TopBitCleared => len & (u64::MAX >> 1),
            _ => len,
        }
    }

    /// Whether a close reason that is not UTF-8, and was not failed, is taken.
    pub(super) fn takes_bad_reason(self) -> bool {
        matches!(self, Leniency::ReasonCutShort | Leniency::ReasonNotUtf8)
    }

    /// What this endpoint takes a header for whose violation it overlooked. A frame with the
    /// opcode `SKIPPED` is skipped.
    pub(super) fn header(self, header: &mut Header, seen: &FrameSoFar, last: Option<MessageKind>) {
        let stray = header.opcode == Opcode::Continuation && seen.mid_message.is_none();
        let interleaved =
            matches!(header.opcode, Opcode::Text | Opcode::Binary) && seen.mid_message.is_some();
        let reserved_data = matches!(header.opcode, Opcode::ReservedData(_));
        let opcode = match self {
            Leniency::UnmaskedSkipped if header.key.is_none() => SKIPPED,
            Leniency::RsvSkipped if header.rsv != 0 => SKIPPED,
            Leniency::Rsv1ControlDeflateSkipped if header.rsv == 4 && header.opcode.is_control() => SKIPPED,
            Leniency::ReservedDataAsBinary if reserved_data => Opcode::Binary,
            Leniency::ReservedDataContinues if reserved_data => Opcode::Continuation,
            Leniency::ReservedControlAsPing if header.opcode.is_reserved() => Opcode::Ping,
            Leniency::ContinuationAsText if stray => Opcode::Text,
            Leniency::ContinuationAsBinary if stray => Opcode::Binary,
            Leniency::ContinuationSkipped | Leniency::ContinuationNotFinalSkipped if stray => SKIPPED,
            Leniency::ContinuationOfLast if stray => last.map_or(SKIPPED, MessageKind::opcode),
            Leniency::InterleavedAppends if interleaved => Opcode::Continuation,
            _ => header.opcode,
        };
        header.opcode = opcode;
        header.payload_len = self.len(header.payload_len);
        if self == Leniency::MaskedRaw {
            header.key = None;
        }
    }
}

/// An opcode whose frames have no effect.
pub(super) const SKIPPED: Opcode = Opcode::ReservedControl(0xf);
