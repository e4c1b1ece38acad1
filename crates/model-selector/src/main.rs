//! The model-selector agent.

fn main() -> std::process::ExitCode {
    stage::main::<model_selector::ModelSelector>()
}
