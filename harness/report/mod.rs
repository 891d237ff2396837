//! Reports: one pure function for each format, from results, or from what was measured of the suite, to text.

pub mod badge;
pub mod changes;
pub mod coverage;
pub mod csv;
pub mod diff;
pub mod differential;
mod gaps;
pub mod github;
pub mod json;
pub mod junit;
pub mod markdown;
mod matrix;
pub mod recording;
pub mod site;
pub mod summary;
pub mod terminal;
mod text;
