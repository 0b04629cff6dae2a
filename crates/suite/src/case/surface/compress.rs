//! `compress`: how our peer compresses what it sends.

use super::shape::{KeywordOrTable, keyword_or_table};
use crate::case::compress::{BlockFault, Compress, Content, TokenRun};
use serde::{Deserialize, Deserializer};
use wsgauntlet_wire::deflate::{
    AfterFinal, Alphabet, Empty, Ending, Finality, Kind, Match, Matching, Padding, Shape, WindowBits,
};
use wsgauntlet_wire::hex;

/// The most matches that one entry of `tokens` stands for.
const MATCHES_MAX: usize = 1 << 23;

/// `true`, or a table that says what is special. `None`: `false`.
#[derive(Clone, Debug)]
pub(crate) struct CompressSurface(pub Option<Compress>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CompressTable {
    kind: Option<KindSurface>,
    matching: Option<MatchingSurface>,
    /// 8 to 15; what was agreed, without it.
    window: Option<u8>,
    finality: Option<FinalitySurface>,
    /// Whether matches reach beyond a BFINAL block.
    after_final: Option<AfterFinalSurface>,
    empty: Option<EmptySurface>,
    /// Octets of input for each block.
    block: Option<usize>,
    ending: Option<EndingSurface>,
    padding: Option<PaddingSurface>,
    trailing: Option<String>,
    cut: Option<usize>,
    tokens: Option<Vec<TokenSurface>>,
    fault: Option<FaultSurface>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KindSurface {
    Stored,
    Fixed,
    Dynamic,
    Smallest,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MatchingSurface {
    Longest,
    None,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FinalitySurface {
    Never,
    Last,
    Every,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum AfterFinalSurface {
    Forget,
    Reach,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EmptySurface {
    None,
    Stored,
    Fixed,
    Dynamic,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EndingSurface {
    Removed,
    Kept,
    Absent,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PaddingSurface {
    Zeros,
    Ones,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FaultSurface {
    ReservedType,
    StoredLength,
    CodeLengthsOverSubscribed,
    LiteralsOverSubscribed,
    DistancesOverSubscribed,
    CodeLengthsIncomplete,
    LiteralsIncomplete,
    DistancesIncomplete,
    NoEndOfBlock,
}

/// `"abc"`: literals. `{ match = [258, 1], repeat = 4 }`; `{ length = 286 }` and `{ distance = 30 }`: symbols without a
/// meaning.
#[derive(Clone, Debug)]
struct TokenSurface(TokenRun);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TokenTable {
    #[serde(rename = "match")]
    found: Option<(usize, usize)>,
    repeat: Option<usize>,
    length: Option<u16>,
    distance: Option<u16>,
}

impl KeywordOrTable for TokenSurface {
    type Table = TokenTable;
    const EXPECTING: &'static str =
        "literals, or a table with `match = [LENGTH, DISTANCE]`, `length = 286`, or `distance = 30`";

    fn from_keyword(word: &str) -> Option<TokenSurface> {
        Some(TokenSurface(TokenRun::Literals(word.as_bytes().to_vec())))
    }

    fn from_table(table: TokenTable) -> Result<TokenSurface, String> {
        let count = table.repeat.unwrap_or(1);
        match (table.found, table.length, table.distance) {
            (Some((len, distance)), None, None) if count <= MATCHES_MAX => {
                let found = Match::new(len, distance)
                    .ok_or("a match has 3 to 258 octets, and a distance of 1 to 32768")?;
                Ok(TokenSurface(TokenRun::Matches { found, count }))
            }
            (None, Some(symbol @ (286 | 287)), None) => Ok(TokenSurface(TokenRun::InvalidLength { symbol })),
            (None, None, Some(symbol @ (30 | 31))) => Ok(TokenSurface(TokenRun::InvalidDistance { symbol })),
            _ => Err(format!("expected {}", Self::EXPECTING)),
        }
    }
}

impl<'de> Deserialize<'de> for TokenSurface {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        keyword_or_table(deserializer)
    }
}

impl KeywordOrTable for CompressSurface {
    type Table = CompressTable;
    const EXPECTING: &'static str = "`true`, or a table that says how";

    fn from_keyword(_word: &str) -> Option<CompressSurface> {
        None
    }

    fn from_bool(value: bool) -> Option<CompressSurface> {
        Some(CompressSurface(value.then(Compress::default)))
    }

    fn from_table(table: CompressTable) -> Result<CompressSurface, String> {
        let content = match (table.tokens, table.fault) {
            (None, None) => Content::Shaped,
            (Some(tokens), None) => Content::Tokens(tokens.into_iter().map(|token| token.0).collect()),
            (None, Some(fault)) => Content::Fault(fault.into()),
            (Some(_), Some(_)) => return Err("`tokens` and `fault` exclude each other".to_owned()),
        };
        let window_bits = match table.window {
            None => None,
            Some(bits) => Some(WindowBits::new(bits).ok_or("`window` is 8 to 15")?),
        };
        let trailing = table.trailing.as_deref().map(hex::decode).transpose().map_err(|e| e.to_string())?;
        let ordinary = Shape::default();
        Ok(CompressSurface(Some(Compress {
            shape: Shape {
                kind: table.kind.map_or(ordinary.kind, Kind::from),
                matching: table.matching.map_or(ordinary.matching, Matching::from),
                block_len_max: table.block.unwrap_or(ordinary.block_len_max),
                finality: table.finality.map_or(ordinary.finality, Finality::from),
                after_final: table.after_final.map_or(ordinary.after_final, AfterFinal::from),
                empty: table.empty.map_or(ordinary.empty, Empty::from),
                window_bits,
            },
            content,
            ending: table.ending.map_or(Ending::default(), Ending::from),
            padding: table.padding.map_or(Padding::default(), Padding::from),
            trailing: trailing.unwrap_or_default(),
            cut_len: table.cut,
        })))
    }
}

impl<'de> Deserialize<'de> for CompressSurface {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        keyword_or_table(deserializer)
    }
}

impl From<KindSurface> for Kind {
    fn from(kind: KindSurface) -> Kind {
        match kind {
            KindSurface::Stored => Kind::Stored,
            KindSurface::Fixed => Kind::Fixed,
            KindSurface::Dynamic => Kind::Dynamic,
            KindSurface::Smallest => Kind::Smallest,
        }
    }
}

impl From<MatchingSurface> for Matching {
    fn from(matching: MatchingSurface) -> Matching {
        match matching {
            MatchingSurface::Longest => Matching::Longest,
            MatchingSurface::None => Matching::None,
        }
    }
}

impl From<FinalitySurface> for Finality {
    fn from(finality: FinalitySurface) -> Finality {
        match finality {
            FinalitySurface::Never => Finality::Never,
            FinalitySurface::Last => Finality::LastBlock,
            FinalitySurface::Every => Finality::EveryBlock,
        }
    }
}

impl From<AfterFinalSurface> for AfterFinal {
    fn from(after: AfterFinalSurface) -> AfterFinal {
        match after {
            AfterFinalSurface::Forget => AfterFinal::Forget,
            AfterFinalSurface::Reach => AfterFinal::Reach,
        }
    }
}

impl From<EmptySurface> for Empty {
    fn from(empty: EmptySurface) -> Empty {
        match empty {
            EmptySurface::None => Empty::None,
            EmptySurface::Stored => Empty::Stored,
            EmptySurface::Fixed => Empty::Fixed,
            EmptySurface::Dynamic => Empty::Dynamic,
        }
    }
}

impl From<EndingSurface> for Ending {
    fn from(ending: EndingSurface) -> Ending {
        match ending {
            EndingSurface::Removed => Ending::Removed,
            EndingSurface::Kept => Ending::Kept,
            EndingSurface::Absent => Ending::Absent,
        }
    }
}

impl From<PaddingSurface> for Padding {
    fn from(padding: PaddingSurface) -> Padding {
        match padding {
            PaddingSurface::Zeros => Padding::Zeros,
            PaddingSurface::Ones => Padding::Ones,
        }
    }
}

impl From<FaultSurface> for BlockFault {
    fn from(fault: FaultSurface) -> BlockFault {
        match fault {
            FaultSurface::ReservedType => BlockFault::ReservedType,
            FaultSurface::StoredLength => BlockFault::StoredLength,
            FaultSurface::CodeLengthsOverSubscribed => BlockFault::OverSubscribed(Alphabet::CodeLengths),
            FaultSurface::LiteralsOverSubscribed => BlockFault::OverSubscribed(Alphabet::Literals),
            FaultSurface::DistancesOverSubscribed => BlockFault::OverSubscribed(Alphabet::Distances),
            FaultSurface::CodeLengthsIncomplete => BlockFault::Incomplete(Alphabet::CodeLengths),
            FaultSurface::LiteralsIncomplete => BlockFault::Incomplete(Alphabet::Literals),
            FaultSurface::DistancesIncomplete => BlockFault::Incomplete(Alphabet::Distances),
            FaultSurface::NoEndOfBlock => BlockFault::NoEndOfBlock,
        }
    }
}
