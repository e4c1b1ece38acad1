//! The model-selector agent.

fn main() -> std::process::ExitCode {
    agent_runtime::main::<model_selector::ModelSelector>()
}
