//! The feature-analyzer agent.

fn main() -> std::process::ExitCode {
    stage::main::<feature_analyzer::FeatureAnalyzer>()
}
