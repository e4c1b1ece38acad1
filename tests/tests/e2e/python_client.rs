//! The Python client on a live fleet, as a person would use it: installed by pip, its types checked, every block of its guide run.

use std::path::{Path, PathBuf};

use tier0_tests::{Finished, Fleet, FleetOptions, Python, program, turn};

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Where the client is installed for a test, by pip, from the sources.
async fn install(python: &Python) -> tempfile::TempDir {
    let target = tempfile::tempdir().unwrap();
    let (source, place) = (root().join("python"), target.path());
    let arguments = [source.to_str().unwrap(), place.to_str().unwrap()];
    let install = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-m', 'pip', 'install', '--quiet', \
                   '--disable-pip-version-check', '--no-deps', '--no-build-isolation', '--no-index', '--target', sys.argv[2], sys.argv[1]]))";
    python.run(install, &arguments).await.success();
    target
}

/// Runs a script with the installed client, the programs of this build and nothing of this machine's fleets.
async fn run(python: &Python, client: &Path, script: &str, arguments: &[&str]) -> Finished {
    let tier0 = program("tier0");
    let environment = [
        ("PYTHONPATH", client.to_str().unwrap()),
        ("TIER0_PROGRAM", tier0.to_str().unwrap()),
        ("PYTHONWARNINGS", "error::ResourceWarning"),
        ("MPLBACKEND", "agg"),
    ];
    python.run_in(script, arguments, &environment).await
}

/// A fleet that checks its traffic every second.
async fn watchful() -> Fleet {
    let monitoring = [
        ("WINDOW__SLICE_SECONDS", "1"),
        ("WINDOW__SECONDS", "600"),
        ("WINDOW__MIN_ROWS", "500"),
        ("CHECK_SECONDS", "1"),
        ("RETRAINING__MODE", "off"),
    ];
    let key = |name: &str| format!("TIER0_OBSERVABILITY_CONNECTOR__MONITORING__{name}");
    let environment = monitoring.map(|(name, value)| (key(name), value.to_owned())).to_vec();
    Fleet::up_with(FleetOptions { environment, ..FleetOptions::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_learned_and_predicted_in_python() {
    let Some(python) = Python::with_tables().await else { return };
    let client = install(&python).await;
    let fleet = watchful().await;
    let directory = fleet.directory().to_str().unwrap();
    let done = run(&python, client.path(), include_str!("python_client.py"), &[directory]).await;
    assert!(done.status.success(), "{}\n{}", done.stdout, done.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_that_lie_open_are_refused_in_python() {
    let Some(python) = Python::with_tables().await else { return };
    let client = install(&python).await;
    let done = run(&python, client.path(), include_str!("python_secrets.py"), &["s3cret"]).await;
    assert!(done.status.success(), "{}\n{}", done.stdout, done.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_types_of_the_client_are_checked() {
    let Some(python) = Python::with_tables().await else { return };
    let check = "import os, subprocess, sys; os.chdir(sys.argv[1]); \
                 sys.exit(subprocess.call([sys.executable, '-m', 'mypy', '--strict', '--cache-dir', sys.argv[2]]))";
    let cache = tempfile::tempdir().unwrap();
    let source = root().join("python");
    let arguments = [source.to_str().unwrap(), cache.path().to_str().unwrap()];
    python.run(check, &arguments).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_block_of_the_guide_runs() {
    let Some(python) = Python::with_tables().await else { return };
    let client = install(&python).await;
    let fleet = watchful().await;
    let guide = root().join("docs/python.md");
    let arguments = [guide.to_str().unwrap(), fleet.directory().to_str().unwrap()];
    let done = run(&python, client.path(), include_str!("python_guide.py"), &arguments).await;
    assert!(done.status.success(), "{}\n{}", done.stdout, done.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wheel_carries_the_programs() {
    let Some(python) = Python::with_tables().await else { return };
    let _turn = turn().await;
    let target = program("tier0").parent().and_then(Path::parent).unwrap().to_owned();
    let arguments = [root().join("scripts/wheel"), target];
    let arguments = arguments.each_ref().map(|path| path.to_str().unwrap());
    python.run(include_str!("python_wheel.py"), &arguments).await.success();
}

/// What `make demo` prints is done as a newcomer does it: the curl, the page, the lines of Python.
#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_does_what_the_demo_says() {
    let Some(python) = Python::with_tables().await else { return };
    let client = install(&python).await;
    let _turn = turn().await;
    let target = program("tier0").parent().and_then(Path::parent).unwrap().to_owned();
    let arguments = [root().join("scripts/demo"), target];
    let arguments = arguments.each_ref().map(|path| path.to_str().unwrap());
    let done = run(&python, client.path(), include_str!("python_newcomer.py"), &arguments).await;
    assert!(done.status.success(), "{}\n{}", done.stdout, done.stderr);
}
