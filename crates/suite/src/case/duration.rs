//! Durations as they are written in files and arguments: `500ms`, `40s`, `10m`.

use std::time::Duration;

/// A text that is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a duration: write 500ms, 40s or 10m")]
pub struct DurationError(String);

/// Reads a duration. There is no default unit.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let digits_len = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: Option<u64> = text[..digits_len].parse().ok();
    let unit_ms = match &text[digits_len..] {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        _ => None,
    };
    match (number, unit_ms) {
        (Some(number), Some(unit_ms)) => number
            .checked_mul(unit_ms)
            .map(Duration::from_millis)
            .ok_or_else(|| DurationError(text.to_owned())),
        _ => Err(DurationError(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_required() {
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("40s"), Ok(Duration::from_secs(40)));
        assert_eq!(parse("10m"), Ok(Duration::from_secs(600)));
        for bad in ["", "5", "s", "-1s", "5h", "1.5s", "99999999999999999999ms"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
