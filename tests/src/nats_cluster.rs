//! A cluster of three nats-servers on one machine, whose links can be cut.
//!
//! Every route of one server to another goes through a link of its own, a small TCP proxy of the test, so that one server
//! can be cut off from the others while its clients still reach it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::nats_server::{NatsOptions, NatsServer};

/// Servers of a cluster.
const SERVERS: usize = 3;
/// How long they may take to find one another.
const CLUSTER_TIMEOUT: Duration = Duration::from_secs(40);

/// Three servers with JetStream.
#[derive(Debug)]
pub struct NatsCluster {
    servers: Vec<NatsServer>,
    links: Vec<Link>,
}

/// The way from one server to another.
#[derive(Debug)]
struct Link {
    from: usize,
    to: usize,
    open: watch::Sender<bool>,
    carrying: JoinHandle<()>,
}

impl NatsCluster {
    /// Starts one and waits until it has a leader.
    ///
    /// # Panics
    ///
    /// When it does not form.
    pub async fn start() -> Self {
        let routes: Vec<SocketAddr> = (0..SERVERS).map(|_| free_address()).collect();
        let (mut links, mut servers) = (Vec::new(), Vec::new());
        for (from, own) in routes.iter().enumerate() {
            let mut urls = Vec::new();
            for (to, address) in routes.iter().enumerate().filter(|(to, _)| *to != from) {
                let (link, listens) = Link::lay(from, to, *address).await;
                links.push(link);
                urls.push(format!("\"nats-route://{listens}\""));
            }
            // What is advertised leads nowhere, so that no route goes round its link.
            let lines = format!(
                "server_name: \"{}\"\ncluster {{ name: \"tier0\", listen: \"{own}\", advertise: \"127.0.0.1:1\", \
                 no_advertise: true, pool_size: -1, routes: [{}] }}\n",
                name(from),
                urls.join(", ")
            );
            servers.push(NatsServer::start_with(NatsOptions { lines, ..NatsOptions::default() }));
        }
        let cluster = Self { servers, links };
        cluster.until_formed().await;
        cluster
    }

    /// All of its URLs, divided by commas.
    pub fn url(&self) -> String {
        self.servers.iter().map(NatsServer::url).collect::<Vec<_>>().join(",")
    }

    /// The server of a name that it has in the cluster.
    ///
    /// # Panics
    ///
    /// When there is none of that name.
    pub fn position(&self, name: &str) -> usize {
        (0..SERVERS).find(|&server| self::name(server) == name).expect("a server of the cluster")
    }

    /// Kills a server.
    pub fn kill(&mut self, server: usize) {
        self.servers[server].kill();
    }

    /// Starts a server again that was killed.
    pub fn start_again(&mut self, server: usize) {
        self.servers[server].start_again();
    }

    /// Has a server stand still, or go on.
    pub fn signal(&self, server: usize, signal: Signal) {
        self.servers[server].signal(signal);
    }

    /// Cuts a server off from the others, or joins it to them again.
    pub fn cut_off(&self, server: usize, cut: bool) {
        for link in self.links.iter().filter(|link| link.from == server || link.to == server) {
            link.open.send_replace(!cut);
        }
    }

    /// The ends of the servers' logs, for a message.
    pub fn logs(&self) -> String {
        let end = |server: &NatsServer| {
            let log = server.log();
            let lines: Vec<&str> = log.lines().collect();
            lines[lines.len().saturating_sub(15)..].join("\n")
        };
        self.servers.iter().map(end).collect::<Vec<_>>().join("\n---\n")
    }

    /// Whether every server sees the others and JetStream works on it.
    async fn until_formed(&self) {
        let deadline = Instant::now() + CLUSTER_TIMEOUT;
        for server in &self.servers {
            let health = format!("{}/healthz?js-server-only=false", server.monitoring_url());
            loop {
                let healthy = match reqwest::get(&health).await {
                    Ok(answer) => answer.status().is_success(),
                    Err(_) => false,
                };
                let routes = server.varz().await["routes"].as_u64().unwrap_or_default();
                if healthy && routes >= (SERVERS - 1) as u64 {
                    break;
                }
                assert!(Instant::now() < deadline, "the cluster does not form:\n{}", self.logs());
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

impl Link {
    /// Lays a way to `target`; gives where it begins.
    async fn lay(from: usize, to: usize, target: SocketAddr) -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let begins = listener.local_addr().expect("an address");
        let (open, opened) = watch::channel(true);
        let carrying = tokio::spawn(carry(listener, target, opened));
        (Self { from, to, open, carrying }, begins)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

/// Carries what comes, as long as the link is open; a cut breaks what is under way.
async fn carry(listener: TcpListener, target: SocketAddr, open: watch::Receiver<bool>) {
    loop {
        let Ok((mut near, _)) = listener.accept().await else { continue };
        let mut open = open.clone();
        if !*open.borrow() {
            continue;
        }
        tokio::spawn(async move {
            let Ok(mut far) = TcpStream::connect(target).await else { return };
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                _ = open.wait_for(|open| !open) => {}
            }
        });
    }
}

fn name(server: usize) -> String {
    format!("n{server}")
}

/// An address that was free a moment ago: a server of a cluster has to know the others' before they run.
fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}
