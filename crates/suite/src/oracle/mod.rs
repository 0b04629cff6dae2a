//! The judges. `judge` is pure: an instance and a transcript give a verdict, the same whenever it is
//! asked. The script's own expectations are judged in `script`, what must hold in every transcript
//! by the `monitor`s. Start reading in `judge`.

mod death;
pub mod decoded;
pub mod expected;
pub mod fingerprint;
mod judge;
pub mod legacy_fingerprint;
mod masked;
pub mod monitor;
pub mod observed;
pub mod page;
pub mod place;
pub mod record;
mod script;
pub mod statistics;
pub mod verdict;

pub use death::PROCESS;
pub use death::died;
pub use expected::Expected;
pub use judge::{judge, judge_with};
pub use observed::Observed;
pub use place::{Place, StepKind};
pub use record::{Application, Exit, Record, Reference, Run, TargetInfo};
pub use verdict::{Failure, Verdict, VerdictKind};
