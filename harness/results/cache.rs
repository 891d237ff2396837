//! Caches: the records of trials that need not run again, and the keys under which they are found. Pure.
//!
//! A key is a digest of everything that a record depends on. Each entry is one line with a sum of its own, so that a
//! damaged entry is not taken.

use std::collections::BTreeMap;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::run::{Standing, TrialRecord};
use crate::runtime::Trial;
use crate::suite::hex;

/// The entries of a runtime: the records of trials by their keys.
#[derive(Debug, Default)]
pub(crate) struct Entries(BTreeMap<String, TrialRecord>);

impl Entries {
    /// Reads the lines of a file. Damaged ones are left out.
    pub(crate) fn read(bytes: &[u8]) -> Entries {
        let lines = bytes.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
        let entry = |line: &str| {
            let (key, record) = unseal(line)?.split_once(' ')?;
            Some((key.to_owned(), serde_json::from_str(record).ok()?))
        };
        Entries(lines.filter_map(entry).collect())
    }

    /// Writes the lines of a file.
    pub(crate) fn write(&self) -> String {
        let line = |(key, record): (&String, &TrialRecord)| format!("{}\n", seal(&format!("{key} {}", json!(record))));
        self.0.iter().map(line).collect()
    }

    /// Returns the record of a trial, marked as one of an earlier run.
    pub(crate) fn get(&self, key: &str) -> Option<TrialRecord> {
        self.0.get(key).map(|record| TrialRecord { cached: true, ..record.clone() })
    }

    /// Adds a record, unless a later run could give another one: what fails, or may, is tried again.
    pub(crate) fn add(&mut self, key: String, record: &TrialRecord) {
        let is_flaky = record.gap.as_ref().is_some_and(|gap| gap.flaky);
        let is_open = matches!(record.standing(), Standing::Failed | Standing::New | Standing::Fixed);
        if !is_flaky && !is_open {
            self.0.insert(key, TrialRecord { cached: false, ..record.clone() });
        }
    }
}

/// Returns the key of a trial: `runtime` is that of its runtime with the options, `case` the digest of its case.
pub(crate) fn key(runtime: &str, case: &str, trial: &Trial) -> String {
    let (file, identity) = (&trial.source.file, &trial.runtime.identity);
    let gaps = format!("{:?}", file.gaps_of(trial.case, identity));
    let own = trial.runtime.own_gaps.as_ref();
    let own =
        own.map(|own| format!("{} {:?} {}", own.name, own.file.applying(file, trial.case, identity), own.excuses_new));
    digest(&json!([runtime, trial.id(), case, gaps, own]).to_string())
}

/// Returns the SHA-256 of a text, in hexadecimal.
pub(crate) fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// Puts the sum of a line in front of it.
pub(crate) fn seal(line: &str) -> String {
    format!("{} {line}", digest(line))
}

/// Returns a line without its sum, if the sum is right.
pub(crate) fn unseal(line: &str) -> Option<&str> {
    let (sum, line) = line.trim_end().split_once(' ')?;
    (digest(line) == sum).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::fixtures::{runtime, suite};
    use crate::suite::Verdict;

    const FILE: &str = "event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\ncases:\n\
                        - {name: c, api: m.f, snippet: f(), expect: [{}]}\n\
                        - {name: d, api: m.f, snippet: f(), expect: [{}]}\n";

    /// Returns the record of a trial of the case `c` with some verdict, and its key.
    fn record(file: &str, verdict: Verdict) -> (String, TrialRecord) {
        let (suite, runtime) = (suite(&[file]), runtime("cpython", "3.13.0", "linux", &[]));
        let source = &suite.files[0];
        let trial = Trial { source, case: &source.file.cases[0], runtime: &runtime };
        (key("r", "c", &trial), TrialRecord::not_run(&trial, verdict, None))
    }

    #[test]
    fn an_entry_is_found_by_its_key_and_a_damaged_one_is_not() {
        let (key, passed) = record(FILE, Verdict::Pass);
        let mut entries = Entries::default();
        entries.add(key.clone(), &passed);
        entries.add("other".to_owned(), &passed);
        let text = entries.write();
        let found = Entries::read(text.as_bytes()).get(&key).expect("an entry");
        assert!(found.cached && !passed.cached);
        assert_eq!((found.id(), found.verdict), (passed.id(), passed.verdict));
        assert_eq!(Entries::read(text.as_bytes()).write(), text);
        let lines: Vec<&str> = text.lines().collect();
        let own = lines.iter().position(|line| line.contains(&key)).expect("a line");
        for damage in [
            lines[own].replace("\"pass\"", "\"missing\""),
            lines[own].replacen(&key[..8], "00000000", 1),
            lines[own][..lines[own].len() - 1].to_owned(),
            lines[own].chars().skip(1).collect(),
            String::new(),
        ] {
            let text = lines.iter().enumerate().map(|(index, line)| if index == own { &damage } else { *line });
            let entries = Entries::read(text.collect::<Vec<_>>().join("\n").as_bytes());
            assert!(entries.get(&key).is_none() && entries.get("other").is_some(), "{damage}");
        }
        let bytes = [b"\xff\n", text.as_bytes()].concat();
        assert!(Entries::read(&bytes).get(&key).is_some(), "a line that is no text harms no other");
    }

    #[test]
    fn what_fails_is_not_kept() {
        for (verdict, is_kept) in
            [(Verdict::Pass, true), (Verdict::Unsupported, true), (Verdict::Missing, false), (Verdict::Timeout, false)]
        {
            let (key, record) = record(FILE, verdict);
            let mut entries = Entries::default();
            entries.add(key.clone(), &record);
            assert_eq!(entries.get(&key).is_some(), is_kept, "{verdict}");
        }
    }

    #[test]
    fn a_key_depends_on_runtime_case_and_known_gaps() {
        let gap = "known-gaps: [{runtime: cpython, cases: [c], verdict: missing, kind: bug, reason: r}]\n";
        let other = gap.replace("cases: [c]", "cases: [d]");
        let (plain, _) = record(FILE, Verdict::Pass);
        assert_ne!(record(&[FILE, gap].concat(), Verdict::Pass).0, plain);
        assert_eq!(record(&[FILE, &other].concat(), Verdict::Pass).0, plain, "a gap of another case");
        let (suite, runtime) = (suite(&[FILE]), runtime("cpython", "3.13.0", "linux", &[]));
        let source = &suite.files[0];
        let trial = Trial { source, case: &source.file.cases[0], runtime: &runtime };
        assert_ne!(key("other", "c", &trial), plain);
        assert_ne!(key("r", "other", &trial), plain);
    }
}
