//! Reports: one pure function for each format, from results, or from measurements of the suite, to text.
//!
//! Here lives the look of each format, and what formats share: the matrix, the letters of promises, colours, safe names.
//! Never here: reading or writing files, judging a trial, deciding what is worse than before.
//! Each format has a file of its name with a function `render`; the site is a folder.
//! The files that formats share come first, and each format comes below the files that it uses.

#[cfg(test)]
pub(crate) mod samples;

pub(crate) mod text;
pub(crate) mod shown;
mod names;
pub(crate) mod diff;
mod style;
mod links;
mod fold;
mod versions;
mod promises;
mod scores;
mod runtime;
mod matrix;
mod gaps;
mod doors;
mod differences;
pub(crate) mod python;
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
pub(crate) mod repro;
pub mod compatibility;
pub(crate) mod explain;
pub(crate) mod require;
pub(crate) mod guard;
pub(crate) mod site;
#[cfg(test)]
mod agreement;
