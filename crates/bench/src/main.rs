//! The process of the benchmarks.

fn main() -> std::process::ExitCode {
    bench::main()
}
