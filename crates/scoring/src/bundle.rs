//! A model bundle: everything that serving needs, as data, in one file named by its digest.
//!
//! A bundle is a tar archive of a few JSON and text files. It has exactly one byte form: names sorted, times zero. What
//! does not have that form is refused, and so is everything that could do harm: links, other paths, other files,
//! repeated ones, sizes beyond the limits, digests that do not match, models that do not hold together.

mod archive;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tabular::FeaturePlan;
use tabular::plan::{PlanError, Transform};
use thiserror::Error;

use crate::{Limits, Model, ModelError, ModelKind, ModelText, Signature, SignatureError};

/// The version of the format that this code writes and reads.
pub const FORMAT_VERSION: u32 = 1;

/// The media type of a bundle.
pub const MEDIA_TYPE: &str = "application/vnd.tier0.bundle+tar";

const MANIFEST: &str = "manifest.json";
const METRICS: &str = "metrics.json";
const PLAN: &str = "plan.json";
const PROFILE: &str = "profile.json";
const SIGNATURE: &str = "signature.json";
const MODEL_CARD: &str = "README.md";

/// What is in a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format: [`FORMAT_VERSION`].
    pub format_version: u32,
    /// How the model's file is read.
    pub model_kind: ModelKind,
    /// The algorithm, such as `gradient_boosting`.
    pub algorithm: String,
    /// The program and version that wrote it.
    pub created_by: String,
    /// Digest and size of every other file of the bundle, by name.
    pub files: BTreeMap<String, FileEntry>,
}

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Size of the file in bytes.
    pub bytes: u64,
}

/// What a bundle is made of.
#[derive(Clone, Debug)]
pub struct BundleParts {
    /// The algorithm, such as `gradient_boosting`.
    pub algorithm: String,
    /// The program and version that writes it.
    pub created_by: String,
    /// The model in its library's own text.
    pub model: ModelText,
    /// How raw columns become features.
    pub plan: FeaturePlan,
    /// What it takes and gives.
    pub signature: Signature,
    /// The profile of the training split.
    pub profile: statistics::Profile,
    /// Content of `metrics.json`: metrics of the model.
    pub metrics: serde_json::Value,
    /// The model card: Markdown with front matter as Hugging Face has it.
    pub model_card: String,
}

/// A bundle that was read and checked.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// What is in it.
    pub manifest: Manifest,
    /// How raw columns become features.
    pub plan: FeaturePlan,
    /// Model that scores encoded rows.
    pub model: Model,
    /// What it takes and gives.
    pub signature: Signature,
    /// The profile of the training split.
    pub profile: statistics::Profile,
    /// Content of `metrics.json`: metrics of the model.
    pub metrics: serde_json::Value,
    /// Content of `README.md`: the model card in Markdown.
    pub model_card: String,
}

/// A bundle that is not accepted.
#[derive(Debug, Error)]
pub enum BundleError {
    /// The bundle or one of its files exceeds its greatest accepted size.
    #[error("{what} of the bundle exceeds {limit} bytes")]
    TooLarge {
        /// The bundle or the file.
        what: String,
        /// Greatest accepted size in bytes.
        limit: usize,
    },
    /// Not a tar archive, or a truncated one.
    #[error("the bundle is not a whole tar archive")]
    Archive(#[source] std::io::Error),
    /// An entry that is not a plain file of a known name.
    #[error("entry {position} of the bundle is not one of its files")]
    Entry {
        /// Its position, from 1.
        position: usize,
    },
    /// A file stands twice.
    #[error("file {name} stands twice in the bundle")]
    Repeated {
        /// Name of the file in the bundle.
        name: &'static str,
    },
    /// A file is missing.
    #[error("file {name} is missing in the bundle")]
    Missing {
        /// Name of the file in the bundle.
        name: &'static str,
    },
    /// A file is not what the manifest says.
    #[error("file {name} of the bundle is not what the manifest says")]
    Digest {
        /// Name of the file in the bundle.
        name: String,
    },
    /// The bytes differ from the one form that these files have.
    #[error("the bundle is not in its canonical form")]
    NotCanonical,
    /// A file is not UTF-8.
    #[error("file {name} of the bundle is not UTF-8")]
    NotUtf8 {
        /// Name of the file in the bundle.
        name: &'static str,
    },
    /// A file is not the JSON that it should be.
    #[error("file {name} of the bundle is not readable")]
    Json {
        /// Name of the file in the bundle.
        name: &'static str,
        /// Error of the JSON parser, with line and column.
        #[source]
        source: serde_json::Error,
    },
    /// Written by another version of the format.
    #[error("the bundle has format version {found}; this program reads version {FORMAT_VERSION}")]
    Version {
        /// Format version that the bundle names.
        found: u32,
    },
    /// The feature plan is not sound.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The model is not sound.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The signature contradicts itself.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Parts that are sound but do not fit each other.
    #[error("the parts of the bundle do not fit each other: {what}")]
    Misfit {
        /// What does not fit.
        what: &'static str,
    },
}

/// SHA-256 of bytes, hexadecimal: the name of a bundle.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Writes a bundle. The same parts give the same bytes, and what is written can be read.
///
/// # Errors
/// When a part is not sound or the parts do not fit each other.
pub fn write(parts: &BundleParts) -> Result<Vec<u8>, BundleError> {
    let json = |name, value: Result<Vec<u8>, serde_json::Error>| {
        value.map_err(|source| BundleError::Json { name, source })
    };
    let model_file = parts.model.kind.file_name();
    let mut files = BTreeMap::from([
        (METRICS, json(METRICS, serde_json::to_vec_pretty(&parts.metrics))?),
        (PLAN, parts.plan.to_json()?),
        (PROFILE, json(PROFILE, serde_json::to_vec(&parts.profile))?),
        (SIGNATURE, json(SIGNATURE, serde_json::to_vec_pretty(&parts.signature))?),
        (MODEL_CARD, parts.model_card.clone().into_bytes()),
        (model_file, parts.model.text.clone().into_bytes()),
    ]);
    let entry = |(name, bytes): (&&str, &Vec<u8>)| {
        ((*name).to_owned(), FileEntry { sha256: digest(bytes), bytes: bytes.len() as u64 })
    };
    let manifest = Manifest {
        format_version: FORMAT_VERSION,
        model_kind: parts.model.kind,
        algorithm: parts.algorithm.clone(),
        created_by: parts.created_by.clone(),
        files: files.iter().map(entry).collect(),
    };
    files.insert(MANIFEST, json(MANIFEST, serde_json::to_vec_pretty(&manifest))?);
    let bytes = archive::pack(&files).map_err(BundleError::Archive)?;
    read(&bytes, &Limits::default())?;
    Ok(bytes)
}

/// Reads and checks a bundle.
///
/// # Errors
/// When anything in it is not exactly as it should be.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Bundle, BundleError> {
    let files = archive::unpack(bytes, limits)?;
    let manifest: Manifest = parse(&files, MANIFEST)?;
    if manifest.format_version != FORMAT_VERSION {
        return Err(BundleError::Version { found: manifest.format_version });
    }
    check_files(&manifest, &files)?;
    if archive::pack(&files).map_err(BundleError::Archive)? != bytes {
        return Err(BundleError::NotCanonical);
    }
    let plan = FeaturePlan::from_json(file(&files, PLAN)?)?;
    check_plan(&plan, limits)?;
    let signature: Signature = parse(&files, SIGNATURE)?;
    signature.check()?;
    let model =
        Model::parse(manifest.model_kind, text(&files, manifest.model_kind.file_name())?, limits)?;
    let bundle = Bundle {
        plan,
        model,
        signature,
        profile: parse(&files, PROFILE)?,
        metrics: parse(&files, METRICS)?,
        model_card: text(&files, MODEL_CARD)?.to_owned(),
        manifest,
    };
    check_fit(&bundle)?;
    Ok(bundle)
}

/// Contents of the bundle's files, by name.
type Files = BTreeMap<&'static str, Vec<u8>>;

fn file<'a>(files: &'a Files, name: &'static str) -> Result<&'a [u8], BundleError> {
    files.get(name).map(Vec::as_slice).ok_or(BundleError::Missing { name })
}

fn text<'a>(files: &'a Files, name: &'static str) -> Result<&'a str, BundleError> {
    std::str::from_utf8(file(files, name)?).map_err(|_| BundleError::NotUtf8 { name })
}

fn parse<T: serde::de::DeserializeOwned>(
    files: &Files,
    name: &'static str,
) -> Result<T, BundleError> {
    serde_json::from_slice(file(files, name)?).map_err(|source| BundleError::Json { name, source })
}

fn check_files(manifest: &Manifest, files: &Files) -> Result<(), BundleError> {
    let model_file = manifest.model_kind.file_name();
    for name in [METRICS, PLAN, PROFILE, SIGNATURE, MODEL_CARD, model_file] {
        file(files, name)?;
    }
    for (name, bytes) in files.iter().filter(|(name, _)| **name != MANIFEST) {
        let matches = manifest.files.get(*name).is_some_and(|entry| {
            entry.bytes == bytes.len() as u64 && entry.sha256 == digest(bytes)
        });
        if !matches {
            return Err(BundleError::Digest { name: (*name).to_owned() });
        }
    }
    // Every file but the manifest matched an entry, so a count more means one that is not there.
    match manifest.files.keys().find(|name| !files.contains_key(name.as_str())) {
        Some(name) => Err(BundleError::Digest { name: name.clone() }),
        None => Ok(()),
    }
}

fn check_plan(plan: &FeaturePlan, limits: &Limits) -> Result<(), ModelError> {
    if plan.width() > limits.features || plan.cleaning.columns.len() > limits.features {
        return Err(ModelError::TooLarge { what: "features", limit: limits.features });
    }
    let levels = |transform: &Transform| transform.levels().map_or(0, <[String]>::len);
    if plan.features.iter().any(|feature| levels(&feature.transform) > limits.levels) {
        return Err(ModelError::TooLarge { what: "levels of a category", limit: limits.levels });
    }
    Ok(())
}

fn check_fit(bundle: &Bundle) -> Result<(), BundleError> {
    let misfit = |what| Err(BundleError::Misfit { what });
    if bundle.model.width() != bundle.plan.width() {
        return misfit("the model takes another number of features than the plan makes");
    }
    if bundle.model.outputs() != bundle.signature.outputs() {
        return misfit("the model gives another number of outputs than the signature has");
    }
    let needed = bundle.plan.inputs();
    let given = |field: &tabular::Field| {
        bundle
            .signature
            .inputs
            .iter()
            .any(|input| input.name == field.name && input.column_type == field.column_type)
    };
    if !needed.iter().all(given) {
        return misfit("the plan needs an input that the signature does not have");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
