//! Tables in documents: rows of cells, without their heads.
//!
//! Python's documentation has tables in three layouts: HTML; the grid that Sphinx writes into text archives; and the
//! Markdown that a converter or a copy makes of HTML. A row of Markdown may take several lines.
//! Nothing here knows what a table is about.

mod cells;
mod html;
mod grid;
mod markdown;
mod document;

pub use cells::{Table, arguments};
pub use document::read;
