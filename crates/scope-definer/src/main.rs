//! The process of the scope-definer.

fn main() -> std::process::ExitCode {
    agent_runtime::main::<scope_definer::ScopeDefiner>()
}
