//! How octets begin, as a sentence shows them.

use std::fmt;
use wsgauntlet_wire::hex;

/// The first octets of something, in hexadecimal digits, and `..` where there are more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning(String);

impl Beginning {
    /// `octets_max` octets at most are shown.
    pub fn of(octets: &[u8], octets_max: usize) -> Beginning {
        Beginning(hex::encode_short(octets, octets_max))
    }
}

impl fmt::Display for Beginning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
