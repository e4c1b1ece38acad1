//! Plots as SVG, with colours of the page they stand in and a text for those who do not see them.

use std::fmt::Write as _;

use crate::{escaped, number};

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 240.0;
/// Room for the numbers of the vertical axis, and for those of the horizontal one.
const LEFT: f64 = 52.0;
const BELOW: f64 = 34.0;
const EDGE: f64 = 8.0;

/// A bar beside its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What stands before it.
    pub name: String,
    /// Its length, 0 or more, in the same unit for all bars of a plot.
    pub size: f64,
    /// What stands behind it.
    pub text: String,
}

/// A line through points.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its name, shown where the pointer rests.
    pub name: String,
    /// Its points, from left to right.
    pub points: Vec<(f64, f64)>,
}

/// An axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What is measured along it.
    pub name: String,
    /// From where to where it goes; none for that of the points.
    pub range: Option<(f64, f64)>,
}

impl Axis {
    /// An axis that goes as far as the points do.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self { name: name.to_owned(), range: None }
    }
}

/// The beginning of a plot, with its text.
#[must_use]
pub fn begin(label: &str, width: f64, height: f64) -> String {
    format!(
        "<svg role=\"img\" aria-label=\"{0}\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\"><title>{0}</title>",
        escaped(label)
    )
}

/// Bars below each other, the longest for the greatest size.
#[must_use]
pub fn bars(values: &[Bar], label: &str) -> String {
    const ROW: f64 = 18.0;
    const NAME: f64 = 130.0;
    let most = values.iter().map(|bar| bar.size).fold(0.0, f64::max);
    let mut svg = begin(label, WIDTH, ROW * values.len() as f64);
    for (place, bar) in values.iter().enumerate() {
        let y = place as f64 * ROW;
        let share = if most > 0.0 { bar.size / most } else { 0.0 };
        let length = (share * (WIDTH - NAME - 60.0)).max(1.0);
        let _ = write!(
            svg,
            "<text x=\"0\" y=\"{0:.1}\">{1}<title>{2}</title></text><rect class=\"bar\" x=\"{NAME}\" y=\"{3:.1}\" width=\"{length:.1}\" height=\"12\"/>\
             <text x=\"{4:.1}\" y=\"{0:.1}\">{5}</text>",
            y + 12.0,
            escaped(&shortened(&bar.name)),
            escaped(&bar.name),
            y + 2.0,
            NAME + length + 4.0,
            escaped(&bar.text)
        );
    }
    svg.push_str("</svg>");
    svg
}

fn shortened(name: &str) -> String {
    const MOST: usize = 20;
    let short: String = name.chars().take(MOST).collect();
    if short.len() < name.len() { format!("{short}…") } else { short }
}

/// Lines between two axes, the first in the foreground; `diagonal` adds that from the lower left to the upper right.
///
/// Points that are not finite are left out.
#[must_use]
pub fn lines(lines: &[Line], across: &Axis, up: &Axis, label: &str, diagonal: bool) -> String {
    let finite = || {
        lines.iter().flat_map(|line| &line.points).filter(|(x, y)| x.is_finite() && y.is_finite())
    };
    let (from_x, to_x) = range(across, finite().map(|(x, _)| *x));
    let (from_y, to_y) = range(up, finite().map(|(_, y)| *y));
    let x = |value: f64| LEFT + (value - from_x) / (to_x - from_x) * (WIDTH - LEFT - EDGE);
    let y = |value: f64| EDGE + (to_y - value) / (to_y - from_y) * (HEIGHT - BELOW - EDGE);
    let mut svg = begin(label, WIDTH, HEIGHT);
    let _ = write!(
        svg,
        "<path class=\"axis\" d=\"M{0:.1} {1:.1}V{2:.1}H{3:.1}\"/>",
        x(from_x),
        y(to_y),
        y(from_y),
        x(to_x)
    );
    if diagonal {
        let _ = write!(
            svg,
            "<path class=\"guide\" d=\"M{:.1} {:.1}L{:.1} {:.1}\"/>",
            x(from_x),
            y(from_y),
            x(to_x),
            y(to_y)
        );
    }
    for (place, line) in lines.iter().enumerate().rev() {
        let points: Vec<String> = line
            .points
            .iter()
            .filter(|(a, b)| a.is_finite() && b.is_finite())
            .map(|(a, b)| format!("{:.1} {:.1}", x(*a), y(*b)))
            .collect();
        let class = if place == 0 { "path" } else { "other" };
        let name = escaped(&line.name);
        match points.as_slice() {
            [] => {}
            [one] => {
                let (cx, cy) = one.split_once(' ').unwrap_or_default();
                let _ = write!(
                    svg,
                    "<circle class=\"{class}\" cx=\"{cx}\" cy=\"{cy}\" r=\"3\"><title>{name}</title></circle>"
                );
            }
            many => {
                let _ = write!(
                    svg,
                    "<path class=\"{class}\" d=\"M{}\"><title>{name}</title></path>",
                    many.join("L")
                );
            }
        }
    }
    ticks(&mut svg, [x(from_x), x(to_x), y(from_y), y(to_y)], [from_x, to_x, from_y, to_y]);
    let _ = write!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text><text x=\"{LEFT}\" y=\"{:.1}\" dx=\"4\">{}</text></svg>",
        (LEFT + WIDTH - EDGE) / 2.0,
        HEIGHT - 4.0,
        escaped(&across.name),
        EDGE + 6.0,
        escaped(&up.name)
    );
    svg
}

/// The numbers at the ends of the axes.
fn ticks(svg: &mut String, [left, right, bottom, top]: [f64; 4], ends: [f64; 4]) {
    let [from_x, to_x, from_y, to_y] = ends.map(number);
    let below = bottom + 14.0;
    let beside = left - 4.0;
    for (x, y, anchor, text) in [
        (left, below, "start", from_x),
        (right, below, "end", to_x),
        (beside, bottom, "end", from_y),
        (beside, top + 6.0, "end", to_y),
    ] {
        let _ =
            write!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
    }
}

/// From where to where an axis goes; never of no length.
fn range(axis: &Axis, values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (from, to) = axis.range.unwrap_or_else(|| {
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| {
            (least.min(value), most.max(value))
        })
    });
    if from < to {
        return (from, to);
    }
    let middle = if from.is_finite() { from } else { 0.0 };
    (middle - 0.5, middle + 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(range: Option<(f64, f64)>) -> Axis {
        Axis { name: "x".into(), range }
    }

    fn line(points: &[(f64, f64)]) -> Line {
        Line { name: "a line".into(), points: points.to_vec() }
    }

    #[test]
    fn the_ends_of_a_line_are_the_corners() {
        let unit = axis(Some((0.0, 1.0)));
        let svg = lines(&[line(&[(0.0, 0.0), (1.0, 1.0)])], &unit, &unit, "a plot", true);
        assert_eq!(svg.matches("M52.0 206.0L312.0 8.0").count(), 2, "line and diagonal: {svg}");
    }

    #[test]
    fn points_without_a_place_are_left_out() {
        let none = axis(None);
        for points in
            [&[][..], &[(f64::NAN, 1.0)], &[(2.0, 3.0)], &[(0.0, 1.0), (1.0, f64::INFINITY)]]
        {
            let svg = lines(&[line(points)], &none, &none, "a plot", false);
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{points:?}: {svg}");
        }
        let bar = |size| Bar { name: "n".into(), size, text: String::new() };
        assert!(!bars(&[bar(0.0), bar(0.0)], "b").contains("NaN"));
    }
}
