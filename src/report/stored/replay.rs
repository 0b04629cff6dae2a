//! How a person plays an instance of a stored run again: the command line, quoted for a shell.

use super::again::Again;
use super::instance::StoredInstance;
use super::model::StoredRun;
use wsgauntlet_wire::Role;

/// The name of the monitor that judges all connections of a run together. One play cannot show what it found.
const RUN_WIDE: &str = "run-statistics";

/// Options that `run client` has and `replay` does not.
const RUN_ONLY: &[&str] = &["--tls", "--listen", "--browser", "--launch-browser"];

impl StoredRun {
    /// The command that plays an instance again.
    pub fn replay(&self, instance: &StoredInstance) -> String {
        let again = self.target.again.clone().unwrap_or_else(|| self.address());
        let id = instance.short_id();
        let run_wide = instance.failures().any(|failure| failure.monitor.as_deref() == Some(RUN_WIDE));
        let replayed = self.target.role == Role::Server
            || !(run_wide
                || again.command.is_empty()
                || again.words.iter().any(|word| RUN_ONLY.contains(&word.as_str())));
        let mut line = match (replayed, run_wide) {
            (true, _) => format!("wsgauntlet replay {}", in_quotes(id)),
            (false, false) => format!("wsgauntlet run client --case {}", in_quotes(id)),
            (false, true) => "wsgauntlet run client".to_owned(),
        };
        let separator = (!again.command.is_empty()).then(|| "--".to_owned());
        for word in again.words.iter().chain(&separator).chain(&again.command) {
            line.push(' ');
            line.push_str(&quoted(word));
        }
        line
    }

    /// The command that writes a reproducer of an instance, which needs no wsgauntlet. `None` where one play cannot show what was
    /// found, or where `replay` cannot reach the target.
    pub fn reproducer(&self, instance: &StoredInstance) -> Option<String> {
        let replay = self.replay(instance);
        let id = in_quotes(instance.short_id());
        let rest = replay.strip_prefix(&format!("wsgauntlet replay {id}"))?;
        Some(format!("wsgauntlet replay {id} --as python{rest}"))
    }

    /// What an older report tells.
    fn address(&self) -> Again {
        let words = match (self.target.role, self.target.built_in) {
            (Role::Server, false) => vec![self.target.url.clone()],
            (Role::Server, true) | (Role::Client, _) => Vec::new(),
        };
        Again { words, command: Vec::new() }
    }
}

/// A word as a POSIX shell reads it.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+=,-".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => in_quotes(word),
    }
}

fn in_quotes(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        for (word, expected) in [
            ("ws://127.0.0.1:9001/", "ws://127.0.0.1:9001/"),
            ("", "''"),
            ("node s.js {port}", "'node s.js {port}'"),
            ("it's", "'it'\\''s'"),
            ("ws://h/?a=1&b=2", "'ws://h/?a=1&b=2'"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
