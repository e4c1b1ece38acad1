//! `tier0 bench …`: the program `tier0-bench`, which is built beside this one and which no user needs.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::Error;
use crate::cli::Global;

const PROGRAM: &str = "tier0-bench";

/// Becomes the program `tier0-bench` with these arguments; comes back only where that cannot be started.
pub(crate) fn exec_bench(arguments: &[OsString], global: &Global) -> Error {
    let own = match std::env::current_exe() {
        Ok(own) => own,
        Err(source) => return Error::NoBenchmarks { path: PROGRAM.into(), source },
    };
    let path = own.with_file_name(PROGRAM);
    let mut command = Command::new(&path);
    command.args(arguments);
    if global.json {
        command.arg("--json");
    }
    Error::NoBenchmarks { source: command.exec(), path }
}
