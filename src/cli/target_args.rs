//! The arguments that say how a server is reached.

use super::near::with_scheme;
use super::status::Failure;
use crate::audit::ServerAudit;
use crate::runner::Target;
use crate::runner::target::Trust;
use clap::{Args, ValueEnum};
use std::collections::BTreeMap;
use std::path::PathBuf;
use wsgauntlet_suite::case::DriverWords;
use wsgauntlet_suite::case::prelude::{Prelude, PreludeError};
use wsgauntlet_suite::transcript::Transport;

/// The version of HTTP that carries WebSocket connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum HttpArg {
    #[default]
    #[value(name = "1")]
    One,
    #[value(name = "2")]
    Two,
}

impl From<HttpArg> for Transport {
    fn from(http: HttpArg) -> Transport {
        match http {
            HttpArg::One => Transport::Http1,
            HttpArg::Two => Transport::Http2,
        }
    }
}

/// How a server is reached.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "How to connect")]
pub(super) struct TargetArgs {
    /// Open connections over HTTP/1.1 (1), or HTTP/2 (2, RFC 8441) [default: 1]
    #[arg(long, value_name = "VERSION", value_enum, default_value_t = HttpArg::One, hide_default_value = true, hide_possible_values = true)]
    pub http: HttpArg,
    /// Accept any certificate
    #[arg(long)]
    pub insecure: bool,
    /// Also trust the authorities in this PEM file
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Send this field with each opening request, `Name: value` (repeatable)
    #[arg(long = "header", value_name = "FIELD")]
    pub headers: Vec<String>,
    /// Offer this subprotocol (repeatable)
    #[arg(long = "subprotocol", value_name = "NAME")]
    pub subprotocols: Vec<String>,
    /// After each opening, wait for (`hear:TEXT`) or send (`say:TEXT`) this
    #[arg(long, value_name = "LINE")]
    pub prelude: Vec<String>,
    /// The application's own words for commands to a driver, from wsgauntlet.toml.
    #[arg(skip)]
    pub words: BTreeMap<String, String>,
}

impl TargetArgs {
    /// The audit, which reaches its server as these arguments say.
    pub(super) fn apply(&self, mut audit: ServerAudit) -> Result<ServerAudit, Failure> {
        audit = audit.over(self.http.into());
        if self.insecure {
            audit = audit.insecure();
        }
        if let Some(ca) = &self.ca {
            audit = audit.ca(ca);
        }
        audit = self.headers.iter().fold(audit, ServerAudit::header);
        audit = self.subprotocols.iter().fold(audit, ServerAudit::subprotocol);
        let words = self.words.iter();
        audit = words.fold(audit, |audit, (command, words)| audit.driver_words(command, words));
        Ok(self.preludes()?.into_iter().fold(audit, ServerAudit::prelude))
    }

    /// The server at `url`, reached as these arguments say.
    pub(super) fn target(&self, url: &str) -> Result<Target, Failure> {
        no_scheme(url)?;
        let trust = Trust { insecure: self.insecure, ca: self.ca.clone() };
        let mut target = Target::parse_over(url, &trust, self.http.into())?;
        for header in &self.headers {
            target.add_header(header)?;
        }
        target.subprotocols.clone_from(&self.subprotocols);
        target.prelude = self.preludes()?;
        target.words = DriverWords(self.words.clone());
        Ok(target)
    }

    fn preludes(&self) -> Result<Vec<Prelude>, Failure> {
        let prelude: Result<_, PreludeError> = self.prelude.iter().map(|line| line.parse()).collect();
        prelude.map_err(|error| Failure::Usage(error.to_string()))
    }
}

/// Refuses an address without a scheme, and says what was probably meant.
pub(super) fn no_scheme(url: &str) -> Result<(), Failure> {
    match with_scheme(url) {
        Some(meant) => Err(Failure::Usage(format!("{url:?} is not a WebSocket URL; did you mean {meant}?"))),
        None => Ok(()),
    }
}
