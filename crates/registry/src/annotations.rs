//! What people and tools add to models and versions: tags, notes, descriptions.

use std::collections::BTreeMap;

use contracts::v1::{ModelVersion, Note, RecordAction, RegisteredModel};

use crate::models::record_change;
use crate::{Error, Registry};

/// A change of tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagChange {
    /// Those that are set.
    pub set: BTreeMap<String, String>,
    /// Those that are removed; one that is not there is no error.
    pub remove: Vec<String>,
}

impl TagChange {
    fn apply(&self, tags: &mut BTreeMap<String, String>) -> bool {
        let before = tags.clone();
        tags.retain(|key, _| !self.remove.contains(key));
        tags.extend(self.set.clone());
        *tags != before
    }
}

impl Registry {
    /// Sets and removes tags of a model.
    ///
    /// # Errors
    /// [`Error::UnknownModel`], [`Error::Contract`] where there are too many or too long ones, [`Error::Bus`], [`Error::Contended`].
    pub async fn tag_model(
        &self,
        model: &str,
        tags: &TagChange,
        by: &str,
        reason: &str,
    ) -> Result<RegisteredModel, Error> {
        self.change_model(model, |record| {
            if tags.apply(&mut record.tags) {
                record.change = Some(record_change(RecordAction::Tags, by, reason));
            }
            Ok(())
        })
        .await
    }

    /// Sets and removes tags of a version.
    ///
    /// # Errors
    /// [`Error::UnknownVersion`], else as [`Registry::tag_model`].
    pub async fn tag_version(
        &self,
        model: &str,
        version: u32,
        tags: &TagChange,
        by: &str,
        reason: &str,
    ) -> Result<ModelVersion, Error> {
        self.change_version(model, version, |record| {
            if tags.apply(&mut record.tags) {
                record.change = Some(record_change(RecordAction::Tags, by, reason));
            }
            Ok(())
        })
        .await
    }

    /// Adds a note to a version.
    ///
    /// # Errors
    /// As [`Registry::tag_version`].
    pub async fn note(
        &self,
        model: &str,
        version: u32,
        text: &str,
        by: &str,
    ) -> Result<ModelVersion, Error> {
        self.change_version(model, version, |record| {
            let change = record_change(RecordAction::Note, by, "");
            record.notes.push(Note { text: text.to_owned(), at: change.at, by: by.to_owned() });
            record.change = Some(change);
            Ok(())
        })
        .await
    }

    /// Says what a model is.
    ///
    /// # Errors
    /// As [`Registry::tag_model`].
    pub async fn describe_model(
        &self,
        model: &str,
        text: &str,
        by: &str,
    ) -> Result<RegisteredModel, Error> {
        self.change_model(model, |record| {
            if record.description != text {
                text.clone_into(&mut record.description);
                record.change = Some(record_change(RecordAction::Description, by, ""));
            }
            Ok(())
        })
        .await
    }

    /// Says what a version is.
    ///
    /// # Errors
    /// As [`Registry::tag_version`].
    pub async fn describe_version(
        &self,
        model: &str,
        version: u32,
        text: &str,
        by: &str,
    ) -> Result<ModelVersion, Error> {
        self.change_version(model, version, |record| {
            if record.description != text {
                text.clone_into(&mut record.description);
                record.change = Some(record_change(RecordAction::Description, by, ""));
            }
            Ok(())
        })
        .await
    }
}
