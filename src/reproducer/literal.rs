//! Values as Python writes them.

use std::fmt::Write;
use wsgauntlet_suite::case::Payload;
use wsgauntlet_wire::hex;

/// More octets than this are written in hexadecimal.
const LITERAL_LEN_MAX: usize = 400;

/// `b"..."`, or `bytes.fromhex("...")` for many octets.
pub(crate) fn octets(octets: &[u8]) -> String {
    if let Some(unit) = octets.first().filter(|unit| octets.len() > 32 && octets.iter().all(|o| o == *unit)) {
        return format!("{} * {}", literal(&[*unit]), octets.len());
    }
    if octets.len() > LITERAL_LEN_MAX {
        return format!("bytes.fromhex(\"{}\")", hex::encode(octets).replace(' ', ""));
    }
    literal(octets)
}

fn literal(octets: &[u8]) -> String {
    let mut out = String::from("b\"");
    for octet in octets {
        match octet {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(*octet));
            }
            b'\r' => out.push_str("\\r"),
            b'\n' => out.push_str("\\n"),
            0x20..=0x7e => out.push(char::from(*octet)),
            _ => {
                let _ = write!(out, "\\x{octet:02x}");
            }
        }
    }
    out.push('"');
    out
}

/// The octets of a payload, as short as it is described.
pub(crate) fn payload(payload: &Payload) -> String {
    match payload {
        Payload::Fill { unit, len } if *len > 32 && !unit.is_empty() => match len % unit.len() {
            0 => format!("{} * {}", octets(unit), len / unit.len()),
            rest => format!("{} * {} + {}", octets(unit), len / unit.len(), octets(&unit[..rest])),
        },
        Payload::Cycle { len } if *len > 256 => {
            format!("(bytes(range(256)) * {})[:{len}]", len / 256 + 1)
        }
        other => octets(&other.octets()),
    }
}

/// A text as a Python literal.
pub(crate) fn text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text as lines of comment of a shell, each behind `# ` and `indent`. What a target sent can hold line breaks, and no part of it may
/// become a command.
pub(crate) fn comment(indent: &str, text: &str) -> String {
    let lines = text.split(|c: char| c.is_control() && c != '\t');
    lines.map(|line| format!("# {indent}{line}\n")).collect()
}

/// A fence for code in Markdown that `text` does not close: three backticks, or one more than the longest run of them in it.
pub(crate) fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat((longest + 1).max(3))
}

/// `True`, `False`.
pub(crate) fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quotes, backslashes and octets that are no text must not end or change the literal.
    #[test]
    fn octets_are_quoted_for_python() {
        assert_eq!(octets(b"a\"\\\r\n\x00\xff"), "b\"a\\\"\\\\\\r\\n\\x00\\xff\"");
        assert_eq!(octets(&[0; 40]), "b\"\\x00\" * 40");
        assert_eq!(payload(&Payload::Fill { unit: b"ab".to_vec(), len: 41 }), "b\"ab\" * 20 + b\"a\"");
        assert_eq!(text("a\"\u{1}\n"), "\"a\\\"\\x01\\n\"");
    }

    /// A line break in what a target sent must not begin a line of the script, nor its backticks end a block of code.
    #[test]
    fn what_a_target_sent_stays_a_comment() {
        assert_eq!(comment("  ", "a\nreboot\r\u{b}b"), "#   a\n#   reboot\n#   \n#   b\n");
        assert_eq!((fence("a"), fence("``"), fence("a```b")), ("```".into(), "```".into(), "````".into()));
    }
}
