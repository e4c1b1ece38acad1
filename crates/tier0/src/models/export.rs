//! `tier0 models export`: a version's bundle as a file.

use std::path::PathBuf;

use api::models::ShowVersion;
use api::models::view::VersionView;
use artifacts::{ArtifactStore, media_type};
use bus::Bus;
use bytes::Bytes;
use contracts::v1::ArtifactRef;
use fleet::directory::write_atomically;
use scoring::bundle;
use serde::Serialize;

use crate::Error;
use crate::access::Access;
use crate::cli::models::{ExportFormat, ModelsExport};

#[derive(Serialize)]
struct ExportDocument {
    model: String,
    version: u32,
    digest: String,
    bytes: usize,
    out: PathBuf,
}

pub(super) async fn run(access: &Access<'_>, arguments: &ModelsExport) -> Result<(), Error> {
    let (model, version) = (arguments.name.clone(), arguments.version.clone());
    let version = access.ask(&ShowVersion { model, version }).await?.version;
    let out = match arguments.format {
        ExportFormat::Bundle => {
            let name = format!("{}-{}.bundle", version.model, version.version);
            arguments.out.clone().unwrap_or_else(|| PathBuf::from(name))
        }
    };
    let bytes = bundle_of(access.bus().await?, &version).await?;
    write_atomically(&out, &bytes).map_err(|source| Error::File {
        what: "write",
        path: out.clone(),
        source,
    })?;
    let exported = ExportDocument {
        model: version.model,
        version: version.version,
        digest: bundle::digest(&bytes),
        bytes: bytes.len(),
        out,
    };
    Ok(access.console().answer(&exported, || {
        format!(
            "version {} of {} is in {} ({} bytes, SHA-256 {})",
            exported.version,
            exported.model,
            exported.out.display(),
            exported.bytes,
            exported.digest
        )
    })?)
}

/// A version's bundle, whose digest is the registered one.
pub(super) async fn bundle_of(bus: &Bus, version: &VersionView) -> Result<Bytes, Error> {
    let artifact = ArtifactRef {
        uri: version.uri.clone(),
        sha256: version.digest.clone(),
        bytes: version.bytes,
        media_type: media_type::BUNDLE.to_owned(),
        ..ArtifactRef::default()
    };
    // The store's address is the artifact's without its digest.
    let root = artifact.uri.strip_suffix(&artifact.sha256).unwrap_or(&artifact.uri);
    let store = ArtifactStore::open(root, bus).await.map_err(Box::new)?;
    Ok(store.get(&artifact).await.map_err(Box::new)?)
}
