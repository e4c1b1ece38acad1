//! Aliases: names that people give to a version, and move.

use contracts::is_name;
use contracts::v1::{RecordAction, RegisteredModel};

use crate::models::{CHAMPION, record_change};
use crate::stages::stage_of;
use crate::{Error, Registry};

/// Words that would be taken for something else.
const RESERVED: [&str; 4] = [CHAMPION, "latest", "model", "run"];

/// What an alias has to name for it to be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedAlias {
    /// No condition: the alias may name any version, or be new.
    Anything,
    /// Nothing: it is to be new.
    Nothing,
    /// The alias has to name this version.
    Version(u32),
}

/// Whether an alias may have this name: a name with a letter first, that is no stage, no word of the registry's own and no version number.
///
/// # Errors
/// [`Error::AliasName`].
pub fn check_alias(alias: &str) -> Result<(), Error> {
    let refuse = |expected| Err(Error::AliasName { alias: alias.to_owned(), expected });
    if !is_name(alias) || !alias.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return refuse("1 to 64 letters, digits, `-` and `_`, beginning with a letter");
    }
    let lower = alias.to_ascii_lowercase();
    if lower == CHAMPION {
        return refuse(
            "another name: the registry itself keeps `champion` at the version in production",
        );
    }
    if RESERVED.contains(&lower.as_str()) || stage_of(&lower).is_some() {
        return refuse("another name: this one is a stage or a word of the registry's own");
    }
    let number = lower.strip_prefix('v').unwrap_or(&lower);
    if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return refuse("another name: this one would be taken for a version number");
    }
    Ok(())
}

impl Registry {
    /// Lets an alias name a version, where it names what is expected now.
    ///
    /// # Errors
    /// [`Error::AliasName`], [`Error::AliasMoved`], [`Error::UnknownModel`], [`Error::UnknownVersion`], [`Error::Bus`], [`Error::Contended`].
    pub async fn set_alias(
        &self,
        model: &str,
        alias: &str,
        version: u32,
        expected: ExpectedAlias,
        by: &str,
        reason: &str,
    ) -> Result<RegisteredModel, Error> {
        check_alias(alias)?;
        if self.version(model, version).await?.is_none() {
            return Err(Error::UnknownVersion { model: model.to_owned(), version });
        }
        self.change_model(model, |record| {
            check_expected(record, alias, expected)?;
            if record.aliases.get(alias) == Some(&version) {
                return Ok(());
            }
            record.aliases.insert(alias.to_owned(), version);
            record.latest_version = record.latest_version.max(version);
            record.change = Some(record_change(RecordAction::Alias, by, reason));
            Ok(())
        })
        .await
    }

    /// Removes an alias, where it names what is expected now.
    ///
    /// # Errors
    /// [`Error::UnknownAlias`], else as [`Registry::set_alias`].
    pub async fn remove_alias(
        &self,
        model: &str,
        alias: &str,
        expected: ExpectedAlias,
        by: &str,
        reason: &str,
    ) -> Result<RegisteredModel, Error> {
        check_alias(alias)?;
        self.change_model(model, |record| {
            if !record.aliases.contains_key(alias) {
                return Err(unknown(model, alias, record));
            }
            check_expected(record, alias, expected)?;
            record.aliases.remove(alias);
            record.change = Some(record_change(RecordAction::Alias, by, reason));
            Ok(())
        })
        .await
    }

    /// The version that is meant: by its number, by an alias, or `latest`.
    ///
    /// # Errors
    /// [`Error::UnknownModel`], [`Error::UnknownAlias`], [`Error::Bus`], [`Error::Damaged`].
    pub async fn resolve(&self, model: &str, which: &str) -> Result<u32, Error> {
        let number = which.strip_prefix(['v', 'V']).unwrap_or(which);
        if let Ok(number) = number.parse::<u32>() {
            return Ok(number);
        }
        let record = self.model(model).await?;
        let record = record.ok_or_else(|| Error::UnknownModel { model: model.to_owned() })?;
        if which == "latest" {
            return Ok(record.latest_version);
        }
        record.aliases.get(which).copied().ok_or_else(|| unknown(model, which, &record))
    }
}

fn check_expected(
    record: &RegisteredModel,
    alias: &str,
    expected: ExpectedAlias,
) -> Result<(), Error> {
    let found = record.aliases.get(alias).copied();
    let wanted = match expected {
        ExpectedAlias::Anything => return Ok(()),
        ExpectedAlias::Nothing => None,
        ExpectedAlias::Version(version) => Some(version),
    };
    if found == wanted {
        return Ok(());
    }
    Err(Error::AliasMoved {
        model: record.model.clone(),
        alias: alias.to_owned(),
        found: found.unwrap_or_default(),
        expected: wanted.unwrap_or_default(),
    })
}

fn unknown(model: &str, alias: &str, record: &RegisteredModel) -> Error {
    Error::UnknownAlias {
        model: model.to_owned(),
        alias: alias.to_owned(),
        known: record.aliases.keys().cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_be_taken_for_something_else_are_refused() {
        for name in ["best", "v", "eu-west_2", "vnext", "v2-candidate", "Fallback"] {
            assert!(check_alias(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "champion",
            "Champion",
            "latest",
            "none",
            "staging",
            "shadow",
            "production",
            "archived",
            "PRODUCTION",
            "7",
            "v7",
            "V12",
            "-a",
            "a.b",
            "a b",
            "model",
            "run",
        ] {
            assert!(matches!(check_alias(name), Err(Error::AliasName { .. })), "{name}");
        }
    }
}
