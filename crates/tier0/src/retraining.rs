//! `tier0 retraining`: what monitoring asked for, and a person's answer.

use std::time::SystemTime;

use api::monitoring::{
    self, Answer, AnswerError, AttemptView, Decision, RetrainingView, RetrainingsDocument,
};
use registry::Registry;
use terminal::{Console, or_none, seconds, time};

use crate::Error;
use crate::cli::{Global, RetrainingAnswer, RetrainingCommand};
use crate::connect::Address;
use crate::runs::whoami;

/// `tier0 retraining`.
pub(crate) async fn run(
    command: &RetrainingCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let bus = Address::find(global)?.connect().await?;
    let registry = Registry::new(&bus).await?;
    match command {
        RetrainingCommand::List { endpoint } => {
            list(&registry, endpoint.as_deref(), console).await?;
        }
        RetrainingCommand::Show { endpoint, request_id } => {
            let view = one(&registry, endpoint).await?;
            let attempt = find(&view, request_id.as_deref())?;
            console.answer(attempt, || text(endpoint, attempt))?;
        }
        RetrainingCommand::Approve(arguments) => {
            let attempt = answer(&registry, arguments, Decision::Approve).await?;
            console.answer(&attempt, || {
                format!(
                    "retraining {} of `{}` is approved; the monitor requests it",
                    attempt.request_id, arguments.endpoint
                )
            })?;
        }
        RetrainingCommand::Decline(arguments) => {
            let attempt = answer(&registry, arguments, Decision::Decline).await?;
            console.answer(&attempt, || {
                format!("retraining {} of `{}` is declined", attempt.request_id, arguments.endpoint)
            })?;
        }
    }
    Ok(0)
}

async fn list(registry: &Registry, endpoint: Option<&str>, console: &Console) -> Result<(), Error> {
    let document = match endpoint {
        Some(endpoint) => RetrainingsDocument { retraining: vec![one(registry, endpoint).await?] },
        None => monitoring::retraining::list(registry).await?,
    };
    let rows: Vec<Vec<String>> = document
        .retraining
        .iter()
        .flat_map(|of| of.attempts.iter().map(|attempt| line(&of.endpoint, attempt)))
        .collect();
    let head = ["endpoint", "request", "state", "began", "version", "new", "took", "reason"];
    console.answer(&document, || or_none("no retraining", &head, &rows))?;
    Ok(())
}

/// How an endpoint is retrained, where there is such an endpoint.
async fn one(registry: &Registry, endpoint: &str) -> Result<RetrainingView, Error> {
    match monitoring::retraining::show(registry, endpoint).await? {
        Some(view) => Ok(view),
        None => Err(unknown(registry, endpoint).await?),
    }
}

async fn unknown(registry: &Registry, endpoint: &str) -> Result<Error, Error> {
    let known = registry.endpoints().await?;
    Ok(Error::Unknown { kind: "endpoint", name: endpoint.to_owned(), known })
}

fn find<'a>(view: &'a RetrainingView, request_id: Option<&str>) -> Result<&'a AttemptView, Error> {
    let mut attempts = view.attempts.iter();
    let found = match request_id {
        None => attempts.next(),
        Some(id) => attempts.find(|attempt| attempt.request_id == id),
    };
    found.ok_or_else(|| Error::Unknown {
        kind: "retraining",
        name: request_id.unwrap_or(&view.endpoint).to_owned(),
        known: view.attempts.iter().map(|attempt| attempt.request_id.clone()).collect(),
    })
}

async fn answer(
    registry: &Registry,
    arguments: &RetrainingAnswer,
    decision: Decision,
) -> Result<AttemptView, Error> {
    if !monitoring::is_known(registry, &arguments.endpoint).await? {
        return Err(unknown(registry, &arguments.endpoint).await?);
    }
    let by = whoami();
    let answer = Answer {
        request_id: arguments.request_id.as_deref(),
        decision,
        by: &by,
        note: &arguments.note,
        at: SystemTime::now(),
    };
    Ok(monitoring::answer(registry, &arguments.endpoint, answer).await?)
}

fn line(endpoint: &str, attempt: &AttemptView) -> Vec<String> {
    let took = (attempt.seconds > 0.0).then_some(attempt.seconds);
    let reason = if attempt.reason.is_empty() { &attempt.cause.reason } else { &attempt.reason };
    vec![
        endpoint.to_owned(),
        attempt.request_id.clone(),
        attempt.state.to_string(),
        time(attempt.started_at.as_ref()),
        attempt.cause.version.to_string(),
        attempt.version.map_or_else(|| "-".to_owned(), |version| version.to_string()),
        seconds(took),
        reason.clone(),
    ]
}

fn text(endpoint: &str, attempt: &AttemptView) -> String {
    let mut lines = vec![
        format!("retraining  {}", attempt.request_id),
        format!("endpoint    {endpoint}, version {}", attempt.cause.version),
        format!("state       {}", attempt.state),
        format!("because     {}", attempt.cause.reason),
    ];
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            lines.push(format!("{name:<11} {value}"));
        }
    };
    add("alert", &attempt.cause.alert_id);
    if let Some(batch) = &attempt.batch {
        add("rows", &format!("{} in {}", batch.rows, batch.uri));
    }
    add("began", &time(attempt.started_at.as_ref()));
    if attempt.ended_at.is_some() {
        add("ended", &time(attempt.ended_at.as_ref()));
    }
    add("run", attempt.run_id.as_deref().unwrap_or_default());
    add("version", &attempt.version.map(|version| version.to_string()).unwrap_or_default());
    add("outcome", &attempt.reason);
    for issue in &attempt.issues {
        let column = if issue.column.is_empty() { "the table" } else { &issue.column };
        let blocking = if issue.blocking { " (blocking)" } else { "" };
        lines.push(format!("  {}{blocking} in {column}: {}", issue.code, issue.message));
    }
    lines.join("\n")
}

impl From<AnswerError> for Error {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::Registry(error) => Self::Registry(error),
            other => Self::Retraining(other),
        }
    }
}
