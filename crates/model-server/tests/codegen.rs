//! The committed code under `src/generated` is what `proto/open_inference.proto` gives.
//!
//! After a change to it: `TIER0_REGENERATE=1 cargo test -p model-server --test codegen`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::path::Path;

#[test]
fn generated_code_matches_the_protocol() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fresh = tempfile::tempdir().unwrap();
    let descriptors =
        protox::compile([root.join("proto/open_inference.proto")], [root.join("proto")]).unwrap();
    tonic_prost_build::configure()
        .build_client(true)
        .build_server(true)
        .out_dir(fresh.path())
        .compile_fds(descriptors)
        .unwrap();
    let new = std::fs::read_to_string(fresh.path().join("inference.rs")).unwrap();
    let committed = root.join("src/generated/inference.rs");
    if std::env::var_os("TIER0_REGENERATE").is_some() {
        std::fs::write(&committed, &new).unwrap();
    }
    let old = std::fs::read_to_string(&committed).unwrap_or_default();
    assert!(
        old == new,
        "inference.rs differs from the protocol: run TIER0_REGENERATE=1 cargo test -p model-server --test codegen"
    );
}
