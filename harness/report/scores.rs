//! Scores as all reports show them: a column for each standing, in one order.

use crate::results::Score;

/// The heads of the columns with the numbers of trials, in the order of [`Score::counts`].
pub(super) const HEADS: [&str; 7] = ["passed", "known gaps", "failed", "new", "fixed", "skipped", "unsupported"];

/// Returns the numbers of a score, in the order of [`HEADS`].
pub(super) fn numbers(score: Score) -> [usize; 7] {
    score.counts().map(|(_, count)| count)
}

/// Returns the numbers of a score in words: `43 passed, 4 known gaps`, and so on.
pub(super) fn phrase(score: Score) -> String {
    let parts = HEADS.iter().zip(numbers(score)).map(|(head, count)| format!("{count} {head}"));
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_head_names_its_standing() {
        for (head, (standing, _)) in HEADS.iter().zip(Score::default().counts()) {
            assert_eq!(head.replace("gaps", "gap").replace(' ', "-"), standing.to_string());
        }
    }
}
