//! A PostgreSQL server of the test's own.

use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::waiting::eventually;

/// The server does not run as root; this is `nobody` where there is no user of its own.
const NOBODY: (u32, u32) = (65534, 65534);

/// A server on a loopback port, in a directory of its own; killed when dropped.
#[derive(Debug)]
pub struct PostgresServer {
    process: Option<Child>,
    programs: PathBuf,
    directory: TempDir,
    port: u16,
}

impl PostgresServer {
    /// Who may ask it anything.
    pub const USER: &'static str = "tester";
    /// His password.
    pub const PASSWORD: &'static str = "correct horse";

    /// Starts one. Says on standard error that it is skipped, and answers `None`, where none is installed.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    pub async fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!("skipped: no PostgreSQL server (scripts/setup --tests installs it)");
            return None;
        };
        let directory = tempfile::tempdir().expect("a temporary directory");
        let password = directory.path().join("password");
        std::fs::write(&password, Self::PASSWORD).expect("the password is written");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let port = port.expect("a free port").port();
        let mut server = Self { process: None, programs, directory, port };
        if let Some((user, group)) = own_user() {
            for path in [server.directory.path(), &password] {
                chown(path, Some(user), Some(group)).expect("root may give files away");
            }
        }
        let mut initdb = server.command("initdb");
        initdb.arg("--pgdata").arg(server.data()).arg("--pwfile").arg(&password);
        initdb.args(["--username", Self::USER, "--auth", "scram-sha-256", "--encoding", "UTF8"]);
        let made = initdb.args(["--no-sync", "--locale", "C"]).output().expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        server.launch().await;
        Some(server)
    }

    /// Starts it again after [`kill`](Self::kill), on the same port and files.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    pub async fn launch(&mut self) {
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).args(["-p", &self.port.to_string(), "-k", ""]);
        for setting in ["listen_addresses=127.0.0.1", "fsync=off", "max_connections=20"] {
            command.args(["-c", setting]);
        }
        let log = std::fs::File::create(self.directory.path().join("log")).expect("a log");
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.process = Some(quiet.spawn().expect("the server starts"));
        eventually("the server answers", || async {
            self.psql("postgres", "SELECT 1").status.success().then_some(())
        })
        .await;
    }

    /// Ends it at once, as a crash would.
    ///
    /// # Panics
    ///
    /// When it is down already.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("a server that runs");
        // Immediate shutdown: no sign to clients, recovery at the next start.
        let pid = rustix::process::Pid::from_child(&process);
        rustix::process::kill_process(pid, rustix::process::Signal::QUIT).expect("it runs");
        process.wait().expect("it can be waited for");
    }

    /// Runs statements in a database.
    ///
    /// # Panics
    ///
    /// When one fails.
    pub fn sql(&self, database: &str, statements: &str) -> String {
        let done = self.psql(database, statements);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }

    fn psql(&self, database: &str, statements: &str) -> std::process::Output {
        let mut command = Command::new(self.programs.join("psql"));
        command.args(["--host", "127.0.0.1", "--port", &self.port.to_string()]);
        command.args(["--username", Self::USER, "--dbname", database, "--no-psqlrc", "--quiet"]);
        command.args(["--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]);
        command.args(["--command", statements]).env("PGPASSWORD", Self::PASSWORD);
        command.output().expect("psql runs")
    }

    /// `postgres://HOST:PORT/DATABASE`.
    pub fn uri(&self, database: &str) -> String {
        format!("postgres://127.0.0.1:{}/{database}", self.port)
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        if let Some((user, group)) = own_user() {
            command.uid(user).gid(group);
        }
        command.current_dir(self.directory.path());
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.kill();
        }
    }
}

/// The directory of the server's programs: the newest of Debian's, else that of the search path.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path.join("bin")))
        })
        .collect();
    found.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let newest = found.into_iter().rev().map(|(_, directory)| directory);
    newest.chain(std::env::split_paths(&path)).find(|directory| has_server(directory))
}

fn has_server(directory: &Path) -> bool {
    ["initdb", "postgres", "psql"].iter().all(|program| {
        let metadata = std::fs::metadata(directory.join(program));
        metadata.is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
    })
}

/// Whom the server runs as where this process is root's.
fn own_user() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let own = users.lines().find_map(|line| {
        let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    });
    Some(own.unwrap_or(NOBODY))
}
