//! Pairs of runtimes: each runtime of the new results, and the one of the old results that it is compared with.

use std::collections::BTreeSet;

use crate::results::records::{Results, RuntimeRecord};
use crate::suite::did_you_mean;

/// Why two results cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The map names a runtime that the results do not have.
    #[error("unknown runtime {name:?} in the {side} results; they have {}{}", list(known), did_you_mean(name, known))]
    Unknown {
        /// `old` or `new`.
        side: &'static str,
        /// The name.
        name: String,
        /// The names of the runtimes in the results.
        known: Vec<String>,
    },
    /// The map names a runtime twice.
    #[error("the map names the {side} runtime {name:?} twice")]
    Twice {
        /// `old` or `new`.
        side: &'static str,
        /// The name.
        name: String,
    },
    /// The results have no trial in common.
    #[error(
        "the results have no trial in common: the old ones are of {}, the new ones of {}\n  hint: --map OLD=NEW compares runtimes of different names",
        list(old),
        list(new)
    )]
    Nothing {
        /// The old runtimes.
        old: Vec<String>,
        /// The new ones.
        new: Vec<String>,
    },
}

impl CompareError {
    pub(super) fn nothing(old: &Results, new: &Results) -> CompareError {
        let names = |results: &Results| results.runtimes.iter().map(|runtime| runtime.name.clone()).collect();
        CompareError::Nothing { old: names(old), new: names(new) }
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "no runtime".to_owned() } else { names.join(", ") }
}

/// A runtime in the old and in the new results.
pub(super) type Pair<'a> = (Option<&'a RuntimeRecord>, Option<&'a RuntimeRecord>);

/// Checks that there are runtimes to compare, before the new results have trials.
///
/// # Errors
/// When the map names an unknown runtime or one runtime twice, or when no runtime is in both results.
pub(crate) fn check_runtimes(old: &Results, new: &Results, map: &[(String, String)]) -> Result<(), CompareError> {
    let pairs = pair(&old.runtimes, &new.runtimes, map)?;
    let has_both = pairs.iter().any(|(old, new)| old.is_some() && new.is_some());
    has_both.then_some(()).ok_or_else(|| CompareError::nothing(old, new))
}

/// Pairs the runtimes of two results.
pub(super) fn pair<'a>(
    old: &'a [RuntimeRecord],
    new: &'a [RuntimeRecord],
    map: &[(String, String)],
) -> Result<Vec<Pair<'a>>, CompareError> {
    let mapped_olds = called("old", map.iter().map(|(name, _)| name), old)?;
    let mapped_news = called("new", map.iter().map(|(_, name)| name), new)?;
    let is_mapped = |old: &&RuntimeRecord| mapped_olds.iter().any(|mapped| mapped.name == old.name);
    let partner = |runtime: &RuntimeRecord| match mapped_news.iter().position(|mapped| mapped.name == runtime.name) {
        Some(index) => Some(mapped_olds[index]),
        None => runtime.names().iter().find_map(|name| named(old, name)).filter(|old| !is_mapped(old)),
    };
    let mut pairs: Vec<Pair> = new.iter().map(|runtime| (partner(runtime), Some(runtime))).collect();
    if let ([old], [(None, Some(new))], []) = (old, pairs.as_slice(), map) {
        return Ok(vec![(Some(old), Some(*new))]);
    }
    let paired: BTreeSet<&str> = pairs.iter().filter_map(|(old, _)| *old).map(|old| old.name.as_str()).collect();
    let removed = old.iter().filter(|old| !paired.contains(old.name.as_str()));
    pairs.extend(removed.map(|old| (Some(old), None)));
    Ok(pairs)
}

fn named<'a>(runtimes: &'a [RuntimeRecord], name: &str) -> Option<&'a RuntimeRecord> {
    runtimes.iter().find(|runtime| runtime.name == name)
}

/// Returns the runtimes that one side of a map names. Each must be there, and none may occur twice.
fn called<'a, 'm>(
    side: &'static str,
    names: impl Iterator<Item = &'m String>,
    runtimes: &'a [RuntimeRecord],
) -> Result<Vec<&'a RuntimeRecord>, CompareError> {
    let mut found = Vec::<&RuntimeRecord>::new();
    for name in names {
        let by_alias = || runtimes.iter().find(|runtime| runtime.names().contains(name));
        let Some(runtime) = named(runtimes, name).or_else(by_alias) else {
            let known = runtimes.iter().map(|runtime| runtime.name.clone()).collect();
            return Err(CompareError::Unknown { side, name: name.clone(), known });
        };
        if found.iter().any(|other| other.name == runtime.name) {
            return Err(CompareError::Twice { side, name: name.clone() });
        }
        found.push(runtime);
    }
    Ok(found)
}
