#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use super::super::leftover;
use super::*;

/// A shell that says that it is ready, then does `then`.
fn shell(directory: &Directory, then: &str) -> Spec {
    let ready = directory.ready("shell");
    let script = format!("echo $$ > '{}'; {then}", ready.display());
    Spec {
        name: "shell".to_owned(),
        program: "/bin/sh".into(),
        launch: Box::new(move |before| {
            let again = before.map_or("first", |_| "again");
            Ok(Launch {
                arguments: vec!["-c".into(), script.clone().into()],
                environment: [("START".to_owned(), again.into())].into(),
            })
        }),
        ready: Box::new(move |pid| {
            let text = std::fs::read_to_string(&ready).ok()?;
            (text.trim() == pid.to_string()).then(|| [("http".to_owned(), "x".to_owned())].into())
        }),
        grace: Duration::from_millis(300),
    }
}

fn directory(temporary: &tempfile::TempDir) -> Arc<Directory> {
    let directory = Directory::new(temporary.path()).unwrap();
    directory.create().unwrap();
    Arc::new(directory)
}

/// Waits until the process is as wanted.
async fn until(process: &Process, wanted: impl Fn(&State) -> bool) -> State {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let state = process.state();
        if wanted(&state) {
            return state;
        }
        assert!(Instant::now() < deadline, "{state:?}");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_process_that_dies_is_started_again() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = directory(&temporary);
    let process = Process::start(shell(&directory, "exec sleep 60"), Arc::clone(&directory));
    let first = until(&process, |state| state.ready.is_some()).await.pid.unwrap();
    signal(first, rustix::process::Signal::KILL);
    let second = until(&process, |state| state.restarts == 1 && state.ready.is_some()).await;
    assert_ne!(second.pid, Some(first));
    assert_eq!((second.early_ends, second.trouble), (0, None));
    assert!(leftover::belongs(second.pid.unwrap(), &directory));
    process.stop().await;
    assert!(!leftover::belongs(second.pid.unwrap(), &directory));
    assert!(!directory.pid("shell").exists());
}

#[tokio::test]
async fn a_process_that_does_not_stop_is_killed() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = directory(&temporary);
    let spec = shell(&directory, "trap '' TERM; while :; do sleep 0.05; done");
    let process = Process::start(spec, Arc::clone(&directory));
    let pid = until(&process, |state| state.ready.is_some()).await.pid.unwrap();
    let asked = Instant::now();
    process.stop().await;
    assert!(asked.elapsed() >= Duration::from_millis(250));
    assert!(!leftover::belongs(pid, &directory));
}

#[tokio::test]
async fn a_process_that_never_gets_ready_is_counted() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = directory(&temporary);
    let mut spec = shell(&directory, "echo no such key; exit 2");
    spec.ready = Box::new(|_| None);
    let process = Process::start(spec, Arc::clone(&directory));
    let state = until(&process, |state| state.early_ends >= 2).await;
    assert!(state.trouble.unwrap().contains('2'));
    assert!(directory.log_tail("shell", 5).contains("no such key"));
    process.stop().await;
}

#[tokio::test]
async fn what_a_killed_supervisor_left_is_stopped() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = directory(&temporary);
    let mut child = Command::new("/bin/sleep")
        .arg("60")
        .env(FLEET_ENVIRONMENT, directory.root())
        .spawn()
        .unwrap();
    let pid = child.id().unwrap();
    std::fs::write(directory.pid("agent"), pid.to_string()).unwrap();
    // A process id that is another process's by now: this test's own.
    std::fs::write(directory.pid("other"), std::process::id().to_string()).unwrap();
    let lock = directory.try_lock().unwrap().unwrap();
    let reaped = tokio::spawn(async move { child.wait().await });
    assert_eq!(leftover::stop(&directory, &lock).await.unwrap(), ["agent"]);
    assert!(!reaped.await.unwrap().unwrap().success());
    assert!(!directory.pid("agent").exists() && !directory.pid("other").exists());
}
