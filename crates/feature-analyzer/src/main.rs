//! The feature-analyzer agent.

fn main() -> std::process::ExitCode {
    agent_runtime::main::<feature_analyzer::FeatureAnalyzer>()
}
