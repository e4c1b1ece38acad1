//! Models are data: nothing that a bundle holds is executed, and nothing in it is written anywhere.

use scoring::bundle::{self, BundleError};
use scoring::{Limits, Model, ModelKind};
use tar::{Builder, EntryType, Header};

/// The head of a pickle of an empty dictionary, which has no effect.
const PICKLE: &[u8] = b"\x80\x04}\x94.";

fn archive(name: &str, kind: EntryType, link: Option<&str>, content: &[u8]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    let mut header = Header::new_ustar();
    let field = &mut header.as_old_mut().name;
    field[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    if let Some(link) = link {
        header.set_link_name(link).unwrap();
    }
    header.set_cksum();
    builder.append(&header, content).unwrap();
    builder.into_inner().unwrap()
}

/// Pickles, and archives as other tools write models: refused as what they are not.
#[test]
fn unsafe_deserialisation_of_models() {
    for bytes in [PICKLE, b"PK\x03\x04archive/data.pkl", b"\x89HDF\r\n\x1a\n"] {
        assert!(bundle::read(bytes, &Limits::default()).is_err());
    }
    for name in ["model.pkl", "data.pkl", "__init__.py", "custom_objects"] {
        let refused =
            bundle::read(&archive(name, EntryType::Regular, None, PICKLE), &Limits::default());
        assert!(matches!(refused, Err(BundleError::Entry { position: 1 })), "{name}");
    }
    // Where a text of a model is expected, a pickle is none, whatever the kind.
    let text = String::from_utf8_lossy(PICKLE);
    for kind in [ModelKind::Linear, ModelKind::Lightgbm, ModelKind::Network, ModelKind::Ensemble] {
        assert!(Model::parse(kind, &text, &Limits::default()).is_err());
    }
}

/// Entries that lead out of a directory, links among them: a bundle is read in memory, and has entries of known names alone.
#[test]
fn archives_that_write_elsewhere() {
    for name in ["../plan.json", "/etc/x", "a/../../plan.json", "./plan.json"] {
        let refused =
            bundle::read(&archive(name, EntryType::Regular, None, b"{}"), &Limits::default());
        assert!(matches!(refused, Err(BundleError::Entry { position: 1 })), "{name}");
    }
    for kind in [EntryType::Symlink, EntryType::Link, EntryType::Fifo, EntryType::Char] {
        let refused =
            bundle::read(&archive("plan.json", kind, Some("/etc/x"), b""), &Limits::default());
        assert!(matches!(refused, Err(BundleError::Entry { position: 1 })), "{kind:?}");
    }
}
