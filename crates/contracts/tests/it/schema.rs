//! The schema itself, read from `proto/`.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use prost_types::{DescriptorProto, EnumDescriptorProto};

/// The messages and enumerations of `tier0.v1`.
pub(crate) struct Schema {
    pub(crate) messages: Vec<DescriptorProto>,
    pub(crate) enumerations: Vec<EnumDescriptorProto>,
}

pub(crate) static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let mut files: Vec<PathBuf> = std::fs::read_dir(root.join("tier0/v1"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "proto"))
        .collect();
    files.sort();
    let set = protox::compile(&files, [&root]).unwrap();
    let ours: Vec<_> = set.file.into_iter().filter(|file| file.package() == "tier0.v1").collect();
    Schema {
        messages: ours.iter().flat_map(|file| file.message_type.clone()).collect(),
        enumerations: ours.into_iter().flat_map(|file| file.enum_type).collect(),
    }
});
