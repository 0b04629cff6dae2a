//! The places of what the page draws: bars of the areas, the standing in the field, and lines of a trend. The template has the shapes.

use crate::report::stored::{StoredField, StoredInstance};
use serde::Serialize;
use wsgauntlet_suite::oracle::VerdictKind;

/// The width of a bar.
const BAR_WIDTH: f64 = 120.0;

/// A part of a bar that is there is at least this wide, so that one failure among hundreds is seen.
const PART_WIDTH_MIN: f64 = 1.5;

/// The width of the drawings of the standing and of a trend.
const WIDTH: f64 = 360.0;

/// The room at the sides of a drawing, and above the lines of a trend.
const MARGIN: f64 = 12.0;

/// In how many columns the audited implementations stand.
const COLUMNS: usize = 42;

/// Where the axis has a number, in thousandths.
const TICKS: [u16; 7] = [0, 10, 50, 100, 200, 500, 1000];

/// The distance of the dots in a column.
const DOT_STEP: f64 = 8.0;

/// The height of the lines of a trend.
const TREND_HEIGHT: f64 = 56.0;

/// A part of a bar.
#[derive(Serialize)]
pub(super) struct Part {
    verdict: &'static str,
    x: f64,
    width: f64,
}

/// The order of the parts: what is wrong first, so that the bars of several areas can be compared.
const PARTS: [VerdictKind; 8] = [
    VerdictKind::Fail,
    VerdictKind::Flaky,
    VerdictKind::Error,
    VerdictKind::Blocked,
    VerdictKind::Lenient,
    VerdictKind::Pass,
    VerdictKind::Info,
    VerdictKind::Inapplicable,
];

/// The verdicts of some instances as a bar.
pub(super) fn bar(instances: &[&StoredInstance]) -> Vec<Part> {
    let count = |kind: VerdictKind| instances.iter().filter(|instance| instance.verdict == kind).count();
    let present: Vec<(VerdictKind, usize)> =
        PARTS.into_iter().map(|kind| (kind, count(kind))).filter(|(_, count)| *count > 0).collect();
    let wanted = |count: usize| (count as f64 * BAR_WIDTH / instances.len() as f64).max(PART_WIDTH_MIN);
    let scale = BAR_WIDTH / present.iter().map(|(_, count)| wanted(*count)).sum::<f64>();
    let mut x = 0.0;
    let mut parts = Vec::new();
    for (kind, count) in present {
        let width = wanted(count) * scale;
        parts.push(Part { verdict: kind.as_str(), x: rounded(x), width: rounded(width) });
        x += width;
    }
    parts
}

/// The audited implementations as dots over the share of the cases that they fail, and the target as a line.
#[derive(Serialize)]
pub(super) struct StandingChart {
    date: String,
    height: f64,
    /// The height of the axis.
    axis: f64,
    dots: Vec<Dot>,
    /// Where the target stands.
    target: f64,
    /// Its share in words.
    share: String,
    better_than: usize,
    of: usize,
    ticks: Vec<(f64, String)>,
}

#[derive(Serialize)]
struct Dot {
    x: f64,
    y: f64,
    /// Against the target: `better`, `worse` or `equal`.
    class: &'static str,
}

/// The drawing of the standing. `None`: nothing to compare with.
pub(super) fn standing(field: &StoredField) -> Option<StandingChart> {
    let largest = field.others.iter().map(|(_, other)| *other).chain([field.failing]).max()?;
    if field.others.is_empty() {
        return None;
    }
    // The axis ends at a full tenth.
    let end = (f64::from(largest) / 100.0).ceil().max(1.0) * 100.0;
    // Most implementations fail few cases: a scale of square roots gives them room.
    let along = |share: f64| (share / end).sqrt();
    let x = |along: f64| MARGIN + along * (WIDTH - 2.0 * MARGIN);
    let column = |share: u16| ((along(f64::from(share)) * COLUMNS as f64) as usize).min(COLUMNS - 1);
    let mut heights = [0usize; COLUMNS];
    let mut placed = Vec::new();
    for (own, other) in &field.others {
        let column = column(*other);
        let class = match other.cmp(own) {
            std::cmp::Ordering::Less => "better",
            std::cmp::Ordering::Equal => "equal",
            std::cmp::Ordering::Greater => "worse",
        };
        placed.push((column, heights[column], class));
        heights[column] += 1;
    }
    let tallest = heights.into_iter().max().unwrap_or_default();
    let axis = MARGIN + 10.0 + DOT_STEP * tallest as f64;
    let dots = placed.into_iter().map(|(column, level, class)| Dot {
        x: rounded(x((column as f64 + 0.5) / COLUMNS as f64)),
        y: rounded(axis - DOT_STEP * (level as f64 + 0.6)),
        class,
    });
    let ticks = TICKS.into_iter().filter(|share| f64::from(*share) <= end);
    let ticks = ticks.map(|share| (rounded(x(along(f64::from(share)))), format!("{}%", share / 10)));
    Some(StandingChart {
        date: field.date.clone(),
        height: axis + 16.0,
        axis,
        dots: dots.collect(),
        target: rounded(x(along(f64::from(field.failing)))),
        share: format!("{:.1}%", f64::from(field.failing) / 10.0),
        better_than: field.others.iter().filter(|(own, other)| own < other).count(),
        of: field.others.len(),
        ticks: ticks.collect(),
    })
}

/// One line of a trend.
#[derive(Serialize)]
pub(super) struct TrendLine {
    what: &'static str,
    /// `x,y x,y ..`
    points: String,
    dots: Vec<(f64, f64, String)>,
}

/// The values of several runs as a line, each with its words. Values that are not known leave a gap.
pub(super) fn trend_line(what: &'static str, values: &[(Option<f64>, String)]) -> TrendLine {
    let known = || values.iter().filter_map(|(value, _)| *value);
    let (least, most) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let step = (WIDTH - 4.0 * MARGIN) / (values.len().max(2) - 1) as f64;
    let y = |value: f64| match most > least {
        true => MARGIN * 1.5 + TREND_HEIGHT * (most - value) / (most - least),
        false => MARGIN * 1.5 + TREND_HEIGHT / 2.0,
    };
    let dots: Vec<(f64, f64, String)> = values
        .iter()
        .enumerate()
        .filter_map(|(index, (value, words))| {
            let x = rounded(2.0 * MARGIN + step * index as f64);
            Some((x, rounded(y((*value)?)), words.clone()))
        })
        .collect();
    let points = dots.iter().map(|(x, y, _)| format!("{x},{y}")).collect::<Vec<_>>().join(" ");
    TrendLine { what, points, dots }
}

fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(failing: u16, others: &[(u16, u16)]) -> StoredField {
        StoredField {
            date: "November 2026".to_owned(),
            failing,
            others: others.to_vec(),
            ..StoredField::default()
        }
    }

    /// Dots stand on one another, each compared with the target in the cases that both decided.
    #[test]
    fn the_field_stands_in_columns() {
        let chart = standing(&field(50, &[(50, 10), (50, 50), (40, 50), (50, 300)])).expect("a chart");
        let classes: Vec<&str> = chart.dots.iter().map(|dot| dot.class).collect();
        assert_eq!(classes, ["better", "equal", "worse", "worse"]);
        assert_eq!(chart.dots[1].x, chart.dots[2].x);
        assert!((chart.dots[1].y - chart.dots[2].y - DOT_STEP).abs() < 1e-9);
        assert_eq!((chart.better_than, chart.of), (2, 4));
        assert!(chart.dots.iter().all(|dot| dot.y > 0.0 && dot.x > 0.0 && dot.x < WIDTH));
        assert!(standing(&field(50, &[])).is_none());
    }

    /// A value that is not known is no zero.
    #[test]
    fn a_trend_has_gaps() {
        let values = [(Some(3.0), "3".to_owned()), (None, String::new()), (Some(1.0), "1".to_owned())];
        let line = trend_line("defects", &values);
        assert_eq!(line.dots.len(), 2);
        assert!(line.dots[0].1 < line.dots[1].1, "more is higher");
        assert_eq!(line.dots[1].0, WIDTH - 2.0 * MARGIN, "the last run is at the right");
    }
}
