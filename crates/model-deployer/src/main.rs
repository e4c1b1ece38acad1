//! The model-deployer agent.

fn main() -> std::process::ExitCode {
    agent_runtime::main::<model_deployer::ModelDeployer>()
}
