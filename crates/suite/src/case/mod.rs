//! The model of cases: what is sent, what is expected, and what that verifies. Cases are data:
//! `load` reads them from TOML, `expand` makes instances of them. Nothing here plays or judges.
//! Start reading in `model`, then `script`.

pub mod address;
pub mod boundary;
pub mod compress;
pub mod corpus;
pub mod cursor;
pub mod driver;
pub mod duration;
pub mod expand;
pub mod expectation;
#[cfg(any(feature = "arbitrary", feature = "proptest"))]
mod generated;
pub mod head_edit;
pub mod library;
pub mod load;
pub mod model;
pub mod name;
mod octets;
mod over;
pub mod pattern;
pub mod payload;
pub mod prelude;
pub mod script;
mod surface;
pub mod template;
mod words;

pub use compress::Compress;
pub use cursor::Cursor;
pub use expectation::{Expectation, FailCodes, Outcome};
pub use library::Library;
pub use model::{Case, Instance, LazyScript, Need, Profile, made};
pub use name::InstanceId;
pub use pattern::Pattern;
pub use payload::Payload;
pub use prelude::Prelude;
pub use script::{CompressedSpec, Cut, FrameSpec, Masking, Piece, Script, Step, Write};
pub use words::DriverWords;
