//! How a command reaches what the fleet knows: the orchestrator's API first, and the broker where the API is down.
//!
//! ```text
//! command ─▶ api::Query, api::Change ─▶ Access ─┬─ the API answers or refuses ─▶ its answer, its refusal
//!                                               └─ it is not known or is down ─▶ the broker, by the same crate
//! ```
//!
//! Invariants:
//! - A refusal of the API is the command's refusal: the broker is not asked for what the API denies.
//! - A change goes to the broker only where the API has not made it: it was not reached, has no such route or could not read the
//!   request. So none is made twice.
//! - An API that failed once is not asked again by the same command.

use std::sync::atomic::{AtomicBool, Ordering};

use api::{Broker, Change, ErrorDocument, ModelServers, Query, StatusCode};
use bus::Bus;
use client::{Client, FleetTls};
use contracts::failures;
use registry::Registry;
use terminal::Console;
use tokio::sync::OnceCell;

use crate::Error;
use crate::cli::Global;
use crate::connect::Address;
use crate::runs::whoami;

/// The ways to a fleet, for one command.
#[derive(Debug)]
pub(crate) struct Access<'a> {
    address: Address,
    api: Option<Client>,
    is_api_down: AtomicBool,
    bus: OnceCell<Bus>,
    broker: OnceCell<Broker>,
    console: &'a Console,
}

/// What an answer of the API other than success means.
enum Verdict {
    /// The API understood the request and answered with this error.
    Refusal(api::Error),
    /// It is of a build without the route.
    NoRoute,
    /// It could not read the request: something in it is wrong, or it is of a build without one of the fields.
    NotRead(api::Error),
    /// It gave no answer of its own, or none to this caller.
    Failure,
}

/// What queries and changes are made with on a connection to the broker.
pub(crate) async fn broker_of(bus: &Bus, tls: &FleetTls) -> Result<Broker, Error> {
    // Another store than the default one is known by what the artifacts say.
    Ok(Broker {
        registry: Registry::new(bus).await?,
        bus: bus.clone(),
        artifacts: None,
        model_servers: ModelServers::new(None, tls),
    })
}

impl<'a> Access<'a> {
    /// The ways to the fleet that the options name.
    pub(crate) fn find(global: &Global, console: &'a Console) -> Result<Self, Error> {
        let address = Address::find(global)?;
        Ok(Self {
            api: address.api()?,
            address,
            is_api_down: AtomicBool::new(false),
            bus: OnceCell::new(),
            broker: OnceCell::new(),
            console,
        })
    }

    /// The fleet that the options name.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Where answers and notes are shown.
    pub(crate) fn console(&self) -> &'a Console {
        self.console
    }

    /// The connection to the broker, which is made where it is needed first.
    pub(crate) async fn bus(&self) -> Result<&Bus, Error> {
        self.bus.get_or_try_init(|| self.address.connect()).await
    }

    async fn broker(&self) -> Result<&Broker, Error> {
        let made = || async { broker_of(self.bus().await?, &self.address.tls).await };
        self.broker.get_or_try_init(made).await
    }

    /// The answer to a query.
    pub(crate) async fn ask<Q: Query>(&self, query: &Q) -> Result<Q::Answer, Error> {
        let mut not_read = None;
        if let Some((api, url)) = self.api().zip(query.url()) {
            match api.get(&url).await {
                Ok(answer) => return Ok(answer),
                // Who names a server by TLS wants it to be that one.
                Err(error @ client::Error::Tls { .. }) => return Err(error.into()),
                Err(error) => match verdict(&error) {
                    Verdict::NoRoute => {}
                    Verdict::NotRead(refusal) => not_read = Some(refusal),
                    Verdict::Refusal(refusal)
                        if Q::OUTLIVES_THE_API && refusal.status == StatusCode::NOT_FOUND => {}
                    Verdict::Refusal(refusal) if refusal.is_refusal() => {
                        return Err(refusal.into());
                    }
                    Verdict::Refusal(_) | Verdict::Failure => self.leave_the_api(&error),
                },
            }
        }
        Ok(query.read(self.broker_or(not_read).await?).await?)
    }

    /// Makes a change, in the name of the user.
    pub(crate) async fn change<C: Change>(&self, change: &C) -> Result<C::Answer, Error> {
        let by = whoami();
        let mut not_read = None;
        if let Some((api, (path, body))) = self.api().zip(change.request(&by)) {
            match api.post(&path, &body).await {
                Ok(answer) => return Ok(answer),
                Err(error @ client::Error::Http { .. }) if is_no_connection(&error) => {
                    self.leave_the_api(&error);
                }
                Err(error) => match verdict(&error) {
                    Verdict::NoRoute => {}
                    Verdict::NotRead(refusal) => not_read = Some(refusal),
                    Verdict::Refusal(refusal) => {
                        if refusal.status == StatusCode::BAD_GATEWAY {
                            // Where the broker is down for this command too, that is what is wrong.
                            self.bus().await?;
                        }
                        return Err(refusal.into());
                    }
                    Verdict::Failure => return Err(error.into()),
                },
            }
        }
        Ok(change.make(self.broker_or(not_read).await?, &by).await?)
    }

    /// The broker, which refuses by the same rules what the API could not read; that refusal where the broker is not reached.
    async fn broker_or(&self, not_read: Option<api::Error>) -> Result<&Broker, Error> {
        match (self.broker().await, not_read) {
            (Err(_), Some(refusal)) => Err(refusal.into()),
            (broker, _) => broker,
        }
    }

    /// The API, unless it is not known or has failed.
    fn api(&self) -> Option<&Client> {
        self.api.as_ref().filter(|_| !self.is_api_down.load(Ordering::Relaxed))
    }

    fn leave_the_api(&self, error: &client::Error) {
        tracing::debug!(error = failures::with_causes(error), "the orchestrator did not answer");
        let why = match error {
            client::Error::Status { status: 401, .. } => "wants a token (--api-token-file)",
            _ => "does not answer",
        };
        self.console.note(&format!("the orchestrator {why}; the broker is asked instead"));
        self.is_api_down.store(true, Ordering::Relaxed);
    }
}

fn is_no_connection(error: &client::Error) -> bool {
    matches!(error, client::Error::Http { source, .. } if source.is_connect())
}

fn verdict(error: &client::Error) -> Verdict {
    let client::Error::Status { status, body, .. } = error else { return Verdict::Failure };
    let document: Option<ErrorDocument> = serde_json::from_slice(body).ok();
    let Some((document, status)) = document.zip(StatusCode::from_u16(*status).ok()) else {
        return Verdict::Failure;
    };
    match (status, document.error.code.as_str()) {
        (StatusCode::UNAUTHORIZED, _) => Verdict::Failure,
        (StatusCode::NOT_FOUND, api::NO_ROUTE) | (StatusCode::METHOD_NOT_ALLOWED, _) => {
            Verdict::NoRoute
        }
        (StatusCode::BAD_REQUEST, api::INVALID) => Verdict::NotRead(document.with_status(status)),
        _ => Verdict::Refusal(document.with_status(status)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn status(status: u16, body: &str) -> client::Error {
        let message = String::new();
        client::Error::Status { server: "orchestrator", status, message, body: body.into() }
    }

    fn code(status_code: u16, code: &str) -> client::Error {
        let error = serde_json::json!({"error": {"code": code, "message": "why"}});
        status(status_code, &error.to_string())
    }

    #[test]
    fn what_the_api_decides_is_told_from_what_it_does_not_know() {
        for (error, is_refused) in [
            (code(404, "version_not_found"), true),
            (code(409, "traffic_elsewhere"), true),
            (code(502, "broker"), true),
            (code(404, "not_found"), false),
            (code(405, "method_not_allowed"), false),
            (code(400, "invalid_request"), false),
            (code(401, "unauthorized"), false),
            (code(403, "forbidden"), true),
            (status(404, "<html>"), false),
        ] {
            let found = matches!(verdict(&error), Verdict::Refusal(_));
            assert_eq!(found, is_refused, "{error:?}");
        }
    }

    #[test]
    fn a_refusal_has_one_exit_code_by_either_way() {
        for (status_code, name, exit_code) in [
            (404, "version_not_found", 2),
            (409, "alert_over", 2),
            (403, "forbidden", 2),
            (409, "not_applicable", 2),
            (400, "invalid_query", 2),
            (409, "contended", 1),
            (502, "broker", 1),
            (500, "damaged", 1),
        ] {
            let Verdict::Refusal(refusal) = verdict(&code(status_code, name)) else {
                unreachable!("{name}")
            };
            let error = Error::from(refusal);
            assert_eq!((error.code(), error.exit_code()), (name, exit_code));
        }
    }

    #[test]
    fn a_name_that_is_missing_is_said_with_those_that_are_there() {
        let body = r#"{"error": {"code": "model_not_found", "message": "there is no model `x`",
                       "missing": {"kind": "model", "name": "x", "known": ["a", "b"]}}}"#;
        let Verdict::Refusal(refusal) = verdict(&status(404, body)) else {
            unreachable!("it is a refusal")
        };
        let error = Error::from(refusal);
        assert_eq!(error.to_string(), "no model `x`; there is a, b");
        assert_eq!((error.code(), error.exit_code()), ("not_found", 2));
    }
}
