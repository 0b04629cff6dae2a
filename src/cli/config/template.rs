//! What `wsgauntlet init` writes: a working file that explains every key.

/// What is known at the beginning.
#[derive(Clone, Debug, Default)]
pub(crate) struct Begin {
    pub url: Option<String>,
    pub launch: Option<String>,
}

/// The file. It has every key of `model`, most of them commented out.
pub(crate) fn template(begin: &Begin) -> String {
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let line = |key: &str, value: Option<&String>, example: &str| match value {
        Some(value) => format!("{key} = {}", quoted(value)),
        None => format!("# {key} = {}", quoted(example)),
    };
    // Without either, the URL that most examples have.
    let default = "ws://127.0.0.1:9001/".to_owned();
    let url = begin.url.as_ref().or(begin.launch.is_none().then_some(&default));
    let url = line("url", url, "ws://127.0.0.1:{port}/");
    let launch = line("launch", begin.launch.as_ref(), "./my-server --port {port}");
    TEMPLATE.replace("@URL@", &url).replace("@LAUNCH@", &launch)
}

const TEMPLATE: &str = r#"# Settings of `wsgauntlet run server` in this folder and all folders below. The command line overrides them.
# Paths are relative to this file.

# The target of a run without one. Not needed if there is only one.
# target = "server"
# smoke (one instance of each case, below a second), default, strict (a lenient verdict fails), audit (patient),
# volume (large messages, too), intrusive (also what may hurt), or one of [profiles] below.
# profile = "default"
# A lenient verdict fails the gate.
# strict = true
# Where reports are written: report.json, events.ndjson, junit.xml, index.html, summary.md ..
out = "wsgauntlet-report"
# .. and which others: sarif, tap, badge, autobahn, table.
# reports = ["sarif"]
# Folders with cases of your own.
# cases = ["conformance"]
# Text in stderr or stdout that means that the target crashed, in addition to known texts.
# crash-signs = ["my library gave up"]
# Exit statuses of `run client -- COMMAND` that are not a crash. Without it, they are learned from the run.
# ok-status = [0, 1]

[targets.server]
# Its address, and the command that starts it, if wsgauntlet has to. {port} is a free port, also in PORT in its environment.
@URL@
@LAUNCH@
# ready-within = "30s"
# Its name in reports. Without it, the name of this table.
# name = "my server 1.2"
# Fields and subprotocols of every opening request.
# headers = ["Authorization: Bearer x", "Origin: http://localhost"]
# subprotocols = ["chat"]
# After each opening handshake: hear:TEXT waits for a text message that begins with TEXT, say:TEXT sends one.
# prelude = ["hear:0{", "say:40", "hear:40"]
# TLS: accept any certificate, or also trust the authorities in a file.
# insecure = true
# ca = "ca.pem"
# Capabilities that the probe cannot find out: each is true or false.
# capabilities = { text = true, echo = true, echo-binary = true, pong = true, closing = true, permessage-deflate = false, driver = false }
# What the application calls the commands of docs/drivers.md, if it has words of its own for them.
# driver = { close = "close-me {code}", ping = "ping-me" }
# Connections at once, the longest wait for an answer, and the longest time for a whole run.
# jobs = 8
# timeout = "2s"
# budget = "60s"
# seed = 1
# profile = "default"
# Accepted deviations. `wsgauntlet run server --update-baseline` writes the file.
# baseline = "wsgauntlet-baseline.toml"
# out = "wsgauntlet-report"

# [profiles.pr]
# base = "smoke"
# case = ["framing/**", "7.9.*"]
# exclude = ["limits/**"]
# area = ["masking"]
# requirement = ["rfc6455/5.1/server-closes-on-unmasked"]
# level = "must"
# strict = true
# timeout = "500ms"
# budget = "30s"
# jobs = 16
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::config::load::load;
    use std::path::Path;

    /// What is written is a file that is read, also with every comment taken away.
    #[test]
    fn it_is_a_file_that_works() {
        let begin = Begin { url: None, launch: Some("./server \"a b\" {port}".to_owned()) };
        let config = load(Path::new("wsgauntlet.toml"), &template(&begin)).expect("a file without mistakes");
        assert_eq!(config.default_target(), Some("server"));
        assert_eq!(config.surface.targets["server"].launch, begin.launch);
        let all = uncommented();
        let config = load(Path::new("wsgauntlet.toml"), &all).expect("a file without mistakes");
        assert_eq!(config.surface.profiles["pr"].jobs, Some(16));
    }

    /// Comments that are settings, taken as settings.
    fn uncommented() -> String {
        let mut out = String::new();
        for line in template(&Begin::default()).lines() {
            let setting = line.strip_prefix("# ").filter(|text| {
                text.starts_with('[') || text.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '))
            });
            out.push_str(setting.unwrap_or(line));
            out.push('\n');
        }
        out
    }

    /// Every key that can be written is documented: serde names them where it meets an unknown one.
    #[test]
    fn every_key_is_documented() {
        for (table, broken) in [
            ("", "unknown = 1\n"),
            ("targets.server", "[targets.server]\nurl = \"ws://x\"\nunknown = 1\n"),
            ("profiles.pr", "[profiles.pr]\nunknown = 1\n"),
            ("capabilities", "[targets.server]\nurl = \"ws://x\"\ncapabilities = { unknown = true }\n"),
        ] {
            let mistakes = load(Path::new("wsgauntlet.toml"), broken).expect_err("an unknown key");
            let message = mistakes[0].to_string();
            let keys: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
            assert!(keys.len() >= 5, "{message}");
            let all = uncommented();
            for key in keys.iter().filter(|key| !["targets", "profiles"].contains(key)) {
                assert!(all.contains(&format!("{key} = ")), "{table}: {key}");
            }
        }
    }
}
