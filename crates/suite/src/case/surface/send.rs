//! What a `send` sends: frames, messages in fragments, raw octets.

use super::command;
use super::compress::CompressSurface;
use super::cut::CutSurface;
use super::payload::{PayloadSurface, PayloadTable};
use super::shape::{KeywordOrTable, OneOrMany, keyword_or_table};
use crate::case::payload::Payload;
use crate::case::script::{CompressedSpec, Cut, FrameSpec, Masking, Piece, Write};
use serde::{Deserialize, Deserializer};
use wsgauntlet_wire::{LengthForm, Opcode, hex};

/// The most steps and frames that a script may be repeated into.
pub(super) const REPEAT_MAX: usize = 100_000;

/// Fewer than this many frames make a flood.
const FLOOD_LIMIT: usize = 1_000_001;

/// A frame, a message in fragments, or raw octets.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct SendSurface {
    text: Option<PayloadSurface>,
    binary: Option<PayloadSurface>,
    continuation: Option<PayloadSurface>,
    ping: Option<PayloadSurface>,
    pong: Option<PayloadSurface>,
    close: Option<CloseSurface>,
    /// 0 to 15, with `payload`.
    opcode: Option<u8>,
    payload: Option<PayloadSurface>,
    raw: Option<PayloadSurface>,
    /// What a driver is told to do.
    command: Option<toml::Table>,
    fin: Option<bool>,
    rsv: Option<u8>,
    mask: Option<MaskSurface>,
    key: Option<String>,
    /// 7, 16 or 64 bits of length.
    form: Option<u8>,
    declare: Option<DeclaredLen>,
    /// Where the payload is cut into fragments.
    fragments: Option<CutSurface>,
    /// Sent after each fragment but the last.
    between: Option<OneOrMany<SendSurface>>,
    compress: Option<CompressSurface>,
    repeat: Option<usize>,
    /// Several frames of one entry go out as one write.
    coalesced: Option<bool>,
}

/// A length up to 2^64-1, which TOML integers do not reach: an integer, or hexadecimal in a string.
#[derive(Clone, Copy, Debug)]
struct DeclaredLen(u64);

impl<'de> Deserialize<'de> for DeclaredLen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = DeclaredLen;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a length, as an integer or as `0x..`")
            }
            fn visit_i64<E: serde::de::Error>(self, len: i64) -> Result<DeclaredLen, E> {
                u64::try_from(len).map(DeclaredLen).map_err(|_| E::custom("a length is not negative"))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<DeclaredLen, E> {
                let digits = text.strip_prefix("0x").ok_or_else(|| E::custom("expected `0x..`"))?;
                u64::from_str_radix(digits, 16).map(DeclaredLen).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MaskSurface {
    Wrong,
}

/// `1000`, `""`, or a payload.
#[derive(Clone, Debug)]
struct CloseSurface(Payload);

impl KeywordOrTable for CloseSurface {
    type Table = PayloadTable;
    const EXPECTING: &'static str = "a close code, or a payload";

    fn from_keyword(word: &str) -> Option<CloseSurface> {
        PayloadSurface::from_keyword(word).map(|payload| CloseSurface(payload.0))
    }

    fn from_integer(integer: i64) -> Option<CloseSurface> {
        let code = u16::try_from(integer).ok()?;
        Some(CloseSurface(Payload::Literal(code.to_be_bytes().to_vec())))
    }

    fn from_table(table: Self::Table) -> Result<CloseSurface, String> {
        PayloadSurface::from_table(table).map(|payload| CloseSurface(payload.0))
    }
}

impl<'de> Deserialize<'de> for CloseSurface {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        keyword_or_table(deserializer)
    }
}

pub(super) fn write(sends: Vec<SendSurface>, cut: Cut) -> Result<Write, String> {
    let several = sends.len() > 1;
    let mut pieces = Vec::new();
    let mut coalesced = several;
    for send in sends {
        coalesced |= send.coalesced.unwrap_or(false);
        let repeat = send.repeat.unwrap_or(1);
        let once = send.pieces()?;
        if repeat.saturating_mul(once.len()) > REPEAT_MAX {
            return Err(format!("at most {REPEAT_MAX} frames in one step"));
        }
        pieces.extend((0..repeat).flat_map(|_| once.clone()));
    }
    Ok(Write { pieces, coalesced, cut, ..Write::default() })
}

/// The frame of a write, sent this number of times.
pub(super) fn flooded(write: Write, flood: Option<usize>) -> Result<Write, String> {
    let Some(flood) = flood else { return Ok(write) };
    let alone = matches!(write.pieces.as_slice(), [Piece::Frame(_)]) && write.cut == Cut::Whole;
    match flood {
        _ if !alone || write.segments > 0 => Err("`flood` sends one frame, and cuts nothing".to_owned()),
        0 => Err("`flood` is 0".to_owned()),
        FLOOD_LIMIT.. => Err(format!("`flood` is less than {FLOOD_LIMIT}")),
        flood => Ok(Write { flood, ..write }),
    }
}

impl SendSurface {
    pub(super) fn pieces(self) -> Result<Vec<Piece>, String> {
        if let Some(raw) = &self.raw {
            if self.opcode_and_payload().is_ok() {
                return Err("`raw` stands alone".to_owned());
            }
            return Ok(vec![Piece::Raw(raw.0.octets())]);
        }
        if let Some(command) = &self.command {
            return Ok(vec![command::piece(command)?]);
        }
        let (opcode, payload) = self.opcode_and_payload()?;
        let compress = self.compress.and_then(|compress| compress.0);
        // RFC 7692 §6.1: RSV1 says that a message is compressed, in its first frame.
        let rsv1 = if compress.is_some() && opcode != Opcode::Continuation { 4 } else { 0 };
        let frame = FrameSpec {
            fin: self.fin.unwrap_or(true),
            rsv: self.rsv.unwrap_or(rsv1),
            opcode,
            payload,
            masking: match self.mask {
                None => Masking::Right,
                Some(MaskSurface::Wrong) => Masking::Wrong,
            },
            key: self.key.as_deref().map(masking_key).transpose()?,
            length_form: self.form.map(length_form).transpose()?,
            declared_len: self.declare.map(|declared| declared.0),
        };
        if frame.rsv > 7 {
            return Err("`rsv` has three bits: 0 to 7".to_owned());
        }
        let between = self.between.map(between).transpose()?.unwrap_or_default();
        let fragments = self.fragments.map(CutSurface::build).transpose()?.unwrap_or_default();
        match compress {
            Some(how) => Ok(vec![Piece::Compressed(CompressedSpec { frame, how, fragments, between })]),
            None if fragments == Cut::Whole => Ok(vec![Piece::Frame(frame)]),
            None => {
                let frames = frame.fragments(&frame.payload.octets(), &fragments, &between);
                Ok(frames.into_iter().map(Piece::Frame).collect())
            }
        }
    }

    fn opcode_and_payload(&self) -> Result<(Opcode, Payload), String> {
        let named = [
            (Opcode::Text, &self.text),
            (Opcode::Binary, &self.binary),
            (Opcode::Continuation, &self.continuation),
            (Opcode::Ping, &self.ping),
            (Opcode::Pong, &self.pong),
        ];
        let mut made: Vec<(Opcode, Payload)> = Vec::new();
        for (opcode, payload) in named {
            made.extend(payload.as_ref().map(|payload| (opcode, payload.0.clone())));
        }
        made.extend(self.close.as_ref().map(|close| (Opcode::Close, close.0.clone())));
        if let Some(bits) = self.opcode {
            if bits > 15 {
                return Err("`opcode` has four bits: 0 to 15".to_owned());
            }
            let payload = self.payload.as_ref().map_or(Payload::empty(), |payload| payload.0.clone());
            made.push((Opcode::from_bits(bits), payload));
        } else if self.payload.is_some() {
            return Err("`payload` belongs to `opcode`".to_owned());
        }
        <[(Opcode, Payload); 1]>::try_from(made).map(|[one]| one).map_err(|_| {
            "expected one of `text`, `binary`, `continuation`, `ping`, `pong`, `close`, `opcode`, `raw`"
                .to_owned()
        })
    }
}

/// The frames of `between`, which are written out.
fn between(sends: OneOrMany<SendSurface>) -> Result<Vec<FrameSpec>, String> {
    let mut frames = Vec::new();
    for send in sends.0 {
        for piece in send.pieces()? {
            match piece {
                Piece::Frame(frame) => frames.push(frame),
                Piece::Raw(_) | Piece::Compressed(_) => return Err("`between` holds frames".to_owned()),
            }
        }
    }
    Ok(frames)
}

fn masking_key(text: &str) -> Result<[u8; 4], String> {
    let octets = hex::decode(text).map_err(|error| error.to_string())?;
    octets.try_into().map_err(|_| "a masking key has four octets".to_owned())
}

fn length_form(bits: u8) -> Result<LengthForm, String> {
    match bits {
        7 => Ok(LengthForm::Seven),
        16 => Ok(LengthForm::Sixteen),
        64 => Ok(LengthForm::SixtyFour),
        _ => Err("`form` is 7, 16 or 64 bits".to_owned()),
    }
}
