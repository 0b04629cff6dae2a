//! A badge: an SVG of its own, and the JSON that shields.io draws one from.

use super::made::{ReportFile, slug};
use super::stored::StoredRun;
use serde_json::json;

const LABEL: &str = "WebSocket";

/// Both files of each run; the names of several runs hold their targets'.
pub(super) fn render(runs: &[StoredRun]) -> Vec<ReportFile> {
    let mut made = Vec::new();
    for run in runs {
        let name =
            if runs.len() == 1 { "badge".to_owned() } else { format!("badge-{}", slug(&run.target.name)) };
        made.push(ReportFile::new(format!("{name}.svg"), svg(run)));
        made.push(ReportFile::new(format!("{name}.json"), shields(run)));
    }
    made
}

fn message(run: &StoredRun) -> String {
    let score = run.score();
    match run.grade().0 {
        "–" => "no grade".to_owned(),
        grade => format!("{grade} · MUST {} of {}", score.must.met, score.must.exercised),
    }
}

/// Dark enough for white text: a contrast of 4.5 at least.
fn color(grade: &str) -> &'static str {
    match grade {
        "A+" | "A" => "#1a7f37",
        "B" => "#4d7a0e",
        "C" => "#8a6100",
        "D" => "#bc4c00",
        "F" => "#c11a2b",
        _ => "#59636e",
    }
}

fn shields(run: &StoredRun) -> String {
    let badge = json!({
        "schemaVersion": 1,
        "label": LABEL,
        "message": message(run),
        "color": color(run.grade().0),
    });
    format!("{badge:#}\n")
}

fn svg(run: &StoredRun) -> String {
    let message = message(run);
    // `textLength` makes the width the same in every font.
    let width = |text: &str| text.chars().count() * 7;
    let (left, right) = (width(LABEL) + 10, width(&message) + 10);
    let (total, middle) = (left + right, left + 5);
    let (label_len, message_len) = (width(LABEL), width(&message));
    let color = color(run.grade().0);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="20" role="img" aria-label="{LABEL}: {message}">
<title>{LABEL}: {message}</title>
<clipPath id="r"><rect width="{total}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#3d444d"/><rect x="{left}" width="{right}" height="20" fill="{color}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="5" y="14" textLength="{label_len}">{LABEL}</text>
<text x="{middle}" y="14" textLength="{message_len}">{message}</text>
</g>
</svg>
"##
    )
}
