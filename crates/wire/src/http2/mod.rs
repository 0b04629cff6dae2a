//! The framing of HTTP/2, RFC 9113 §4 to §6: every frame as a value, lawful or not, and a reader that finds frames in octets.
//!
//! [`RawFrame`] is a header with octets behind it, and can say everything. [`Payload`] is what those octets mean, by the type
//! of the frame; [`Payload::parse`] says where they break the layout of §6. What a frame may be sent for, and when, is not
//! ruled on here.

mod code;
mod frame;
mod payload;
mod settings;

pub use code::ErrorCode;
pub use frame::{FrameHeader, FrameReader, FrameType, RawFrame, TooLong, flags};
pub use payload::{Padding, Payload, PayloadError, Priority};
pub use settings::{Setting, SettingId};

/// What a client sends first, §3.4.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The largest payload that everybody takes, §4.2, in octets; also the first value of SETTINGS_MAX_FRAME_SIZE.
pub const FRAME_LEN_DEFAULT: u32 = 1 << 14;

/// The largest payload that a length can say, in octets.
pub const FRAME_LEN_MAX: u32 = (1 << 24) - 1;

/// The flow-control window of a connection and of each stream at first, §6.9.2, in octets.
pub const WINDOW_DEFAULT: u32 = 65_535;

/// The largest window, §6.9.1, in octets.
pub const WINDOW_MAX: u32 = (1 << 31) - 1;
