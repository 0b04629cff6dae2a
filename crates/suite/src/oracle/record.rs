//! What a run leaves: the target, and for each instance its verdict and its transcript. Reports are
//! made from this and from nothing else.

use super::decoded::DecodedTranscript;
use super::verdict::{Verdict, VerdictKind};
use crate::case::Instance;
use crate::transcript::{Capabilities, Transcript};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::close::ClosePayload;

/// One instance of a run.
#[derive(Clone, Debug)]
pub struct Record {
    /// The instance that was played.
    pub instance: Arc<Instance>,
    /// How the target did in it.
    pub verdict: Verdict,
    /// The play that the verdict is of. `None` where nothing was played.
    pub transcript: Option<Transcript>,
    /// The code of the first Close that the target sent, if octets of the transcript were dropped. Otherwise they hold it:
    /// [`Record::close_code`] looks at both.
    pub kept_close_code: Option<u16>,
    /// How often it was played.
    pub plays: u32,
    /// What the reference implementation does in memory.
    pub reference: Option<Reference>,
    /// What the application of a client saw, where it could be asked.
    pub application: Option<Application>,
}

/// What is known of a client's application beside the octets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Application {
    /// How the command that was launched for the instance ended.
    pub exit: Option<Exit>,
    /// The first and the last octets that it wrote to stderr, as text.
    pub stderr: String,
    /// What a page in a browser saw, one line an event.
    pub page: Vec<String>,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with that status.
    Status(i32),
    /// By a signal that was not ours.
    Signal(i32),
    /// It was still running when its instance was decided, and was ended.
    Ended,
    /// It was still running, and kept a processor busy all the time, though its connection had ended. It was ended.
    Spinning,
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Status(status) => write!(f, "exit status {status}"),
            Exit::Signal(signal) => write!(f, "ended by signal {signal}"),
            Exit::Ended => f.write_str("still running when the instance was decided"),
            Exit::Spinning => f.write_str("kept a processor busy after its connection had ended"),
        }
    }
}

/// The reference implementation beside the target.
#[derive(Clone, Debug)]
pub struct Reference {
    /// How the reference did in the same instance.
    pub kind: VerdictKind,
    /// What happened between the peer and the reference.
    pub transcript: Transcript,
}

/// A whole run.
#[derive(Clone, Debug)]
pub struct Run {
    /// What was played against.
    pub target: TargetInfo,
    /// One record for each instance, in the order of the library.
    pub records: Vec<Record>,
    /// How many cases were selected.
    pub cases: usize,
    /// Connections at once.
    pub jobs: usize,
    /// From the first play to the last.
    pub duration: Duration,
    /// Why the run ended before all instances were played.
    pub interrupted: Option<String>,
    /// The target was seen to die, and where.
    pub deaths: Vec<String>,
    /// Of which instance a launched target died, and how, one line for each. It was started again.
    pub crashes: Vec<String>,
}

/// What a run was against.
#[derive(Clone, Debug)]
pub struct TargetInfo {
    /// The role of the target.
    pub role: Role,
    /// What reports call it.
    pub name: String,
    /// Its URL; for a client, what was launched.
    pub url: String,
    /// What it can do, as its probe showed.
    pub capabilities: Capabilities,
    /// What the probe saw, in words, where it was not as expected.
    pub remarks: Vec<String>,
}

impl Record {
    /// The record of an instance that was not played.
    pub fn unplayed(instance: Arc<Instance>, kind: VerdictKind, reason: impl Into<String>) -> Record {
        Record {
            instance,
            verdict: Verdict::without_play(kind, reason),
            transcript: None,
            kept_close_code: None,
            plays: 0,
            reference: None,
            application: None,
        }
    }

    /// What the verdict rests on: the octets, and what is known of the application.
    pub fn evidence(&self) -> Vec<String> {
        let mut evidence = Vec::new();
        if self.transcript.is_some() {
            evidence.push("octets".to_owned());
        }
        if let Some(application) = &self.application {
            evidence.extend(application.exit.map(|exit| format!("command: {exit}")));
            if !application.page.is_empty() {
                evidence.push("page".to_owned());
            }
        }
        evidence
    }

    /// How long the play took, until it was decided.
    pub fn duration(&self) -> Duration {
        self.transcript.as_ref().map(Transcript::duration).unwrap_or_default()
    }

    /// The code of the first Close that the target sent.
    pub fn close_code(&self) -> Option<u16> {
        self.kept_close_code.or_else(|| close_code(self.transcript.as_ref()?))
    }

    /// Drops all octets of the play but the first `octets_max`, of an instance that passed.
    pub fn shorten(&mut self, octets_max: usize) {
        self.kept_close_code = self.close_code();
        if let Some(transcript) = &mut self.transcript {
            transcript.shorten(octets_max);
        }
    }

    /// Drops the octets of the play, which no report shows of an instance that passed. Everything else that reports show
    /// stays as it was.
    pub fn drop_octets(&mut self) {
        self.kept_close_code = self.close_code();
        if let Some(transcript) = &mut self.transcript {
            transcript.drop_octets();
        }
    }
}

fn close_code(transcript: &Transcript) -> Option<u16> {
    let decoded = DecodedTranscript::new(transcript);
    let close = decoded.received.frames.iter().find(|frame| frame.opcode == 8 && frame.complete)?;
    ClosePayload::decode(&close.payload).ok()?.code.map(|code| code.0)
}

impl Run {
    /// Why a run that was asked to end by a signal is incomplete.
    pub const STOPPED: &str = "stopped by a signal";

    /// The number of records with a verdict of that kind.
    pub fn count(&self, kind: VerdictKind) -> usize {
        self.records.iter().filter(|record| record.verdict.kind == kind).count()
    }
}
