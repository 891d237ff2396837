//! Reports: one pure function for each format, from results, or from measurements of the suite, to text.
//!
//! Here lives: how a format looks, and what formats share (the matrix, the words for outcomes, the colours).
//! What never lives here: reading or writing files, judging a trial, deciding what is worse than before.
//! A format's file is named after the format, and its function is called `render`.
//! The first files are shared by formats; each format comes below what it uses.

#[cfg(test)]
mod samples;

mod text;
mod names;
mod diff;
mod style;
mod promises;
mod runtime;
mod matrix;
mod gaps;
mod differences;
pub(crate) mod badge;
pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod github;
pub(crate) mod markdown;
pub(crate) mod summary;
pub mod terminal;
pub(crate) mod changes;
pub(crate) mod differential;
pub(crate) mod coverage;
pub(crate) mod recording;
pub(crate) mod site;
