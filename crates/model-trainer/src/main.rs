//! The model-trainer agent.

fn main() -> std::process::ExitCode {
    stage::main::<model_trainer::ModelTrainer>()
}
