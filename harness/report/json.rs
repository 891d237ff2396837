//! The results as one JSON document, sorted.

use crate::results::Results;

/// Renders the results.
///
/// # Errors
/// Never, as JSON can hold all values of results.
pub(crate) fn render(results: &Results) -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(results)? + "\n")
}
