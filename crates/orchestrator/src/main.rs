//! The process of the orchestrator.

fn main() -> std::process::ExitCode {
    agent_runtime::service_main::<orchestrator::Orchestrator>()
}
