//! What a reproducer is made of.

use std::path::PathBuf;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_wire::opening::DeflateParams;

/// One play of an instance, and how the target is reached.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// With the prelude of the target.
    pub instance: &'a Instance,
    /// `ws://host:port/path`. Empty for a client.
    pub url: String,
    /// How the certificate of a server is checked.
    pub tls: Tls,
    /// Name and version of the target, as far as they are known.
    pub target: String,
    /// How our peer played.
    pub play: PlayConfig,
    /// What our messages are compressed by, where permessage-deflate was agreed: what the target and the reference agree to.
    pub agreements: Vec<DeflateParams>,
    /// The values of `Sec-WebSocket-Extensions` with which a client under test, and the reference, offer.
    pub offers: Vec<String>,
    /// The verdict of the play.
    pub verdict: VerdictKind,
    /// The deviations, the deciding one first. Empty: the target passed.
    pub deviations: Vec<Deviation>,
    /// The notation of the transcript; empty where it was not stored.
    pub lines: Vec<String>,
    /// Each write of our peer (`true`) and each read from the target, in their order; empty where they were not stored.
    pub octets: Vec<(bool, Vec<u8>)>,
    /// The title of the defect, where it is known.
    pub title: Option<String>,
}

/// How the certificate of a server is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Any certificate is accepted.
    pub insecure: bool,
    /// A PEM file with authorities that are trusted as well.
    pub ca: Option<PathBuf>,
}

/// One deviation from what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// The id of the requirement that it breaks.
    pub requirement: String,
    /// `RFC 6455 §5.1 MUST`
    pub citation: String,
    /// The sentence of the RFC.
    pub quote: String,
    /// What was expected, as a sentence.
    pub expected: String,
    /// What was observed, as a sentence.
    pub observed: String,
    /// The monitor that complains. `None`: a step of the script does.
    pub monitor: Option<String>,
    /// The step that deviates comes before any frame of our peer.
    pub in_opening: bool,
}

impl Subject<'_> {
    /// The values of a field in the opening head that the target sent, as the notation of the transcript shows them.
    pub(crate) fn received(&self, name: &str) -> Vec<String> {
        let fields = self.lines.iter().filter_map(|line| line.strip_prefix("< ")?.split_once(':'));
        fields
            .filter(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
            .collect()
    }

    /// What a person looks for: expected and observed, one line a deviation.
    pub(crate) fn looks_for(&self) -> Vec<String> {
        if self.deviations.is_empty() {
            return vec![
                "No defect was seen when this was written; each step has to come out as expected.".to_owned(),
            ];
        }
        let line = |deviation: &Deviation| {
            format!("expected {}; observed {}", deviation.expected, deviation.observed)
        };
        self.deviations.iter().map(line).collect()
    }
}
