//! How many of what was exercised was met.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Requirements met of those exercised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many are met.
    pub met: usize,
    /// How many were exercised.
    pub exercised: usize,
}

impl Tally {
    /// 0 to 100. Nothing exercised: nothing broken.
    pub fn percent(self) -> f64 {
        if self.exercised == 0 { 100.0 } else { self.met as f64 * 100.0 / self.exercised as f64 }
    }

    /// The share in words, never rounded up to what was not reached.
    pub fn share(self) -> String {
        if self.exercised == 0 {
            return "–".to_owned();
        }
        format!("{:.1}%", (self.percent() * 10.0).floor() / 10.0)
    }

    /// How many are not met.
    pub fn broken(self) -> usize {
        self.exercised - self.met
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.met, self.exercised)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1999 of 2000 is not 100%.
    #[test]
    fn shares_are_not_rounded_up() {
        assert_eq!(Tally { met: 1999, exercised: 2000 }.share(), "99.9%");
        assert_eq!(Tally { met: 2000, exercised: 2000 }.share(), "100.0%");
        assert_eq!(Tally::default().share(), "–");
    }
}
