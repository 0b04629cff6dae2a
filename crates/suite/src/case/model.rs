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
    /// Ids of the requirements that the case tests.
    pub verifies: Vec<RequirementId>,
    /// The roles of implementations under test that the case binds.
    pub roles: Vec<Role>,
    /// The defect of a real implementation that the case comes from.
    pub origin: Option<String>,
    /// The smallest profile that plays the case.
    pub profile: Profile,
    /// Nothing binds: what happens is observed.
    pub info: bool,
    /// The instances, in the order of the parameters, each with the script of one role.
    pub instances: Vec<Instance>,
}

/// One expansion of a case for one role.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Case, parameters and role in one name.
    pub id: InstanceId,
    /// The path of the case: `area/suite/name`.
    pub case: String,
    /// What the case tests, in one sentence.
    pub doc: String,
    /// Ids of the requirements that the instance tests.
    pub verifies: Vec<RequirementId>,
    /// The role of the target.
    pub role: Role,
    /// Autobahn's numbers of the same test, such as `7.1.1`.
    pub autobahn: Vec<String>,
    /// Where the case comes from: a bug report, or the fuzzer.
    pub origin: Option<String>,
    /// The smallest profile that plays the instance.
    pub profile: Profile,
    /// A deviation is reported as `info` and is no failure.
    pub info: bool,
    /// What the target must be able to do; otherwise the instance is inapplicable.
    pub needs: Vec<Need>,
    /// What our peer does.
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
    /// Played unless another profile is asked for.
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
    /// The connection is opened by an upgrade in HTTP/1.1.
    Http1,
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
            Need::Http1 => "an opening in HTTP/1.1, which it is about",
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
