//! Values that are written as one of a few words.

/// A word that names none of the values it could.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown name \"{found}\", expected one of {expected}")]
pub struct UnknownName {
    /// The word.
    pub found: String,
    /// The words that would have been understood, with commas between.
    pub expected: String,
}

/// The value whose word is `text`.
pub(super) fn value_named<T: Copy>(
    text: &str,
    all: &[T],
    word: fn(T) -> &'static str,
) -> Result<T, UnknownName> {
    all.iter().copied().find(|&value| word(value) == text).ok_or_else(|| UnknownName {
        found: text.to_owned(),
        expected: all.iter().map(|&value| word(value)).collect::<Vec<_>>().join(", "),
    })
}
