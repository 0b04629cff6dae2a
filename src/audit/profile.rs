//! The profiles that are built in. A wsgauntlet.toml may add its own, each made of one of these.

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;
use wsgauntlet_suite::case::{Instance, Profile};

/// There is no built-in profile of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no profile {0:?}: there are {all}, and those of a wsgauntlet.toml", all = all())]
pub struct UnknownProfile(pub String);

fn all() -> String {
    BuiltIn::ALL.map(BuiltIn::as_str).join(", ")
}

/// A built-in profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BuiltIn {
    /// One instance of each case, impatiently: below a second against a target that conforms.
    Smoke,
    /// Each instance of the default profile, with the ordinary timeouts.
    #[default]
    Default,
    /// `Default`, and a lenient verdict fails the gate.
    Strict,
    /// Everything that does not hurt the target, with long timeouts.
    Audit,
    /// Large messages, and many of them, too.
    Volume,
    /// Everything, also what may hurt a target.
    Intrusive,
}

impl BuiltIn {
    /// Every built-in profile, from the quickest on.
    pub const ALL: [BuiltIn; 6] = [
        BuiltIn::Smoke,
        BuiltIn::Default,
        BuiltIn::Strict,
        BuiltIn::Audit,
        BuiltIn::Volume,
        BuiltIn::Intrusive,
    ];

    /// The name that `--profile` takes.
    pub fn as_str(self) -> &'static str {
        match self {
            BuiltIn::Smoke => "smoke",
            BuiltIn::Default => "default",
            BuiltIn::Strict => "strict",
            BuiltIn::Audit => "audit",
            BuiltIn::Volume => "volume",
            BuiltIn::Intrusive => "intrusive",
        }
    }

    /// The profile that `--profile` calls so.
    pub fn named(name: &str) -> Option<BuiltIn> {
        BuiltIn::ALL.into_iter().find(|profile| profile.as_str() == name)
    }

    /// The profile of that name, and the default one where none is named.
    ///
    /// # Errors
    ///
    /// There is no built-in profile of that name.
    pub fn parse(name: Option<&str>) -> Result<BuiltIn, UnknownProfile> {
        let Some(name) = name else { return Ok(BuiltIn::Default) };
        BuiltIn::named(name).ok_or_else(|| UnknownProfile(name.to_owned()))
    }

    /// Whether instances of `profile` are played.
    pub fn holds(self, profile: Profile) -> bool {
        match self {
            BuiltIn::Smoke | BuiltIn::Default | BuiltIn::Strict => profile == Profile::Default,
            BuiltIn::Audit | BuiltIn::Volume => profile != Profile::Intrusive,
            BuiltIn::Intrusive => true,
        }
    }

    /// Whether a lenient verdict fails the gate.
    pub fn is_strict(self) -> bool {
        self == BuiltIn::Strict
    }

    /// How long to wait for an answer.
    pub fn timeout_ms(self) -> u64 {
        match self {
            BuiltIn::Smoke => 250,
            BuiltIn::Default | BuiltIn::Strict | BuiltIn::Volume | BuiltIn::Intrusive => 1000,
            BuiltIn::Audit => 5000,
        }
    }

    /// How long a whole run may take, whatever the target does. Where a step waits longer for the target than the profile has
    /// it, everything may take as many times as long.
    pub fn budget(self, deadline: Duration) -> Duration {
        let base = match self {
            BuiltIn::Smoke | BuiltIn::Default | BuiltIn::Strict => Duration::from_secs(60),
            BuiltIn::Audit | BuiltIn::Volume | BuiltIn::Intrusive => Duration::from_secs(600),
        };
        let factor = deadline.as_secs_f64() / Duration::from_millis(self.timeout_ms()).as_secs_f64();
        base.mul_f64(factor.max(1.0))
    }

    /// Keeps one instance of each case, if the profile is that short.
    pub fn thin(self, instances: Vec<&Instance>) -> Vec<&Instance> {
        match self {
            BuiltIn::Smoke => {
                let mut seen = HashSet::new();
                instances.into_iter().filter(|instance| seen.insert(instance.case.as_str())).collect()
            }
            BuiltIn::Default | BuiltIn::Strict | BuiltIn::Audit | BuiltIn::Volume | BuiltIn::Intrusive => {
                instances
            }
        }
    }
}

impl fmt::Display for BuiltIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who waits longer for the target has more time for the run; who waits less does not have less.
    #[test]
    fn the_budget_grows_with_the_deadline() {
        let budget = |ms| BuiltIn::Default.budget(Duration::from_millis(ms)).as_secs();
        assert_eq!([budget(100), budget(1000), budget(2000)], [60, 60, 120]);
        assert_eq!(BuiltIn::Audit.budget(Duration::from_secs(5)), Duration::from_secs(600));
    }
}
