//! An endpoint whose answers depend on how TCP cut the octets.

use super::table::quirks;
use crate::behavior::receiving::SegmentEnd;
use crate::violation::Violation;

quirks! {
    /// What a cut of the octets does.
    pub enum Segments {
        /// Loses a header that a segment ends in.
        HeaderLost "lose-header-at-cut" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Takes the part of a payload that a segment holds for all of it.
        PayloadCut "payload-ends-at-cut" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Reads one frame of each segment.
        FirstFrameOnly "first-frame-of-segment-only" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Reads ten frames of each segment.
        TenFramesOnly "ten-frames-of-segment-only" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Reads the last octet of a segment when the next one comes.
        LastOctetAwaited "last-octet-read-late" Both ["rfc6455/6.2/incoming-parsed-as-frames", "rfc6455/5.5.2/pong-in-response"],
        /// Reads no more than 4096 octets of a segment.
        Cut4096 "segment-cut-at-4096" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Loses segments of one octet.
        OneOctetLost "lose-one-octet-segment" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Fails on a character of text that is cut by a segment.
        Utf8Cut "refuse-utf8-split-by-segment" Both ["rfc6455/5.6/text-is-utf8", "rfc6455/8.1/invalid-utf8-fails"],
        /// Fails on a frame whose header comes in two segments.
        HeaderCutRefused "refuse-header-split-by-segment" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Does not answer a ping that comes in two segments.
        PingCutLost "lose-ping-split-by-segment" Both ["rfc6455/5.5.2/pong-in-response"],
        /// Does not answer a Close frame that comes in two segments.
        CloseCutLost "close-split-by-segment-is-lost" Both ["rfc6455/5.5.1/close-is-answered", "rfc6455/6.2/control-frames-handled"],
        /// Overlooks reserved bits in a frame that comes in two segments.
        RsvOnlyWhole "rsv-judged-in-one-segment-only" Both ["rfc6455/5.2/rsv-zero-unless-negotiated"],
        /// Validates text only where a frame comes in one segment.
        Utf8OnlyWhole "utf8-judged-in-one-segment-only" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Checks each piece of a close reason as if it were all of it.
        ReasonCut "refuse-close-reason-split-in-character" Both ["rfc6455/6.2/incoming-parsed-as-frames", "rfc6455/5.5.1/reason-is-utf8"],
        /// Overlooks a wrong mask in a frame that comes in two segments.
        MaskOnlyWhole "mask-judged-in-one-segment-only" Both ["rfc6455/5.1/server-closes-on-unmasked", "rfc6455/5.1/client-closes-on-masked"],
        /// Takes the part of a pong that a segment holds for all of it, and reads its rest as the next frame.
        PongCut "pong-ends-at-cut" Both ["rfc6455/6.2/incoming-parsed-as-frames", "rfc6455/5.5.3/unsolicited-pong"],
        /// Takes a part of a TLS record, which gives no octets yet, for the end of the connection.
        PartialRecordEnds "partial-tls-record-ends-connection" Both ["rfc6455/4.2.2/server-data-inside-tls", "rfc6455/4.1/client-data-inside-tls"],
        /// Forgets the octets of an extended length that stand before a cut.
        LengthCutForgotten "length-octets-before-cut-are-zero" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Forgets the octets of a masking key that stand before a cut.
        KeyCutForgotten "key-octets-before-cut-are-zero" Server ["rfc6455/6.2/incoming-parsed-as-frames", "rfc6455/6.2/server-unmasks"],
    }
}

/// Where the extended length begins in a header.
const EXTENDED_AT: usize = 2;

/// What an endpoint remembers of segments.
#[derive(Debug, Default)]
pub(super) struct SegmentMemory {
    /// Whether a segment ended within the frame under way.
    pub(super) split: bool,
    /// Whether one ended within the last frame.
    pub(super) last_split: bool,
    /// Whether one ended within any frame of the message under way.
    pub(super) message_split: bool,
    /// Octets that are read with the next segment.
    pub(super) held: Vec<u8>,
}

impl Segments {
    /// The part of a segment that is read; `held` goes before it.
    pub(super) fn cut(self, segment: &[u8], held: &mut Vec<u8>) -> Vec<u8> {
        match self {
            Segments::OneOctetLost if segment.len() == 1 => Vec::new(),
            Segments::Cut4096 => segment[..segment.len().min(4096)].to_vec(),
            Segments::LastOctetAwaited => {
                held.extend_from_slice(segment);
                let last = held.pop();
                std::mem::replace(held, last.into_iter().collect())
            }
            _ => segment.to_vec(),
        }
    }

    /// What the end of a segment does to the frame under way.
    pub(super) fn end(self) -> SegmentEnd {
        match self {
            Segments::HeaderLost => SegmentEnd::HeaderLost,
            Segments::PayloadCut => SegmentEnd::PayloadEnds,
            Segments::PongCut => SegmentEnd::PongEnds,
            _ => SegmentEnd::NoEffect,
        }
    }

    /// Whether a violation is overlooked in a frame within which a segment ends.
    pub(super) fn suspects(self, violation: Violation) -> bool {
        match self {
            Segments::RsvOnlyWhole => violation == Violation::ReservedBit,
            Segments::MaskOnlyWhole => matches!(violation, Violation::Unmasked | Violation::Masked),
            _ => false,
        }
    }

    /// What is left of a header that is not complete when a segment ends.
    pub(super) fn cut_header(self, header: &mut [u8]) {
        let extended_len = match header.get(1).map(|octet| octet & 0x7f) {
            Some(126) => 2,
            Some(127) => 8,
            Some(_) => 0,
            None => return,
        };
        let key_at = EXTENDED_AT + extended_len;
        match self {
            Segments::LengthCutForgotten if header.len() < key_at => header[EXTENDED_AT..].fill(0),
            Segments::KeyCutForgotten if header.len() > key_at => header[key_at..].fill(0),
            _ => {}
        }
    }

    /// How many things of a segment are read.
    pub(super) fn things_max(self) -> u64 {
        match self {
            Segments::FirstFrameOnly => 1,
            Segments::TenFramesOnly => 10,
            _ => u64::MAX,
        }
    }
}
