//! Which runtime of the old results is compared with which of the new ones.

use std::collections::BTreeSet;

use crate::results::records::{Results, RuntimeRecord};

/// Why two results cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// A mapping names a runtime that is not there.
    #[error("the {side} results have no runtime {name:?}, but {}", list(known))]
    Unknown {
        /// `old` or `new`.
        side: &'static str,
        /// The name.
        name: String,
        /// Those that are there.
        known: Vec<String>,
    },
    /// A runtime is mapped twice.
    #[error("the {side} results' runtime {name:?} is mapped twice")]
    Twice {
        /// `old` or `new`.
        side: &'static str,
        /// The name.
        name: String,
    },
    /// No trial is in both.
    #[error(
        "no trial is in both: the old results are of {}, the new ones of {}\n  hint: --map OLD=NEW compares runtimes of different names",
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

/// A runtime as the old and as the new results have it.
pub(super) type Pair<'a> = (Option<&'a RuntimeRecord>, Option<&'a RuntimeRecord>);

/// Makes sure that a map fits and there are runtimes to compare, before the new results have their trials.
///
/// # Errors
/// When the map does not fit, or no runtime is in both.
pub fn check(old: &Results, new: &Results, map: &[(String, String)]) -> Result<(), CompareError> {
    let pairs = pair(&old.runtimes, &new.runtimes, map)?;
    let has_both = pairs.iter().any(|(was, is)| was.is_some() && is.is_some());
    has_both.then_some(()).ok_or_else(|| CompareError::nothing(old, new))
}

/// Pairs the runtimes of two results.
pub(super) fn pair<'a>(
    old: &'a [RuntimeRecord],
    new: &'a [RuntimeRecord],
    map: &[(String, String)],
) -> Result<Vec<Pair<'a>>, CompareError> {
    let olds: Vec<&String> = map.iter().map(|(name, _)| name).collect();
    let news: Vec<&String> = map.iter().map(|(_, name)| name).collect();
    check_names("old", &olds, old)?;
    check_names("new", &news, new)?;
    let find = |name: &str| old.iter().find(|runtime| runtime.name == name);
    let was = |is: &RuntimeRecord| match map.iter().find(|(_, name)| *name == is.name) {
        Some((name, _)) => find(name),
        None => find(&is.name).filter(|was| !olds.contains(&&was.name)),
    };
    let mut pairs: Vec<Pair> = new.iter().map(|is| (was(is), Some(is))).collect();
    if let ([was], [(None, Some(is))], []) = (old, pairs.as_slice(), map) {
        return Ok(vec![(Some(was), Some(*is))]);
    }
    let paired: BTreeSet<&str> = pairs.iter().filter_map(|(was, _)| *was).map(|was| was.name.as_str()).collect();
    let alone = old.iter().filter(|was| !paired.contains(was.name.as_str()));
    pairs.extend(alone.map(|was| (Some(was), None)));
    Ok(pairs)
}

/// Checks that mapped names are there, and no two the same.
fn check_names(side: &'static str, names: &[&String], runtimes: &[RuntimeRecord]) -> Result<(), CompareError> {
    for (index, name) in names.iter().enumerate() {
        if !runtimes.iter().any(|runtime| runtime.name == **name) {
            let known = runtimes.iter().map(|runtime| runtime.name.clone()).collect();
            return Err(CompareError::Unknown { side, name: (*name).clone(), known });
        }
        if names[..index].contains(name) {
            return Err(CompareError::Twice { side, name: (*name).clone() });
        }
    }
    Ok(())
}
