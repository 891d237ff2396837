//! Advice: the words of a door for the people who write monitors, and the names in the ids of doors.

use serde::{Deserialize, Serialize};

/// The prefix of the names that stand for events in the ids of doors.
pub(super) const DOORS: &str = "doors.";

/// Tells whether a name stands for the doors of an area. It is not the name of an event.
pub fn is_door(event: &str) -> bool {
    event.starts_with(DOORS)
}

/// Returns the area of doors from the name that stands for an event.
pub fn area(event: &str) -> &str {
    event.strip_prefix(DOORS).unwrap_or(event)
}

/// The words of a door for the people who write monitors.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Advice {
    /// The harm that somebody can do through the door.
    pub why: String,
    /// The thing that a monitor can watch or do instead.
    pub instead: String,
    /// The events of which one could think that they tell of the operation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
}
