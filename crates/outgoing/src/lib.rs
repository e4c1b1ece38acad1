//! The HTTP clients of every process.
//!
//! Invariants:
//! - A client follows no redirect, unless its maker sets a policy that checks where one leads.
//! - A connection and an answer take a bounded time.
//! - Addresses under which clouds serve credentials of machines are not connected to by any name that leads there, unless that is
//!   allowed: a name is resolved once for a connection, and the addresses that are checked are those that are connected to, whatever
//!   the name leads to a moment later. Where a proxy is configured, it resolves names.
//! - Addresses that stand in a configuration are checked when it is read ([`server`]): nothing resolves them.

mod fleet_tls;

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Url};

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
        Metadata::Refused => builder.dns_resolver(Arc::new(Resolver { lookup: system })),
        Metadata::Allowed => builder,
    }
}

/// The URL of a server that a configuration names, such as a webhook.
///
/// # Errors
/// What is wrong with it, in words that follow its name and do not hold it: it may hold a secret.
pub fn server(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is no URL")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("is no URL with http or https");
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or("names no host")?;
    if serves_credentials(host) {
        return Err("leads to an address under which clouds serve credentials of machines");
    }
    Ok(url)
}

/// Whether a URL leads to this machine by a name or an address of loopback.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
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

/// Addresses of a host, once they are found.
type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Finds addresses as the system does.
fn system(host: String) -> Found {
    Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.collect()) })
}

/// Finds addresses, and gives none that serves credentials. The client connects to what it is given and asks no one else.
struct Resolver<L> {
    lookup: L,
}

impl<L: Fn(String) -> Found + Send + Sync + 'static> Resolve for Resolver<L> {
    fn resolve(&self, name: Name) -> Resolving {
        let found = (self.lookup)(name.as_str().to_owned());
        Box::pin(async move { Ok(reachable(name.as_str(), found.await?)?) })
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
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use std::sync::atomic::{AtomicUsize, Ordering};

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

    /// A name that leads to one address after another, and how often it was resolved.
    fn rebinding(
        addresses: Vec<SocketAddr>,
    ) -> (Arc<AtomicUsize>, impl Fn(String) -> Found + Send + Sync + 'static) {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let lookup = move |host: String| -> Found {
            assert_eq!(host, "page.test");
            let number = count.fetch_add(1, Ordering::SeqCst);
            let address = addresses[number.min(addresses.len() - 1)];
            Box::pin(async move { Ok(vec![address]) })
        };
        (asked, lookup)
    }

    /// A server that answers every request and closes, and how many connections there were.
    async fn answering(address: &str) -> (SocketAddr, Arc<AtomicUsize>) {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let mut head = [0; 4096];
                assert!(stream.read(&mut head).await.unwrap() > 0);
                let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(answer).await.unwrap();
            }
        });
        (at, connections)
    }

    /// The address that was checked is the one that is connected to: a name that leads elsewhere a moment later leads nowhere.
    #[tokio::test]
    async fn a_name_that_is_led_elsewhere_is_pinned_to_what_was_checked() {
        let (first, at_first) = answering("127.0.0.1").await;
        let (_, at_second) = answering("127.0.0.2").await;
        let metadata = "169.254.169.254:80".parse().unwrap();
        let (asked, lookup) = rebinding(vec![first, metadata]);
        let client = client(Duration::from_secs(5), Metadata::Refused)
            .no_proxy()
            .dns_resolver(Arc::new(Resolver { lookup }))
            .build()
            .unwrap();
        let url = format!("http://page.test:{}/", first.port());
        assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
        assert_eq!(asked.load(Ordering::SeqCst), 1, "resolved once for a connection");
        // The next connection resolves anew, and is refused for where the name leads by then.
        let error = client.get(&url).send().await.unwrap_err();
        let mut cause: &dyn std::error::Error = &error;
        while let Some(next) = cause.source() {
            cause = next;
        }
        assert!(cause.to_string().contains("serve credentials"), "{error:?}");
        assert_eq!(asked.load(Ordering::SeqCst), 2);
        assert_eq!(at_first.load(Ordering::SeqCst), 1);
        assert_eq!(at_second.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn servers_of_a_configuration_are_checked_as_they_stand() {
        for good in ["https://hooks.example/x", "http://127.0.0.1:9/", "http://[::1]/"] {
            assert!(server(good).is_ok(), "{good}");
        }
        for bad in [
            "hooks.example",
            "ftp://hooks.example/",
            "http://169.254.169.254/latest",
            "http://[fd00:ec2::254]/",
            // The same address as one number, which URLs allow.
            "http://2852039166/",
            "http://metadata.google.internal./",
        ] {
            assert!(server(bad).is_err(), "{bad}");
        }
        let loopback = |text: &str| is_loopback(&server(text).unwrap());
        assert!(loopback("http://localhost:8080/") && loopback("http://[::1]/"));
        // What stands before the @ is a user and no host.
        assert!(!loopback("http://127.0.0.1:80@hooks.example/"));
        assert!(!loopback("http://localhost.hooks.example/"));
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
