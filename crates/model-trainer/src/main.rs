//! The model-trainer agent.

fn main() -> std::process::ExitCode {
    agent_runtime::main::<model_trainer::ModelTrainer>()
}
