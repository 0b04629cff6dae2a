//! Values that are stored by the word that stands for them.

/// What is displayed and parsed.
pub(super) mod named {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::fmt::Display;
    use std::str::FromStr;

    pub(crate) fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr,
        T::Err: Display,
        D: Deserializer<'de>,
    {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A role.
pub(super) mod role {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use wsgauntlet_wire::Role;

    pub(crate) fn serialize<S: Serializer>(role: &Role, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(role)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Role, D::Error> {
        let text = String::deserialize(deserializer)?;
        let found = [Role::Client, Role::Server].into_iter().find(|role| role.to_string() == text);
        found.ok_or_else(|| D::Error::unknown_variant(&text, &["client", "server"]))
    }
}
