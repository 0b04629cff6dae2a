//! Octets as the values of a parameter: `"80..ff"`, `"0b 0c 1c..1f"`, `"80..ff by 16"`. A range leaves no octet out by mistake.

use toml::Value;

/// The values, each with its label: one octet or several in a row, as characters up to U+00FF.
pub(super) fn values(text: &str) -> Result<Vec<(String, Value)>, String> {
    let (list, by) = match text.split_once(" by ") {
        Some((list, by)) => {
            let by = by.parse::<usize>().ok().filter(|by| *by > 0);
            (list, by.ok_or_else(|| format!("{text:?}: a number of octets stands behind `by`"))?)
        }
        None => (text, 1),
    };
    let mut octets: Vec<u8> = Vec::new();
    for range in list.split_whitespace() {
        let (first, last) = range.split_once("..").unwrap_or((range, range));
        match (octet(first), octet(last)) {
            (Some(first), Some(last)) if first <= last => octets.extend(first..=last),
            _ => {
                return Err(format!(
                    "{range:?} is no octet, such as 0b, and no range of octets, such as 80..ff"
                ));
            }
        }
    }
    if octets.is_empty() {
        return Err(format!("{text:?} holds no octet"));
    }
    Ok(octets.chunks(by).map(|chunk| (label(chunk), characters(chunk))).collect())
}

fn octet(text: &str) -> Option<u8> {
    (text.len() == 2).then(|| u8::from_str_radix(text, 16).ok()).flatten()
}

fn label(chunk: &[u8]) -> String {
    match chunk {
        [one] => format!("{one:02x}"),
        [first, .., last] => format!("{first:02x}-{last:02x}"),
        [] => String::new(),
    }
}

fn characters(chunk: &[u8]) -> Value {
    Value::String(chunk.iter().map(|octet| char::from(*octet)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_each_octet_once() {
        let labels = |text: &str| -> Vec<String> {
            values(text).expect("octets").into_iter().map(|(label, _)| label).collect()
        };
        assert_eq!(labels("0b 0c 1c..1f"), ["0b", "0c", "1c", "1d", "1e", "1f"]);
        assert_eq!(labels("80..ff by 64"), ["80-bf", "c0-ff"]);
        assert_eq!(labels("80..ff").len(), 128);
        let all: String = values("80..ff by 16")
            .expect("octets")
            .into_iter()
            .map(|(_, value)| value.as_str().map(str::to_owned).unwrap_or_default())
            .collect();
        assert_eq!(all, ('\u{80}'..='\u{ff}').collect::<String>());
    }

    #[test]
    fn mistakes_are_told() {
        for text in ["", "8", "80..", "ff..80", "0x80", "80..ff by", "80 by 0", "80 by x"] {
            assert!(values(text).is_err(), "{text:?}");
        }
    }
}
