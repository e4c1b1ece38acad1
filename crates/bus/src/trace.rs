//! W3C trace context in message headers.

use std::fmt;
use std::str::FromStr;

use crate::Headers;

/// Header of the trace's parent.
pub const TRACEPARENT: &str = "traceparent";
/// Header of what vendors add.
pub const TRACESTATE: &str = "tracestate";

/// The parent of what a message causes: `00-TRACE-SPAN-FLAGS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    /// Identifier of the trace, 128 bits.
    pub trace_id: u128,
    /// The span that sent the message.
    pub span_id: u64,
    /// Whether the trace is recorded.
    pub sampled: bool,
}

/// A header that is no trace context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a W3C traceparent; expected 00-<32 hex digits>-<16 hex digits>-<2 hex digits>")]
pub struct ParseTraceParentError;

impl FromStr for TraceParent {
    type Err = ParseTraceParentError;

    fn from_str(text: &str) -> Result<Self, ParseTraceParentError> {
        let mut parts = text.trim().split('-');
        let version = part(parts.next(), 2)?;
        let trace_id = part(parts.next(), 32)?;
        let span_id = u64::try_from(part(parts.next(), 16)?).map_err(|_| ParseTraceParentError)?;
        let flags = part(parts.next(), 2)?;
        // Later versions may add parts; version 0 has none, and 255 is forbidden.
        let extra = parts.next().is_some();
        if version == 0xff || (version == 0 && extra) || trace_id == 0 || span_id == 0 {
            return Err(ParseTraceParentError);
        }
        Ok(Self { trace_id, span_id, sampled: flags & 1 == 1 })
    }
}

fn part(text: Option<&str>, digits: usize) -> Result<u128, ParseTraceParentError> {
    let text = text.filter(|text| text.len() == digits).ok_or(ParseTraceParentError)?;
    if !text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return Err(ParseTraceParentError);
    }
    u128::from_str_radix(text, 16).map_err(|_| ParseTraceParentError)
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, u8::from(self.sampled))
    }
}

/// Puts the trace's parent into headers.
pub fn inject(headers: &mut Headers, parent: TraceParent) {
    headers.insert(TRACEPARENT, parent.to_string().as_str());
}

/// The trace's parent in headers; none where it is missing or malformed.
pub fn extract(headers: &Headers) -> Option<TraceParent> {
    headers.get(TRACEPARENT)?.as_str().parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_parent_survives_the_headers() {
        let parent = TraceParent { trace_id: 0xabc, span_id: 0x12, sampled: true };
        let mut headers = Headers::new();
        inject(&mut headers, parent);
        assert_eq!(
            headers.get(TRACEPARENT).unwrap().as_str(),
            "00-00000000000000000000000000000abc-0000000000000012-01"
        );
        assert_eq!(extract(&headers), Some(parent));
    }

    #[test]
    fn malformed_parents_are_ignored() {
        for text in [
            "",
            "00",
            "00-0-0-00",
            "ff-00000000000000000000000000000abc-0000000000000012-01",
            "00-00000000000000000000000000000000-0000000000000012-01",
            "00-00000000000000000000000000000ABC-0000000000000012-01",
            "00-00000000000000000000000000000abc-0000000000000012-01-extra",
        ] {
            assert_eq!(text.parse::<TraceParent>(), Err(ParseTraceParentError), "{text}");
        }
    }
}
