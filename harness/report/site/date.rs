//! The dates of runs.

/// Returns the day of a time in RFC 3339.
pub(super) fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or_default()
}
