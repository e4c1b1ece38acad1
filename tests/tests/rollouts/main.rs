//! Scenarios of versions at traffic: on their way to it, watched there, and taken back. Real runs, a real model server or two, and callers that never stop.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod demonstrations;
mod endpoint;
#[cfg(feature = "fault-injection")]
mod failed_health;
mod s02_model_update;
mod s03_ab_test;
mod s05_monitoring_and_alerts;
#[cfg(feature = "fault-injection")]
mod s08_deployment_failure;
mod s09_drift_retrains;
mod s20_serving_to_monitoring;
mod s21_alert_rolls_back;
mod s29_blue_green;
#[cfg(feature = "fault-injection")]
mod s30_canary;
#[cfg(feature = "fault-injection")]
mod s31_shadow;
mod s32_champion_challenger;
mod s34_degradation_rolls_back;
#[cfg(feature = "fault-injection")]
mod s35_ensemble;
#[cfg(feature = "fault-injection")]
mod s36_load_balancing;
mod silence;
mod three_weeks;
mod world;
