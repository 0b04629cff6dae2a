//! Close frames and what follows them, RFC 6455 §5.5.1 and §7.4.

use super::{Monitor, Notes};
use crate::oracle::decoded::DecodedTranscript;
use crate::oracle::observed::{FrameBreach, FrameFault};
use crate::transcript::{Event, EventKind};
use wsgauntlet_wire::Role;
use wsgauntlet_wire::frame::CONTROL_PAYLOAD_LEN_MAX;
use wsgauntlet_wire::naive::NaiveFrame;

pub(super) const CLOSE_FRAMES: Monitor = Monitor {
    name: "close-frames",
    doc: "Every Close carries nothing, or a code that may be sent and a reason in UTF-8.",
    requirements: &[BODY, NO_1005, NO_1006, NO_1015, NOT_USED, RESERVED, RANGE, NO_1010, LISTS, REASON],
    check: close_frames,
};

pub(super) const AFTER_CLOSE: Monitor = Monitor {
    name: "after-close",
    doc: "No data frame, and no second Close, follows a Close.",
    requirements: &[NO_DATA, ONE_CLOSE],
    check: after_close,
};

pub(super) const TCP_END: Monitor = Monitor {
    name: "tcp-end",
    doc: "A server ends TCP in order after a closing handshake, and does not reset it.",
    requirements: &[CLEANLY],
    check: tcp_end,
};

const CLEANLY: &str = "rfc6455/7.1.1/tcp-closed-cleanly";
const BODY: &str = "rfc6455/5.5.1/body-starts-with-code";
const REASON: &str = "rfc6455/5.5.1/reason-is-utf8";
const NO_1005: &str = "rfc6455/7.4.1/1005-not-sent";
const NO_1006: &str = "rfc6455/7.4.1/1006-not-sent";
const NO_1015: &str = "rfc6455/7.4.1/1015-not-sent";
const NO_1010: &str = "rfc6455/7.4.1/1010-not-used-by-server";
const LISTS: &str = "rfc6455/7.4.1/1010-lists-extensions";
const NOT_USED: &str = "rfc6455/7.4.2/0-999-not-used";
const RESERVED: &str = "rfc6455/7.4.2/1000-2999-reserved";
const RANGE: &str = "rfc6455/11.7/status-code-range";
const NO_DATA: &str = "rfc6455/5.5.1/no-data-after-close";
const ONE_CLOSE: &str = "rfc6455/7.1.2/close-after-both-closes";

fn close_frames(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    let closes = decoded.received.frames.iter().filter(|frame| frame.opcode == 8 && frame.complete);
    for frame in closes.filter(|frame| !decoded.is_misread(frame)) {
        let event = decoded.received.moment_of(frame);
        let observed = || FrameBreach::Close(frame.payload.clone());
        notes.subject(BODY, frame.payload.len() != 1, event, "no body, or a code of two octets", observed);
        let [high, low, reason @ ..] = frame.payload.as_slice() else { continue };
        let code = u16::from(*high) * 256 + u16::from(*low);
        let code_rules = [
            (NO_1005, code != 1005),
            (NO_1006, code != 1006),
            (NO_1015, code != 1015),
            (NOT_USED, code >= 1000),
            (RANGE, code <= 4999),
            (RESERVED, code != 1004 && !(1016..=2999).contains(&code)),
        ];
        for (requirement, holds) in code_rules {
            notes.subject(requirement, holds, event, "a status code that may be sent", observed);
        }
        // A code that the peer sent may be sent back, §5.5.1.
        if decoded.role == Role::Server && !echoes(decoded, code) {
            notes.subject(NO_1010, code != 1010, event, "1010 is not used by a server", observed);
        }
        if decoded.role == Role::Client && code == 1010 && !echoes(decoded, code) {
            let listed = !reason.trim_ascii().is_empty();
            notes.subject(LISTS, listed, event, "a reason that lists the extensions", observed);
        }
        notes.subject(REASON, std::str::from_utf8(reason).is_ok(), event, "a reason in UTF-8", observed);
    }
}

/// Whether our peer sent that code in a Close.
fn echoes(decoded: &DecodedTranscript<'_>, code: u16) -> bool {
    decoded
        .sent
        .frames
        .iter()
        .any(|frame| frame.opcode == 8 && frame.payload.starts_with(&code.to_be_bytes()))
}

fn after_close(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    let frames = &decoded.received.frames;
    let Some(close) = frames.iter().position(|frame| frame.opcode == 8) else { return };
    let event = decoded.received.moment_of(&frames[close]);
    let after = &frames[close + 1..];
    let expected = "no data frame after the Close";
    match after.iter().find(|frame| frame.opcode < 8) {
        None => notes.meets(NO_DATA),
        Some(data) => {
            notes.subject(NO_DATA, false, event, expected, || FrameBreach::of(FrameFault::AfterClose, data))
        }
    }
    let second = after.iter().any(|frame| frame.opcode == 8);
    notes.subject(ONE_CLOSE, !second, event, "one Close", || FrameBreach::SecondClose);
}

/// §7.1.1: TCP is closed cleanly, "discarding any trailing bytes that may have been received". A reset is judged where the
/// target had read the Close that it answers in kind, and whatever came with it in one write: what it left unread, it
/// left on purpose. Else octets of ours may have crossed its end, and the kernel resets on its own account: a server that
/// fails the connection does not read our answer, §7.1.7. A frame that the reset cut off was lost in any case.
fn tcp_end(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    let judged = decoded.transcript.judged();
    let ends = |event: &Event| matches!(event.kind, EventKind::ReceivedEof | EventKind::ReceivedReset);
    let Some(end) = judged.iter().position(ends) else { return };
    let ours = judged[..end].iter().any(|event| matches!(event.kind, EventKind::SentReset));
    if decoded.role != Role::Server || ours {
        return;
    }
    let reset = matches!(judged[end].kind, EventKind::ReceivedReset);
    if reset && decoded.received.frames.last().is_some_and(|frame| !frame.complete) {
        notes.subject(CLEANLY, false, end, "TCP ends in order", || FrameBreach::ResetWithinFrame);
    }
    if is_answered(decoded) {
        notes.subject(CLEANLY, !reset, end, "TCP ends in order", || FrameBreach::ResetAfterClosing);
    }
}

/// Whether a lawful Close of ours, in our last write, was answered in kind.
fn is_answered(decoded: &DecodedTranscript<'_>) -> bool {
    let is_close = |frame: &&NaiveFrame| frame.opcode == 8 && frame.complete;
    let ours = decoded.sent.frames.iter().find(is_close);
    let theirs = decoded.received.frames.last().filter(is_close);
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return false };
    let sent = decoded.sent.moment_of(ours).event;
    ours.payload.len() <= CONTROL_PAYLOAD_LEN_MAX
        && ours.payload.get(..2) == theirs.payload.get(..2)
        && sent == decoded.sent.event_of(decoded.sent.octets.len().saturating_sub(1))
        && sent < decoded.received.moment_of(theirs).event
}
