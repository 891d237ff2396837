//! Variants: configurations in which an interpreter is a runtime of its own, such as its development mode.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::interpreter::{Launch, Runtime};
use crate::suite::{Need, Versions};

/// A configuration in which interpreters can be started.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its name, which follows that of the interpreter: `cpython-3.15.2+dev`.
    #[cfg_attr(test, schemars(regex(pattern = "^[A-Za-z0-9-]+$")))]
    pub name: String,
    /// Options of the interpreter. They come before all others, and are in force for cases with `invoke` too.
    #[serde(default)]
    pub args: Vec<String>,
    /// Additions to its environment. If one is of Python itself, `-s -P` stands for `-I`, which would ignore it. This
    /// needs Python 3.11.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// The language versions that have it; all when left out.
    #[serde(default)]
    pub python: Versions,
    /// Things that the interpreter must have for it, as cases name them.
    #[serde(default)]
    pub needs: Vec<Need>,
}

impl Variant {
    /// The word that stands for all variants.
    pub(crate) const ALL: &str = "all";

    /// Tells whether its name can be told from everything else in the name of a runtime.
    pub(super) fn is_well_named(&self) -> bool {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !self.name.is_empty() && self.name != Variant::ALL && self.name.chars().all(is_part)
    }

    /// Tells whether an interpreter, probed without the variant, can be started in it. A launcher that serves gives its
    /// own options to no interpreter.
    pub fn suits(&self, runtime: &Runtime) -> bool {
        let can_have = runtime.probe.audit && !runtime.launch.serves;
        can_have && self.python.contain(&runtime.identity.language) && self.needs.iter().all(|need| runtime.has(need))
    }

    /// Returns how to start an interpreter in the variant.
    pub fn of(&self, runtime: &Runtime) -> Launch {
        let launch = runtime.launch.clone();
        let is_read = self.env.keys().any(|name| name.starts_with("PYTHON"));
        let args = launch.args.iter().flat_map(|arg| match arg.as_str() {
            "-I" if is_read => vec!["-s".to_owned(), "-P".to_owned()],
            _ => vec![arg.clone()],
        });
        Launch {
            name: Some(runtime.name().to_owned()),
            variant: Some(self.name.clone()),
            command: [launch.command.as_slice(), &self.args].concat(),
            args: args.collect(),
            env: launch.env.into_iter().chain(self.env.clone()).collect(),
            alias: runtime.probe.alias(),
            ..launch
        }
    }
}
