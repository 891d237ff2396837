//! Reports: one pure function for each format, from results to text.

pub mod csv;
pub mod json;
mod matrix;
pub mod terminal;
