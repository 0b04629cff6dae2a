//! Lines that fit a terminal. What a person copies, a command, stays whole.

/// The labels of lines that hold a command.
const COMMANDS: [&str; 2] = ["      replay    ", "      program   "];

/// A column that is narrower than this is not worth breaking into.
const COLUMN_MIN: usize = 24;

/// The text with lines that are wider than `width` broken at spaces. Continued lines are indented to the value.
pub(super) fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if len(line) <= width || is_command(line) {
            out.push_str(line);
        } else {
            wrap(&mut out, line, width);
        }
        out.push('\n');
    }
    out
}

fn is_command(line: &str) -> bool {
    COMMANDS.iter().any(|label| line.starts_with(label))
}

fn wrap(out: &mut String, line: &str, width: usize) {
    let indent = value_column(line);
    let indent = if indent + COLUMN_MIN > width { 2 } else { indent };
    let start = line.len() - line.trim_start().len();
    out.push_str(&line[..start]);
    let mut column = start;
    let mut is_first = true;
    for word in line[start..].split(' ') {
        let mut word = word;
        let gap = usize::from(!is_first);
        if !is_first && column + gap + len(word) > width && column > indent {
            newline(out, indent);
            column = indent;
        } else if !is_first {
            out.push(' ');
            column += 1;
        }
        is_first = false;
        // A word that fits no line is broken where the line ends.
        while len(word) > width - column.min(width - 1) {
            let room = (width - column.min(width - 1)).max(1);
            let end = word.char_indices().nth(room).map_or(word.len(), |(end, _)| end);
            out.push_str(&word[..end]);
            word = &word[end..];
            newline(out, indent);
            column = indent;
        }
        out.push_str(word);
        column += len(word);
    }
}

fn newline(out: &mut String, indent: usize) {
    while out.ends_with(' ') {
        out.pop();
    }
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

/// Where the value of a line begins: behind `      expected  `.
fn value_column(line: &str) -> usize {
    let start = line.len() - line.trim_start().len();
    let rest = &line[start..];
    let label = rest.find(' ').unwrap_or(0);
    let gap = rest[label..].len() - rest[label..].trim_start().len();
    match gap >= 2 && label <= 10 && rest[..label].is_ascii() {
        true => start + label + gap,
        false => start + 2,
    }
}

/// The characters of a text that a terminal shows: escape sequences are none.
fn len(text: &str) -> usize {
    let mut shown = 0;
    let mut escaped = false;
    for c in text.chars() {
        match c {
            '\x1b' => escaped = true,
            'm' if escaped => escaped = false,
            _ if escaped => {}
            _ => shown += 1,
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_commands_stay_whole() {
        let command = format!("      replay    wsgauntlet replay {}", "x".repeat(80));
        let text = format!(
            "short\n      expected  {}\n\x1b[1;31mFAIL\x1b[0m  a/b{}\n{command}\n",
            "Close 1002, then the end ".repeat(6),
            "c".repeat(90)
        );
        let out = wrapped(&text, 60);
        for line in out.lines().filter(|line| !is_command(line)) {
            assert!(len(line) <= 60, "{line}");
        }
        assert!(out.contains(&command));
        assert!(
            out.contains("\n                Close 1002") || out.contains("\n                then"),
            "{out}"
        );
        let joined = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(joined(&out), joined(&text), "nothing is lost");
    }
}
