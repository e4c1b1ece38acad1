//! The HTTP clients of every process.
//!
//! Invariants:
//! - A client follows no redirect, unless its maker sets a policy that checks where one leads.
//! - A connection and an answer take a bounded time.
//! - Addresses under which clouds serve credentials of machines are not connected to by any name that leads there, unless that is
//!   allowed: the address that is checked is the one that is connected to.

mod fleet_tls;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

pub use fleet_tls::{FleetTls, FleetTlsError, TlsTrouble, tls_trouble};

/// Longest time for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Names under which clouds serve credentials of machines.
const METADATA_HOSTS: [&str; 4] =
    ["metadata", "metadata.google.internal", "instance-data", "metadata.azure.internal"];

/// Whether a client may ask the machine's cloud for credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metadata {
    /// It may not, whatever name leads there.
    Refused,
    /// The operator allows it.
    Allowed,
}

/// The start of a client whose answers, with their bodies, take at most `deadline`.
pub fn client(deadline: Duration, metadata: Metadata) -> ClientBuilder {
    let builder = Client::builder()
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(deadline)
        .user_agent("tier0");
    match metadata {
        Metadata::Refused => builder.dns_resolver(Arc::new(Resolver)),
        Metadata::Allowed => builder,
    }
}

/// The start of a client of the fleet's own servers, which are reached without a proxy.
pub fn client_of_fleet(deadline: Duration, tls: &FleetTls) -> ClientBuilder {
    tls.on(client(deadline, Metadata::Refused).no_proxy())
}

/// Whether a host, a name or an address in any spelling, is one under which clouds serve credentials of machines.
#[must_use]
pub fn serves_credentials(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    match host.parse::<IpAddr>() {
        Ok(address) => is_metadata(address),
        Err(_) => METADATA_HOSTS.contains(&host.as_str()),
    }
}

fn is_metadata(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => address.is_link_local(),
            // Link-local, and the address of EC2's service.
            None => {
                address.is_unicast_link_local()
                    || address.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]
            }
        },
    }
}

/// A name that leads to credentials of the machine.
#[derive(Debug, thiserror::Error)]
#[error("`{host}` leads to an address under which clouds serve credentials of machines")]
struct LeadsToMetadata {
    host: String,
}

/// Finds addresses as the system does, and gives none that serves credentials.
#[derive(Debug)]
struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await?.collect();
            Ok(reachable(host, found)?)
        })
    }
}

fn reachable(host: &str, found: Vec<SocketAddr>) -> Result<Addrs, LeadsToMetadata> {
    if serves_credentials(host) || found.iter().any(|address| is_metadata(address.ip())) {
        return Err(LeadsToMetadata { host: host.to_owned() });
    }
    Ok(Box::new(found.into_iter()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_redirect_leads_nowhere() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (from, to) = (listener.local_addr().unwrap(), elsewhere.local_addr().unwrap());
        let answering = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = [0; 4096];
            assert!(stream.read(&mut head).await.unwrap() > 0);
            let answer = format!(
                "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{to}/x\r\ncontent-length: 0\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        // By a name, so that the system's resolver is behind it.
        let client = client_of_fleet(Duration::from_secs(5), &FleetTls::default()).build().unwrap();
        let url = format!("http://localhost:{}/x", from.port());
        assert_eq!(client.get(url).send().await.unwrap().status(), 307);
        answering.await.unwrap();
        let followed = tokio::time::timeout(Duration::from_millis(200), elsewhere.accept()).await;
        assert!(followed.is_err(), "the redirect was followed");
    }

    #[tokio::test]
    async fn an_answer_that_does_not_come_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let limit = Duration::from_millis(100);
        let client = client_of_fleet(limit, &FleetTls::default()).build().unwrap();
        let error = client.get(format!("http://{address}/")).send().await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
    }

    #[test]
    fn a_name_does_not_lead_to_metadata() {
        let at = |address: &str| vec![SocketAddr::new(address.parse().unwrap(), 0)];
        assert!(reachable("page.example", at("203.0.113.7")).is_ok());
        for address in ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "fe80::1"] {
            assert!(reachable("page.example", at(address)).is_err(), "{address}");
        }
        assert!(reachable("metadata.google.internal", at("203.0.113.7")).is_err());
    }

    #[test]
    fn addresses_of_metadata_services_are_known() {
        for host in [
            "169.254.169.254",
            "169.254.170.2",
            "metadata.google.internal",
            "Metadata.Google.Internal.",
            "[fd00:ec2::254]",
            "[::ffff:169.254.169.254]",
            "[fe80::1]",
        ] {
            assert!(serves_credentials(host), "{host}");
        }
        for host in ["s3.eu-central-1.amazonaws.com", "127.0.0.1", "minio", "[::1]", "10.0.0.1"] {
            assert!(!serves_credentials(host), "{host}");
        }
    }
}
