//! What a page in a browser saw of a connection, as far as it deviates.

use super::head::HeadBreach;
use crate::matching::structure::{Detail, Structure};
use std::fmt;

/// What is wrong with the events of a page, or with the request of its browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageBreach {
    /// The kinds of the events, in their order.
    Events(Vec<String>),
    /// `readyState` in the handler of an event of that kind.
    ReadyState {
        /// The value of `readyState`, 0 to 3.
        state: u8,
        /// The event whose handler read it.
        handler: String,
    },
    /// A field of the request, or two of them.
    Field(HeadBreach),
    /// An open event after a response of that status.
    OpenAfter(u16),
    /// The events `open` of one connection are not as they must be.
    OpenEvent,
    /// The attribute `extensions`.
    Extensions(String),
    /// The attribute `protocol`.
    Protocol(String),
    /// The end, as the events `error` and `close` tell it.
    Close {
        /// Whether an event `error` came before.
        error: bool,
        /// The attribute `code`.
        code: u16,
        /// The attribute `reason`.
        reason: String,
        /// The attribute `wasClean`.
        clean: bool,
    },
}

impl PageBreach {
    /// What tells this breach from others.
    pub fn structure(&self) -> Structure {
        match self {
            PageBreach::Events(_) => Structure::new("events"),
            PageBreach::ReadyState { handler, .. } => {
                let known = ["open", "message", "error", "close"].into_iter().find(|known| known == handler);
                Structure::of_word("ready-state", known.unwrap_or("other"))
            }
            PageBreach::Field(field) => field.structure(),
            PageBreach::OpenAfter(status) => Structure::new("open-event").with(Detail::Status(*status)),
            PageBreach::OpenEvent => Structure::new("open-event"),
            PageBreach::Extensions(_) => Structure::new("extensions"),
            PageBreach::Protocol(_) => Structure::new("protocol"),
            PageBreach::Close { error, code, clean, .. } => Structure::new("close-event")
                .with(Detail::CloseCode(*code))
                .marked(if *error { "error" } else { "no-error" })
                .marked(if *clean { "clean" } else { "not-clean" }),
        }
    }
}

impl fmt::Display for PageBreach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PageBreach::Events(kinds) => f.write_str(&kinds.join(", ")),
            PageBreach::ReadyState { state, handler } => {
                write!(f, "readyState {state} in the handler of the {handler} event")
            }
            PageBreach::Field(field) => write!(f, "{field}"),
            PageBreach::OpenAfter(status) => write!(f, "an open event after {status}"),
            PageBreach::OpenEvent => f.write_str("an open event"),
            PageBreach::Extensions(extensions) => write!(f, "extensions {extensions:?}"),
            PageBreach::Protocol(protocol) => write!(f, "protocol {protocol:?}"),
            PageBreach::Close { error, code, reason, clean } => {
                let error = if *error { "error, " } else { "no error event, " };
                write!(f, "{error}close with code {code}, reason {reason:?}, wasClean {clean}")
            }
        }
    }
}
