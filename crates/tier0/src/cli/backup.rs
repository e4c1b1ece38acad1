//! Arguments of `backup`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// Subcommand to run.
    #[command(subcommand)]
    pub command: BackupCommand,
}

/// Subcommands of `tier0 backup`.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Save streams, records and artifacts of a fleet, which may go on working
    #[command(after_help = "Examples:\n  tier0 backup create --out ./backups/today\n  \
                      tier0 backup create --out ./backups/today --nats-url nats://broker:4222 --nkey-file backup.nk\n\n\
                      The directory has rows of tables and models in it, and is readable for you alone.\n\
                      Exit codes: 0 made; 1 not made, or made of a fleet that lacks something that its records name; 2 the directory is there \
                      already; 3 no fleet reachable.")]
    Create(BackupCreate),
    /// Check every digest of a backup, restore its streams on a broker of its own, and check their records there
    #[command(
        after_help = "Examples:\n  tier0 backup verify ./backups/today\n  tier0 backup verify ./backups/today --digests --json\n\n\
                      Exit codes: 0 whole; 1 something is damaged or missing; 2 no backup, or one of a newer version."
    )]
    Verify(BackupVerify),
    /// Restore a backup into the directory of a fleet that does not run, or on a broker without processes
    #[command(
        after_help = "Examples:\n  tier0 backup restore ./backups/today --dir ./new-fleet && tier0 up --dir ./new-fleet\n  \
                      tier0 backup restore ./backups/today --nats-url nats://broker:4222 --nkey-file set-up.nk --stream-replicas 3\n\n\
                      Every digest is checked before anything is touched; a restore that fails leaves nothing.\n\
                      What --replace replaces is saved first, and the way back is told where the restore fails; on a broker of your own\n\
                      it is read with the key backup.nk beside set-up.nk.\n\
                      Exit codes: 0 restored; 1 failed; 2 no backup, one of a newer version, a fleet that runs, or one that has something and \
                      no --replace; 3 no broker reachable."
    )]
    Restore(BackupRestore),
}

/// Arguments of `backup create`.
#[derive(Debug, Args)]
pub struct BackupCreate {
    /// Directory to be made; it must not be there yet
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The artifact store, as the processes have it
    #[arg(
        long,
        env = "TIER0__ARTIFACTS__URI",
        value_name = "URI",
        default_value = "nats://TIER0_ARTIFACTS"
    )]
    pub artifact_store: String,
    /// Copy artifacts of a store that is not in NATS as well; without it, those that records name are read and checked
    #[arg(long)]
    pub artifacts: bool,
}

/// Arguments of `backup verify`.
#[derive(Debug, Args)]
pub struct BackupVerify {
    /// The backup
    #[arg(value_name = "DIR")]
    pub backup: PathBuf,
    /// Check digests alone, without a broker
    #[arg(long)]
    pub digests: bool,
}

/// Arguments of `backup restore`.
#[derive(Debug, Args)]
pub struct BackupRestore {
    /// The backup
    #[arg(value_name = "BACKUP")]
    pub backup: PathBuf,
    /// Remove the streams, buckets and artifacts that the fleet has, and restore those of the backup in their place
    #[arg(long)]
    pub replace: bool,
    /// Directory in which what is replaced is saved before anything is touched [default: beside the backup, named after it and the time]
    #[arg(long, value_name = "DIR", requires = "replace")]
    pub safety_backup: Option<PathBuf>,
    /// Keep what was saved of the fleet that was replaced; it is removed once the restore has succeeded
    #[arg(long, requires = "replace")]
    pub keep: bool,
    /// Replace without saving what is there, as where it cannot be read any more or there is no room
    #[arg(long, requires = "replace", conflicts_with_all = ["safety_backup", "keep"])]
    pub no_safety_backup: bool,
    /// The artifact store of what is replaced, as the processes have it
    #[arg(
        long,
        env = "TIER0__ARTIFACTS__URI",
        value_name = "URI",
        default_value = "nats://TIER0_ARTIFACTS"
    )]
    pub artifact_store: String,
    /// Copies of every stream [default: as they were]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=5))]
    pub stream_replicas: Option<u16>,
}
