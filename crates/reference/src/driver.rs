//! What a driver does: an application that obeys commands, beside its echo. docs/drivers.md is the contract. A command comes as a
//! text message.

use super::endpoint::Endpoint;
use super::event::MessageKind;
use super::misuse::Misuse;
use std::time::Duration;
use wsgauntlet_wire::CloseCode;

/// What a text message begins with that is a command; the brace begins its JSON.
const COMMAND_BEGINS: &[u8] = b"wsgauntlet {";

/// Where the JSON begins in it.
const JSON_AT: usize = COMMAND_BEGINS.len() - 1;

/// The most messages, octets and nested commands that one command asks for.
const COUNT_MAX: usize = 20_000;
const SIZE_MAX: usize = 64 << 20;
const NESTED_MAX: usize = 8;

/// A command. What is not there has its default.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    #[serde(rename = "do")]
    what: String,
    code: Option<i64>,
    #[serde(default)]
    reason: String,
    /// The payload of a ping or pong, or the text of a message.
    text: Option<String>,
    #[serde(rename = "type", default)]
    kind: Kind,
    #[serde(default)]
    size: usize,
    count: Option<usize>,
    #[serde(default = "one")]
    tasks: usize,
    #[serde(default = "one")]
    fragments: usize,
    #[serde(default)]
    ms: u64,
    /// What is done right after it.
    then: Option<Box<Command>>,
}

#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Text,
    Binary,
}

fn one() -> usize {
    1
}

/// Obeys a command, if the text is one. Gives for how long the application does nothing then.
pub(super) fn obey(endpoint: &mut Endpoint, kind: MessageKind, text: &[u8]) -> Option<Duration> {
    let is_command = kind == MessageKind::Text && text.starts_with(COMMAND_BEGINS);
    let json = text.get(JSON_AT..).filter(|_| is_command)?;
    let mut next = match serde_json::from_slice::<Command>(json) {
        Ok(command) => Some(command),
        Err(_) if is_surrogate(json) && endpoint.encodes_surrogates() => {
            // U+D800 as three octets, as if it were a character.
            let _not_open = endpoint.send_message(MessageKind::Text, b"\xed\xa0\x80");
            None
        }
        Err(error) => {
            say(endpoint, &format!("refused: {error}"));
            None
        }
    };
    let mut pause = Duration::ZERO;
    for _ in 0..NESTED_MAX {
        let Some(command) = next.take() else { break };
        pause += carry_out(endpoint, &command);
        next = command.then.map(|then| *then);
    }
    Some(pause)
}

/// The answer after a pause.
pub(super) fn awake(endpoint: &mut Endpoint) {
    say(endpoint, "waited");
}

fn is_surrogate(json: &[u8]) -> bool {
    String::from_utf8_lossy(json).contains("\\ud800")
}

fn carry_out(endpoint: &mut Endpoint, command: &Command) -> Duration {
    let done = match command.what.as_str() {
        "hello" => endpoint.send_message(MessageKind::Text, b"wsgauntlet driver 1"),
        "close" => close(endpoint, command),
        "drop" => endpoint.drop_tcp(),
        "ping" => repeated(command, |payload| endpoint.ping(payload)),
        "pong" => repeated(command, |payload| endpoint.pong(payload)),
        "send" => send(endpoint, command),
        // §7.4.1: 1011 "indicates that a server is terminating the connection because it encountered an unexpected condition".
        "throw" => endpoint.close(Some(CloseCode(1011)), ""),
        "wait" => return Duration::from_millis(command.ms),
        _ => {
            say(endpoint, "unsupported");
            Ok(())
        }
    };
    match done {
        // Nobody hears an answer after a Close.
        Ok(()) | Err(Misuse::NotOpen) => {}
        Err(misuse) => say(endpoint, &format!("refused: {misuse}")),
    }
    Duration::ZERO
}

fn say(endpoint: &mut Endpoint, text: &str) {
    // After a Close nobody hears it.
    let _not_open = endpoint.send_message(MessageKind::Text, text.as_bytes());
}

fn close(endpoint: &mut Endpoint, command: &Command) -> Result<(), Misuse> {
    let code = command.code.map(|code| u16::try_from(code).map(CloseCode)).transpose();
    endpoint.close(code.map_err(|_| Misuse::CloseCode)?, &command.reason)
}

fn repeated(command: &Command, mut send: impl FnMut(&[u8]) -> Result<(), Misuse>) -> Result<(), Misuse> {
    match (&command.text, command.count) {
        (_, Some(count)) => {
            (0..count.min(COUNT_MAX)).try_for_each(|index| send(&numbered(0, index, command.size)))
        }
        (Some(text), None) => send(text.as_bytes()),
        (None, None) => send(&alphabet(command.size)),
    }
}

fn send(endpoint: &mut Endpoint, command: &Command) -> Result<(), Misuse> {
    let size = command.size.min(SIZE_MAX);
    let fragments = command.fragments.max(1);
    let Some(count) = command.count else {
        return match (&command.text, command.kind) {
            (Some(text), _) => endpoint.send_fragments(MessageKind::Text, text.as_bytes(), fragments),
            (None, Kind::Text) => endpoint.send_fragments(MessageKind::Text, &alphabet(size), fragments),
            (None, Kind::Binary) => {
                let octets: Vec<u8> = (0..=u8::MAX).cycle().take(size).collect();
                endpoint.send_fragments(MessageKind::Binary, &octets, fragments)
            }
        };
    };
    let tasks = command.tasks.clamp(1, COUNT_MAX);
    for index in 0..count.min(COUNT_MAX / tasks) {
        let messages: Vec<Vec<u8>> = (0..tasks).map(|task| numbered(task, index, size)).collect();
        endpoint.send_at_once(&messages, fragments)?;
    }
    Ok(())
}

/// Text of that many octets.
fn alphabet(size: usize) -> Vec<u8> {
    (b'a'..=b'z').cycle().take(size.min(SIZE_MAX)).collect()
}

/// The text of that index of a task, of that many octets.
fn numbered(task: usize, index: usize, size: usize) -> Vec<u8> {
    let mut octets = format!("{task}/{index} ").into_bytes();
    octets.truncate(size);
    octets.extend(alphabet(size - octets.len()));
    octets
}
