//! Changes: the words for the difference between old and new results.

use crate::suite::words;

words! {
    /// The change of something from the old results to the new ones, in the order of interest.
    Change {
        /// Something that held does not hold any more.
        Worse = "worse",
        /// Only the old results have it.
        Removed = "removed",
        /// It differs, but is neither better nor worse.
        Other = "other",
        /// Something holds that did not hold, and nothing is worse.
        Better = "better",
        /// Only the new results have it.
        Added = "added",
        /// Nothing differs.
        Unchanged = "unchanged",
    }
}
