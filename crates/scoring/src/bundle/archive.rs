//! The archive around a bundle's files.

use std::collections::BTreeMap;
use std::io::Read;

use tar::{Archive, Builder, EntryType, Header};

use super::{BundleError, Files, MANIFEST, METRICS, MODEL_CARD, PLAN, PROFILE, SIGNATURE};
use crate::{Limits, ModelKind};

/// Every name that a file can have.
const NAMES: [&str; 8] = [
    MANIFEST,
    METRICS,
    MODEL_CARD,
    PLAN,
    PROFILE,
    SIGNATURE,
    // The model's file: JSON for the prior and linear models, LightGBM's text for trees.
    "model.json",
    "model.txt",
];

/// The one byte form of these files: sorted by name, without an owner, at time 0.
pub(super) fn pack(files: &Files) -> Result<Vec<u8>, std::io::Error> {
    let mut builder = Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        builder.append_data(&mut header, name, bytes.as_slice())?;
    }
    builder.into_inner()
}

/// The files of an archive, by their known names.
pub(super) fn unpack(bytes: &[u8], limits: &Limits) -> Result<Files, BundleError> {
    if bytes.len() > limits.bytes {
        return Err(BundleError::TooLarge { what: "the whole".to_owned(), limit: limits.bytes });
    }
    let mut files = BTreeMap::new();
    // Raw: long names, sparse files and other extensions show up as the entries that they are, and are refused.
    let mut archive = Archive::new(bytes);
    let entries = archive.entries().map_err(BundleError::Archive)?.raw(true);
    for (position, entry) in entries.enumerate() {
        let unknown = BundleError::Entry { position: position + 1 };
        let mut entry = entry.map_err(BundleError::Archive)?;
        let path = entry.path_bytes().into_owned();
        let Some(name) = NAMES.into_iter().find(|name| name.as_bytes() == path) else {
            return Err(unknown);
        };
        if entry.header().entry_type() != EntryType::Regular {
            return Err(unknown);
        }
        let size = usize::try_from(entry.header().size().map_err(BundleError::Archive)?)
            .unwrap_or(usize::MAX);
        if size > bytes.len() {
            // Claimed sizes are not allocated before they are known to be there.
            return Err(BundleError::Archive(std::io::ErrorKind::UnexpectedEof.into()));
        }
        let mut content = Vec::with_capacity(size);
        entry.read_to_end(&mut content).map_err(BundleError::Archive)?;
        if content.len() != size {
            return Err(BundleError::Archive(std::io::ErrorKind::UnexpectedEof.into()));
        }
        if files.insert(name, content).is_some() {
            return Err(BundleError::Repeated { name });
        }
    }
    let model_files = [ModelKind::Linear, ModelKind::Lightgbm].map(ModelKind::file_name);
    if model_files.iter().all(|name| files.contains_key(name)) {
        return Err(BundleError::Misfit { what: "it holds two models" });
    }
    Ok(files)
}
