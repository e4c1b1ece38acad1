//! `tier0 alerts`: what is wrong with endpoints, and a person's answer.

use std::time::Duration;

use api::monitoring::{
    AcknowledgeAlert, AlertFilter, AlertStateFilter, AlertView, ListAlerts, RaisedView,
    ResolveAlert, ShowAlert,
};
use bus::Bus;
use contracts::v1::Alert;
use contracts::{encoding, names, subjects};
use runs::feed::{Entry, Feed};
use serde_json::json;
use terminal::{Console, or_none, time};
use tokio::time::{Instant, sleep};

use crate::access::Access;
use crate::cli::{AlertNote, AlertsCommand, AlertsList, AlertsWatch, Global};
use crate::error::FAILED;
use crate::{Error, signals};

const FEED_RETRY_DELAY: Duration = Duration::from_millis(500);
/// Alerts that `watch --json` keeps for its document.
const MAX_KEPT_ALERTS: usize = 10_000;

/// Runs `tier0 alerts`.
pub(crate) async fn run(
    command: &AlertsCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let access = Access::find(global, console)?;
    match command {
        AlertsCommand::List(arguments) => list(&access, arguments).await?,
        AlertsCommand::Show { alert } => {
            show(&access.ask(&ShowAlert { alert: alert.clone() }).await?, console)?;
        }
        AlertsCommand::Ack(answer) => {
            let AlertNote { alert, note } = answer.clone();
            show(&access.change(&AcknowledgeAlert { alert, note }).await?, console)?;
        }
        AlertsCommand::Resolve(answer) => {
            let AlertNote { alert, note } = answer.clone();
            show(&access.change(&ResolveAlert { alert, note }).await?, console)?;
        }
        AlertsCommand::Watch(arguments) => {
            return watch(access.bus().await?, arguments, console).await;
        }
    }
    Ok(0)
}

async fn list(access: &Access<'_>, arguments: &AlertsList) -> Result<(), Error> {
    let mut query = ListAlerts {
        endpoint: arguments.endpoint.clone(),
        state: Some(arguments.state.to_string()),
        kind: arguments.kind.map(|kind| kind.to_string()),
        severity: arguments.severity.map(|severity| severity.to_string()),
        after: None,
        limit: Some(api::MAX_LIMIT),
    };
    let mut document = access.ask(&query).await?;
    while let Some(next) = document.next.take() {
        query.after = Some(next);
        let page = access.ask(&query).await?;
        document.alerts.extend(page.alerts);
        document.next = page.next;
    }
    let rows: Vec<Vec<String>> = document.alerts.iter().map(line).collect();
    let head =
        ["alert", "endpoint", "severity", "kind", "subject", "state", "last", "times", "reason"];
    let none = match arguments.state {
        AlertStateFilter::Open => "no open alerts",
        _ => "no alerts",
    };
    Ok(access.console().answer(&document, || or_none(none, &head, &rows))?)
}

fn line(view: &AlertView) -> Vec<String> {
    let alert = &view.alert;
    vec![
        alert.alert_id.clone(),
        alert.endpoint.clone(),
        alert.severity.to_string(),
        alert.kind.to_string(),
        dash(&alert.subject),
        view.state.to_string(),
        time(view.last_at.as_ref()),
        view.occurrences.to_string(),
        alert.reason.clone(),
    ]
}

fn dash(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { text.to_owned() }
}

fn show(view: &AlertView, console: &Console) -> Result<(), Error> {
    console.answer(view, || {
        let alert = &view.alert;
        let version = match alert.version {
            0 if !alert.run_id.is_empty() => "no version".to_owned(),
            0 => "the live version".to_owned(),
            version => format!("version {version}"),
        };
        let mut lines = vec![
            format!("alert         {}", alert.alert_id),
            format!("what          {} {} of {}", alert.severity, alert.kind, dash(&alert.subject)),
            format!("endpoint      {}, {version}", alert.endpoint),
            format!("reason        {}", alert.reason),
            format!("measured      {} (threshold {})", alert.value, alert.threshold),
            format!("state         {}", view.state),
            format!("raised        {} by {}", time(view.opened_at.as_ref()), alert.raised_by),
            format!(
                "last found    {}, {} times in all",
                time(view.last_at.as_ref()),
                view.occurrences
            ),
        ];
        if !alert.run_id.is_empty() {
            lines.push(format!("run           {}", alert.run_id));
        }
        lines.extend(alert.findings.iter().map(|of| format!("finding       {}", of.message)));
        if view.acknowledged_at.is_some() {
            let (at, by) = (time(view.acknowledged_at.as_ref()), &view.acknowledged_by);
            lines.push(format!("acknowledged  {at} by {by}"));
        }
        if view.resolved_at.is_some() {
            lines.push(format!(
                "resolved      {} by {}",
                time(view.resolved_at.as_ref()),
                view.resolved_by
            ));
        }
        if !view.note.is_empty() {
            lines.push(format!("note          {}", view.note));
        }
        lines.join("\n")
    })?;
    Ok(())
}

/// Follows the stream of alerts from now on, whatever becomes of the connection.
struct Watching<'a> {
    bus: &'a Bus,
    subjects: Vec<String>,
    filter: AlertFilter,
    /// The last sequence that was seen.
    after: u64,
}

impl Watching<'_> {
    /// Gives each alert to `take` until that says that it is enough.
    async fn follow(
        &mut self,
        mut take: impl FnMut(RaisedView) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        loop {
            match self.read(&mut take).await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(Error::Feed(error)) => tracing::warn!(
                    error = contracts::failures::with_causes(&error),
                    "the stream of alerts broke; it is opened again"
                ),
                Err(error) => return Err(error),
            }
            sleep(FEED_RETRY_DELAY).await;
        }
    }

    async fn read(
        &mut self,
        take: &mut impl FnMut(RaisedView) -> Result<bool, Error>,
    ) -> Result<bool, Error> {
        let subjects = self.subjects.clone();
        let mut feed =
            Feed::open_stream(self.bus, names::ALERTS_STREAM, subjects, self.after).await?;
        while let Some(entry) = feed.next().await? {
            self.after = entry.sequence;
            if let Some(alert) = decode(&entry).filter(|alert| self.filter.is_of(alert))
                && take(RaisedView::from(&alert))?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn decode(entry: &Entry) -> Option<Alert> {
    match encoding::from_protobuf("Alert", &entry.payload) {
        Ok(alert) => Some(alert),
        Err(error) => {
            tracing::warn!(subject = entry.subject, %error, "an alert cannot be read");
            None
        }
    }
}

async fn watch(bus: &Bus, arguments: &AlertsWatch, console: &Console) -> Result<u8, Error> {
    let wanted = match &arguments.endpoint {
        Some(endpoint) => vec![subjects::alert(endpoint)?, subjects::run_alert(endpoint)?],
        None => vec![subjects::ALL_ALERTS.to_owned()],
    };
    // Before anything is printed, so that a reader of the output may raise one.
    let last = bus.last_sequence(names::ALERTS_STREAM, subjects::ALL_ALERTS).await?;
    let after = last.unwrap_or_default();
    let filter = AlertFilter {
        standing: AlertStateFilter::All,
        kind: arguments.kind,
        severity: arguments.severity,
    };
    console.note("watching alerts; Ctrl-C ends");
    let mut kept = Vec::new();
    let mut seen = 0_u32;
    let mut watching = Watching { bus, subjects: wanted, filter, after };
    let following = watching.follow(|alert| {
        seen = seen.saturating_add(1);
        if !console.is_json() {
            console.bytes(raised(&alert).as_bytes())?;
        } else if kept.len() < MAX_KEPT_ALERTS {
            console.note(raised(&alert).trim_end());
            kept.push(alert);
        }
        Ok(arguments.count.is_some_and(|count| seen >= count))
    });
    let deadline = async {
        match arguments.timeout {
            Some(limit) => {
                tokio::time::sleep_until(Instant::now() + Duration::from_secs_f64(limit)).await
            }
            None => std::future::pending().await,
        }
    };
    let timed_out = tokio::select! {
        followed = following => followed.map(|()| false)?,
        () = deadline => true,
        () = signals::ended() => false,
    };
    if console.is_json() {
        console.answer(&json!({"alerts": kept}), String::new)?;
    }
    Ok(if timed_out && arguments.count.is_some() { FAILED } else { 0 })
}

/// An alert as a line.
fn raised(alert: &RaisedView) -> String {
    let of =
        if alert.subject.is_empty() { String::new() } else { format!(" of {}", alert.subject) };
    format!(
        "{} {:<8} {}{of} at {}: {} [{}]\n",
        time(alert.at.as_ref()),
        alert.severity.to_string(),
        alert.kind,
        alert.endpoint,
        alert.reason,
        alert.alert_id
    )
}
