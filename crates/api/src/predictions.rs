//! Predictions of an endpoint for a few rows, through the API: for a person who tries a model, not for traffic.
//!
//! The rows go to a model server that holds the endpoint, as any caller's do, and are counted and recorded as they are.

use std::collections::BTreeMap;

use contracts::v1::{ColumnSchema, ColumnType};
use reqwest::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::endpoints;
use crate::{Broker, Change, Error};

/// Most rows of one request.
const MAX_ROWS: usize = 100;

/// Rows to be predicted by what answers at an endpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["rows"]))]
pub struct PredictEndpoint {
    /// Name of the endpoint.
    #[schemars(extend("examples" = ["churn"]))]
    pub endpoint: String,
    /// 1 to 100 rows: values by the names of inputs. An input that is left out is missing.
    #[schemars(length(min = 1, max = 100))]
    pub rows: Vec<Map<String, Value>>,
    /// Whether what each input contributes is told as well.
    pub explain: bool,
}

/// What an endpoint predicts, in the order of the rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PredictionsDocument {
    /// Name of the endpoint.
    pub endpoint: String,
    /// The version that answered; several, with commas between them, where an ensemble did.
    pub version: String,
    /// Identity of the request, by which outcomes can be told.
    pub request_id: String,
    /// One entry for each row.
    pub predictions: Vec<PredictionView>,
    /// What the margins of the explanations are of, such as `log-odds of Yes`; none without explanations.
    pub margin_of: Option<String>,
    /// Why there are no explanations, where they were asked for.
    pub unexplained: Option<String>,
}

/// What was predicted for a row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PredictionView {
    /// The class, or the number.
    pub prediction: Value,
    /// Probability of each class, 0 to 1; empty for a number.
    pub probabilities: BTreeMap<String, f64>,
    /// What each input contributes; none where it was not asked for, and for several classes.
    pub explanation: Option<RowExplanation>,
}

/// What each input contributes to the margin of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RowExplanation {
    /// The margin without any input.
    pub base: f64,
    /// Base and contributions together.
    pub margin: f64,
    /// Contribution of each input to the margin, by its name.
    pub contributions: BTreeMap<String, f64>,
}

impl Change for PredictEndpoint {
    const ROUTE: &'static str = "/api/v1/endpoints/{endpoint}/predict";
    type Answer = PredictionsDocument;

    async fn make(&self, broker: &Broker, _by: &str) -> Result<PredictionsDocument, Error> {
        let (registry, name) = (&broker.registry, self.endpoint.as_str());
        if !(1..=MAX_ROWS).contains(&self.rows.len()) {
            return Err(Error::invalid(format!("rows: expected 1 to {MAX_ROWS}")));
        }
        let record = endpoints::known(registry, name).await?.value;
        let nothing = |what: &str| {
            let message = format!("endpoint `{name}` {what}");
            Error::new(StatusCode::CONFLICT, "nothing_answers", message)
        };
        let live = record.live.ok_or_else(|| nothing("has no live version"))?;
        let version = registry.version(&live.model, live.version).await?;
        let inputs = version.map(|version| version.signature_inputs).unwrap_or_default();
        let server = registry.servers(name).await?.into_iter().find(|it| it.live_version > 0);
        let server = server.ok_or_else(|| nothing("is held by no model server that reports"))?;
        let request = json!({ "inputs": tensors(&self.rows, &inputs)? });
        // A name has no character that would make another path.
        let base = format!("{}/v2/models/{name}", server.url.trim_end_matches('/'));
        let answer = broker.model_servers.post(&format!("{base}/infer"), &request).await?;
        let mut document = predictions(name, &answer, self.rows.len())?;
        if self.explain {
            // Of divided traffic the version that answered is explained; an ensemble has none.
            let url = match document.version.parse::<u32>() {
                Ok(version) => format!("{base}/versions/{version}/explain"),
                Err(_) => format!("{base}/explain"),
            };
            match broker.model_servers.post(&url, &request).await {
                Ok(answer) => explain(&mut document, &answer),
                Err(refusal) => document.unexplained = Some(refusal.message),
            }
        }
        Ok(document)
    }
}

/// A tensor for each input, as the Open Inference Protocol has it.
fn tensors(rows: &[Map<String, Value>], inputs: &[ColumnSchema]) -> Result<Vec<Value>, Error> {
    let is_input = |name: &str| inputs.iter().any(|input| input.name == name);
    if let Some(name) = rows.iter().flat_map(Map::keys).find(|name| !is_input(name)) {
        let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
        let name: String = name.chars().take(100).collect();
        let message = format!("rows: `{name}` is no input; the inputs are {}", names.join(", "));
        return Err(Error::invalid(message));
    }
    let tensor = |input: &ColumnSchema| {
        let datatype = match input.r#type() {
            ColumnType::Boolean => "BOOL",
            ColumnType::Integer | ColumnType::Number => "FP64",
            _ => "BYTES",
        };
        let value = |row: &Map<String, Value>| row.get(&input.name).cloned().unwrap_or_default();
        let data: Vec<Value> = rows.iter().map(value).collect();
        json!({"name": input.name, "datatype": datatype, "shape": [rows.len()], "data": data})
    };
    Ok(inputs.iter().map(tensor).collect())
}

/// A tensor of an answer.
#[derive(Deserialize)]
struct Tensor {
    name: String,
    #[serde(default)]
    data: Vec<Value>,
}

/// What of an answer is read.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    model_version: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    parameters: Map<String, Value>,
    outputs: Vec<Tensor>,
}

impl Answer {
    fn read(answer: &Value) -> Result<Self, Error> {
        Self::deserialize(answer).map_err(|_| {
            let message = "the answer of the model server is not of the Open Inference Protocol";
            Error::new(StatusCode::BAD_GATEWAY, "model_server", message)
        })
    }

    fn numbers(&self, name: &str) -> Vec<f64> {
        let tensor = self.outputs.iter().find(|tensor| tensor.name == name);
        tensor.map(|it| it.data.iter().filter_map(Value::as_f64).collect()).unwrap_or_default()
    }
}

fn predictions(endpoint: &str, answer: &Value, rows: usize) -> Result<PredictionsDocument, Error> {
    let answer = Answer::read(answer)?;
    let mut predictions = vec![PredictionView::default(); rows];
    for tensor in &answer.outputs {
        for (row, value) in predictions.iter_mut().zip(&tensor.data) {
            match (tensor.name.strip_prefix("probability_"), value.as_f64()) {
                (Some(class), Some(probability)) => {
                    row.probabilities.insert(class.to_owned(), probability);
                }
                _ if tensor.name == "prediction" => row.prediction = value.clone(),
                _ => {}
            }
        }
    }
    Ok(PredictionsDocument {
        endpoint: endpoint.to_owned(),
        version: answer.model_version,
        request_id: answer.id,
        predictions,
        margin_of: None,
        unexplained: None,
    })
}

/// Adds what each input contributes, where there is one margin for each row.
fn explain(document: &mut PredictionsDocument, answer: &Value) {
    let Ok(answer) = Answer::read(answer) else {
        document.unexplained = Some("the explanation could not be read".to_owned());
        return;
    };
    let names = answer.outputs.iter().find(|tensor| tensor.name == "names");
    let names: Vec<&str> =
        names.map(|it| it.data.iter().filter_map(Value::as_str).collect()).unwrap_or_default();
    let (base, margins) = (answer.numbers("base"), answer.numbers("margin"));
    let contributions = answer.numbers("contributions");
    let ([base], true) = (base.as_slice(), margins.len() == document.predictions.len()) else {
        document.unexplained = Some(
            "a model of several classes has a margin for each; ask the model server".to_owned(),
        );
        return;
    };
    document.margin_of =
        answer.parameters.get("margin_of").and_then(Value::as_str).map(str::to_owned);
    let of_rows = contributions.chunks(names.len().max(1));
    for ((row, margin), of_row) in document.predictions.iter_mut().zip(margins).zip(of_rows) {
        let named = names.iter().zip(of_row).map(|(name, value)| ((*name).to_owned(), *value));
        row.explanation =
            Some(RowExplanation { base: *base, margin, contributions: named.collect() });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use super::*;

    fn inputs() -> Vec<ColumnSchema> {
        let input = |name: &str, kind: ColumnType| ColumnSchema {
            name: name.to_owned(),
            r#type: kind.into(),
            nullable: true,
        };
        vec![input("age", ColumnType::Integer), input("town", ColumnType::Text)]
    }

    fn row(json: Value) -> Map<String, Value> {
        json.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn rows_are_tensors_in_the_order_of_the_signature() {
        let rows = [row(json!({"town": "Graz"})), row(json!({"age": 3}))];
        let found = tensors(&rows, &inputs()).unwrap();
        let expected = json!([
            {"name": "age", "datatype": "FP64", "shape": [2], "data": [null, 3]},
            {"name": "town", "datatype": "BYTES", "shape": [2], "data": ["Graz", null]},
        ]);
        assert_eq!(Value::Array(found), expected);
        let refused = tensors(&[row(json!({"colour": 1}))], &inputs()).unwrap_err();
        assert!(refused.message.contains("`colour` is no input; the inputs are age, town"));
    }

    #[test]
    fn an_answer_is_read_row_by_row_and_explained() {
        let answer = json!({"model_version": "2", "id": "q", "outputs": [
            {"name": "prediction", "data": ["No", "Yes"]},
            {"name": "probability_Yes", "data": [0.25, 0.75]},
        ]});
        let mut document = predictions("churn", &answer, 2).unwrap();
        assert_eq!((document.version.as_str(), document.request_id.as_str()), ("2", "q"));
        assert_eq!(document.predictions[1].prediction, json!("Yes"));
        assert_eq!(document.predictions[0].probabilities["Yes"], 0.25);
        let explained = json!({"parameters": {"margin_of": "log-odds of Yes"}, "outputs": [
            {"name": "names", "data": ["age", "town"]},
            {"name": "contributions", "data": [-1.0, 0.5, 1.0, 0.25]},
            {"name": "base", "data": [0.5]}, {"name": "margin", "data": [0.0, 1.75]},
        ]});
        explain(&mut document, &explained);
        let second = document.predictions[1].explanation.as_ref().unwrap();
        assert_eq!((second.base, second.margin, second.contributions["town"]), (0.5, 1.75, 0.25));
        assert_eq!(document.margin_of.as_deref(), Some("log-odds of Yes"));
    }
}
