//! What texts say, by regular expressions (RE2, which `RegexFullMatch` has).
//!
//! ONNX has no operator for the length of a text. But a text of `n` units is one that a pattern of `n` units matches, and bit `b`
//! of `n` is 1 where `n` modulo `2^(b + 1)` is `2^b` or more: where any number of times `2^(b + 1)` units, and then so many of
//! them, match.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use tabular::plan::TextMeasure;
use tabular::plan::text::{SEPARATORS, WHITE_SPACE, lower};

use crate::graph::{Graph, Name, text};
use crate::proto::DataType;

/// Whether texts are missing: blank, or a marker with blanks around it.
pub(crate) fn missing(graph: &mut Graph, texts: &str, markers: &[String]) -> Name {
    let blank = class(&WHITE_SPACE);
    let mut any = String::new();
    for marker in markers {
        any.push('|');
        marker.chars().for_each(|c| any.push_str(&one(c)));
    }
    matches(graph, texts, &format!("[{blank}]*(?:{any})[{blank}]*"))
}

/// What is counted in texts, as [`TextMeasure::of`].
pub(crate) fn measure(graph: &mut Graph, texts: &str, measure: TextMeasure) -> Name {
    let blank = class(&WHITE_SPACE);
    let between = class(&SEPARATORS);
    let (before, unit) = match measure {
        TextMeasure::Characters => (format!("[{blank}]*"), format!("[^{blank}][{blank}]*")),
        TextMeasure::Words => (format!("[{between}]*"), format!("[^{between}]+[{between}]+")),
        TextMeasure::Digits => ("[^0-9]*".to_owned(), "[0-9][^0-9]*".to_owned()),
    };
    let mut counted = texts.to_owned();
    if measure == TextMeasure::Words {
        // So that every word ends with a separator.
        let blank = graph.texts([" "]);
        counted = graph.node("StringConcat", &[texts, &blank]);
    }
    let mut sum = graph.number(0.0);
    for bit in 0..measure.bits() {
        let (size, twice) = (1_u32 << bit, 2_u32 << bit);
        // What is left over comes last, so that few of RE2's states are possible at a time: with it first, they are so many
        // that RE2 gives up its fast way, and says so for each text.
        let pattern =
            format!("{before}(?:(?:{unit}){{{twice}}})*(?:{unit}){{{size},{}}}", twice - 1);
        let set = matches(graph, &counted, &pattern);
        let (value, zero) = (graph.number(f64::from(size)), graph.number(0.0));
        let value = graph.choose(&set, &value, &zero);
        sum = graph.node("Add", &[&sum, &value]);
    }
    let beyond = 1_u32 << measure.bits();
    let full = matches(graph, &counted, &format!("{before}(?:{unit}){{{beyond},}}"));
    let most = graph.number(f64::from(beyond - 1));
    graph.choose(&full, &most, &sum)
}

/// 1 where texts have a word, else 0, as [`tabular::plan::text::has_word`].
pub(crate) fn has_word(graph: &mut Graph, texts: &str, word: &str) -> Name {
    let between = class(&SEPARATORS);
    let word: String = word.chars().map(in_any_case).collect();
    let pattern = format!("(?s)(?:.*[{between}])?{word}(?:[{between}].*)?");
    let found = matches(graph, texts, &pattern);
    graph.cast(&found, DataType::Double)
}

fn matches(graph: &mut Graph, texts: &str, pattern: &str) -> Name {
    graph.node_with("RegexFullMatch", &[texts], vec![text("pattern", pattern)])
}

/// Ranges as they stand between brackets.
fn class(ranges: &[(char, char)]) -> String {
    ranges.iter().map(|(first, last)| format!("{}-{}", one(*first), one(*last))).collect()
}

fn one(c: char) -> String {
    format!("\\x{{{:X}}}", u32::from(c))
}

/// The characters that are this one in lower case.
fn in_any_case(c: char) -> String {
    static UPPER: OnceLock<BTreeMap<char, String>> = OnceLock::new();
    let upper = UPPER.get_or_init(|| {
        let mut upper: BTreeMap<char, String> = BTreeMap::new();
        for other in '\0'..=char::MAX {
            let lower = lower(other);
            if lower != other {
                upper.entry(lower).or_default().push_str(&one(other));
            }
        }
        upper
    });
    format!("[{}{}]", one(c), upper.get(&c).map_or("", String::as_str))
}
