//! Commands to a *driver*: an echo that also does what it is told. docs/drivers.md is the contract. A command is a text message;
//! a script sends it like any other.

use super::script::{Piece, Script, Step};
use wsgauntlet_wire::Opcode;

/// What a text message begins with that is a command. A JSON object follows, whose brace is the last octet here.
pub const COMMAND_BEGINS: &str = "wsgauntlet {";

/// What both a driver's answer to [`HELLO`] and its echo begin with.
pub const GREETS: &str = "wsgauntlet ";

/// The command that asks what the target is.
pub const HELLO: &str = "wsgauntlet {\"do\":\"hello\"}";

/// What a driver of this version of the contract answers to [`HELLO`].
pub const HELLO_ANSWER: &str = "wsgauntlet driver 1";

/// What a driver's answer begins with where its library cannot do what the command asks for.
pub const UNSUPPORTED: &str = "unsupported";

/// Whether a text message is a command.
pub fn is_command(text: &[u8]) -> bool {
    text.starts_with(COMMAND_BEGINS.as_bytes())
}

/// A text message of that many octets, as a driver makes it: the alphabet, again and again.
pub fn text(size: usize) -> Vec<u8> {
    (b'a'..=b'z').cycle().take(size).collect()
}

/// The text message of that index of a task: `task/index `, then the alphabet, cut or filled up to `size` octets.
pub fn numbered_text(task: usize, index: usize, size: usize) -> Vec<u8> {
    let mut octets = format!("{task}/{index} ").into_bytes();
    octets.truncate(size);
    octets.extend(text(size - octets.len()));
    octets
}

impl Script {
    /// The commands that the script sends, in order.
    pub fn commands(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        let pieces = self.steps.iter().filter_map(|step| match step {
            Step::Send(write) => Some(&write.pieces),
            _ => None,
        });
        pieces.flatten().filter_map(|piece| match piece {
            Piece::Frame(frame) if frame.opcode == Opcode::Text && frame.payload.may_be_command() => {
                Some(frame.payload.octets())
            }
            Piece::Frame(_) | Piece::Raw(_) | Piece::Compressed(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A driver in another language has to make the same octets.
    #[test]
    fn messages_are_made_by_a_rule() {
        assert_eq!(text(28), b"abcdefghijklmnopqrstuvwxyzab");
        assert_eq!(numbered_text(2, 13, 8), b"2/13 abc");
        assert_eq!(numbered_text(2, 13, 3), b"2/1");
        assert!(is_command(HELLO.as_bytes()) && !is_command(HELLO_ANSWER.as_bytes()));
        assert!(!is_command(b"wsgauntlet probe"));
    }
}
