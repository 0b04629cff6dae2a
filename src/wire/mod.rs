//! Octets to values and back; can express what is illegal; knows no policy.

pub mod deflate;
