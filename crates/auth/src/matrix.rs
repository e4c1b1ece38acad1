//! Roles, rights and routes as the tables of the documentation.

use std::fmt::Write as _;

use crate::{Need, ROUTES, Right, Role, Surface};

/// The tables in Markdown: which role has which right, and which right each route needs.
#[must_use]
pub fn matrix() -> String {
    let mut text = String::from("| right | ");
    text.push_str(&Role::ALL.map(|role| format!("`{role}`")).join(" | "));
    text.push_str(" |\n| --- | --- | --- | --- | --- |\n");
    for right in Right::ALL {
        let has = Role::ALL.map(|role| if role.has(right) { "yes" } else { "" }).join(" | ");
        line(&mut text, format_args!("| `{right}` | {has} |"));
    }
    for surface in Surface::ALL {
        let title = match surface {
            Surface::Process => "Health and metrics, of every process (`http`)",
            Surface::Api => "The orchestrator (`api`)",
            Surface::Rest => "The model server over REST (`rest`)",
            Surface::Grpc => "The model server over gRPC (`grpc`)",
        };
        line(
            &mut text,
            format_args!("\n**{title}**\n\n| route | right | from |\n| --- | --- | --- |"),
        );
        for route in ROUTES.iter().filter(|route| route.surface == surface) {
            let (method, path) = (route.method, route.path);
            match route.need {
                Need::Open => {
                    line(&mut text, format_args!("| `{method} {path}` | none | everybody |"))
                }
                Need::Right(right) => {
                    let role = right.least_role();
                    line(&mut text, format_args!("| `{method} {path}` | `{right}` | `{role}` |"));
                }
            }
        }
    }
    text
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{what}");
}
