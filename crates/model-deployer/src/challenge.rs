//! Champion and challengers on the rows of the same hold-out.

use std::collections::BTreeMap;
use std::time::SystemTime;

use contracts::messages::{
    AnalysisResult, DeployedVersion, DeploymentRecord, ServerReport, Verdict,
};
use contracts::stages::TrainedModel;
use contracts::time;
use scoring::EvaluationRows;
use serde_json::Value;
use statistics::losses::{Comparison, compare, holm};
use tabular::Field;

use crate::check;
use crate::client::ClientError;
use crate::deployment::DeploymentRun;
use crate::error::{DeployError, Error};

/// Rows of one request.
const BATCH: usize = 500;

/// What the contest came to.
pub(crate) struct ChallengeResult {
    /// Whether this run's version is to be the champion.
    pub(crate) won: bool,
    /// The judgement, with what was measured.
    pub(crate) verdict: Verdict,
}

impl DeploymentRun<'_> {
    /// Compares this run's version, and those that are mirrored, with the live one, on the run's hold-out. The champion stays unless one of them is significantly better; among those that are, the best wins.
    pub(crate) async fn contest(
        &self,
        record: &DeploymentRecord,
        trained: &TrainedModel,
    ) -> Result<ChallengeResult, Error> {
        let rows = self.evaluation_rows(trained).await?;
        let Some(champion) = &record.live else {
            return Err(self.superseded().into());
        };
        self.cx.progress(0.6, "comparing champion and challengers on the hold-out");
        let champion_losses = self.losses(champion, &rows).await?;
        // A version that only watches over a promotion is none.
        let routing = record.routing.as_ref().filter(|_| !rollout::is_watched(record));
        let shadows = routing.map(|routing| routing.shadows.as_slice()).unwrap_or_default();
        let others = record.members.iter().filter(|member| shadows.contains(&member.version));
        let challengers: Vec<&DeployedVersion> = std::iter::once(self.mine).chain(others).collect();
        let mut compared: Vec<(u32, Comparison)> = Vec::new();
        for challenger in challengers {
            let losses = self.losses(challenger, &rows).await?;
            let comparison =
                compare(&champion_losses, &losses).ok_or_else(|| DeployError::Contest {
                    problem: format!("the hold-out has {} rows: expected 30 or more", losses.len()),
                })?;
            compared.push((challenger.version, comparison));
        }
        let p_values: Vec<f64> = compared.iter().map(|(_, one)| one.p_value).collect();
        let corrected = holm(&p_values);
        let mut best: Option<(u32, f64)> = None;
        for ((version, one), p) in compared.iter().zip(&corrected) {
            let is_better = *p <= self.plan.significance && one.challenger < one.champion;
            if is_better && best.is_none_or(|(_, loss)| one.challenger < loss) {
                best = Some((*version, one.challenger));
            }
        }
        let won = best.is_some_and(|(version, _)| version == self.mine.version);
        let mut evidence = BTreeMap::from([("rows".to_owned(), rows.rows.len() as f64)]);
        let mut told = Vec::new();
        for ((version, one), p) in compared.iter().zip(&corrected) {
            evidence.insert("champion_loss".to_owned(), one.champion);
            evidence.insert(format!("loss_{version}"), one.challenger);
            evidence.insert(format!("p_value_{version}"), *p);
            told.push(format!(
                "version {version} has mean loss {:.4} against {:.4}, p = {p:.2e}",
                one.challenger, one.champion
            ));
        }
        let found = match best {
            Some((version, _)) => format!("version {version} is significantly better"),
            None => {
                format!("no challenger is significantly better than version {}", champion.version)
            }
        };
        let reason =
            format!("{found} on {} rows of the hold-out: {}", rows.rows.len(), told.join("; "));
        let result = if won { AnalysisResult::Successful } else { AnalysisResult::Failed };
        self.cx.note(&reason);
        let verdict = Verdict {
            at: Some(time::timestamp(SystemTime::now())),
            step: 0,
            result: result.into(),
            reason,
            evidence,
            version: self.mine.version,
        };
        Ok(ChallengeResult { won, verdict })
    }

    async fn evaluation_rows(&self, trained: &TrainedModel) -> Result<EvaluationRows, Error> {
        let invalid = |problem: &str| DeployError::Contest { problem: problem.to_owned() };
        let artifact = trained
            .evaluation_rows
            .as_ref()
            .ok_or_else(|| invalid("the trainer left no rows of the hold-out: train again"))?;
        let bytes = self.cx.artifacts.get(artifact).await?;
        let rows: EvaluationRows = serde_json::from_slice(&bytes)
            .map_err(|_| invalid("the rows of the hold-out are not JSON of the right form"))?;
        if rows.outcomes.len() != rows.rows.len() {
            return Err(invalid("the hold-out has another number of outcomes than of rows").into());
        }
        Ok(rows)
    }

    /// The loss of each row: the squared error of the second of two classes' probability, the Brier score of more, the squared error of numbers.
    async fn losses(
        &self,
        version: &DeployedVersion,
        rows: &EvaluationRows,
    ) -> Result<Vec<f64>, Error> {
        let failed = |problem: String| DeployError::Contest { problem };
        let servers = self.stage.registry.servers(self.endpoint).await?;
        let holds = |report: &&ServerReport| report.ready_versions.contains(&version.version);
        let server = servers
            .iter()
            .find(holds)
            .ok_or_else(|| failed(format!("no model server holds version {}", version.version)))?;
        let (fields, places) = self.inputs(version, rows).await?;
        let mut losses = Vec::with_capacity(rows.rows.len());
        for first in (0..rows.rows.len()).step_by(BATCH) {
            let last = (first + BATCH).min(rows.rows.len());
            let part = rows.rows.get(first..last).unwrap_or_default();
            let cells = |row: &Vec<Value>| {
                places.iter().map(|place| row.get(*place).cloned().unwrap_or_default()).collect()
            };
            let part: Vec<Vec<Value>> = part.iter().map(cells).collect();
            let request = check::tensors(&fields, &part);
            let answer = self
                .stage
                .client
                .infer(&server.url, self.endpoint, version.version, &request)
                .await
                .map_err(|error| match error {
                    ClientError::Passing(problem) | ClientError::Final(problem) => failed(format!(
                        "version {} did not answer the rows of the hold-out: {problem}",
                        version.version
                    )),
                })?;
            let outcomes = rows.outcomes.get(first..last).unwrap_or_default();
            losses.extend(of_answer(&answer, &rows.classes, outcomes).map_err(failed)?);
        }
        Ok(losses)
    }
}

impl DeploymentRun<'_> {
    /// The columns that a version takes, and where the rows have them.
    async fn inputs(
        &self,
        version: &DeployedVersion,
        rows: &EvaluationRows,
    ) -> Result<(Vec<Field>, Vec<usize>), Error> {
        let (model, number) = (&version.model, version.version);
        let registered = self.stage.registry.version(model, number).await?.ok_or_else(|| {
            registry::Error::UnknownVersion { model: model.clone(), version: number }
        })?;
        let mut fields = Vec::new();
        let mut places = Vec::new();
        for input in &registered.signature_inputs {
            let place = rows.fields.iter().position(|field| field.name == input.name);
            let found = place.and_then(|place| rows.fields.get(place).map(|field| (place, field)));
            let (place, field) = found.ok_or_else(|| DeployError::Contest {
                problem: format!(
                    "version {number} takes column {}, which the hold-out does not have",
                    input.name
                ),
            })?;
            places.push(place);
            fields.push(field.clone());
        }
        Ok((fields, places))
    }
}

fn of_answer(answer: &Value, classes: &[String], outcomes: &[f64]) -> Result<Vec<f64>, String> {
    let outputs =
        answer.get("outputs").and_then(Value::as_array).ok_or("the answer has no outputs")?;
    let column = |name: &str| {
        let named = |output: &&Value| output.get("name").and_then(Value::as_str) == Some(name);
        let data = outputs.iter().find(named).and_then(|output| output.get("data"));
        let numbers: Option<Vec<f64>> = data
            .and_then(Value::as_array)
            .and_then(|data| data.iter().map(Value::as_f64).collect());
        numbers
            .filter(|numbers| numbers.len() == outcomes.len())
            .ok_or_else(|| format!("the answer has no numbers {name} for every row"))
    };
    if classes.is_empty() {
        let predicted = column("prediction")?;
        return Ok(predicted.iter().zip(outcomes).map(|(p, y)| (p - y) * (p - y)).collect());
    }
    let mut losses = vec![0.0; outcomes.len()];
    for (class, name) in classes.iter().enumerate() {
        let probabilities = column(&format!("probability_{name}"))?;
        for ((loss, probability), outcome) in losses.iter_mut().zip(probabilities).zip(outcomes) {
            let error = probability - f64::from(u8::from(*outcome == class as f64));
            *loss += error * error;
        }
    }
    if classes.len() == 2 {
        for loss in &mut losses {
            *loss /= 2.0;
        }
    }
    Ok(losses)
}
