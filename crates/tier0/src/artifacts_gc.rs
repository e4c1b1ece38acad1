//! `tier0 artifacts gc`: artifacts that nothing names any more.

use std::time::{Duration, SystemTime};

use artifacts::ArtifactStore;
use retention::{Plan, Policy, Removal};
use serde::Serialize;
use terminal::{Console, table};

use crate::Error;
use crate::cli::{ArtifactsCommand, Global};
use crate::connect::Address;
use crate::runs::whoami;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Lines of a list for people.
const SHOWN: usize = 50;

/// What `tier0 artifacts gc` has found or done.
#[derive(Debug, Serialize)]
struct Collection {
    /// Whether they were removed.
    removed: bool,
    #[serde(flatten)]
    plan: Plan,
}

/// Runs `tier0 artifacts`; gives the exit code.
pub(crate) async fn run(
    command: &ArtifactsCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let ArtifactsCommand::Gc(arguments) = command;
    let policy =
        Policy { older_than: DAY * arguments.older_than, runs_within: DAY * arguments.runs_within };
    // Opening a directory makes it; here there is nothing to collect in one that is not there.
    if let Some(path) = arguments.artifact_store.strip_prefix("file://") {
        std::fs::read_dir(path).map_err(|source| Error::File {
            what: "read",
            path: path.into(),
            source,
        })?;
    }
    let bus = Address::find(global)?.connect().await?;
    let store = ArtifactStore::open(&arguments.artifact_store, &bus).await.map_err(Box::new)?;
    let progress = console.progress("looking for artifacts that nothing names");
    let mut plan = retention::plan(&bus, &store, policy, SystemTime::now()).await?;
    if arguments.apply && !plan.collected.is_empty() {
        progress.line("  looking a second time before they are removed");
        let between = Duration::from_secs_f64(arguments.between);
        let removal = Removal { by: &whoami(), between };
        plan = retention::apply(&bus, &store, policy, &plan, removal).await?;
    }
    drop(progress);
    bus.close(Duration::from_secs(1)).await;
    let collection = Collection { removed: arguments.apply, plan };
    console.answer(&collection, || text(&collection))?;
    Ok(0)
}

fn text(collection: &Collection) -> String {
    let Collection { removed, plan } = collection;
    let (verb, next) = match (removed, plan.collected.is_empty()) {
        (_, true) => ("nothing to remove", ""),
        (true, false) => ("removed", ""),
        (false, false) => ("would remove", "\n--apply removes them"),
    };
    let rows: Vec<Vec<String>> = plan
        .collected
        .iter()
        .take(SHOWN)
        .map(|one| {
            let days = one.days.to_string();
            vec![one.sha256.clone(), one.bytes.to_string(), days, one.media_type.clone()]
        })
        .collect();
    let mut lines =
        vec![format!("{verb}: {} artifacts, {} bytes", plan.collected.len(), plan.bytes)];
    if !rows.is_empty() {
        lines.push(table(&["sha256", "bytes", "days", "media type"], &rows));
    }
    if plan.collected.len() > SHOWN {
        lines.push(format!("… and {} more; --json has all", plan.collected.len() - SHOWN));
    }
    for (reason, kept) in &plan.kept {
        lines.push(format!(
            "stay: {} artifacts, {} bytes: {}",
            kept.artifacts,
            kept.bytes,
            reason.text()
        ));
    }
    format!("{}{next}", lines.join("\n"))
}
