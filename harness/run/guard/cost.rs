//! The cost of a hook: the time of operations with it, compared with no hook and with an empty one.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::agent::Timed;

/// The times of operations in one round, each in a process of its own. Rounds follow each other, so that a machine that
/// becomes slower makes all three slower.
#[derive(Debug, Clone)]
pub struct Round {
    /// Those without a hook.
    pub none: BTreeMap<String, Timed>,
    /// Those with a hook that does nothing.
    pub empty: BTreeMap<String, Timed>,
    /// Those with the user's hook.
    pub hook: BTreeMap<String, Timed>,
}

/// The time of one operation, the median of all rounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Cost {
    /// The operation.
    pub operation: String,
    /// The seconds that it takes without a hook.
    pub seconds: f64,
    /// The time with an empty hook, as a multiple of that without one.
    pub empty: f64,
    /// The time with the user's hook, as a multiple of that without one; null if the hook denies the operation.
    pub hook: Option<f64>,
    /// The exception of a hook that denies the operation.
    pub objection: Option<String>,
}

/// Returns the cost of each operation that every round has.
pub fn costs(rounds: &[Round]) -> Vec<Cost> {
    let operations = rounds.first().map(|round| round.none.keys()).into_iter().flatten();
    operations.filter_map(|operation| cost(operation, rounds)).collect()
}

fn cost(operation: &str, rounds: &[Round]) -> Option<Cost> {
    let seconds = |times: &BTreeMap<String, Timed>| times.get(operation).and_then(|timed| timed.seconds);
    let none: Vec<f64> = rounds.iter().map(|round| seconds(&round.none)).collect::<Option<_>>()?;
    let multiple = |of: fn(&Round) -> &BTreeMap<String, Timed>| {
        let times = rounds.iter().zip(&none).map(|(round, none)| Some(seconds(of(round))? / none));
        times.collect::<Option<Vec<f64>>>().and_then(median)
    };
    Some(Cost {
        operation: operation.to_owned(),
        seconds: median(none.clone())?,
        empty: multiple(|round| &round.empty)?,
        hook: multiple(|round| &round.hook),
        objection: rounds.iter().find_map(|round| round.hook.get(operation)?.objection.clone()),
    })
}

/// Returns the number in the middle, or the higher one of the two in the middle.
fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(seconds: f64) -> BTreeMap<String, Timed> {
        [("open".to_owned(), Timed { seconds: Some(seconds), objection: None })].into()
    }

    #[test]
    fn a_cost_is_the_median_of_the_multiples_of_each_round() {
        let round = |none, empty, hook| Round { none: times(none), empty: times(empty), hook: times(hook) };
        // The machine is ten times slower in the second round, and disturbed in the third.
        let rounds = [round(1.0, 1.5, 3.0), round(10.0, 15.0, 30.0), round(2.0, 90.0, 2.0)];
        let cost = Cost { operation: "open".to_owned(), seconds: 2.0, empty: 1.5, hook: Some(3.0), objection: None };
        assert_eq!(costs(&rounds), [cost]);
        assert_eq!(costs(&[]), []);
    }

    #[test]
    fn an_operation_that_the_hook_denies_has_no_time_with_it() {
        let denied = Timed { seconds: None, objection: Some("E: no".to_owned()) };
        let hook = [("open".to_owned(), denied)].into();
        let found = costs(&[Round { none: times(1.0), empty: times(2.0), hook }]);
        let objection = Some("E: no".to_owned());
        assert_eq!(found, [Cost { operation: "open".to_owned(), seconds: 1.0, empty: 2.0, hook: None, objection }]);
    }
}
