//! Names: kebab-case, and the ids of instances: `framing/masking/wrong-masking[len=126]@server+h1`.

use crate::transport::Transport;
use std::fmt;
use wsgauntlet_wire::Role;

/// The id of an instance, unique and never reused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct InstanceId(String);

impl InstanceId {
    /// `params` are the labels in order, `len=126`.
    pub fn new(case: &str, params: &[String], role: Role) -> InstanceId {
        let params = if params.is_empty() { String::new() } else { format!("[{}]", params.join(",")) };
        InstanceId(format!("{case}{params}@{role}+{}", Transport::Http1.as_str()))
    }

    /// The id of the same instance over another transport.
    pub fn over(&self, transport: Transport) -> InstanceId {
        let without = self.0.rsplit_once('+').map_or(self.0.as_str(), |(without, _)| without);
        InstanceId(format!("{without}+{}", transport.as_str()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without role and transport: what is typed to replay it.
    pub fn without_role(&self) -> &str {
        self.0.rsplit_once('@').map_or(&self.0, |(id, _)| id)
    }

    /// `framing`.
    pub fn area(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `name` is kebab-case: lower-case letters and digits, joined by single hyphens.
pub fn is_kebab(name: &str) -> bool {
    !name.is_empty()
        && name.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit())
        })
}

/// Whether `label` may stand in an id without quoting.
pub fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 40
        && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-._+%".contains(&octet))
}
