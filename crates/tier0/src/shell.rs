//! `tier0 completions` and `tier0 man`: the command line's own definition, as shells and `man` read it.

use std::path::PathBuf;

use clap::CommandFactory as _;
use serde::Serialize;
use terminal::Console;

use crate::Error;
use crate::cli::{Cli, Completions, Man};

/// Name of the program.
const PROGRAM: &str = "tier0";

/// Pages that were written.
#[derive(Serialize)]
struct ManDocument {
    /// Directory of the pages.
    out: PathBuf,
    /// Number of the pages.
    pages: usize,
}

/// Runs `tier0 completions`; gives the exit code.
pub(crate) fn completions(arguments: &Completions, console: &Console) -> Result<u8, Error> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), PROGRAM, &mut script);
    let script = String::from_utf8_lossy(&script);
    #[derive(Serialize)]
    struct Script<'a> {
        shell: String,
        script: &'a str,
    }
    let document = Script { shell: arguments.shell.to_string(), script: &script };
    console.answer(&document, || script.clone().into_owned())?;
    Ok(0)
}

/// Runs `tier0 man`; gives the exit code.
pub(crate) fn man(arguments: &Man, console: &Console) -> Result<u8, Error> {
    let out = &arguments.out;
    let failed = |source| Error::File { what: "write the pages to", path: out.clone(), source };
    std::fs::create_dir_all(out).map_err(failed)?;
    let command = Cli::command().name(PROGRAM);
    clap_mangen::generate_to(command, out).map_err(failed)?;
    let written = std::fs::read_dir(out).map_err(failed)?;
    let pages = written
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(PROGRAM))
        .count();
    let document = ManDocument { out: out.clone(), pages };
    console.answer(&document, || {
        format!("{pages} pages are in {}; read them with `man -l {0}/tier0.1`", out.display())
    })?;
    Ok(0)
}
