//! The committed code under `src/generated` is what the schema under `proto/` gives.
//!
//! After a change to the schema: `TIER0_REGENERATE=1 cargo test -p contracts --test codegen`.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::{Path, PathBuf};

use prost::Message as _;

fn generate(out: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let mut files: Vec<PathBuf> = std::fs::read_dir(root.join("tier0/v1"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "proto"))
        .collect();
    // The order of the files is that of the generated code.
    files.sort();
    let descriptors = protox::compile(&files, [&root]).unwrap();
    prost_build::Config::new()
        .out_dir(out)
        .btree_map(["."])
        .compile_well_known_types()
        .extern_path(".google.protobuf", "::pbjson_types")
        .compile_fds(descriptors.clone())
        .unwrap();
    pbjson_build::Builder::new()
        .out_dir(out)
        .register_descriptors(&descriptors.encode_to_vec())
        .unwrap()
        .btree_map(["."])
        .build(&[".tier0.v1"])
        .unwrap();
}

#[test]
fn generated_code_matches_the_schema() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generated");
    let fresh = tempfile::tempdir().unwrap();
    generate(fresh.path());
    for name in ["tier0.v1.rs", "tier0.v1.serde.rs"] {
        let new = std::fs::read_to_string(fresh.path().join(name)).unwrap();
        if std::env::var_os("TIER0_REGENERATE").is_some() {
            std::fs::write(committed.join(name), &new).unwrap();
        }
        let old = std::fs::read_to_string(committed.join(name)).unwrap_or_default();
        assert!(
            old == new,
            "{name} differs from the schema: run TIER0_REGENERATE=1 cargo test -p contracts --test codegen"
        );
    }
}
