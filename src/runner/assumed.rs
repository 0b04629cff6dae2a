//! What is said of a target beforehand, and stands whatever the probe sees: a server that echoes
//! some messages only is no echo, and one that pings slowly still does.

use wsgauntlet_suite::transcript::Capabilities;

/// `None`: what the probe sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Assumed {
    /// Text messages are taken.
    pub text: Option<bool>,
    /// Each message is sent back.
    pub echo: Option<bool>,
    /// Binary messages are, too.
    pub echo_binary: Option<bool>,
    /// Pings are answered.
    pub pong: Option<bool>,
    /// The closing handshake is completed.
    pub closing: Option<bool>,
    /// permessage-deflate is agreed to.
    pub deflate: Option<bool>,
    /// Commands are obeyed (docs/drivers.md). If this is true and the probe finds no driver, the run fails.
    pub driver: Option<bool>,
}

impl Assumed {
    /// What the probe saw, replaced by what was declared.
    pub fn apply(self, seen: Capabilities) -> Capabilities {
        Capabilities {
            text: self.text.unwrap_or(seen.text),
            echo: self.echo.unwrap_or(seen.echo),
            echo_binary: self.echo_binary.unwrap_or(seen.echo_binary),
            pong: self.pong.unwrap_or(seen.pong),
            closing: self.closing.unwrap_or(seen.closing),
            deflate: self.deflate.unwrap_or(seen.deflate),
            driver: self.driver.unwrap_or(seen.driver),
            overlooked: seen.overlooked,
        }
    }
}
