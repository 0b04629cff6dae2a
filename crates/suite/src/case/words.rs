//! Words of an application's own for the commands to a driver: `close = "close-me {code}"`. An application that has them need
//! not read JSON.

use super::driver::is_command;
use super::model::{Instance, LazyScript, Need};
use super::payload::Payload;
use super::script::{Piece, Script, Step};
use std::collections::BTreeMap;
use std::sync::Arc;

/// For a command, by its `do`: the text message that is sent instead. `{code}`, `{reason}` and so on stand for the values of the
/// command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DriverWords(pub BTreeMap<String, String>);

impl DriverWords {
    /// The message in place of a command. `None`: there are no words for it, or they do not hold all that the command says.
    fn message(&self, command: &[u8]) -> Option<String> {
        let json = command.get(command.iter().position(|octet| *octet == b'{')?..)?;
        let values: BTreeMap<String, serde_json::Value> = serde_json::from_slice(json).ok()?;
        let mut message = self.0.get(values.get("do")?.as_str()?)?.clone();
        for (name, value) in values.iter().filter(|(name, _)| *name != "do") {
            let slot = format!("{{{name}}}");
            let text = match value {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Number(number) => number.to_string(),
                _ => return None,
            };
            if !message.contains(&slot) {
                return None;
            }
            message = message.replace(&slot, &text);
        }
        let is_open = VALUES.iter().any(|name| message.contains(&format!("{{{name}}}")));
        (!is_open).then_some(message)
    }
}

/// The values that commands have.
const VALUES: &[&str] = &["code", "reason", "text", "type", "size", "count", "tasks", "fragments", "ms"];

impl Instance {
    /// The instance as it is played with an application that has these words. Where they do not suffice, it is the same, and
    /// still needs a driver.
    pub fn with_words(&self, words: &DriverWords) -> Instance {
        let translated = self.needs.contains(&Need::Driver).then(|| self.script.with_words(words)).flatten();
        let Some(script) = translated else { return self.clone() };
        let needs = self.needs.iter().copied().filter(|need| *need != Need::Driver).collect();
        let script = Arc::new(LazyScript::new(Box::new(move || Box::new(script))));
        Instance { script, needs, plain: Some(self.script.clone()), ..self.clone() }
    }
}

impl Script {
    /// With words in place of all commands.
    fn with_words(&self, words: &DriverWords) -> Option<Script> {
        let mut script = self.clone();
        for step in &mut script.steps {
            let Step::Send(write) = step else { continue };
            for piece in &mut write.pieces {
                if let Piece::Frame(frame) = piece
                    && let Payload::Literal(octets) = &frame.payload
                    && is_command(octets)
                {
                    frame.payload = Payload::Literal(words.message(octets)?.into_bytes());
                }
            }
        }
        Some(script)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> DriverWords {
        let word = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        DriverWords([("close", "close-me {code}"), ("ping", "ping!")].map(word).into())
    }

    /// What the words cannot say is not said by halves.
    #[test]
    fn words_hold_all_that_a_command_says() {
        let message = |json: &str| words().message(format!("wsgauntlet {json}").as_bytes());
        assert_eq!(message(r#"{"do":"close","code":4001}"#).as_deref(), Some("close-me 4001"));
        assert_eq!(message(r#"{"do":"ping"}"#).as_deref(), Some("ping!"));
        assert_eq!(message(r#"{"do":"close"}"#), None, "no code");
        assert_eq!(message(r#"{"do":"close","code":4001,"reason":"x"}"#), None, "no place for the reason");
        assert_eq!(message(r#"{"do":"pong"}"#), None, "no words");
    }

    /// An instance that the words suffice for needs no driver any more, and the reference plays it as it was.
    #[test]
    fn instances_are_translated_whole_or_not_at_all() {
        let library = crate::testing::library();
        let driven = library.cases.iter().flat_map(|case| &case.instances);
        let driven: Vec<&Instance> = driven.filter(|one| one.needs.contains(&Need::Driver)).collect();
        let translated: Vec<Instance> = driven.iter().map(|instance| instance.with_words(&words())).collect();
        let (whole, none): (Vec<_>, Vec<_>) =
            translated.iter().partition(|instance| !instance.needs.contains(&Need::Driver));
        assert!(!whole.is_empty() && !none.is_empty());
        for instance in whole {
            assert!(instance.script.commands().next().is_none(), "{}", instance.id);
            assert!(instance.plain().script.commands().next().is_some(), "{}", instance.id);
        }
        assert!(none.iter().all(|instance| instance.script.commands().next().is_some()));
    }
}
