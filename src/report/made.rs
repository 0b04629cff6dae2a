//! A file that a renderer makes, and its name.

/// A file that a renderer makes. `path` is relative to the folder of reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    /// The path, relative to the folder of reports.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl ReportFile {
    /// A file of that path and text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> ReportFile {
        ReportFile { path: path.into(), text: text.into() }
    }
}

/// A text as a part of a file's name.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' => out.push(c),
            _ if out.ends_with('-') || out.is_empty() => {}
            _ => out.push('-'),
        }
    }
    let slug = out.trim_end_matches('-');
    if slug.is_empty() { "target".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_parts_of_file_names() {
        for (text, expected) in
            [("ws 8.23", "ws-8.23"), ("[::1]:9001", "1-9001"), ("", "target"), ("a/../b", "a-..-b")]
        {
            assert_eq!(slug(text), expected);
        }
    }
}
