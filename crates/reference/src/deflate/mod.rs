//! permessage-deflate, RFC 7692 §7: what an endpoint offers, accepts and agrees to, and how it compresses and inflates by what
//! was agreed.

pub(crate) mod config;
pub(crate) mod deflater;
pub(crate) mod inflater;
pub(crate) mod negotiation;
