//! Parts: how much of the suite a run selects, and which parts are missing beside others. Pure.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::run::plan::Selection;
use crate::run::shard::Shard;
use crate::suite::Glob;

/// A part of the suite. Without any limit, it is all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Part {
    /// The patterns that cases match, if not all of them do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<String>,
    /// Whether there are only cases with an unexpected result in an earlier run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
    /// The shard of these cases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
}

/// Parts of the suite that somebody has.
pub(crate) type Parts = BTreeSet<Part>;

impl Part {
    /// Returns the part of which it may be a shard.
    fn whole(&self) -> Part {
        Part { shard: None, ..self.clone() }
    }
}

/// Names the part in words for an error.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shard = self.shard.map(|shard| format!("shard {shard}"));
        let patterns = (!self.patterns.is_empty()).then(|| self.patterns.join(" "));
        let failed = self.failed.then(|| "failures of an earlier run".to_owned());
        let words: Vec<String> = [shard, patterns, failed].into_iter().flatten().collect();
        f.write_str(&if words.is_empty() { "the whole suite".to_owned() } else { words.join(" of ") })
    }
}

/// Returns the record of the part that is selected.
pub(crate) fn selected(selection: &Selection) -> Vec<Part> {
    let patterns: BTreeSet<&str> = selection.patterns.iter().map(Glob::as_str).collect();
    let patterns = patterns.into_iter().map(str::to_owned).collect();
    to_record(&joined(Parts::from([Part { patterns, failed: selection.trials.is_some(), shard: selection.shard }])))
}

/// Reads parts from a record, where no part is the whole suite.
pub(super) fn from_record(parts: &[Part]) -> Parts {
    if parts.is_empty() { Parts::from([Part::default()]) } else { parts.iter().cloned().collect() }
}

/// Writes parts for a record.
pub(super) fn to_record(parts: &Parts) -> Vec<Part> {
    parts.iter().filter(|part| **part != Part::default()).cloned().collect()
}

/// Returns the fewest parts that say the same: all shards are the part itself, and the whole suite has all others.
pub(super) fn joined(mut parts: Parts) -> Parts {
    let complete = |part: &&Part| part.shard.is_some() && siblings(part).iter().all(|sibling| parts.contains(sibling));
    let complete: Vec<Part> = parts.iter().filter(complete).map(Part::whole).collect();
    parts.extend(complete);
    let all = parts.clone();
    let is_covered =
        |part: &Part| all.contains(&Part::default()) || part.shard.is_some() && all.contains(&part.whole());
    parts.retain(|part| *part == Part::default() || !is_covered(part));
    parts
}

/// Returns the shards that are missing beside those of the same cases and the same count.
pub(super) fn missing(parts: &Parts) -> Parts {
    let siblings = parts.iter().filter(|part| part.shard.is_some()).flat_map(siblings);
    siblings.filter(|sibling| !parts.contains(sibling)).collect()
}

/// Returns all shards of the same cases, the own one too.
fn siblings(part: &Part) -> Vec<Part> {
    let shards = part.shard.iter().flat_map(|shard| shard.all());
    shards.map(|shard| Part { shard: Some(shard), ..part.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads parts such as `1/3 os.*`.
    fn parts(texts: &str) -> Parts {
        let part = |text: &str| {
            let (shard, pattern) = text.split_once(' ').unwrap_or((text, ""));
            let patterns = Some(pattern.to_owned()).filter(|pattern| !pattern.is_empty()).into_iter().collect();
            Part { patterns, failed: false, shard: shard.parse().ok() }
        };
        texts.split(", ").filter(|text| !text.is_empty()).map(part).collect()
    }

    #[test]
    fn all_shards_are_the_whole_and_others_are_missing() {
        for (given, short, lacking) in [
            ("-", "-", ""),
            ("1/1", "-", ""),
            ("1/2, 2/2", "-", ""),
            ("1/3, 3/3", "1/3, 3/3", "2/3"),
            ("1/3, 1/2", "1/3, 1/2", "2/3, 3/3, 2/2"),
            ("1/3, 1/2, 2/2", "-", ""),
            ("-, 1/3", "-", ""),
            ("-, 1/3 os.*, - os.*", "-", ""),
            ("1/2 os.*, 2/2 os.*", "- os.*", ""),
            ("1/2 os.*, 2/2", "1/2 os.*, 2/2", "2/2 os.*, 1/2"),
            ("- os.*, 1/2", "- os.*, 1/2", "2/2"),
        ] {
            let found = joined(parts(given));
            assert_eq!(found, parts(short), "{given}");
            assert_eq!(missing(&found), parts(lacking), "{given}");
            assert_eq!(from_record(&to_record(&found)), found, "{given}");
        }
    }

    #[test]
    fn a_part_is_named_in_words() {
        let names = ["-", "1/3", "- os.*", "2/3 os.*"].map(|text| parts(text).first().expect("a part").to_string());
        assert_eq!(names, ["the whole suite", "shard 1/3", "os.*", "shard 2/3 of os.*"]);
    }
}
