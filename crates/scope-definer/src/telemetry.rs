//! What is counted of requests.

/// Requests, by `outcome`: `accepted` as a run, or `refused`.
const REQUESTS: &str = "tier0_requests_total";

/// Describes the metric, and shows it from the beginning.
pub(crate) fn begin() {
    metrics::describe_counter!(REQUESTS, "Requests that became a run or were refused, by outcome");
    for outcome in ["accepted", "refused"] {
        metrics::counter!(REQUESTS, "outcome" => outcome).absolute(0);
    }
}

/// Counts a request that was settled.
pub(crate) fn settled(refused: bool) {
    let outcome = if refused { "refused" } else { "accepted" };
    metrics::counter!(REQUESTS, "outcome" => outcome).increment(1);
}
