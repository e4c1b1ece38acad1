//! Metrics as processes show them, in Prometheus' text format.

use std::collections::BTreeMap;

/// One sample of an exposition.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The series' name, with the suffix that a histogram gives it.
    pub name: String,
    /// Values of the labels, by name.
    pub labels: BTreeMap<String, String>,
    /// Value of the sample.
    pub value: f64,
}

/// All that a process shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exposition {
    /// Types by the metrics' names.
    pub types: BTreeMap<String, String>,
    /// Samples in the order of the exposition.
    pub samples: Vec<Sample>,
}

impl Exposition {
    /// Reads what `url` answers.
    ///
    /// # Panics
    ///
    /// When it does not answer, or not in the text format.
    pub async fn fetch(url: &str) -> Self {
        let answer = reqwest::get(url).await.expect("an answer");
        assert!(answer.status().is_success(), "{url}: {}", answer.status());
        Self::parse(&answer.text().await.expect("a text"))
    }

    /// Reads the text format.
    ///
    /// # Panics
    ///
    /// When it is not that.
    pub fn parse(text: &str) -> Self {
        let mut read = Self::default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a name and a type");
                read.types.insert(name.to_owned(), kind.to_owned());
            } else if !line.starts_with('#') {
                read.samples.push(sample(line));
            }
        }
        read
    }

    /// The sum of the series of that name that have these labels.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has = |sample: &&Sample| {
            sample.name == name
                && labels.iter().all(|(label, value)| {
                    sample.labels.get(*label).is_some_and(|found| found == value)
                })
        };
        self.samples.iter().filter(has).map(|sample| sample.value).sum()
    }

    /// The metric that a series belongs to: its name without the suffix that a histogram gives it.
    pub fn metric<'a>(&self, series: &'a str) -> &'a str {
        let of_histogram = ["_bucket", "_sum", "_count"].into_iter().find_map(|suffix| {
            let name = series.strip_suffix(suffix)?;
            self.types.get(name).is_some_and(|kind| kind == "histogram").then_some(name)
        });
        of_histogram.unwrap_or(series)
    }
}

fn sample(line: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no sample: {line}"));
    let (name, labels) = match series.split_once('{') {
        None => (series, ""),
        Some((name, rest)) => (name, rest.strip_suffix('}').expect("labels end")),
    };
    let value = match value {
        "+Inf" => f64::INFINITY,
        value => value.parse().unwrap_or_else(|_| panic!("no number: {line}")),
    };
    Sample { name: name.to_owned(), labels: self::labels(labels), value }
}

/// `a="x",b="y"`, where a value may hold escaped quotes.
fn labels(text: &str) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once("=\"") {
        let mut value = String::new();
        let mut letters = after.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '"' => break,
                '\\' => {
                    value.extend(letters.next().map(|next| if next == 'n' { '\n' } else { next }))
                }
                letter => value.push(letter),
            }
        }
        labels.insert(name.trim_start_matches(',').to_owned(), value);
        rest = letters.as_str();
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_format_is_read() {
        let text = concat!(
            "# HELP a_total x\n# TYPE a_total counter\na_total{x=\"1\",y=\"q\\\"z\"} 3\na_total{x=\"2\"} 4\n\n",
            "# TYPE b_seconds histogram\nb_seconds_bucket{le=\"+Inf\"} 2\nb_seconds_sum 0.5\nb_seconds_count 2\n",
        );
        let read = Exposition::parse(text);
        assert_eq!(read.types["b_seconds"], "histogram");
        assert_eq!((read.sum("a_total", &[]), read.sum("a_total", &[("x", "2")])), (7.0, 4.0));
        assert_eq!(read.sum("a_total", &[("y", "q\"z")]), 3.0);
        assert_eq!(read.metric("b_seconds_bucket"), "b_seconds");
        assert_eq!(read.metric("a_total"), "a_total");
    }
}
