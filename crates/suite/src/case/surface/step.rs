//! Steps: `{ send = .. }`, `{ expect = .. }`, and the words `alive`, `answer`, `close`, `half-close`, `reset`.

use super::command;
use super::cut::{CutSurface, check_segments};
use super::exchange;
use super::outcome::{DeflateSurface, OutcomeSurface};
use super::send::{REPEAT_MAX, SendSurface, flooded, write};
use super::shape::{KeywordOrTable, OneOrMany, keyword_or_table};
use crate::case::duration;
use crate::case::expectation::{DeflateMatch, Expectation};
use crate::case::script::{Step, Write};
use crate::requirement::RequirementId;
use serde::{Deserialize, Deserializer};

/// The steps that one entry of `steps` stands for.
#[derive(Clone, Debug)]
pub(crate) struct StepSurface(pub Vec<Step>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct StepTable {
    send: Option<OneOrMany<SendSurface>>,
    /// What a driver is told to do.
    command: Option<toml::Table>,
    cut: Option<CutSurface>,
    /// TCP segments of each TLS record.
    segments: Option<usize>,
    /// How often the frame goes out.
    flood: Option<usize>,
    expect: Option<OneOrMany<OutcomeSurface>>,
    tolerate: Option<OneOrMany<OutcomeSurface>>,
    requirement: Option<String>,
    within: Option<String>,
    wait: Option<String>,
    repeat: Option<usize>,
    steps: Option<Vec<StepSurface>>,
    exchange: Option<SendSurface>,
    count: Option<usize>,
    in_flight: Option<usize>,
    if_deflate: Option<DeflateSurface>,
    if_offered: Option<DeflateSurface>,
}

impl KeywordOrTable for StepSurface {
    type Table = StepTable;
    const EXPECTING: &'static str = "`alive`, `close`, `half-close`, `if-deflate`, `open`, `reset`, or a table with one of `send`, `command`, `expect`, \
         `wait`, `repeat`, `exchange`, `if-deflate`, `if-offered`";

    fn from_keyword(word: &str) -> Option<StepSurface> {
        let step = match word {
            "alive" => Step::Alive { evidence: false },
            "open" => Step::Open,
            "close" => Step::Close,
            "half-close" => Step::HalfClose,
            "answer" => Step::Answer,
            "if-deflate" => Step::IfDeflate(DeflateMatch::agreed()),
            "reset" => Step::Reset,
            _ => return None,
        };
        Some(StepSurface(vec![step]))
    }

    fn from_table(table: StepTable) -> Result<StepSurface, String> {
        table.check()?;
        let mut made: Vec<Vec<Step>> = Vec::new();
        if let Some(send) = table.send {
            let cut = table.cut.map(CutSurface::build).transpose()?.unwrap_or_default();
            let write = Write { segments: table.segments.unwrap_or_default(), ..write(send.0, cut)? };
            made.push(vec![Step::Send(flooded(write, table.flood)?)]);
        }
        if let Some(command) = table.command {
            made.push(vec![Step::Send(Write {
                pieces: vec![command::piece(&command)?],
                ..Write::default()
            })]);
        }
        if let Some(expect) = table.expect {
            let outcomes = |list: OneOrMany<OutcomeSurface>| list.0.into_iter().map(|o| o.0).collect();
            let requirement = table.requirement.map(|id| id.parse::<RequirementId>()).transpose();
            let within = table.within.as_deref().map(duration::parse).transpose();
            made.push(vec![Step::Expect(Expectation {
                outcomes: outcomes(expect),
                tolerate: table.tolerate.map(outcomes).unwrap_or_default(),
                requirement: requirement.map_err(|error| error.to_string())?,
                within: within.map_err(|error| error.to_string())?,
            })]);
        }
        if let Some(wait) = table.wait {
            made.push(vec![Step::Wait(duration::parse(&wait).map_err(|error| error.to_string())?)]);
        }
        if let (Some(repeat), Some(steps)) = (table.repeat, table.steps) {
            let once: Vec<Step> = steps.into_iter().flat_map(|step| step.0).collect();
            made.push((0..repeat).flat_map(|_| once.clone()).collect());
        }
        if let Some(message) = table.exchange {
            let (count, in_flight) = (table.count.unwrap_or(1), table.in_flight.unwrap_or(1));
            made.push(exchange::steps(message, count, in_flight)?);
        }
        made.extend(table.if_deflate.map(|wanted| vec![Step::IfDeflate(wanted.0)]));
        made.extend(table.if_offered.map(|wanted| vec![Step::IfOffered(wanted.0)]));
        match <[Vec<Step>; 1]>::try_from(made) {
            Ok([steps]) => Ok(StepSurface(steps)),
            Err(_) => Err(format!("expected {}", Self::EXPECTING)),
        }
    }
}

impl StepTable {
    /// Refuses keys whose main key is missing.
    fn check(&self) -> Result<(), String> {
        let needs = [
            (
                self.tolerate.is_some() || self.requirement.is_some() || self.within.is_some(),
                self.expect.is_some(),
                "`tolerate`, `requirement` and `within` belong to `expect`",
            ),
            (
                self.cut.is_some() || self.segments.is_some() || self.flood.is_some(),
                self.send.is_some(),
                "`cut`, `segments` and `flood` belong to `send`",
            ),
            (
                self.count.is_some() || self.in_flight.is_some(),
                self.exchange.is_some(),
                "`count` and `in-flight` belong to `exchange`",
            ),
            (self.repeat.is_some(), self.steps.is_some(), "`repeat` needs `steps`"),
            (self.steps.is_some(), self.repeat.is_some(), "`steps` belongs to `repeat`"),
        ];
        if let Some((_, _, message)) = needs.iter().find(|(given, wanted, _)| *given && !wanted) {
            return Err((*message).to_owned());
        }
        if self.repeat.is_some_and(|repeat| repeat > REPEAT_MAX) {
            return Err(format!("`repeat` is at most {REPEAT_MAX}"));
        }
        check_segments(self.segments)?;
        Ok(())
    }
}

impl<'de> Deserialize<'de> for StepSurface {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        keyword_or_table(deserializer)
    }
}
