//! `tier0 backup`: saving a fleet, looking at what was saved, restoring it.

use std::path::Path;
use std::time::Duration;

use backup::{Checked, CreateOptions, Created, Problem, RestoreOptions, Restored};
use bus::Bus;
use fleet::BrokerAlone;
use identities::Identity;
use serde::Serialize;
use serde_json::json;
use terminal::Console;

use crate::Error;
use crate::cli::{BackupCommand, BackupCreate, BackupRestore, BackupVerify, Global};
use crate::connect::{Address, directory};
use crate::error::FAILED;
use crate::safety_backup::{self, SafetyBackup};

/// Longest wait for a broker that is started alone.
const BROKER_TIMEOUT: Duration = Duration::from_secs(60);
const CLOSING: Duration = Duration::from_secs(1);

/// Runs `tier0 backup`; gives the exit code.
pub(crate) async fn run(
    command: &BackupCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    match command {
        BackupCommand::Create(arguments) => create(arguments, global, console).await,
        BackupCommand::Verify(arguments) => verify(arguments, console).await,
        BackupCommand::Restore(arguments) => restore(arguments, global, console).await,
    }
}

async fn create(arguments: &BackupCreate, global: &Global, console: &Console) -> Result<u8, Error> {
    let bus = Address::find_as(Identity::Backup, global)?.connect().await?;
    let progress = console.progress(&format!("saving the fleet in {}", arguments.out.display()));
    let options = CreateOptions {
        out: &arguments.out,
        store: arguments.artifact_store.trim_end_matches('/'),
        artifacts: arguments.artifacts,
    };
    let tell = |what: &str| progress.line(&format!("  {what}"));
    let created = backup::create(&bus, options, &tell).await?;
    drop(progress);
    bus.close(CLOSING).await;
    console.answer(&created, || made(&created, &arguments.out))?;
    Ok(if created.problems.is_empty() { 0 } else { FAILED })
}

fn made(created: &Created, out: &Path) -> String {
    let artifacts =
        if created.artifacts_copied { "artifacts" } else { "artifacts checked, not copied" };
    let problems: String =
        created.problems.iter().map(|problem| format!("\nwarning: {problem}")).collect();
    format!(
        "saved in {}: {} streams with {} messages, {} {artifacts}, {} bytes, in {:.1} s\n\
         SHA-256 of the manifest {}{problems}",
        out.display(),
        created.streams,
        created.messages,
        created.artifacts,
        created.bytes,
        created.seconds,
        created.manifest_sha256
    )
}

/// What `tier0 backup verify` has found.
#[derive(Debug, Serialize)]
struct Verified {
    created_at: String,
    streams: usize,
    artifacts: usize,
    referenced: usize,
    ledger_entries: u64,
    ledger_digest: String,
    /// Whether the streams were restored on a broker, and their records looked at there.
    rehearsed: bool,
    whole: bool,
    problems: Vec<Problem>,
}

async fn verify(arguments: &BackupVerify, console: &Console) -> Result<u8, Error> {
    let progress = console.progress(&format!("reading {}", arguments.backup.display()));
    let Checked { manifest, files, records } = backup::check(&arguments.backup)?;
    let rehearse = files.is_empty() && !arguments.digests;
    let mut problems: Vec<Problem> = files.into_iter().chain(records).collect();
    if rehearse {
        progress.line("  restoring its streams on a broker of their own");
        for found in rehearsal(&arguments.backup, &manifest).await? {
            if !problems.contains(&found) {
                problems.push(found);
            }
        }
    }
    drop(progress);
    let verified = Verified {
        created_at: manifest.created_at.clone(),
        streams: manifest.streams.len(),
        artifacts: manifest.artifacts.files.len(),
        referenced: manifest.references.len(),
        ledger_entries: manifest.ledger.entries,
        ledger_digest: manifest.ledger.digest.clone(),
        rehearsed: rehearse,
        whole: problems.is_empty(),
        problems,
    };
    console.answer(&verified, || found(&verified))?;
    Ok(if verified.whole { 0 } else { FAILED })
}

fn found(verified: &Verified) -> String {
    let verdict = if verified.whole { "the backup is whole" } else { "the backup is not whole" };
    let problems: String =
        verified.problems.iter().map(|problem| format!("\n  {problem}")).collect();
    let how =
        if verified.rehearsed { "digests and records, restored on a broker" } else { "digests" };
    format!(
        "{verdict} ({how})\nof {}: {} streams, {} artifacts, {} of them named by records, {} entries in the ledger{problems}",
        verified.created_at,
        verified.streams,
        verified.artifacts,
        verified.referenced,
        verified.ledger_entries
    )
}

/// Restores the streams of a backup on a broker that goes away, and looks at their records as the fleet's own programs do.
async fn rehearsal(from: &Path, manifest: &backup::Manifest) -> Result<Vec<Problem>, Error> {
    let temporary = tempfile::Builder::new().prefix("tier0-verify-").tempdir();
    let temporary = temporary.map_err(Error::Output)?;
    let broker = BrokerAlone::start(temporary.path(), BROKER_TIMEOUT).await?;
    let options = RestoreOptions {
        from,
        replace: false,
        artifacts: false,
        replicas: None,
        without_limits: true,
    };
    let looked = async {
        let bus = connect(&broker, Identity::SetUp).await?;
        // A broker that goes away has nothing to save, and keeps no note of a restore that is cut off.
        let nothing = async |_: &[String]| -> Result<(), Error> { Ok(()) };
        backup::restore(&bus, options, &|_| {}, nothing).await?;
        bus.close(CLOSING).await;
        let bus = connect(&broker, Identity::Backup).await?;
        let problems = backup::check_records(&bus, manifest).await?;
        bus.close(CLOSING).await;
        Ok(problems)
    }
    .await;
    broker.stop().await;
    looked
}

async fn connect(broker: &BrokerAlone, identity: Identity) -> Result<Bus, Error> {
    Ok(Bus::connect(&broker.config(identity), identity.as_str()).await?)
}

async fn restore(
    arguments: &BackupRestore,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let progress = console.progress(&format!("restoring {}", arguments.backup.display()));
    let tell = |what: &str| progress.line(&format!("  {what}"));
    let options = RestoreOptions {
        from: &arguments.backup,
        replace: arguments.replace,
        artifacts: true,
        replicas: arguments.stream_replicas,
        without_limits: false,
    };
    let safety = SafetyBackup::new(arguments);
    let (outcome, place, next) = match &global.nats_url {
        Some(url) => {
            let outcome = restore_on(global, options, &safety, &tell).await;
            let next = "Next: `tier0 setup`, and start the processes.".to_owned();
            (outcome, format!("--nats-url {}", bus::SecretUrl::from(url.as_str())), next)
        }
        None => {
            let root = directory(global);
            let outcome = restore_into(&root, options, &safety, &tell).await;
            let place = format!("--dir {}", root.display());
            let next = format!("Next: `tier0 up {place}`.");
            (outcome, place, next)
        }
    };
    let restored = safety.settled(outcome, &place)?;
    drop(progress);
    let replaced = safety.kept();
    let document = json!({"restored": restored, "next": next, "safety_backup": replaced});
    console.answer(&document, || {
        let saved = replaced.map_or_else(String::new, |path| {
            format!("\nwhat was there before is saved in {}", path.display())
        });
        format!("{}{saved}", brought_back(&restored, &next))
    })?;
    Ok(0)
}

/// Restores on a broker of the operator's own.
async fn restore_on(
    global: &Global,
    options: RestoreOptions<'_>,
    safety: &SafetyBackup,
    tell: &dyn Fn(&str),
) -> Result<Restored, Error> {
    let address = Address::find_as(Identity::SetUp, global)?;
    let bus = address.connect().await?;
    let begin = async |filled: &[String]| -> Result<(), Error> {
        let config = safety_backup::reader_of(&address);
        let reader = async || -> Result<Bus, Error> {
            Ok(Bus::connect(&config, Identity::Backup.as_str()).await?)
        };
        safety.save(filled, options.from, reader, tell).await
    };
    let restored = backup::restore(&bus, options, tell, begin).await?;
    bus.close(CLOSING).await;
    Ok(restored)
}

/// Restores into the directory of a fleet that does not run. One that was cut off is noted there, and begun anew.
async fn restore_into(
    root: &Path,
    options: RestoreOptions<'_>,
    safety: &SafetyBackup,
    tell: &dyn Fn(&str),
) -> Result<Restored, Error> {
    // What is no backup makes no directory.
    let Checked { files, .. } = backup::check(options.from)?;
    if !files.is_empty() {
        return Err(backup::Error::Damaged { problems: files }.into());
    }
    let was_cut_off = fleet::Directory::new(root)?.unfinished_restore().exists();
    let broker = BrokerAlone::start(root, BROKER_TIMEOUT).await?;
    let options = RestoreOptions { replace: options.replace || was_cut_off, ..options };
    let begin = async |filled: &[String]| -> Result<(), Error> {
        // What a restore that was cut off has left is no fleet; what was there before it was saved then.
        if !was_cut_off {
            let reader = async || connect(&broker, Identity::Backup).await;
            safety.save(filled, options.from, reader, tell).await?;
        }
        Ok(broker.is_half()?)
    };
    let outcome = async {
        let bus = connect(&broker, Identity::SetUp).await?;
        let restored: Result<Restored, Error> = backup::restore(&bus, options, tell, begin).await;
        bus.close(CLOSING).await;
        // One that failed has removed what it had made; one that was cut off, or could not, has not.
        let is_half = matches!(
            &restored,
            Err(Error::Backup(error)) if matches!(**error, backup::Error::LeftBehind { .. })
        );
        if !is_half {
            broker.is_whole()?;
        }
        restored
    }
    .await;
    broker.stop().await;
    outcome
}

fn brought_back(restored: &Restored, next: &str) -> String {
    format!(
        "restored what was there at {}: {} streams with {} messages, {} consumers, {} artifacts, in {:.1} s\n{next}",
        restored.created_at,
        restored.streams,
        restored.messages,
        restored.consumers,
        restored.artifacts,
        restored.seconds
    )
}
