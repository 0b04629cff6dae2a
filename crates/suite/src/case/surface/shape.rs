//! Small forms that several keys share: one value or a list of them, octets in a string.

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// `x`, or `[x, y]`.
#[derive(Clone, Debug)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

struct OneOrManyVisitor<T>(PhantomData<T>);

macro_rules! one {
    ($($name:ident($type:ty)),*) => {
        $(fn $name<E: Error>(self, value: $type) -> Result<Self::Value, E> {
            use serde::de::IntoDeserializer;
            Ok(OneOrMany(vec![T::deserialize(value.into_deserializer())?]))
        })*
    };
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or a list of values")
    }

    one!(visit_str(&str), visit_i64(i64), visit_bool(bool));

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(OneOrMany(vec![T::deserialize(MapAccessDeserializer::new(map))?]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Ok(OneOrMany(Vec::deserialize(SeqAccessDeserializer::new(seq))?))
    }
}

/// Octets as a string in which each character up to U+00FF is one octet.
#[derive(Clone, Debug)]
pub(crate) struct Latin1(pub Vec<u8>);

impl<'de> Deserialize<'de> for Latin1 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let octets = text.chars().map(|c| u8::try_from(u32::from(c)));
        octets
            .collect::<Result<_, _>>()
            .map(Latin1)
            .map_err(|_| D::Error::custom("a head holds octets: characters up to U+00FF, each one octet"))
    }
}

/// A value that is written as a keyword or as a table.
pub(crate) trait KeywordOrTable: Sized {
    type Table: for<'de> Deserialize<'de>;
    /// What is expected, for the message of a mistake.
    const EXPECTING: &'static str;
    fn from_keyword(word: &str) -> Option<Self>;
    fn from_integer(_integer: i64) -> Option<Self> {
        None
    }
    fn from_bool(_value: bool) -> Option<Self> {
        None
    }
    fn from_table(table: Self::Table) -> Result<Self, String>;
}

/// Deserialises a `KeywordOrTable`.
pub(crate) fn keyword_or_table<'de, T: KeywordOrTable, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(KeywordOrTableVisitor(PhantomData))
}

struct KeywordOrTableVisitor<T>(PhantomData<T>);

impl<'de, T: KeywordOrTable> Visitor<'de> for KeywordOrTableVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTING)
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<T, E> {
        T::from_keyword(word).ok_or_else(|| E::custom(format!("unknown {word:?}, expected {}", T::EXPECTING)))
    }

    fn visit_i64<E: Error>(self, integer: i64) -> Result<T, E> {
        T::from_integer(integer)
            .ok_or_else(|| E::custom(format!("unexpected {integer}, expected {}", T::EXPECTING)))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        T::from_bool(value).ok_or_else(|| E::custom(format!("unexpected {value}, expected {}", T::EXPECTING)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let table = T::Table::deserialize(MapAccessDeserializer::new(map))?;
        T::from_table(table).map_err(A::Error::custom)
    }
}
