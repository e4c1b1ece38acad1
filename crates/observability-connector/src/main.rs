//! The observability-connector agent.

fn main() -> std::process::ExitCode {
    agent_runtime::main::<observability_connector::ObservabilityConnector>()
}
