//! The explanation of a verdict: its meaning, and the known gaps that have it.

use std::collections::BTreeMap;

use super::gaps::{self, Group};
use crate::report::fold::folded;
use crate::report::style::{HEAD, paint};
use crate::suite::{EventFile, Suite, Verdict};

/// Explains a verdict.
pub(super) fn render(verdict: Verdict, suite: &Suite) -> String {
    let mut runtimes = BTreeMap::<(bool, String), Vec<(&EventFile, Group)>>::new();
    for file in suite.files.iter().map(|source| &source.file) {
        for group in gaps::groups(file).into_iter().filter(|group| group.verdict == verdict) {
            runtimes.entry(group.place()).or_default().push((file, group));
        }
    }
    let mut text = format!("{}\n\n{}", paint(HEAD, verdict), folded("", verdict.meaning(), 0));
    text += &parts(verdict);
    for ((_, runtime), groups) in runtimes {
        let head = format!("Known gaps of {runtime} ({})", groups.len());
        text += &format!("\n{}\n{}", paint(HEAD, head), gaps::list(groups.iter()));
    }
    text
}

/// Explains the words that stand behind the events in the lists below.
fn parts(verdict: Verdict) -> String {
    let words = match verdict {
        Verdict::WrongArgs => "Behind an event stand the names of the wrong arguments.",
        Verdict::Unvetoed => {
            "Behind an event stand the parts that fail. `effect`: the operation happens all the same. `exception`: the \
             exception of the hook does not reach the caller."
        }
        Verdict::ColdOnly => "Behind an event stand the parts that hot code breaks.",
        _ => return String::new(),
    };
    folded("", words, 0)
}
