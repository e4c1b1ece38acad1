//! The data-preparer's process.

fn main() -> std::process::ExitCode {
    agent_runtime::main::<data_preparer::DataPreparer>()
}
