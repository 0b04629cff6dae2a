//! `{ command = { do = "close", code = 4001 } }`: a command to a driver, written as TOML and sent as JSON.

use crate::case::payload::Payload;
use crate::case::script::{FrameSpec, Piece};
use wsgauntlet_wire::Opcode;

/// The text message that tells a driver to do this.
pub(super) fn piece(command: &toml::Table) -> Result<Piece, String> {
    if !command.get("do").is_some_and(toml::Value::is_str) {
        return Err("a command says in `do` what to do".to_owned());
    }
    let json = serde_json::to_string(command).map_err(|error| error.to_string())?;
    let payload = Payload::Literal(format!("wsgauntlet {json}").into_bytes());
    Ok(Piece::Frame(FrameSpec::new(Opcode::Text, payload)))
}
