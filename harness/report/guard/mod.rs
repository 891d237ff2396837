//! The answer to the question how good a user's hook is, in each format. Pure.
//!
//! `parts` has what all formats show. The page of HTML is in `site`, with whose look it is shown.

pub(in crate::report) mod parts;
pub(crate) mod terminal;
pub(crate) mod markdown;
pub(crate) mod junit;
