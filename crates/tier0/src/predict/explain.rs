//! Why: the columns that `--explain` adds to each line.

use client::v2::InferResponse;
use serde_json::Value;

use super::Error;

/// Explanations of the rows of one request.
pub(crate) struct Explanation {
    names: Vec<String>,
    base: Vec<f64>,
    margin: Vec<f64>,
    contributions: Vec<f64>,
}

impl Explanation {
    /// Reads the model server's answer about `rows` rows.
    pub(crate) fn read(rows: usize, answer: InferResponse) -> Result<Self, Error> {
        let mut read = Self {
            names: Vec::new(),
            base: Vec::new(),
            margin: Vec::new(),
            contributions: Vec::new(),
        };
        for output in answer.outputs {
            let numbers = || output.data.iter().filter_map(Value::as_f64).collect();
            match output.name.as_str() {
                "names" => {
                    let texts = output.data.iter().filter_map(Value::as_str);
                    read.names = texts.map(str::to_owned).collect();
                }
                "base" => read.base = numbers(),
                "margin" => read.margin = numbers(),
                "contributions" => read.contributions = numbers(),
                _ => {}
            }
        }
        let margins = rows.saturating_mul(read.base.len());
        for (name, found, expected) in [
            ("base", read.base.len(), read.base.len().max(1)),
            ("margin", read.margin.len(), margins),
            ("contributions", read.contributions.len(), margins.saturating_mul(read.names.len())),
        ] {
            if found != expected {
                return Err(Error::Answer { output: name.to_owned(), found, expected });
            }
        }
        Ok(read)
    }

    /// Names of the columns; `classes` where there is a margin for each.
    pub(crate) fn header(&self, classes: &[&str]) -> Vec<String> {
        let each = |class: Option<&&str>| {
            let of = class.map(|class| format!("_{class}")).unwrap_or_default();
            let names = self.names.iter().map(move |name| format!("contribution{of}_{name}"));
            let of = class.map(|class| format!("_{class}")).unwrap_or_default();
            [format!("base{of}"), format!("margin{of}")]
                .into_iter()
                .chain(names)
                .collect::<Vec<_>>()
        };
        if self.base.len() == 1 {
            return each(None);
        }
        (0..self.base.len()).flat_map(|class| each(classes.get(class))).collect()
    }

    /// The values of a row, in the order of the header.
    pub(crate) fn row(&self, row: usize) -> Vec<f64> {
        let (margins, width) = (self.base.len(), self.names.len());
        let of = |values: &[f64], at: usize| values.get(at).copied();
        (0..margins)
            .flat_map(|margin| {
                let at = row * margins + margin;
                let contributions = self.contributions.get(at * width..(at + 1) * width);
                of(&self.base, margin)
                    .into_iter()
                    .chain(of(&self.margin, at))
                    .chain(contributions.unwrap_or_default().iter().copied())
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn answer(base: &str, margin: &str, contributions: &str) -> InferResponse {
        let text = format!(
            r#"{{"outputs":[{{"name":"names","data":["a","b"]}},{{"name":"base","data":{base}}},
               {{"name":"margin","data":{margin}}},{{"name":"contributions","data":{contributions}}}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn one_margin_has_plain_names_and_more_have_those_of_their_classes() {
        let one = Explanation::read(2, answer("[1]", "[4,6]", "[1,2,2,3]")).unwrap();
        assert_eq!(
            one.header(&["No", "Yes"]),
            ["base", "margin", "contribution_a", "contribution_b"]
        );
        assert_eq!(one.row(1), [1.0, 6.0, 2.0, 3.0]);
        let two = Explanation::read(1, answer("[1,2]", "[4,5]", "[1,2,0,3]")).unwrap();
        let header = two.header(&["x", "y"]);
        assert_eq!(header.get(4..6).unwrap(), ["base_y", "margin_y"]);
        assert_eq!(header.last().unwrap(), "contribution_y_b");
        assert_eq!(two.row(0), [1.0, 4.0, 1.0, 2.0, 2.0, 5.0, 0.0, 3.0]);
    }

    #[test]
    fn an_answer_that_lacks_values_is_refused() {
        assert!(Explanation::read(2, answer("[1]", "[4]", "[1,2,2,3]")).is_err());
        assert!(Explanation::read(2, answer("[1]", "[4,6]", "[1,2,2]")).is_err());
        assert!(Explanation::read(2, answer("[]", "[]", "[]")).is_err());
    }
}
