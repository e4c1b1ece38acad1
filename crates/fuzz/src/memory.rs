//! A bound on the memory of a run: small inputs that ask for gigabytes end the process, as a crash.

use std::alloc::System;

use cap::Cap;

/// Bytes that a run may take beyond what was taken before it.
pub const LIMIT: usize = 256 << 20;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Runs within [`LIMIT`]. What several threads take at once counts together.
pub fn bounded<T>(run: impl FnOnce() -> T) -> T {
    // A limit below what is taken is refused, which cannot be: it is above by so much.
    let _ = ALLOCATOR.set_limit(ALLOCATOR.allocated().saturating_add(LIMIT));
    let done = run();
    let _ = ALLOCATOR.set_limit(usize::MAX);
    done
}
