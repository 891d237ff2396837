//! The choice of the layout.

use super::cells::Table;
use super::{grid, html, markdown};

/// Returns all tables of a document.
pub fn read(document: &str) -> Vec<Table> {
    match html::is_html(document) {
        true => html::tables(document),
        false => [grid::tables(document), markdown::tables(document)].concat(),
    }
}
