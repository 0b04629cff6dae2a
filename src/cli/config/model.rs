//! What a wsgauntlet.toml says, as it is written: the keys are these fields, with hyphens.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct ConfigSurface {
    pub target: Option<String>,
    pub profile: Option<String>,
    pub strict: bool,
    pub out: Option<PathBuf>,
    pub reports: Vec<String>,
    pub cases: Vec<PathBuf>,
    pub crash_signs: Vec<String>,
    pub ok_status: Vec<i32>,
    pub targets: BTreeMap<String, TargetSurface>,
    pub profiles: BTreeMap<String, ProfileSurface>,
}

/// `[targets.NAME]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct TargetSurface {
    pub url: Option<String>,
    pub launch: Option<String>,
    pub ready_within: Option<String>,
    pub name: Option<String>,
    pub headers: Vec<String>,
    pub subprotocols: Vec<String>,
    pub prelude: Vec<String>,
    pub insecure: bool,
    pub ca: Option<PathBuf>,
    pub capabilities: CapabilitiesSurface,
    /// Words for commands to a driver.
    pub driver: BTreeMap<String, String>,
    pub jobs: Option<u16>,
    pub timeout: Option<String>,
    pub budget: Option<String>,
    pub seed: Option<u64>,
    pub profile: Option<String>,
    pub baseline: Option<PathBuf>,
    pub out: Option<PathBuf>,
}

/// `capabilities = { echo = true }`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct CapabilitiesSurface {
    pub text: Option<bool>,
    pub echo: Option<bool>,
    pub echo_binary: Option<bool>,
    pub pong: Option<bool>,
    pub closing: Option<bool>,
    pub permessage_deflate: Option<bool>,
    pub driver: Option<bool>,
}

/// `[profiles.NAME]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct ProfileSurface {
    pub base: Option<String>,
    pub case: Vec<String>,
    pub exclude: Vec<String>,
    pub area: Vec<String>,
    pub requirement: Vec<String>,
    pub level: Option<String>,
    pub strict: bool,
    pub timeout: Option<String>,
    pub budget: Option<String>,
    pub jobs: Option<u16>,
}

/// A file that was read and checked.
#[derive(Debug)]
pub(super) struct Config {
    pub path: PathBuf,
    /// What its paths are relative to.
    pub dir: PathBuf,
    pub surface: ConfigSurface,
}

impl Config {
    /// The target of a run without a URL: the named one, or the only one.
    pub(super) fn default_target(&self) -> Option<&str> {
        let only = (self.surface.targets.len() == 1).then(|| self.surface.targets.keys().next()).flatten();
        self.surface.target.as_ref().or(only).map(String::as_str)
    }
}
