//! The frame of a page: title, navigation, and where the results come from.

use super::date;
use crate::results::{Header, short_hash};

/// The fields that `base.html` shows.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub title: String,
    /// A sentence for search engines and previews.
    pub about: String,
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
    /// Returns the time of the results in words.
    pub(super) fn started(&self) -> String {
        date::words(&self.header.started)
    }

    /// Returns the beginning of the suite's hash.
    pub(super) fn suite(&self) -> &str {
        short_hash(&self.header.suite)
    }

    /// Returns the pages of the navigation: the name in `here`, the path and the title.
    pub(super) fn pages() -> [(&'static str, &'static str, &'static str); 8] {
        use super::paths;
        [
            ("events", paths::MATRIX, "Matrix"),
            ("compare", paths::COMPARE, "Compare"),
            ("findings", paths::FINDINGS, "Findings"),
            ("capabilities", paths::CAPABILITIES, "Capabilities"),
            ("doors", paths::DOORS, "Doors"),
            ("guide", paths::GUIDE, "Guide"),
            ("about", paths::ABOUT, "About"),
            ("data", paths::DATA, "Data"),
        ]
    }
}
