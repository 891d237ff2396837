//! The dates of runs.

use jiff::Timestamp;

/// Returns the day of a time in RFC 3339.
pub(super) fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or_default()
}

/// Returns a time in RFC 3339 in words: `29 November 2026, 12:40 UTC`. A text that is not a time stays as it is.
pub(super) fn words(time: &str) -> String {
    let parsed: Result<Timestamp, _> = time.parse();
    parsed.map_or_else(|_| time.to_owned(), |time| time.strftime("%-d %B %Y, %H:%M UTC").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_in_words() {
        assert_eq!(words("2026-11-29T02:40:11Z"), "29 November 2026, 02:40 UTC");
        assert_eq!((words("soon"), day("2026-11-29T02:40:11Z")), ("soon".to_owned(), "2026-11-29"));
    }
}
