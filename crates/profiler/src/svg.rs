//! Plots as SVG, with colours of the page they stand in and a text for those who do not see them.

use std::fmt::Write as _;

use page::{begin, escaped};

use crate::histogram::Histogram;

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 90.0;

/// A histogram as bars.
pub(crate) fn histogram(histogram: &Histogram, label: &str) -> String {
    let most = histogram.bins.iter().map(|bin| bin.count).max().unwrap_or(0).max(1) as f64;
    let width = WIDTH / histogram.bins.len().max(1) as f64;
    let mut svg = begin(label, WIDTH, HEIGHT);
    for (place, bin) in histogram.bins.iter().enumerate() {
        let height =
            (bin.count as f64 / most * (HEIGHT - 2.0)).max(f64::from(u8::from(bin.count > 0)));
        // Writing into a text does not fail.
        let _ = write!(
            svg,
            "<rect class=\"bar\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            place as f64 * width,
            HEIGHT - height,
            (width - 1.0).max(0.5),
            height
        );
    }
    svg.push_str("</svg>");
    svg
}

/// A matrix of values from -1 to 1, each a square that is the darker the farther it is from 0.
pub(crate) fn matrix(
    names: &[String],
    value: impl Fn(&str, &str) -> Option<f64>,
    label: &str,
) -> String {
    const CELL: f64 = 18.0;
    const NAME: f64 = 150.0;
    let side = names.len() as f64 * CELL;
    let mut svg = begin(label, NAME + side, side);
    for (row, first) in names.iter().enumerate() {
        let y = row as f64 * CELL;
        let short: String = first.chars().take(22).collect();
        let _ = write!(svg, "<text x=\"0\" y=\"{:.1}\">{}</text>", y + 13.0, escaped(&short));
        for (column, second) in names.iter().enumerate() {
            let found = if row == column { Some(1.0) } else { value(first, second) };
            let Some(found) = found else { continue };
            let _ = write!(
                svg,
                "<rect class=\"{}\" fill-opacity=\"{:.2}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"17\" height=\"17\">\
                 <title>{} and {}: {found:.3}</title></rect>",
                if found < 0.0 { "less" } else { "bar" },
                found.abs().min(1.0),
                NAME + column as f64 * CELL,
                escaped(first),
                escaped(second)
            );
        }
    }
    svg.push_str("</svg>");
    svg
}
