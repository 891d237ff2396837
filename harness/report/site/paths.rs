//! The paths of the site's files, and the anchors in its pages.

use std::fmt::Display;

use crate::report::names::safe;

// Paths from the folder of the site. They are the site's interface: links from elsewhere lead to them.
pub(super) const INDEX: &str = "index.html";
pub(super) const MATRIX: &str = "matrix.html";
pub(super) const FINDINGS: &str = "findings.html";
pub(super) const DOORS: &str = "doors.html";
pub(super) const COMPARE: &str = "compare.html";
pub(super) const CAPABILITIES: &str = "capabilities.html";
pub(super) const GUIDE: &str = "guide/index.html";
pub(super) const ABOUT: &str = "about.html";
pub(super) const DATA: &str = "data/index.html";
pub(super) const RESULTS: &str = "data/results.jsonl";
pub(super) const STYLES: &str = "site.css";
pub(super) const SCRIPT: &str = "site.js";
pub(super) const MATRIX_SCRIPT: &str = "matrix.js";
pub(super) const COMPARE_SCRIPT: &str = "compare.js";
pub(super) const FINDINGS_SCRIPT: &str = "findings.js";
pub(super) const OWN_SCRIPT: &str = "own.js";
pub(super) const TABLE: &str = "data/matrix.js";
pub(super) const DETAILS: &str = "data/compare.js";
pub(super) const PREVIEW: &str = "preview.png";
pub(super) const ICON: &str = "icon.svg";

/// The schema of the results file. It tells a folder with a site of ours from any other folder.
pub(crate) const MARK: &str = "data/results.schema.json";

/// Returns the path of an event's page.
pub(super) fn event_page(slug: impl Display) -> String {
    format!("event/{slug}.html")
}

/// Returns the path of a runtime's page.
pub(super) fn runtime_page(slug: impl Display) -> String {
    format!("runtime/{slug}.html")
}

/// Returns the path of a page of the guide.
pub(super) fn guide_page(name: impl Display) -> String {
    format!("guide/{name}.html")
}

/// Returns the path of a runtime's badge; `end` is that of the file's name.
pub(super) fn badge(slug: impl Display, end: impl Display) -> String {
    format!("badge/{slug}.{end}")
}

/// Returns the anchor of a case on the page of its event.
pub(super) fn case_anchor(case: &str) -> String {
    safe(case)
}

/// Returns the anchor of a door on the page of the doors.
pub(super) fn door_anchor(area: &str, door: &str) -> String {
    format!("{}.{}", safe(area), safe(door))
}

/// Returns the path of the script of a case.
pub(super) fn script(slug: impl Display) -> String {
    format!("script/{slug}.py")
}
