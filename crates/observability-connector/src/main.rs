//! The observability-connector agent.

fn main() -> std::process::ExitCode {
    stage::main::<observability_connector::ObservabilityConnector>()
}
