//! The data-preparer's process.

fn main() -> std::process::ExitCode {
    stage::main::<data_preparer::DataPreparer>()
}
