//! Tables in documents: rows of cells, without their heads.
//!
//! Three layouts are read, as Python's documentation comes in these: HTML; the grid of its text archives, which Sphinx
//! writes; and Markdown, as converters and copies make it of HTML, whose rows may break over lines.
//! Nothing here knows what a table is about.

mod cells;
mod html;
mod grid;
mod markdown;
mod document;

pub use cells::{Table, arguments};
pub use document::read;
