//! End-to-end tests: the real programs, started by `tier0 up`, on a real nats-server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says what it skipped"
)]

mod backup;
mod console;
mod data_alerts;
mod data_sets;
mod disk_full;
mod drift;
mod health;
mod histories;
mod ledger;
mod lineage;
mod messages;
mod model_card;
mod operations;
mod orchestrator;
mod partial_runs;
mod personal_data;
mod planted_secrets;
mod profiles;
mod prometheus;
mod python_client;
mod records;
mod recovery;
mod replicas;
mod reports;
mod s01_data_to_production;
mod s06_invalid_data;
mod s07_training_failure;
mod s11_batch_prediction;
mod s12_concurrent_pipelines;
mod s13_large_data;
mod s14_registry_at_scale;
mod s16_validation_to_training;
mod s17_profile_to_features;
mod s18_training_to_registry;
mod s19_tracker_to_registry;
mod s22_error_handling;
mod s23_metrics;
mod s24_tracing;
mod s25_configuration;
mod s26_persistence;
#[cfg(feature = "fault-injection")]
mod s27_recovery;
mod security;
mod shared_search;
mod splits;
mod tls;
mod uploads;
