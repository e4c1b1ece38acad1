//! Clients written in Python by others, run as strangers would run them.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::programs::{Finished, installed, run};

/// A Python that has some packages, in one of the environments that `scripts/setup --tests` makes.
#[derive(Debug)]
pub struct Python {
    interpreter: PathBuf,
}

impl Python {
    /// One that has the modules among the clients of other projects.
    ///
    /// Says on standard error that the test is skipped, and answers `None`, where the environment could not be made.
    ///
    /// # Panics
    ///
    /// When the environment is there and does not have the modules.
    pub async fn with(modules: &[&str]) -> Option<Self> {
        Self::of("clients", modules).await
    }

    /// One that has the modules beside an MLflow server; otherwise as [`with`](Self::with).
    ///
    /// # Panics
    ///
    /// When the environment is there and does not have the modules.
    pub async fn with_mlflow(modules: &[&str]) -> Option<Self> {
        Self::of("mlflow", modules).await
    }

    /// One that has pandas, polars and what checks and installs our own client; otherwise as [`with`](Self::with).
    ///
    /// # Panics
    ///
    /// When the environment is there and does not have the modules.
    pub async fn with_tables() -> Option<Self> {
        let modules =
            ["pandas", "polars", "pyarrow", "matplotlib", "mypy", "hatchling", "nbclient"];
        Self::of("tables", &modules).await
    }

    /// One that drives a browser, and the browser; otherwise as [`with`](Self::with).
    ///
    /// # Panics
    ///
    /// When the environment is there and does not have Playwright.
    pub async fn with_browser() -> Option<Self> {
        let has_browser = Path::new("/usr/bin/chromium").exists();
        if !has_browser {
            eprintln!("skipped: no chromium (scripts/setup --tests installs it from Debian)");
            return None;
        }
        Self::of("console", &["playwright"]).await
    }

    /// One of the environment whose packages `tests/ENVIRONMENT-requirements.txt` has: the interpreter that
    /// `TIER0_TEST_ENVIRONMENT_PYTHON` names, else that of `scripts/python-venv ENVIRONMENT`.
    ///
    /// Says on standard error that the test is skipped, and answers `None`, where the environment could not be made.
    ///
    /// # Panics
    ///
    /// When the environment is there and does not have the modules: a test that is skipped without a reason finds nothing.
    pub async fn of(environment: &str, modules: &[&str]) -> Option<Self> {
        let variable = format!("TIER0_TEST_{}_PYTHON", environment.to_uppercase());
        let interpreter = match std::env::var_os(&variable) {
            Some(named) => PathBuf::from(named),
            None => {
                let directory = installed(&format!("{environment}-venv"));
                if !is_complete(&directory) {
                    eprintln!(
                        "skipped: the Python packages of tests/{environment}-requirements.txt are not there \
                         (scripts/setup --tests installs them)"
                    );
                    return None;
                }
                directory.join("bin/python")
            }
        };
        let imports = format!("import {}", modules.join(", "));
        let tried = run(Command::new(&interpreter).args(["-c", &imports])).await;
        assert!(
            tried.status.success(),
            "{} does not have {}: scripts/python-venv {environment} makes it anew\n{}",
            interpreter.display(),
            modules.join(", "),
            tried.stderr
        );
        Some(Self { interpreter })
    }

    /// Where it is.
    pub fn interpreter(&self) -> &Path {
        &self.interpreter
    }

    /// Runs a script with arguments.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub async fn run(&self, script: &str, arguments: &[&str]) -> Finished {
        self.run_in(script, arguments, &[]).await
    }

    /// Runs a script with arguments and more environment.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub async fn run_in(
        &self,
        script: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Finished {
        let mut command = Command::new(&self.interpreter);
        command.args(["-c", script]).args(arguments).envs(environment.iter().copied());
        run(&mut command).await
    }
}

/// Whether `scripts/python-venv` ended well: it leaves a stamp then.
fn is_complete(environment: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(environment) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with(".tier0-"))
}
