//! The process of the command line.

fn main() -> std::process::ExitCode {
    tier0::main()
}
