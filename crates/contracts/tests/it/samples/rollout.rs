//! Plans and states of rollouts, deployment records and reports of servers.

use super::*;

pub(crate) fn rollout_plan() -> v1::RolloutPlan {
    use v1::rollout_step::Step;
    let step = |step| v1::RolloutStep { step: Some(step) };
    v1::RolloutPlan {
        steps: vec![
            step(Step::SetWeight(5)),
            step(Step::Pause(pause())),
            step(Step::Analysis(analysis())),
        ],
        weight: 30,
        min_requests: 100,
        max_error_rate: 0.01,
        abort_error_rate: 0.05,
        max_p99_ms: 150.0,
        max_p99_ratio: 2.0,
        max_prediction_psi: 0.25,
        max_seconds: 3600.0,
        on_silence: v1::Silence::Replay.into(),
        metric: text("brier"),
        significance: 0.05,
        ensemble: v1::EnsembleMethod::Mean.into(),
        allow_input_changes: true,
    }
}

pub(crate) fn pause() -> v1::Pause {
    v1::Pause { seconds: 30.0 }
}

pub(crate) fn analysis() -> v1::Analysis {
    v1::Analysis {
        success_condition: text("error_rate <= 0.01"),
        failure_condition: text("error_rate > 0.05"),
        failure_limit: 1,
        inconclusive_limit: 2,
        interval_seconds: 10.0,
        count: 3,
    }
}

pub(crate) fn rollout_step() -> v1::RolloutStep {
    v1::RolloutStep { step: Some(v1::rollout_step::Step::SetWeight(25)) }
}

pub(crate) fn share(version: u32, weight: u32) -> v1::Share {
    v1::Share { version, weight, coefficient: 0.5 }
}

pub(crate) fn routing() -> v1::Routing {
    v1::Routing {
        mode: v1::RoutingMode::Sticky.into(),
        shares: vec![share(2, 7_000), share(3, 3_000)],
        shadows: vec![3],
        salt: text("run-1"),
        ensemble: v1::EnsembleMethod::Stacked.into(),
        intercept: -0.5,
        window: 4,
    }
}

pub(crate) fn verdict() -> v1::Verdict {
    v1::Verdict {
        at: wire(7),
        step: 2,
        result: v1::AnalysisResult::Successful.into(),
        reason: text("every gate is met"),
        evidence: numbers(&[("error_rate", 0.001), ("p99_ms", 2.5)]),
        version: 3,
    }
}

pub(crate) fn rollout() -> v1::Rollout {
    v1::Rollout {
        strategy: v1::DeploymentStrategy::Canary.into(),
        candidate: Some(deployed_version(3)),
        plan: Some(rollout_plan()),
        phase: v1::RolloutPhase::Progressing.into(),
        step: 2,
        started_at: wire(6),
        step_started_at: wire(7),
        measured_at: wire(8),
        message: text("waiting for requests"),
        verdicts: vec![verdict()],
        successes: 1,
        failures: 1,
        inconclusive: 1,
        p_value: 0.2,
    }
}

pub(crate) fn version_traffic() -> v1::VersionTraffic {
    v1::VersionTraffic {
        version: 3,
        requests: 100,
        errors: 1,
        fallbacks: 1,
        latency_counts: vec![0, 90, 9],
        prediction_counts: BTreeMap::from([(3, 9), (17, 90)]),
        labelled: 50,
        correct: 40,
        loss_sum: 8.5,
        loss_square_sum: 3.25,
        compared: 10,
        disagreed: 1,
        difference_sum: 0.5,
        difference_max: 0.25,
        breaker: v1::BreakerState::HalfOpen.into(),
    }
}

pub(crate) fn deployed_version(version: u32) -> v1::DeployedVersion {
    v1::DeployedVersion {
        model: text("churn"),
        version,
        bundle: Some(artifact('a', 1)),
        run_id: text("run-1"),
    }
}

pub(crate) fn deployment_record() -> v1::DeploymentRecord {
    v1::DeploymentRecord {
        endpoint: text("churn"),
        live: Some(deployed_version(2)),
        green: Some(deployed_version(3)),
        previous: Some(deployed_version(1)),
        updated_at: wire(7),
        updated_by: text("model-deployer run-1"),
        members: vec![deployed_version(3)],
        routing: Some(routing()),
        rollout: Some(rollout()),
        reason: text("the canary takes 30 per cent"),
        earlier_inputs: vec![text("region")],
    }
}

pub(crate) fn load_failure() -> v1::LoadFailure {
    v1::LoadFailure { version: 3, reason: text("the bundle is damaged") }
}

pub(crate) fn server_report() -> v1::ServerReport {
    v1::ServerReport {
        server: text("server-1"),
        endpoint: text("churn"),
        url: text("http://127.0.0.1:8080"),
        live_version: 2,
        ready_versions: vec![1, 2],
        failures: vec![load_failure()],
        record_revision: 7,
        at: wire(8),
        grpc_url: text("http://127.0.0.1:8081"),
        traffic: vec![version_traffic()],
        window: 4,
    }
}
