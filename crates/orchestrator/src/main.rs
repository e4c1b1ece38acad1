//! The process of the orchestrator.

fn main() -> std::process::ExitCode {
    process::main::<orchestrator::Orchestrator>()
}
