//! The permissions as a table for people.

use std::fmt::Write as _;

use crate::{Identity, permissions};

/// The permissions of each identity in Markdown, as docs/security.md has them.
#[must_use]
pub fn matrix() -> String {
    let mut text = String::new();
    for identity in Identity::all() {
        let may = permissions(identity);
        let list = |subjects: &std::collections::BTreeSet<String>| {
            subjects.iter().map(|subject| format!("`{subject}`")).collect::<Vec<_>>().join(" ")
        };
        // Writing to a text does not fail.
        let _ = write!(
            text,
            "**{identity}** publishes to {}; subscribes to {}",
            list(&may.publish),
            list(&may.subscribe)
        );
        if !may.deny_publish.is_empty() {
            let _ = write!(text, "; not to {}", list(&may.deny_publish));
        }
        text.push_str(".\n\n");
    }
    text
}
