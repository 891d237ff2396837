//! Reports: one pure function for each format, from results, or from what was measured of the suite, to text.

pub mod coverage;
pub mod csv;
pub mod json;
mod matrix;
pub mod site;
pub mod terminal;
