//! What was recorded while an instance was played: octets, their time and direction, and where the
//! script stood. Decoded views are derived from it by `observe`; nothing decoded is stored.

pub mod death;
pub mod event;
pub mod notation;
pub mod observe;
pub mod overlooked;
pub mod trouble;

pub use crate::transport::Transport;
pub use death::{Death, Died};
pub use event::{Asked, Capabilities, Event, EventKind, Transcript};
pub use observe::{Observation, Observer, Seen};
pub use overlooked::{OpeningFault, OpeningFaults};
