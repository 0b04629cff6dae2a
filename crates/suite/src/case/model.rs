//! Cases and their instances.

use super::name::InstanceId;
use super::script::Script;
use crate::requirement::RequirementId;
use std::fmt;
use std::sync::{Arc, LazyLock};
use wsgauntlet_wire::Role;

/// A case as it was written, its parameters not yet put in.
#[derive(Clone, Debug)]
pub struct Case {
    /// `area/suite/case`.
    pub path: String,
    /// One sentence that says what the situation is.
    pub doc: String,
    pub verifies: Vec<RequirementId>,
    /// The roles of implementations under test that the case binds.
    pub roles: Vec<Role>,
    /// The defect of a real implementation that the case comes from.
    pub origin: Option<String>,
    pub profile: Profile,
    /// Nothing binds: what happens is observed.
    pub info: bool,
    /// The instances, in the order of the parameters, each with the script of one role.
    pub instances: Vec<Instance>,
}

/// One expansion of a case for one role.
#[derive(Clone, Debug)]
pub struct Instance {
    pub id: InstanceId,
    pub case: String,
    pub doc: String,
    pub verifies: Vec<RequirementId>,
    pub role: Role,
    pub autobahn: Vec<String>,
    pub origin: Option<String>,
    pub profile: Profile,
    pub info: bool,
    pub needs: Vec<Need>,
    pub script: Arc<LazyScript>,
    /// Without the prelude and the words of a target, where `script` has them.
    pub plain: Option<Arc<LazyScript>>,
}

/// A script that is made when it is first looked at: a run looks at those that it plays. One that was not made takes the
/// space of two pointers.
pub type LazyScript = LazyLock<Box<Script>, Box<dyn FnOnce() -> Box<Script> + Send + Sync>>;

/// A script that need not wait to be made.
pub fn made(script: Script) -> Arc<LazyScript> {
    Arc::new(LazyScript::new(Box::new(|| Box::new(script))))
}

/// Which runs hold a case.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Profile {
    #[default]
    Default,
    /// Large messages and many of them.
    Volume,
    /// Floods and bombs that may hurt a target: only when asked for.
    Intrusive,
}

/// What a target must have for an instance to decide anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Need {
    /// Text messages are taken, whatever becomes of them.
    Text,
    /// The application echoes text messages.
    Echo,
    /// The application echoes binary messages.
    EchoBinary,
    /// Pings are answered, or messages echoed: the proof of life and the barriers depend on it.
    Alive,
    /// permessage-deflate is agreed when it is offered.
    Deflate,
    /// The target does not agree to permessage-deflate.
    NoDeflate,
    /// The connection runs over TLS.
    Tls,
    /// The run uses the target's subprotocol selection; a client offers subprotocols.
    Subprotocol,
    /// The harness launches the client, and tells it what to open.
    Launch,
    /// The client trusts an authority of the harness, so that it has to verify certificates.
    Verification,
    /// The application obeys commands, see docs/drivers.md.
    Driver,
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Need::Text => "an application that takes text messages",
            Need::Echo => "an echo of text messages",
            Need::EchoBinary => "an echo of binary messages",
            Need::Alive => "answers to pings, or an echo",
            Need::Deflate => "permessage-deflate",
            Need::NoDeflate => "a target without permessage-deflate",
            Need::Tls => "TLS",
            Need::Subprotocol => "a subprotocol",
            Need::Launch => "a client that is launched for each instance",
            Need::Verification => "a client that trusts the authority of --certificate",
            Need::Driver => "an application that obeys commands (docs/drivers.md)",
        })
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Profile::Default => "default",
            Profile::Volume => "volume",
            Profile::Intrusive => "intrusive",
        })
    }
}
