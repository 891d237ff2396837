//! The frame of a page: title, navigation, and where the results come from.

use super::date::day;
use crate::results::{Header, short_hash};

/// The fields that `base.html` shows.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub title: String,
    /// The relative path from the page to the folder of the site.
    pub root: &'static str,
    /// The name of the page in the navigation.
    pub here: &'static str,
    pub header: &'a Header,
    pub incomplete: bool,
    /// The public address of the project; empty until the owner sets it.
    pub address: &'static str,
}

impl Frame<'_> {
    /// Returns the day of the results.
    pub(super) fn day(&self) -> &str {
        day(&self.header.started)
    }

    /// Returns the beginning of the suite's hash.
    pub(super) fn suite(&self) -> &str {
        short_hash(&self.header.suite)
    }
}
