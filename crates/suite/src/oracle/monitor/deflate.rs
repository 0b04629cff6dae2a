//! Everything that a target sends compressed, RFC 7692 §6.1 and §7.2.1: whether it inflates, how far its matches reach,
//! how it ends. An ordinary inflater enforces no window and forgives an end; the walk counts.

use super::{Monitor, Notes};
use crate::oracle::decoded::{DecodedTranscript, Moment};
use crate::oracle::expected::Expected;
use crate::oracle::observed::{Beginning, DeflateBreach};
use wsgauntlet_wire::Role;
use wsgauntlet_wire::deflate::{Fault, FaultKind, Inflater, TAIL, Tail, Walk};
use wsgauntlet_wire::opening::DeflateParams;

pub(super) const COMPRESSED: Monitor = Monitor {
    name: "compressed-messages",
    doc: "Every compressed message inflates, within the window and the context agreed, and ends as it must.",
    requirements: &[
        SENT_COMPRESSED,
        ENDS_EMPTY,
        TAIL_REMOVED,
        TAIL_IN_FRAGMENTS,
        FINAL_PADDING,
        CLIENT_EMPTY_WINDOW,
        CLIENT_SUPPORTS_NO_TAKEOVER,
        SERVER_EMPTY_WINDOW,
        CLIENT_WINDOW,
        CLIENT_WINDOW_DESPITE_HINT,
        SERVER_WINDOW,
        INFLATED_TEXT,
    ],
    check: compressed,
};

pub(super) const UNCOMPRESSED: Monitor = Monitor {
    name: "uncompressed-connection",
    doc: "No message is compressed where permessage-deflate was not agreed.",
    requirements: &[DECLINED, ACCEPT_NAMES],
    check: uncompressed,
};

const SENT_COMPRESSED: &str = "rfc7692/6.1/send-compressed-message";
const ENDS_EMPTY: &str = "rfc7692/7.2.1/message-ends-with-empty-block";
const TAIL_REMOVED: &str = "rfc7692/7.2.1/tail-octets-removed";
const TAIL_IN_FRAGMENTS: &str = "rfc7692/7.2.1/tail-kept-in-non-final-fragments";
const FINAL_PADDING: &str = "rfc7692/7.2.1/bfinal-padding";
const CLIENT_EMPTY_WINDOW: &str = "rfc7692/7.2.1/client-starts-with-empty-window";
const CLIENT_SUPPORTS_NO_TAKEOVER: &str = "rfc7692/7.1.1.2/client-no-context-takeover-supported";
const SERVER_EMPTY_WINDOW: &str = "rfc7692/7.2.1/server-starts-with-empty-window";
const CLIENT_WINDOW: &str = "rfc7692/7.2.1/client-window-within-agreed";
const CLIENT_WINDOW_DESPITE_HINT: &str = "rfc7692/7.2.2/client-compresses-within-agreed";
const SERVER_WINDOW: &str = "rfc7692/7.2.1/server-window-within-agreed";
const INFLATED_TEXT: &str = "rfc7692/6.1/decompressed-data-constraints";
const DECLINED: &str = "rfc7692/5/declined-means-uncompressed";
const ACCEPT_NAMES: &str = "rfc7692/5/accept-names-extension";

/// How far a compressed message is inflated, in octets.
const OUTPUT_LEN_MAX: usize = 256 << 20;

/// A compressed message under way: the payload of each frame.
struct Partial {
    text: bool,
    parts: Vec<Vec<u8>>,
}

/// A compressed message, decoded, and the event in which it was complete.
struct Message {
    text: bool,
    parts: Vec<Vec<u8>>,
    walk: Walk,
    event: Moment,
}

fn compressed(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    let Some(agreed) = decoded.deflate() else { return };
    let mut inflater = Inflater::new(OUTPUT_LEN_MAX);
    let mut partial: Option<Partial> = None;
    for frame in decoded.received.frames.iter().filter(|frame| frame.opcode < 3 && frame.complete) {
        if decoded.is_misread(frame) {
            return;
        }
        if frame.opcode > 0 {
            partial = frame.rsv1.then(|| Partial { text: frame.opcode == 1, parts: Vec::new() });
        }
        let Some(mut message) = partial.take() else { continue };
        message.parts.push(frame.payload.clone());
        if !frame.fin {
            partial = Some(message);
            continue;
        }
        let Partial { text, parts } = message;
        let walk = inflater.inflate_message(&parts.concat());
        let message = Message { text, parts, walk, event: decoded.received.moment_of(frame) };
        ending(&message, notes);
        reach(decoded.role, &agreed, &message, notes);
        if !bitstream(&message, notes) {
            // What follows may refer to what was not understood.
            return;
        }
    }
}

/// Whether the payload is DEFLATE data to its end. Text has to inflate to text.
fn bitstream(message: &Message, notes: &mut Notes) -> bool {
    let Message { parts, walk, event, .. } = message;
    if matches!(walk.end, Err(Fault { kind: FaultKind::OutputTooLong { .. }, .. })) {
        // Nothing asked for that much; to the observer it is a flood.
        return false;
    }
    if parts.len() > 1 {
        let repaired = || Inflater::new(OUTPUT_LEN_MAX).inflate_message(&parts.join(&TAIL[..])).end.is_ok();
        let holds = walk.end.is_ok() || !repaired();
        notes.subject(TAIL_IN_FRAGMENTS, holds, *event, "00 00 ff ff stays in non-final fragments", || {
            DeflateBreach::NoTailInFragments
        });
    }
    match walk.end {
        Ok(()) => notes.meets(SENT_COMPRESSED),
        Err(fault) => notes.subject(SENT_COMPRESSED, false, *event, "a compressed message inflates", || {
            DeflateBreach::Invalid(fault, Beginning::of(&parts.concat(), 24))
        }),
    }
    if message.text && walk.end.is_ok() {
        let valid = std::str::from_utf8(&walk.output).is_ok();
        notes.subject(INFLATED_TEXT, valid, *event, "text inflates to valid UTF-8", || {
            DeflateBreach::InvalidText(Beginning::of(&walk.output, 24))
        });
    }
    walk.end.is_ok()
}

/// §7.2.1, steps 2 and 3. A stored block that was cut can swallow the tail and still inflate, so that the end of the
/// payload is looked at apart.
fn ending(message: &Message, notes: &mut Notes) {
    let Message { parts, walk, event, .. } = message;
    let end = || {
        let payload = parts.concat();
        DeflateBreach::End(payload[payload.len().saturating_sub(8)..].to_vec())
    };
    let (empty_block, removed) = match walk.tail {
        Tail::Removed => (true, true),
        Tail::Kept => (true, false),
        Tail::EmptyPayload | Tail::NoEmptyBlock { .. } | Tail::InsideBlock => (false, true),
        Tail::NotReached => return,
    };
    let expected = "the last octet holds the header of an empty stored block";
    notes.subject(ENDS_EMPTY, empty_block, *event, expected, || match walk.tail {
        Tail::EmptyPayload => DeflateBreach::EmptyPayload,
        _ => end(),
    });
    if empty_block {
        notes.subject(TAIL_REMOVED, removed, *event, "00 00 ff ff is removed from the end", end);
    }
    if walk.final_end.is_some() {
        let holds = walk.final_padding.is_none();
        notes.subject(FINAL_PADDING, holds, *event, "padding of 0 after a BFINAL block", || {
            DeflateBreach::Padding(walk.final_padding.unwrap_or_default())
        });
    }
}

/// The window and the context that were agreed for what the target sends.
fn reach(role: Role, agreed: &DeflateParams, message: &Message, notes: &mut Notes) {
    let Message { walk, event, .. } = message;
    let (bits, no_takeover) = match role {
        Role::Server => (agreed.server_max_window_bits, agreed.server_no_context_takeover),
        Role::Client => (agreed.client_max_window_bits, agreed.client_no_context_takeover),
    };
    if let Some(bits) = bits {
        let requirements: &[&str] = match role {
            Role::Server => &[SERVER_WINDOW],
            Role::Client => &[CLIENT_WINDOW, CLIENT_WINDOW_DESPITE_HINT],
        };
        let window: usize = 1 << bits;
        let expected = || Expected::rule("matches within the {} octets agreed", window.to_string());
        for requirement in requirements {
            let holds = walk.distance_max <= window;
            notes.subject(requirement, holds, *event, expected(), || DeflateBreach::Distance {
                distance: walk.distance_max,
                bit: walk.distance_max_bit,
            });
        }
    }
    if no_takeover {
        let requirements: &[&str] = match role {
            Role::Server => &[SERVER_EMPTY_WINDOW],
            Role::Client => &[CLIENT_EMPTY_WINDOW, CLIENT_SUPPORTS_NO_TAKEOVER],
        };
        for requirement in requirements {
            let holds = walk.beyond_message.is_none();
            notes.subject(requirement, holds, *event, "no match reaches beyond the message", || {
                DeflateBreach::BeyondMessage(walk.beyond_message.unwrap_or_default())
            });
        }
    }
}

fn uncompressed(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    let Some(request) = &decoded.request else { return };
    if !decoded.switched || decoded.deflate().is_some() {
        return;
    }
    let offered = !DecodedTranscript::extensions(&request.fields).is_empty();
    for frame in decoded.received.frames.iter().filter(|frame| matches!(frame.opcode, 1 | 2)) {
        let event = decoded.received.moment_of(frame);
        let observed = || DeflateBreach::NotAgreed;
        if offered {
            notes.subject(DECLINED, !frame.rsv1, event, "no compression after it was declined", observed);
        }
        if decoded.role == Role::Server && frame.rsv1 {
            notes.subject(ACCEPT_NAMES, false, event, "permessage-deflate in the response", observed);
        }
    }
}
