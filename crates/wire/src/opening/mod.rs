//! The opening handshake as values: heads, tokens, the key, extensions. It knows the grammar of RFC 6455 §4.3 and of RFC 9110
//! and 9112, not what an endpoint does with a head. Start reading in [`head`].

pub mod authority;
pub mod certificate;
pub mod deflate_params;
pub mod extension;
pub mod head;
pub mod key;
pub mod strict;
pub mod token;

pub use deflate_params::{DeflateOffer, DeflateParams};
pub use extension::Extension;
pub use head::{Field, HeadError, RequestHead, ResponseHead};
