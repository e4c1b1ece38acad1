//! The model-deployer agent.

fn main() -> std::process::ExitCode {
    stage::main::<model_deployer::ModelDeployer>()
}
