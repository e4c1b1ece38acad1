//! What a check says, and the checks that the health report is.

use api::health::{HealthDocument, Status};
use serde::Serialize;

/// How a check came out, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CheckStatus {
    /// It is as it should be.
    Ok,
    /// It works; something could be better.
    Advised,
    /// It is not as it has to be.
    Failed,
}

impl CheckStatus {
    /// The name in JSON.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Advised => "advised",
            Self::Failed => "failed",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Check {
    /// `health`, `pipeline`, `machine`, `serving`, `credentials` or `production`.
    pub(crate) area: &'static str,
    /// What was looked at.
    pub(crate) name: String,
    /// How it came out.
    pub(crate) status: CheckStatus,
    /// What was found, in words.
    pub(crate) found: String,
    /// What to do; none where nothing is to be done.
    pub(crate) advice: Option<String>,
}

impl Check {
    /// A check that came out well.
    pub(crate) fn ok(
        area: &'static str,
        name: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        let (name, found) = (name.into(), found.into());
        Self { area, name, status: CheckStatus::Ok, found, advice: None }
    }

    /// The same with another outcome, and what to do.
    pub(crate) fn but(self, status: CheckStatus, advice: impl Into<String>) -> Self {
        Self { status, advice: Some(advice.into()), ..self }
    }

    /// The same, with another outcome where a condition does not hold.
    pub(crate) fn unless(self, holds: bool, status: CheckStatus, advice: &str) -> Self {
        if holds { self } else { self.but(status, advice) }
    }
}

/// All checks, the worst first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct DoctorDocument {
    /// The worst outcome.
    pub(crate) status: CheckStatus,
    /// One entry for each check.
    pub(crate) checks: Vec<Check>,
}

impl DoctorDocument {
    pub(crate) fn new(mut checks: Vec<Check>) -> Self {
        checks.sort_by_key(|check| std::cmp::Reverse(check.status));
        let status = checks.first().map_or(CheckStatus::Ok, |check| check.status);
        Self { status, checks }
    }
}

/// What the health report says: a check for each part that is not well, and one for all others.
pub(crate) fn of_health(health: &HealthDocument) -> Vec<Check> {
    let well = health.components.iter().filter(|of| of.status == Status::Healthy).count();
    let mut checks = vec![Check::ok(
        "health",
        "parts",
        format!("{well} of {} healthy", health.components.len()),
    )];
    for component in health.components.iter().filter(|of| of.status != Status::Healthy) {
        let name = format!("{} {}", component.kind, component.name);
        let found = format!("{}: {}", component.status.as_str(), component.detail);
        let passes = matches!(component.status, Status::Starting | Status::Degraded);
        let is_failure = component.required && !passes;
        let status = if is_failure { CheckStatus::Failed } else { CheckStatus::Advised };
        let advice = component.advice.as_deref().unwrap_or("see its log");
        checks.push(Check::ok("health", name, found).but(status, advice));
    }
    let warned = health.warnings.iter().map(|warning| {
        Check::ok("health", warning.code.replace('_', " "), warning.message.clone())
            .but(CheckStatus::Advised, "see `tier0 health`")
    });
    checks.extend(warned);
    checks
}

#[cfg(test)]
mod tests {
    use api::health::Component;

    use super::*;

    #[test]
    fn what_is_not_well_is_a_check_of_its_own_and_the_worst_stands_first() {
        let of = |name, status| Component::new("queue", name, status, "12 waiting");
        let health = HealthDocument::from_components(
            vec![
                of("a", Status::Healthy),
                of("b", Status::Degraded).advise("more replicas"),
                of("c", Status::Unhealthy),
                of("d", Status::Unhealthy).optional(),
            ],
            String::new(),
        );
        let document = DoctorDocument::new(of_health(&health));
        let told: Vec<(&str, CheckStatus)> =
            document.checks.iter().map(|check| (check.name.as_str(), check.status)).collect();
        assert_eq!(document.status, CheckStatus::Failed);
        assert_eq!(
            told,
            [
                ("queue c", CheckStatus::Failed),
                ("queue b", CheckStatus::Advised),
                ("queue d", CheckStatus::Advised),
                ("parts", CheckStatus::Ok),
            ]
        );
        assert_eq!(DoctorDocument::new(Vec::new()).status, CheckStatus::Ok);
    }
}
