//! `tier0 endpoints`: what answers where, and changing it.

mod document;
mod monitoring;

use std::time::{Duration, Instant};

use api::endpoints::{
    EndpointDocument, EndpointsDocument, ListEndpoints, PromoteEndpoint, RollBackEndpoint,
    ShareView, ShowEndpoint, SplitEndpoint,
};
use api::monitoring::ShowMonitoring;
use terminal::{Console, or_none, table};

use self::document::{endpoint_line, text};
use crate::Error;
use crate::access::Access;
use crate::cli::{EndpointsCommand, Global};

/// How long servers may take to follow a change.
const FOLLOW_TIMEOUT: Duration = Duration::from_secs(10);
/// Time between two looks at what the servers report.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// Head of the table of endpoints.
const HEAD: [&str; 6] = ["endpoint", "live", "previous", "requests", "servers", "url"];

/// Runs `tier0 endpoints`.
pub(crate) async fn run(
    command: &EndpointsCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    if let EndpointsCommand::History(arguments) = command {
        return crate::models::endpoint_history(arguments, global, console).await;
    }
    let access = Access::find(global, console)?;
    let changed = match command.clone() {
        EndpointsCommand::List => {
            let document = all(&access).await?;
            let rows: Vec<Vec<String>> = document.endpoints.iter().map(endpoint_line).collect();
            console.answer(&document, || or_none("no endpoints", &HEAD, &rows))?;
            return Ok(0);
        }
        EndpointsCommand::Show { name: endpoint } => {
            show(&access.ask(&ShowEndpoint { endpoint }).await?, console)?;
            return Ok(0);
        }
        EndpointsCommand::Monitoring { name: endpoint } => {
            let document = access.ask(&ShowMonitoring { endpoint }).await?;
            console.answer(&document, || monitoring::text(&document))?;
            return Ok(0);
        }
        // Answered above.
        EndpointsCommand::History(_) => return Ok(0),
        EndpointsCommand::Split { name: endpoint, shares, sticky, reason } => {
            let share = |(version, per_cent)| ShareView { version, per_cent };
            let shares = shares.into_iter().map(share).collect();
            let expected_revision = None;
            let change = SplitEndpoint { endpoint, shares, sticky, reason, expected_revision };
            access.change(&change).await?
        }
        EndpointsCommand::Promote { name: endpoint, full, reason } => {
            access
                .change(&PromoteEndpoint { endpoint, full, reason, expected_revision: None })
                .await?
        }
        EndpointsCommand::Rollback { name: endpoint, reason } => {
            access.change(&RollBackEndpoint { endpoint, reason, expected_revision: None }).await?
        }
    };
    show(&wait_for_servers(&access, changed).await?, console)?;
    Ok(0)
}

/// All endpoints, page by page.
async fn all(access: &Access<'_>) -> Result<EndpointsDocument, Error> {
    let mut query = ListEndpoints { after: None, limit: Some(api::MAX_LIMIT) };
    let mut document = access.ask(&query).await?;
    while let Some(next) = document.next.take() {
        query.after = Some(next);
        let page = access.ask(&query).await?;
        document.endpoints.extend(page.endpoints);
        document.next = page.next;
    }
    Ok(document)
}

fn show(document: &EndpointDocument, console: &Console) -> Result<(), Error> {
    let text = || format!("{}{}", table(&HEAD, &[endpoint_line(document)]), text(document));
    Ok(console.answer(document, text)?)
}

/// Waits until every server has applied a change, and says how long that took; the endpoint as it is then.
async fn wait_for_servers(
    access: &Access<'_>,
    changed: EndpointDocument,
) -> Result<EndpointDocument, Error> {
    let begun = Instant::now();
    let revision = changed.revision;
    let mut document = changed;
    loop {
        let servers = document.servers.iter();
        let lagging: Vec<&str> = servers
            .filter(|server| server.record_revision < revision)
            .map(|server| server.server.as_str())
            .collect();
        if lagging.is_empty() {
            break;
        }
        if begun.elapsed() > FOLLOW_TIMEOUT {
            access.console().note(&format!(
                "the change is made, but these servers have not followed it yet: {}",
                lagging.join(", ")
            ));
            return Ok(document);
        }
        tokio::time::sleep(POLL_INTERVAL).await;
        document = access.ask(&ShowEndpoint { endpoint: document.name }).await?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    access.console().note(&format!("every server followed within {seconds:.3} s"));
    Ok(document)
}
