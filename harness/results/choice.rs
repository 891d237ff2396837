//! Choices: parts of results, by runtime, case and result.

use std::collections::BTreeSet;

use super::records::Results;
use crate::run::plan::Selection;
use crate::run::{Standing, TrialRecord};
use crate::suite::{Glob, Verdict};

/// A choice of trials. A list that is empty does not limit it.
#[derive(Debug)]
pub(crate) struct Choice<'a> {
    /// Globs over the names of runtimes.
    pub runtimes: &'a [Glob],
    /// The cases.
    pub cases: Selection,
    /// Words of [`result_words`].
    pub results: &'a [String],
}

/// Returns the words for the result of a trial: the verdicts, and then the standings that no verdict has as its word.
pub(crate) fn result_words() -> Vec<String> {
    let verdicts = Verdict::ALL.map(|verdict| verdict.to_string());
    let standings = Standing::ALL.map(|standing| standing.to_string());
    let others: Vec<String> = standings.into_iter().filter(|word| !verdicts.contains(word)).collect();
    [verdicts.to_vec(), others].concat()
}

impl Choice<'_> {
    /// Returns the ids of the cases that have a chosen trial.
    pub(crate) fn ids(&self, results: &Results) -> BTreeSet<String> {
        results.all_trials().filter(|trial| self.has(trial)).map(TrialRecord::id).collect()
    }

    /// Takes the chosen part out of results: the trials, their cases and events, and the runtimes that a glob chooses,
    /// with trials or without.
    pub(crate) fn apply(&self, results: &mut Results) {
        let is_chosen = |name: &String| self.runtimes.iter().any(|glob| glob.matches(name));
        results.runtimes.retain(|runtime| self.runtimes.is_empty() || runtime.names().iter().any(is_chosen));
        let runtimes: BTreeSet<String> = results.runtimes.iter().map(|runtime| runtime.name.clone()).collect();
        results.retain(|trial| runtimes.contains(trial.runtime.as_str()) && self.has(trial));
    }

    /// Tells whether the case and the result of a trial are chosen.
    fn has(&self, trial: &TrialRecord) -> bool {
        let is_word = |word: String| self.results.contains(&word);
        let has_result = || {
            let mut verdicts = [trial.verdict].into_iter().chain(trial.also.iter().copied());
            is_word(trial.standing().to_string()) || verdicts.any(|verdict| is_word(verdict.to_string()))
        };
        self.cases.has_id(&trial.event, &trial.id()) && (self.results.is_empty() || has_result())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::samples::{missing, results, trial};

    #[test]
    fn each_word_is_known_once() {
        let words = result_words();
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
        assert!(
            ["unvetoed", "failed", "known-gap", "fixed", "open"].iter().all(|word| words.contains(&(*word).into()))
        );
    }

    #[test]
    fn a_choice_keeps_what_all_its_lists_name() {
        let glob = |text: &str| Glob::try_from(text.to_owned()).expect("a glob");
        let trials = || {
            vec![
                trial("os.mkdir", "path", "one", &json!({})),
                trial("os.mkdir", "path", "two", &missing("known", "r")),
                trial("os.chmod", "fd", "two", &json!({"verdict": "wrong-args", "also": ["unvetoed"]})),
            ]
        };
        for (runtimes, patterns, words, chosen) in [
            ("", "", "", &["os.mkdir::path one", "os.mkdir::path two", "os.chmod::fd two"][..]),
            ("o*", "", "", &["os.mkdir::path one"]),
            ("", "os.mkdir", "", &["os.mkdir::path one", "os.mkdir::path two"]),
            ("two", "*::path", "", &["os.mkdir::path two"]),
            ("", "", "missing", &["os.mkdir::path two"]),
            ("", "", "known-gap", &["os.mkdir::path two"]),
            ("", "", "failed pass", &["os.mkdir::path one", "os.chmod::fd two"]),
            ("", "", "unvetoed", &["os.chmod::fd two"]),
            ("three", "", "", &[]),
        ] {
            let mut results = results(&["one", "two"], trials());
            let globs = |text: &str| text.split_whitespace().map(glob).collect::<Vec<_>>();
            let (names, words) = (globs(runtimes), words.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
            let choice = Choice { runtimes: &names, cases: Selection::of(&globs(patterns)), results: &words };
            choice.apply(&mut results);
            let found: Vec<_> =
                results.trials.iter().map(|trial| format!("{} {}", trial.id(), trial.runtime)).collect();
            assert_eq!(found, chosen, "{runtimes} {patterns} {words:?}");
        }
    }
}
