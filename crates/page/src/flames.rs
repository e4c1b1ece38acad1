//! A flame graph as a file of its own: an SVG that any browser shows, without a script.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::escaped;

const WIDTH: f64 = 1200.0;
const EDGE: f64 = 10.0;
/// Room for the title above the frames.
const ABOVE: f64 = 44.0;
const ROW: f64 = 17.0;
/// Width of a character of the names: they are monospaced.
const CHARACTER: f64 = 6.7;
/// Frames that are narrower are left out, as they cannot be seen.
const NARROWEST: f64 = 0.2;

const STYLE: &str = "\
svg{background:#fff}text{font:11px ui-monospace,monospace;fill:#1c1f24}.title{font:bold 16px system-ui,sans-serif}\
.title,.soft{fill:#1c1f24}.frame rect{stroke:#fff;stroke-width:.5}.frame:hover rect{stroke:#1c1f24;stroke-width:1.5}\
@media(prefers-color-scheme:dark){svg{background:#15181c}.title,.soft{fill:#e6e9ee}.frame rect{stroke:#15181c}.frame:hover rect{stroke:#fff}}";

/// A frame that is drawn when all of its stacks have been seen.
struct Frame<'a> {
    name: &'a str,
    /// Samples of the stacks before it.
    from: u64,
}

/// A flame graph of stacks, each from its outermost function to its innermost one, with how often it was seen.
///
/// The outermost functions stand on top. A frame is as wide as its share of all samples, and those below it are what it called; its
/// name, samples and share are told where the pointer rests. Functions of the same crate have the same colour. Equal stacks give
/// equal bytes.
///
/// ```
/// let stack = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
/// let stacks = [(stack(&["main", "fit"]), 3), (stack(&["main"]), 1)].into();
/// let svg = page::flames(&stacks, "model-trainer");
/// assert!(svg.contains("<title>fit: 3 samples, 75.0 %</title>"));
/// ```
#[must_use]
pub fn flames(stacks: &BTreeMap<Vec<String>, u64>, title: &str) -> String {
    let all: u64 = stacks.values().sum();
    let deepest = stacks.keys().map(Vec::len).max().unwrap_or(0);
    let height = ABOVE + deepest as f64 * ROW + EDGE;
    let below = if all == 0 {
        "No sample was taken: the process has computed for less than a sample's time.".to_owned()
    } else {
        format!(
            "{all} samples; a frame is as wide as its share of them, callers stand above what they call"
        )
    };
    let mut svg = String::new();
    // Writing into a text does not fail.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" width=\"{WIDTH:.0}\" height=\"{height:.0}\" role=\"img\" \
         aria-label=\"{0}\"><style>{STYLE}</style><text class=\"title\" x=\"{EDGE}\" y=\"20\">{0}</text>\
         <text class=\"soft\" x=\"{EDGE}\" y=\"36\">{1}</text>",
        escaped(title),
        escaped(&below)
    );
    let mut open: Vec<Frame<'_>> = Vec::new();
    let mut seen = 0;
    // Stacks stand in the order of their names, so that those that begin alike stand together.
    for (stack, count) in stacks {
        let alike = open.iter().zip(stack).take_while(|(frame, name)| frame.name == **name).count();
        close(&mut svg, &mut open, alike, seen, all);
        open.extend(stack.iter().skip(alike).map(|name| Frame { name, from: seen }));
        seen += count;
    }
    close(&mut svg, &mut open, 0, seen, all);
    svg.push_str("</svg>\n");
    svg
}

/// Draws the frames beyond a depth, which end at `to` of `all` samples.
fn close(svg: &mut String, open: &mut Vec<Frame<'_>>, depth: usize, to: u64, all: u64) {
    while open.len() > depth {
        let Some(frame) = open.pop() else { return };
        draw(svg, &frame, open.len(), to, all);
    }
}

fn draw(svg: &mut String, frame: &Frame<'_>, depth: usize, to: u64, all: u64) {
    let samples = to - frame.from;
    let wide = (WIDTH - 2.0 * EDGE) / all.max(1) as f64;
    let width = samples as f64 * wide;
    if width < NARROWEST {
        return;
    }
    let (x, y) = (EDGE + frame.from as f64 * wide, ABOVE + depth as f64 * ROW);
    let share = samples as f64 / all.max(1) as f64 * 100.0;
    let _ = write!(
        svg,
        "<g class=\"frame\"><title>{}: {samples} samples, {share:.1} %</title>\
         <rect x=\"{x:.2}\" y=\"{y:.0}\" width=\"{width:.2}\" height=\"{:.0}\" rx=\"1\" fill=\"{}\"/>",
        escaped(frame.name),
        ROW - 1.0,
        colour(frame.name)
    );
    let room = ((width - 6.0) / CHARACTER).max(0.0) as usize;
    if room >= 3 {
        let _ = write!(
            svg,
            "<text x=\"{:.2}\" y=\"{:.0}\">{}</text>",
            x + 3.0,
            y + 12.0,
            escaped(&shortened(frame.name, room))
        );
    }
    svg.push_str("</g>");
}

/// The name, or its beginning and an ellipsis, in at most so many characters.
fn shortened(name: &str, room: usize) -> String {
    if name.chars().count() <= room {
        return name.to_owned();
    }
    let short: String = name.chars().take(room.saturating_sub(1)).collect();
    format!("{short}…")
}

/// A warm, light colour for each crate, whatever else is in the profile.
fn colour(name: &str) -> String {
    let of = name.trim_start_matches(['<', '&', '*']);
    let of = of.split_once("::").map_or(of, |(first, _)| first);
    // FNV-1a: the same in every build.
    let hash = of.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("hsl({} {}% {}%)", hash % 61, 70 + (hash >> 8) % 26, 62 + (hash >> 16) % 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stacks(of: &[(&[&str], u64)]) -> BTreeMap<Vec<String>, u64> {
        let stack = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        of.iter().map(|(names, count)| (stack(names), *count)).collect()
    }

    /// What follows a text, until a tag or an attribute ends.
    fn after<'a>(svg: &'a str, text: &str) -> &'a str {
        let (_, rest) = svg.split_once(text).unwrap_or_default();
        rest.split(['<', '"']).next().unwrap_or_default()
    }

    /// Title, left end, top and width of every frame.
    fn frames(svg: &str) -> Vec<[&str; 4]> {
        let frames = svg.split("<g class=\"frame\">").skip(1);
        frames
            .map(|of| ["<title>", " x=\"", " y=\"", " width=\""].map(|text| after(of, text)))
            .collect()
    }

    #[test]
    fn frames_are_as_wide_as_their_share_and_stand_below_their_callers() {
        let of =
            stacks(&[(&["main", "b"], 6), (&["main"], 1), (&["main", "a", "c"], 1), (&["io"], 2)]);
        let svg = flames(&of, "trainer");
        assert_eq!(
            frames(&svg),
            [
                ["io: 2 samples, 20.0 %", "10.00", "44", "236.00"],
                ["c: 1 samples, 10.0 %", "364.00", "78", "118.00"],
                ["a: 1 samples, 10.0 %", "364.00", "61", "118.00"],
                ["b: 6 samples, 60.0 %", "482.00", "61", "708.00"],
                ["main: 8 samples, 80.0 %", "246.00", "44", "944.00"],
            ]
        );
        assert!(svg.contains("viewBox=\"0 0 1200 105\""), "{svg}");
        assert_eq!(svg, flames(&of, "trainer"));
    }

    #[test]
    fn a_name_that_has_no_room_is_told_by_the_title_alone() {
        let long = "a::function::with::a::name::that::is::longer::than::its::frame";
        let svg = flames(&stacks(&[(&[long], 1), (&["b"], 3), (&["rare"], 0)]), "t");
        assert!(svg.contains(&format!("<title>{long}: 1 samples, 25.0 %</title>")), "{svg}");
        assert!(svg.contains(">a::function::with::a::name::that::is::long…</text>"), "{svg}");
        assert!(!svg.contains("rare"), "a frame without width: {svg}");
    }

    #[test]
    fn names_are_text_and_nothing_is_loaded_or_run() {
        let hostile = "<script>alert('x')</script>";
        let svg = flames(&stacks(&[(&[hostile], 1)]), hostile);
        assert!(
            !svg.contains("<script") && !svg.contains("href") && !svg.contains("url("),
            "{svg}"
        );
        assert_eq!(
            svg.matches("&lt;script&gt;").count(),
            4,
            "label, title, frame's title and its name: {svg}"
        );
    }

    #[test]
    fn without_samples_it_says_so() {
        let svg = flames(&BTreeMap::new(), "idle");
        assert!(svg.contains("No sample was taken") && svg.ends_with("</svg>\n"), "{svg}");
        assert!(frames(&svg).is_empty() && !svg.contains("NaN"));
    }

    #[test]
    fn a_crate_has_one_colour() {
        assert_eq!(colour("learners::fit"), colour("<learners::Network as Fit>::fit"));
        assert_ne!(colour("learners::fit"), colour("tabular::fit"));
    }
}
