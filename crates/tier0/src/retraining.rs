//! `tier0 retraining`: what monitoring asked for, and a person's answer.

use api::monitoring::{
    ApproveRetraining, AttemptView, DeclineRetraining, ListRetrainings, RetrainingView,
    RetrainingsDocument, ShowRetraining,
};
use terminal::{Console, or_none, seconds, time};

use crate::Error;
use crate::access::Access;
use crate::cli::{Global, RetrainingAnswer, RetrainingCommand};

/// Runs `tier0 retraining`.
pub(crate) async fn run(
    command: &RetrainingCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let access = Access::find(global, console)?;
    match command {
        RetrainingCommand::List { endpoint } => list(&access, endpoint.as_deref()).await?,
        RetrainingCommand::Show { endpoint, request_id } => {
            let view = access.ask(&ShowRetraining { endpoint: endpoint.clone() }).await?;
            let attempt = find(&view, request_id.as_deref())?;
            console.answer(attempt, || text(endpoint, attempt))?;
        }
        RetrainingCommand::Approve(arguments) => {
            let RetrainingAnswer { endpoint, request_id, note } = arguments.clone();
            let attempt = access.change(&ApproveRetraining { endpoint, request_id, note }).await?;
            console.answer(&attempt, || {
                format!(
                    "retraining {} of `{}` is approved; the monitor requests it",
                    attempt.request_id, arguments.endpoint
                )
            })?;
        }
        RetrainingCommand::Decline(arguments) => {
            let RetrainingAnswer { endpoint, request_id, note } = arguments.clone();
            let attempt = access.change(&DeclineRetraining { endpoint, request_id, note }).await?;
            console.answer(&attempt, || {
                format!("retraining {} of `{}` is declined", attempt.request_id, arguments.endpoint)
            })?;
        }
    }
    Ok(0)
}

async fn list(access: &Access<'_>, endpoint: Option<&str>) -> Result<(), Error> {
    let document = match endpoint {
        Some(endpoint) => {
            let view = access.ask(&ShowRetraining { endpoint: endpoint.to_owned() }).await?;
            RetrainingsDocument { retraining: vec![view], next: None }
        }
        None => all(access).await?,
    };
    let rows: Vec<Vec<String>> = document
        .retraining
        .iter()
        .flat_map(|of| of.attempts.iter().map(|attempt| line(&of.endpoint, attempt)))
        .collect();
    let head = ["endpoint", "request", "state", "began", "version", "new", "took", "reason"];
    Ok(access.console().answer(&document, || or_none("no retraining", &head, &rows))?)
}

/// How every endpoint is retrained, page by page.
async fn all(access: &Access<'_>) -> Result<RetrainingsDocument, Error> {
    let mut query = ListRetrainings { after: None, limit: Some(api::MAX_LIMIT) };
    let mut document = access.ask(&query).await?;
    while let Some(next) = document.next.take() {
        query.after = Some(next);
        let page = access.ask(&query).await?;
        document.retraining.extend(page.retraining);
        document.next = page.next;
    }
    Ok(document)
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
