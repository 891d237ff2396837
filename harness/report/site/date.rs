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

/// The seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// The days after which results are called old.
const WEEK: i64 = 7;

/// Returns the whole days between two times in RFC 3339, if they are more than a week apart.
pub(super) fn days_behind(old: &str, new: &str) -> Option<i64> {
    let [old, new] = [old, new].map(|time| time.parse::<Timestamp>().ok());
    let seconds = new?.as_second() - old?.as_second();
    (seconds > WEEK * DAY).then_some(seconds / DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_in_words() {
        assert_eq!(words("2026-11-29T02:40:11Z"), "29 November 2026, 02:40 UTC");
        assert_eq!((words("soon"), day("2026-11-29T02:40:11Z")), ("soon".to_owned(), "2026-11-29"));
    }

    #[test]
    fn results_are_old_after_more_than_a_week() {
        for (old, days) in [
            ("2026-11-22T12:00:00Z", None),
            ("2026-11-22T11:59:59Z", Some(7)),
            ("2026-10-30T12:00:00+02:00", Some(30)),
            ("2026-12-31T00:00:00Z", None),
            ("soon", None),
        ] {
            assert_eq!(days_behind(old, "2026-11-29T12:00:00Z"), days, "{old}");
        }
    }
}
