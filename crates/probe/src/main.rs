//! Asks an HTTP address whether it answers.

fn main() -> std::process::ExitCode {
    probe::main(std::env::args().skip(1))
}
