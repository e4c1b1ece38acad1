//! The model server.

fn main() -> std::process::ExitCode {
    process::main::<model_server::ModelServer>()
}
