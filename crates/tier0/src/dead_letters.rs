//! `tier0 dead-letters`: messages that were put aside, and giving them to their agents again.

use api::dead_letters::{
    DeadLetterDocument, DeadLetterView, DeadLettersDocument, ListDeadLetters, ReplayDeadLetter,
    ReplayedMessage, ShowDeadLetter,
};
use serde::Serialize;
use serde_json::json;
use terminal::{Console, or_none, table};

use crate::Error;
use crate::access::Access;
use crate::cli::{DeadLettersCommand, Global};
use crate::error::{FAILED, USAGE};

/// `tier0 dead-letters`; gives the exit code.
pub(crate) async fn run(
    command: &DeadLettersCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let access = Access::find(global, console)?;
    match command {
        DeadLettersCommand::List { kind } => {
            let document = all(&access, kind.clone()).await?;
            let rows: Vec<Vec<String>> = document.dead_letters.iter().map(line).collect();
            console.answer(&document, || {
                or_none(
                    "no dead letters",
                    &["id", "kind", "agent", "run", "deliveries", "reason"],
                    &rows,
                )
            })?;
            Ok(0)
        }
        DeadLettersCommand::Show { id } => {
            let document = access.ask(&ShowDeadLetter { id: id.clone() }).await?;
            console.answer(&document, || text(&document))?;
            Ok(0)
        }
        DeadLettersCommand::Replay { id: Some(id), .. } => {
            let done = access.change(&ReplayDeadLetter { id: id.clone() }).await?;
            console.answer(&json!({"replayed": [done]}), || replayed(&done))?;
            Ok(0)
        }
        DeadLettersCommand::Replay { id: None, .. } => replay_all(&access).await,
    }
}

/// Every dead letter, or those of a kind, page by page.
pub(crate) async fn all(
    access: &Access<'_>,
    kind: Option<String>,
) -> Result<DeadLettersDocument, Error> {
    let mut query = ListDeadLetters { kind, after: None, limit: Some(api::MAX_LIMIT) };
    let mut document = access.ask(&query).await?;
    while let Some(next) = document.next.take() {
        query.after = Some(next);
        let page = access.ask(&query).await?;
        document.dead_letters.extend(page.dead_letters);
        document.next = page.next;
    }
    Ok(document)
}

fn line(letter: &DeadLetterView) -> Vec<String> {
    vec![
        letter.id.clone(),
        letter.kind.clone(),
        letter.agent.clone(),
        letter.run_id.clone(),
        letter.deliveries.to_string(),
        letter.reason.message.clone(),
    ]
}

fn text(document: &DeadLetterDocument) -> String {
    let DeadLetterDocument { letter, attempts, message, problem } = document;
    let run = if letter.run_id.is_empty() { "-" } else { &letter.run_id };
    let at = letter.at.as_deref().unwrap_or("-");
    let mut lines = vec![
        format!("dead letter {}", letter.id),
        format!("kind        {}", letter.kind),
        format!("agent       {}", letter.agent),
        format!("run         {run}"),
        format!("subject     {}", letter.subject),
        format!("put aside   {at}, after {} deliveries", letter.deliveries),
        format!("reason      {}: {}", letter.reason.code, letter.reason.message),
        format!(
            "message     {} bytes{}",
            letter.bytes,
            if letter.truncated { ", the rest was cut" } else { "" }
        ),
    ];
    if !attempts.is_empty() {
        let row = |attempt: &api::dead_letters::AttemptView| {
            vec![
                attempt.attempt.to_string(),
                attempt.kind.clone(),
                attempt.at.clone().unwrap_or_default(),
                attempt.replica.clone(),
                attempt.message.clone().unwrap_or_default(),
            ]
        };
        let rows: Vec<Vec<String>> = attempts.iter().map(row).collect();
        lines.push(String::new());
        lines.push(table(&["attempt", "what", "when", "replica", "why"], &rows));
    }
    lines.push(String::new());
    if let Some(problem) = problem {
        lines.push(format!("the message cannot be read: {problem}"));
    }
    if !message.is_null() {
        lines.push(serde_json::to_string_pretty(message).unwrap_or_default());
    }
    lines.join("\n")
}

fn replayed(done: &ReplayedMessage) -> String {
    format!(
        "dead letter {} was taken up as run {} (epoch {}) at {}; follow it with `tier0 runs watch {}`",
        done.id, done.run_id, done.epoch, done.from, done.run_id
    )
}

/// A message that was not taken up.
#[derive(Debug, Serialize)]
struct FailedReplay {
    id: String,
    code: String,
    reason: String,
}

async fn replay_all(access: &Access<'_>) -> Result<u8, Error> {
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    for letter in all(access, None).await?.dead_letters {
        match access.change(&ReplayDeadLetter { id: letter.id.clone() }).await {
            Ok(replayed) => done.push(replayed),
            Err(error) if error.exit_code() == USAGE || error.code() == "contended" => {
                let (code, reason) = (error.code().to_owned(), error.with_causes());
                refused.push(FailedReplay { id: letter.id, code, reason });
            }
            // The fleet itself does not answer: the others would fare no better.
            Err(error) => return Err(error),
        }
    }
    access.console().answer(&json!({"replayed": done, "refused": refused}), || {
        if done.is_empty() && refused.is_empty() {
            return "no dead letters".to_owned();
        }
        let refused = refused.iter().map(|refused| format!("{}: {}", refused.id, refused.reason));
        done.iter().map(replayed).chain(refused).collect::<Vec<_>>().join("\n")
    })?;
    Ok(if refused.is_empty() { 0 } else { FAILED })
}
