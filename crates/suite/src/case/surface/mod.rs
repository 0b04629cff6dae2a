//! What case files look like to serde, apart from the plain model. Every unknown key is a mistake.
//! `step` holds the steps, `send` what they send, `opening` the edits of heads, `shape` the small forms (one or many).

pub(super) mod address;
mod command;
pub(super) mod compress;
mod cut;
mod exchange;
pub(super) mod opening;
pub(super) mod outcome;
pub(super) mod payload;
mod send;
pub(super) mod shape;
pub(super) mod step;

use serde::Deserialize;
use shape::OneOrMany;
use toml::{Table, Value};

/// A `[[case]]` table, its steps and opening not looked into yet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CaseSurface {
    pub name: String,
    pub doc: String,
    pub verifies: Vec<String>,
    pub only: Option<RoleSurface>,
    #[serde(default)]
    pub info: bool,
    pub origin: Option<String>,
    pub autobahn: Option<OneOrMany<String>>,
    pub params: Option<Table>,
    pub rows: Option<Vec<Table>>,
    #[serde(default)]
    pub profile: ProfileSurface,
    #[serde(default)]
    pub needs: Vec<NeedSurface>,
    /// `false`: no ping proves that the connection lives before the octets that must fail it.
    pub proof: Option<bool>,
    /// `false`: no closing handshake is added at the end.
    pub closing: Option<bool>,
    /// `false`: our peer answers no ping and no Close by itself.
    pub answers: Option<bool>,
    pub opening: Option<Value>,
    pub steps: Vec<Value>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleSurface {
    Client,
    Server,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileSurface {
    #[default]
    Default,
    Volume,
    Intrusive,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NeedSurface {
    Alive,
    Deflate,
    Echo,
    EchoBinary,
    NoDeflate,
    Subprotocol,
    Tls,
}
