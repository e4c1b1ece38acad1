//! The configuration of nats-server.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::{Identity, permissions};

/// The account of the fleet: its streams, and the identities of its processes.
///
/// JetStream keeps what an account has in a directory of this name.
pub const ACCOUNT: &str = "TIER0";
/// The account of clients. They reach the fleet by what it exports alone.
const CLIENTS: &str = "CLIENTS";

/// The accounts of nats-server's configuration, in which each identity is the user of its public key.
///
/// A client is in an account of its own: what the broker answers is bounded by the account, and not by the permissions of who asks.
///
/// `keys` has the public key of each identity, such as `UCK5N7N66OBOINFXAYC2ACJQYFSOD4VYNU6APEJTAVFZB2SVHLKGEW7L`.
#[must_use]
pub fn authorization(keys: &[(Identity, String)]) -> String {
    let users = |clients: bool| -> String {
        let of_account = keys.iter().filter(|(of, _)| (*of == Identity::Client) == clients);
        of_account.map(|(identity, key)| user(*identity, key)).collect()
    };
    let services = permissions(Identity::Client).publish;
    let exports: String =
        services.iter().map(|subject| format!("      {{ service: \"{subject}\" }}\n")).collect();
    let imports: String = services
        .iter()
        .map(|subject| {
            format!("      {{ service: {{ account: {ACCOUNT}, subject: \"{subject}\" }} }}\n")
        })
        .collect();
    format!(
        "# Who may do what; written by tier0 from its tables of stages and subjects. Changes are lost.\n\
         accounts {{\n  \
           {ACCOUNT} {{\n    jetstream: enabled\n    users: [\n{}    ]\n    exports: [\n{exports}    ]\n  }}\n  \
           {CLIENTS} {{\n    users: [\n{}    ]\n    imports: [\n{imports}    ]\n  }}\n}}\n",
        users(false),
        users(true)
    )
}

fn user(identity: Identity, key: &str) -> String {
    let may = permissions(identity);
    let publish = rules(&may.publish, &may.deny_publish);
    let subscribe = rules(&may.subscribe, &BTreeSet::new());
    format!(
        "      # {identity}\n      {{ nkey: {key}, permissions: {{\n        publish: {publish}\n        subscribe: {subscribe}\n      }} }}\n"
    )
}

fn rules(allow: &BTreeSet<String>, deny: &BTreeSet<String>) -> String {
    let list = |subjects: &BTreeSet<String>| {
        let lines: String =
            subjects.iter().map(|subject| format!("          \"{subject}\"\n")).collect();
        format!("[\n{lines}        ]")
    };
    let mut text = format!("{{ allow: {}", list(allow));
    if !deny.is_empty() {
        // Writing to a text does not fail.
        let _ = write!(text, ", deny: {}", list(deny));
    }
    text.push_str(" }");
    text
}
