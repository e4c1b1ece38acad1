//! The model server.

fn main() -> std::process::ExitCode {
    agent_runtime::service_main::<model_server::ModelServer>()
}
