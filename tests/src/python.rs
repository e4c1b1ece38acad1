//! Clients written in Python by others, run as strangers would run them.

use std::path::PathBuf;

use tokio::process::Command;

use crate::programs::{Finished, run};

/// A Python that has some packages.
#[derive(Debug)]
pub struct Python {
    interpreter: PathBuf,
}

impl Python {
    /// One that has the modules: of `TIER0_TEST_PYTHON`, else of what `scripts/setup --tests` made.
    /// Says on standard error that it is skipped, and answers `None`, where there is none.
    pub async fn with(modules: &[&str]) -> Option<Self> {
        let interpreter = std::env::var_os("TIER0_TEST_PYTHON")
            .map_or_else(|| crate::programs::installed("venv/bin/python"), PathBuf::from);
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

    /// Runs a script with arguments.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub async fn run(&self, script: &str, arguments: &[&str]) -> Finished {
        run(Command::new(&self.interpreter).args(["-c", script]).args(arguments)).await
    }
}
