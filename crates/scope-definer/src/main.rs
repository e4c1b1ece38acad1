//! The process of the scope-definer.

fn main() -> std::process::ExitCode {
    stage::main::<scope_definer::ScopeDefiner>()
}
