//! Model servers: what they report, and whether each answers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use contracts::failures;
use contracts::v1::ServerReport;
use futures::future::join_all;
use registry::{Registry, is_fresh};

use super::probes::{ProbeFinding, Prober};
use super::{Component, Status};

const KIND: &str = "model_server";
/// Most servers that are asked.
const MAX_SERVERS: usize = 100;

/// What there is of model servers.
pub(super) struct Servers {
    /// The whole of them, where only the registry could tell; none where servers are known.
    pub(super) by_registry: Option<Component>,
    /// The whole of them as one component, and each.
    pub(super) asked: Vec<Component>,
}

/// A server as it reports.
struct ReportedServer {
    url: String,
    is_silent: bool,
    /// What it could not load.
    failures: Vec<String>,
}

pub(super) async fn probe_all(prober: &Prober) -> Servers {
    let reports = prober.timed_reports().await;
    let reports = match reports {
        Ok(reports) => reports,
        Err(component) => return Servers { by_registry: Some(*component), asked: Vec::new() },
    };
    let known = known(reports, SystemTime::now());
    if known.is_empty() && prober.is_starting() {
        let none =
            Component::new(KIND, "all", Status::Starting, "no model server has reported yet")
                .advise("wait some seconds, and ask again");
        return Servers { by_registry: Some(none), asked: Vec::new() };
    }
    if known.is_empty() {
        let none = Component::new(KIND, "all", Status::Unhealthy, "no model server is known");
        let none = none.advise(
            "start a model server: without one nothing answers, and nothing can be deployed",
        );
        return Servers { by_registry: Some(none), asked: Vec::new() };
    }
    let asking = known.iter().take(MAX_SERVERS).map(|(name, server)| ask(prober, name, server));
    let each: Vec<Component> = join_all(asking).await;
    let mut asked = vec![whole(&each)];
    asked.extend(each);
    Servers { by_registry: None, asked }
}

impl Prober {
    async fn timed_reports(&self) -> Result<Vec<ServerReport>, Box<Component>> {
        let mut reports = Vec::new();
        let looked = self.timed(KIND, "all", async {
            let read = async { Registry::new(&self.bus).await?.all_server_reports().await };
            match read.await {
                Ok(found) => {
                    reports = found;
                    ProbeFinding::healthy("")
                }
                Err(error) => ProbeFinding::wrong(
                    Status::Unknown,
                    failures::with_causes(&error),
                    "the reports of model servers cannot be read: see the registry",
                ),
            }
        });
        let looked = looked.await;
        if looked.status == Status::Healthy { Ok(reports) } else { Err(Box::new(looked)) }
    }
}

fn known(reports: Vec<ServerReport>, now: SystemTime) -> BTreeMap<String, ReportedServer> {
    let mut known: BTreeMap<String, ReportedServer> = BTreeMap::new();
    for report in reports {
        let fresh = is_fresh(&report, now);
        let server = known.entry(report.server).or_insert_with(|| ReportedServer {
            url: report.url.clone(),
            is_silent: true,
            failures: Vec::new(),
        });
        server.is_silent &= !fresh;
        let failures = report.failures.iter().filter(|_| fresh);
        server.failures.extend(failures.map(|failure| {
            format!("{} version {}: {}", report.endpoint, failure.version, failure.reason)
        }));
    }
    known
}

/// Asks a server whether it can answer, as a balancer would.
async fn ask(prober: &Prober, name: &str, server: &ReportedServer) -> Component {
    let asked = prober.timed(KIND, name, async {
        let gone = "start it again: what it answered, others answer as long as there are any";
        let url = format!("{}/v2/health/ready", server.url.trim_end_matches('/'));
        let status = match prober.http.get(url).send().await {
            Ok(answer) => answer.status(),
            Err(error) => {
                let error = outgoing::tls_trouble(&error).map_or_else(
                    || failures::with_causes(&error.without_url()),
                    |trouble| trouble.to_string(),
                );
                return ProbeFinding::wrong(
                    Status::Unhealthy,
                    format!("{}: {error}", server.url),
                    gone,
                );
            }
        };
        if !status.is_success() {
            let detail = format!(
                "{} answers {}: not every endpoint can answer",
                server.url,
                status.as_u16()
            );
            return ProbeFinding::wrong(
                Status::Unhealthy,
                detail,
                "see its log for the versions that it could not load",
            );
        }
        if server.is_silent {
            let detail = format!("{} answers, but has not reported for a while", server.url);
            return ProbeFinding::wrong(
                Status::Degraded,
                detail,
                "see its log: it does not reach the broker, and hears of no deployment",
            );
        }
        if let Some(failure) = server.failures.first() {
            let count = server.failures.len();
            let detail =
                format!("{} answers; {count} could not be loaded, such as {failure}", server.url);
            return ProbeFinding::wrong(
                Status::Degraded,
                detail,
                "see `tier0 endpoints list`; deploy another version, or make the bundle available",
            );
        }
        ProbeFinding::healthy(server.url.clone())
    });
    asked.await.optional()
}

/// The servers as a whole: one that answers is enough to go on.
fn whole(each: &[Component]) -> Component {
    let answering = each.iter().filter(|server| server.status != Status::Unhealthy).count();
    let statuses: BTreeSet<Status> = each.iter().map(|server| server.status).collect();
    let detail = format!("{answering} of {} answer", each.len());
    match (answering, statuses.last()) {
        (0, _) => Component::new(KIND, "all", Status::Unhealthy, detail)
            .advise("start a model server: nothing answers, and nothing can be deployed"),
        (_, Some(Status::Healthy)) => Component::new(KIND, "all", Status::Healthy, detail),
        _ => Component::new(KIND, "all", Status::Degraded, detail)
            .advise("see the servers one by one below"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use contracts::time;

    use super::*;

    #[test]
    fn one_that_answers_is_enough_to_go_on() {
        let of = |status| Component::new(KIND, "x", status, "").optional();
        for (each, expected) in [
            (vec![of(Status::Healthy), of(Status::Healthy)], Status::Healthy),
            (vec![of(Status::Healthy), of(Status::Unhealthy)], Status::Degraded),
            (vec![of(Status::Degraded)], Status::Degraded),
            (vec![of(Status::Unhealthy)], Status::Unhealthy),
        ] {
            let whole = whole(&each);
            assert_eq!((whole.status, whole.required), (expected, true));
        }
    }

    #[test]
    fn a_server_is_heard_where_one_of_its_reports_is_fresh() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let report = |server: &str, age: u64| ServerReport {
            server: server.to_owned(),
            at: Some(time::timestamp(now - Duration::from_secs(age))),
            ..ServerReport::default()
        };
        let known = known(vec![report("a", 60), report("a", 1), report("b", 60)], now);
        let silent: Vec<(&str, bool)> =
            known.iter().map(|(name, server)| (name.as_str(), server.is_silent)).collect();
        assert_eq!(silent, [("a", false), ("b", true)]);
    }
}
