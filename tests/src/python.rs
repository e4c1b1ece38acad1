//! Clients written in Python by others, run as strangers would run them.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::programs::{Finished, installed, run};

/// A Python that has some packages.
#[derive(Debug)]
pub struct Python {
    interpreter: PathBuf,
}

impl Python {
    /// One that has the modules: of `TIER0_TEST_PYTHON`, else of what `scripts/setup --tests` made.
    /// Says on standard error that it is skipped, and answers `None`, where there is none.
    pub async fn with(modules: &[&str]) -> Option<Self> {
        Self::of("TIER0_TEST_PYTHON", "venv", modules).await
    }

    /// One that has the modules beside an MLflow server: of `TIER0_TEST_MLFLOW_PYTHON`, else of what `scripts/mlflow-venv` made.
    /// Says on standard error that it is skipped, and answers `None`, where there is none.
    pub async fn with_mlflow(modules: &[&str]) -> Option<Self> {
        Self::of("TIER0_TEST_MLFLOW_PYTHON", "mlflow-venv", modules).await
    }

    /// One that has pandas, polars and what checks and installs our own client: of `TIER0_TEST_TABLES_PYTHON`, else of what
    /// `scripts/python-venv` made.
    /// Says on standard error that it is skipped, and answers `None`, where there is none.
    pub async fn with_tables() -> Option<Self> {
        let modules =
            ["pandas", "polars", "pyarrow", "matplotlib", "mypy", "hatchling", "nbclient"];
        Self::of("TIER0_TEST_TABLES_PYTHON", "python-venv", &modules).await
    }

    /// One that drives a browser, and the browser: of `TIER0_TEST_BROWSER_PYTHON`, else of what `scripts/console-venv` made.
    /// Says on standard error that it is skipped, and answers `None`, where there is none.
    pub async fn with_browser() -> Option<Self> {
        let has_browser = Path::new("/usr/bin/chromium").exists();
        if !has_browser {
            eprintln!("skipped: no chromium (scripts/setup --tests installs it from Debian)");
            return None;
        }
        Self::of("TIER0_TEST_BROWSER_PYTHON", "console-venv", &["playwright"]).await
    }

    async fn of(variable: &str, environment: &str, modules: &[&str]) -> Option<Self> {
        let interpreter = std::env::var_os(variable)
            .map_or_else(|| installed(environment).join("bin/python"), PathBuf::from);
        let imports = format!("import {}", modules.join(", "));
        let usable = interpreter.exists()
            && run(Command::new(&interpreter).args(["-c", &imports])).await.status.success();
        if !usable {
            eprintln!(
                "skipped: no Python with {} (scripts/setup --tests installs it)",
                modules.join(", ")
            );
        }
        usable.then_some(Self { interpreter })
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
