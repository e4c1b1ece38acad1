//! What was changed in the registry and at endpoints, by whom: the whole ledger, page by page.

use registry::history::LedgerFilter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::history::{HistoryDocument, time};
use crate::query::limit;
use crate::{Broker, Error, Query};

/// A page of the ledger of changes, the latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListAudit {
    /// Changes at this time or later only, as in RFC 3339.
    #[schemars(extend("format" = "date-time", "examples" = ["2026-11-25T12:00:00Z"]))]
    pub since: Option<String>,
    /// Changes by this actor only, such as `token/ci`.
    pub actor: Option<String>,
    /// Changes before this place in the ledger; the latest where it is left out.
    pub before: Option<u64>,
    /// Most changes, 1 to 1000; 100 where it is left out.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<usize>,
}

impl Query for ListAudit {
    const ROUTE: &'static str = "/api/v1/audit";
    const EXPECTED: &'static str = "since (a time as in RFC 3339), actor, before (a place in the ledger) and limit (1 to 1000), all optional";
    type Answer = HistoryDocument;

    async fn read(&self, broker: &Broker) -> Result<HistoryDocument, Error> {
        let filter = LedgerFilter {
            since: self.since.as_deref().map(|text| time("since", text)).transpose()?,
            by: self.actor.clone(),
            before: self.before,
        };
        Ok((&broker.registry.ledger_page(&filter, limit(self.limit)?).await?).into())
    }
}
