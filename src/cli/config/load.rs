//! The file read, with the place of every mistake: of its form by serde, of its sense here.

use super::model::{Config, ConfigSurface};
use crate::audit::AuditProfile as BuiltIn;
use crate::report::registry;
use std::path::Path;
use toml::Value;
use wsgauntlet_suite::case::duration;
use wsgauntlet_suite::case::load::{Key, Mistake, Places, Source, read};

pub(super) fn load(path: &Path, text: &str) -> Result<Config, Vec<Mistake>> {
    let file = path.display().to_string();
    let source = Source { path: file.clone(), file, text: text.to_owned() };
    let places = Places::new(&source).map_err(|mistake| vec![mistake])?;
    // The second line of such a message names the table, whose place is given here already.
    let one_line = |message: String| message.lines().next().unwrap_or_default().to_owned();
    let surface: ConfigSurface = read(Value::Table(places.table.clone()), &[])
        .map_err(|(path, message)| vec![places.mistake(&path, one_line(message))])?;
    let mut mistakes: Vec<Mistake> =
        senseless(&surface).into_iter().map(|(path, message)| places.mistake(&path, message)).collect();
    mistakes.sort();
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let dir = path.parent().map(Path::to_path_buf).unwrap_or_default();
    Ok(Config { path: path.to_path_buf(), dir, surface })
}

fn keys(path: &[&str]) -> Vec<Key> {
    path.iter().map(|key| Key::Name((*key).to_owned())).collect()
}

/// Values that are well-formed but invalid.
fn senseless(config: &ConfigSurface) -> Vec<(Vec<Key>, String)> {
    let mut found = Vec::new();
    let mut complain = |path: &[&str], message: String| found.push((keys(path), message));
    if let Some(target) = &config.target
        && !config.targets.contains_key(target)
    {
        complain(&["target"], format!("there is no [targets.{target}]"));
    }
    let profile_exists = |name: &String| BuiltIn::named(name).is_some() || config.profiles.contains_key(name);
    let no_profile = |name: &str| format!("there is no profile {name:?}, built in or as [profiles.{name}]");
    if let Some(name) = config.profile.as_ref().filter(|name| !profile_exists(name)) {
        complain(&["profile"], no_profile(name));
    }
    if let Some(name) = config.reports.iter().find(|name| registry::format(name).is_none()) {
        let all: Vec<&str> = registry::FORMATS.iter().map(|format| format.name).collect();
        complain(&["reports"], format!("there is no format {name:?}, expected one of {}", all.join(", ")));
    }
    for (name, target) in &config.targets {
        if name.contains("://") {
            complain(
                &["targets", name],
                "the name of a target must not look like a URL: a run could not tell them apart".to_owned(),
            );
        }
        if target.url.is_none() && target.launch.is_none() {
            complain(&["targets", name], "it needs `url`, or `launch`".to_owned());
        }
        for (key, value) in
            [("timeout", &target.timeout), ("budget", &target.budget), ("ready-within", &target.ready_within)]
        {
            if let Some(Err(error)) = value.as_ref().map(|text| duration::parse(text)) {
                complain(&["targets", name, key], error.to_string());
            }
        }
        if let Some(profile) = target.profile.as_ref().filter(|name| !profile_exists(name)) {
            complain(&["targets", name, "profile"], no_profile(profile));
        }
        if target.jobs == Some(0) {
            complain(&["targets", name, "jobs"], "one connection at the least".to_owned());
        }
    }
    for (name, profile) in &config.profiles {
        if BuiltIn::named(name).is_some() {
            complain(&["profiles", name], "a profile of this name is built in".to_owned());
        }
        if let Some(base) = profile.base.as_ref().filter(|base| BuiltIn::named(base).is_none()) {
            let all: Vec<&str> = BuiltIn::ALL.iter().map(|profile| profile.as_str()).collect();
            complain(
                &["profiles", name, "base"],
                format!("there is no built-in profile {base:?}, expected one of {}", all.join(", ")),
            );
        }
        for (key, value) in [("timeout", &profile.timeout), ("budget", &profile.budget)] {
            if let Some(Err(error)) = value.as_ref().map(|text| duration::parse(text)) {
                complain(&["profiles", name, key], error.to_string());
            }
        }
        if let Some(level) =
            profile.level.as_ref().filter(|level| !["must", "should", "may"].contains(&level.as_str()))
        {
            complain(&["profiles", name, "level"], format!("{level:?}: expected one of must, should, may"));
        }
        if profile.jobs == Some(0) {
            complain(&["profiles", name, "jobs"], "one connection at the least".to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All invalid values are reported together, each with its place; a syntax error is reported alone.
    #[test]
    fn mistakes_have_places() {
        let text = "\
target = \"echo\"
profile = \"fast\"
reports = [\"junit\", \"pdf\"]

[targets.\"ws://x\"]
timeout = \"5\"

[targets.none]
jobs = 0
profile = \"pr\"
launch = \"./server\"

[profiles.smoke]
base = \"pr\"
level = \"MUST\"
";
        let mistakes = load(Path::new("wsgauntlet.toml"), text).expect_err("mistakes");
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(lines.join("\n"));
        let form = load(Path::new("wsgauntlet.toml"), "[targets.a]\nurl = \"ws://x\"\nheader = []\n")
            .expect_err("a mistake");
        assert_eq!(form.len(), 1);
        insta::assert_snapshot!(form[0].to_string());
    }
}
