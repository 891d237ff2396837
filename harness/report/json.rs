//! The results as one JSON document, sorted.

use crate::results::Results;

/// Renders the results.
///
/// # Errors
/// Never, as the results hold nothing that JSON cannot.
pub(crate) fn render(results: &Results) -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(results)? + "\n")
}
