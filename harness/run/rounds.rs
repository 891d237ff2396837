//! Rounds: the one record of a trial that was run several times.

use std::collections::BTreeMap;

use super::outcome::Standing;
use super::record::TrialRecord;

/// The records of a trial, one for each round that has ended.
#[derive(Debug, Default)]
pub struct Rounds(Vec<TrialRecord>);

impl Rounds {
    /// Adds the record of a round, and returns how many there are.
    pub fn add(&mut self, record: TrialRecord) -> usize {
        self.0.push(record);
        self.0.len()
    }

    /// Returns the worst record of so many rounds, or nothing if no round has ended. It says if there are fewer. If the rounds did not all end alike, its reason says how
    /// many ended in each way. Its time is that of all rounds.
    pub fn join(self, wanted: u16) -> Option<TrialRecord> {
        let cut = self.0.len() < usize::from(wanted);
        let seconds = self.0.iter().map(|record| record.seconds).sum();
        let mut counts = BTreeMap::<String, usize>::new();
        self.0.iter().for_each(|record| *counts.entry(record.outcome()).or_default() += 1);
        let worst = self.0.into_iter().max_by_key(|record| (severity(record.standing()), record.verdict))?;
        let note = (counts.len() > 1).then(|| {
            let counts: Vec<String> = counts.iter().map(|(outcome, count)| format!("{count} × {outcome}")).collect();
            format!("the rounds differ: {}", counts.join(", "))
        });
        let reason = [note, worst.reason.clone()].into_iter().flatten().collect::<Vec<_>>().join("; ");
        Some(TrialRecord { seconds, reason: Some(reason).filter(|reason| !reason.is_empty()), cut, ..worst })
    }
}

/// Returns how much a standing says against a runtime: the more, the higher.
fn severity(standing: Standing) -> u8 {
    match standing {
        Standing::Skipped | Standing::Unsupported => 0,
        Standing::Passed | Standing::Open => 1,
        Standing::Closed => 2,
        Standing::Known => 3,
        Standing::New => 4,
        Standing::Fixed => 5,
        Standing::Failed => 6,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::samples::{missing, trial};

    #[test]
    fn the_worst_round_counts_and_says_how_the_others_ended() {
        let fixed = || json!({"gap": {"state": "fixed", "kind": "bug", "reason": "r"}});
        let lost = || json!({"verdict": "timeout", "reason": "its deadline passed"});
        for (rounds, outcome, reason) in [
            (vec![json!({})], "pass", None),
            (vec![json!({}), json!({})], "pass", None),
            (vec![lost()], "timeout", Some("its deadline passed")),
            (vec![lost(), lost()], "timeout", Some("its deadline passed")),
            (
                vec![json!({}), lost(), json!({})],
                "timeout",
                Some("the rounds differ: 2 × pass, 1 × timeout; its deadline passed"),
            ),
            (vec![fixed(), missing("known", "r")], "fixed", Some("the rounds differ: 1 × fixed, 1 × missing")),
            (
                vec![json!({"verdict": "closed"}), json!({"verdict": "open"})],
                "closed",
                Some("the rounds differ: 1 × closed, 1 × open"),
            ),
        ] {
            let mut all = Rounds::default();
            let add = |round: &Value| all.add(TrialRecord { seconds: 1.5, ..trial("os.mkdir", "path", "one", round) });
            assert_eq!(rounds.iter().map(add).last(), Some(rounds.len()));
            let joined = all.join(2).expect("a record");
            assert_eq!(joined.cut, rounds.len() < 2);
            assert_eq!((joined.outcome().as_str(), joined.reason.as_deref()), (outcome, reason));
            assert!((joined.seconds - 1.5 * f64::from(u8::try_from(rounds.len()).expect("few"))).abs() < 1e-9);
        }
        assert!(Rounds::default().join(1).is_none());
    }
}
