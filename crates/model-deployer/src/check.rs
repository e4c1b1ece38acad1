//! The check off-traffic: the trainer's rows as a request, and the served predictions against the trainer's own. Pure.

use scoring::CheckRows;
use serde::Deserialize;
use serde_json::{Value, json};
use tabular::{ColumnType, Field};

/// What the comparison found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Number of rows compared.
    pub rows: usize,
    /// Greatest difference between a served prediction and the trainer's own; relative where that
    /// is above 1.
    pub max_difference: f64,
}

/// The rows as a request of the Open Inference Protocol, or what is wrong with them.
pub fn request(check: &CheckRows) -> Result<Value, String> {
    let rows = check.rows.len();
    if rows == 0 {
        return Err("there are none".to_owned());
    }
    if check.outputs.len() != rows {
        return Err(format!("{rows} rows, but {} predictions", check.outputs.len()));
    }
    if let Some(row) = check.rows.iter().position(|row| row.len() != check.fields.len()) {
        return Err(format!("row {row} has another width than the {} columns", check.fields.len()));
    }
    Ok(tensors(&check.fields, &check.rows))
}

/// Rows of that width as a request, a tensor per column.
pub fn tensors(fields: &[Field], rows: &[Vec<Value>]) -> Value {
    let inputs = fields.iter().enumerate().map(|(at, field)| {
        let data: Vec<&Value> = rows.iter().filter_map(|row| row.get(at)).collect();
        json!({
            "name": field.name,
            "datatype": datatype(field.column_type),
            "shape": [rows.len()],
            "data": data,
        })
    });
    json!({ "inputs": inputs.collect::<Vec<Value>>() })
}

fn datatype(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Integer | ColumnType::Number => "FP64",
        ColumnType::Boolean => "BOOL",
        ColumnType::Text | ColumnType::Date | ColumnType::Timestamp => "BYTES",
    }
}

#[derive(Deserialize)]
struct InvocationsResponse {
    model_version: String,
    outputs: Vec<Output>,
}

#[derive(Deserialize)]
struct Output {
    name: String,
    data: Vec<Value>,
}

/// Compares an answer with the trainer's predictions: probabilities in the order of the classes, or the numbers.
pub fn compare(
    check: &CheckRows,
    classes: &[String],
    version: u32,
    answer: &Value,
    tolerance: f64,
) -> Result<Agreement, String> {
    let answer = InvocationsResponse::deserialize(answer)
        .map_err(|_| "the answer has another form".to_owned())?;
    if answer.model_version != version.to_string() {
        return Err(format!("version {} answered, not {version}", answer.model_version));
    }
    let names: Vec<String> = if classes.is_empty() {
        vec!["prediction".to_owned()]
    } else {
        classes.iter().map(|class| format!("probability_{class}")).collect()
    };
    let mut max_difference = 0.0_f64;
    for (at, name) in names.iter().enumerate() {
        let output = answer.outputs.iter().find(|output| output.name == *name);
        let served = output.ok_or_else(|| format!("the answer has no output {name}"))?;
        if served.data.len() != check.outputs.len() {
            let (found, expected) = (served.data.len(), check.outputs.len());
            return Err(format!("output {name} has {found} rows, not {expected}"));
        }
        for (row, (served, expected)) in served.data.iter().zip(&check.outputs).enumerate() {
            let expected = expected
                .get(at)
                .ok_or_else(|| format!("row {row} has no prediction of the trainer for {name}"))?;
            let served = served
                .as_f64()
                .ok_or_else(|| format!("output {name} is no number in row {row}"))?;
            let difference = difference(served, *expected);
            if difference.is_nan() || difference > tolerance {
                return Err(format!(
                    "output {name} differs by {difference:e} in row {row}: at most {tolerance:e} is allowed"
                ));
            }
            max_difference = max_difference.max(difference);
        }
    }
    Ok(Agreement { rows: check.outputs.len(), max_difference })
}

/// The difference; relative where the numbers are larger than one, so that it suits regression as well.
fn difference(served: f64, expected: f64) -> f64 {
    (served - expected).abs() / expected.abs().max(1.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]
mod tests {
    use super::*;

    fn rows() -> CheckRows {
        CheckRows {
            fields: vec![
                Field::new("tenure", ColumnType::Integer),
                Field::new("plan", ColumnType::Text),
            ],
            rows: vec![vec![json!(3), json!("A")], vec![json!(null), json!("B")]],
            outputs: vec![vec![0.25, 0.75], vec![0.5, 0.5]],
        }
    }

    fn answer(second: f64) -> Value {
        json!({
            "model_name": "churn", "model_version": "2", "outputs": [
                { "name": "prediction", "datatype": "BYTES", "shape": [2], "data": ["Yes", "No"] },
                { "name": "probability_No", "datatype": "FP64", "shape": [2], "data": [0.25, 0.5] },
                { "name": "probability_Yes", "datatype": "FP64", "shape": [2], "data": [0.75, second] },
            ]
        })
    }

    fn check(answer: &Value) -> Result<Agreement, String> {
        compare(&rows(), &["No".to_owned(), "Yes".to_owned()], 2, answer, 1e-9)
    }

    #[test]
    fn rows_become_a_tensor_per_column() {
        let request = request(&rows()).unwrap();
        assert_eq!(
            request["inputs"][0],
            json!({ "name": "tenure", "datatype": "FP64", "shape": [2], "data": [3, null] })
        );
        assert_eq!(request["inputs"][1]["datatype"], "BYTES");
    }

    #[test]
    fn rows_that_do_not_fit_are_refused() {
        let mut none = rows();
        none.rows.clear();
        none.outputs.clear();
        assert!(request(&none).is_err());
        let mut ragged = rows();
        ragged.rows[1].pop();
        assert!(request(&ragged).is_err());
    }

    #[test]
    fn equal_predictions_agree() {
        let agreement = check(&answer(0.5)).unwrap();
        assert_eq!(agreement, Agreement { rows: 2, max_difference: 0.0 });
        assert!(check(&answer(0.5 + 1e-10)).unwrap().max_difference > 0.0);
    }

    #[test]
    fn a_difference_is_told_without_the_values() {
        let problem = check(&answer(0.6)).unwrap_err();
        assert!(problem.contains("probability_Yes") && problem.contains("row 1"), "{problem}");
        assert!(!problem.contains("0.6"), "{problem}");
    }

    #[test]
    fn another_version_another_shape_and_a_missing_output_are_told() {
        let mut other = answer(0.5);
        other["model_version"] = json!("1");
        assert!(check(&other).unwrap_err().contains("version 1"));
        let mut short = answer(0.5);
        short["outputs"][1]["data"] = json!([0.25]);
        assert!(check(&short).unwrap_err().contains("1 rows"));
        let mut missing = answer(0.5);
        missing["outputs"] = json!([]);
        assert!(check(&missing).unwrap_err().contains("probability_No"));
        assert!(check(&json!({ "error": "no" })).is_err());
    }
}
