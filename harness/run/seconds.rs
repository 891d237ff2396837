//! Times in records: they are numbers of seconds that can be written, read and added without loss.

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer};

/// The longest time that a record may have, in seconds. Sums of shorter times in milliseconds are exact.
pub(crate) const LONGEST: f64 = 1e9;

/// Reads a time, which must be a number from 0 to [`LONGEST`].
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    let is_right = (0.0..=LONGEST).contains(&seconds);
    is_right
        .then_some(seconds)
        .ok_or_else(|| D::Error::invalid_value(Unexpected::Float(seconds), &"a number of seconds from 0 to 1000000000"))
}
