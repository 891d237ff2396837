//! Trials: one case on one runtime.

use super::interpreter::Runtime;
use crate::suite::{Case, Source};

/// One case on one runtime.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    /// The file of the case.
    pub source: &'a Source,
    /// The case.
    pub case: &'a Case,
    /// The runtime.
    pub runtime: &'a Runtime,
}

impl Trial<'_> {
    /// Returns the id of its case: `EVENT::NAME`.
    pub fn id(&self) -> String {
        self.source.file.id(self.case)
    }
}
