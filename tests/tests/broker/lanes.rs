//! Priorities: what is urgent overtakes what waits, and what is not urgent does not wait for ever.

use std::time::{Duration, Instant};

use bus::SetupOptions;
use contracts::Agent;
use contracts::v1::Priority;
use tier0_tests::{NatsServer, Stages};

use crate::runs::{connect, first_of, publish, result, until_ended, until_result};

/// Ordinary runs: a queue that lasts longer than the low lane waits.
const NORMAL: usize = 200;
const URGENT: usize = 10;
const TIMEOUT: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread")]
async fn urgent_runs_overtake_and_idle_ones_are_not_starved() {
    let nats = NatsServer::start();
    let bus = connect(nats.url()).await;
    bus.setup(&SetupOptions::default()).await.unwrap();
    let begin = async |run: &str, priority: Priority| {
        let plan = vec![Agent::ScopeDefiner];
        publish(&bus, &first_of(run, "sleep:220", plan, priority)).await;
    };
    // All of them wait before any agent works: the urgent ones came last.
    begin("low", Priority::Low).await;
    for number in 0..NORMAL {
        begin(&format!("normal-{number}"), Priority::Normal).await;
    }
    for number in 0..URGENT {
        begin(&format!("high-{number}"), Priority::High).await;
    }
    let mut stages = Stages::on(nats.url(), &[]).await;
    let begun = Instant::now();
    stages.play("scope-definer", 1);
    for number in 0..URGENT {
        until_result(&bus, &format!("high-{number}"), TIMEOUT).await;
    }
    let urgent = begun.elapsed();
    let last = format!("normal-{}", NORMAL - 1);
    until_result(&bus, "low", TIMEOUT).await;
    let low = begun.elapsed();
    assert!(urgent < low, "the urgent ones came first");
    assert!(result(&bus, &last).await.is_none(), "the low one went beside ordinary ones");
    until_ended(&bus, NORMAL + URGENT + 1, TIMEOUT).await;

    let effects = stages.effects();
    let place = |run: &str| effects.iter().position(|line| line.contains(run)).unwrap();
    let overtaken = effects[..place(&format!("high-{} ", URGENT - 1))]
        .iter()
        .filter(|line| line.contains("normal"))
        .count();
    assert!(overtaken <= 2 * URGENT, "{overtaken} ordinary runs came before the urgent ones");
    eprintln!(
        "{URGENT} urgent runs after {:.1} s, the low one after {:.1} s, {NORMAL} ordinary ones after {:.1} s",
        urgent.as_secs_f64(),
        low.as_secs_f64(),
        begun.elapsed().as_secs_f64()
    );
}
