//! Badges: for each runtime an image, and JSON for a badge from shields.io.

use serde_json::json;

use super::names::Names;
use crate::results::{Results, RuntimeRecord, Score};

const LABEL: &str = "audit events";

/// Renders the badges of all runtimes that were tested, each with the name of its file.
pub(crate) fn render(results: &Results) -> Vec<(String, String)> {
    let names = Names::new(results.runtimes.iter().map(|runtime| runtime.name.as_str()));
    let files = |(runtime, badge): (&RuntimeRecord, Badge)| {
        let name = names.of(&runtime.name).to_owned();
        badge.files().map(|(end, text)| (format!("{name}.{end}"), text))
    };
    badges(results).flat_map(files).collect()
}

/// Returns the badge of each runtime that was tested.
pub(super) fn badges(results: &Results) -> impl Iterator<Item = (&RuntimeRecord, Badge)> {
    let tested = results.runtimes.iter().filter(|runtime| runtime.probe.is_some());
    let scores = Score::by_runtime(results);
    tested.map(move |runtime| (runtime, Badge::new(scores[&*runtime.name])))
}

/// The badge of one runtime.
pub(super) struct Badge {
    message: String,
    /// The name of the colour for shields.io, and its value.
    colour: (&'static str, &'static str),
}

impl Badge {
    fn new(score: Score) -> Badge {
        let message = match score.run() {
            0 => "not tested".to_owned(),
            run => format!("{} of {run} cases", score.passed),
        };
        Badge { message, colour: colour(score) }
    }

    /// Returns the badge in each of its forms, with the end of the file's name.
    pub(super) fn files(&self) -> [(&'static str, String); 2] {
        [("json", self.json()), ("svg", self.svg())]
    }

    fn json(&self) -> String {
        let (colour, _) = self.colour;
        format!("{:#}\n", json!({"schemaVersion": 1, "label": LABEL, "message": self.message, "color": colour}))
    }

    fn svg(&self) -> String {
        let (left, right) = (width(LABEL), width(&self.message));
        let (whole, middle) = (left + right, left + right / 2);
        let (message, (_, colour)) = (&self.message, self.colour);
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" aria-label="{LABEL}: {message}">
<title>{LABEL}: {message}</title>
<clipPath id="r"><rect width="{whole}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#444"/><rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle"><text x="{}" y="14">{LABEL}</text><text x="{middle}" y="14">{message}</text></g>
</svg>
"##,
            left / 2
        )
    }
}

/// Returns the width of a text of digits and small letters, with a margin, in pixels.
fn width(text: &str) -> usize {
    text.len() * 7 + 10
}

/// Returns the colour for a ratio. White letters can be read on each value.
fn colour(score: Score) -> (&'static str, &'static str) {
    match (score.passed * 100).checked_div(score.run()) {
        None => ("lightgrey", "#767676"),
        Some(100) => ("brightgreen", "#1a7f37"),
        Some(90..) => ("green", "#3d7a1d"),
        Some(75..) => ("yellowgreen", "#6b7010"),
        Some(50..) => ("yellow", "#8a6100"),
        Some(25..) => ("orange", "#b04a00"),
        Some(_) => ("red", "#c0242b"),
    }
}
