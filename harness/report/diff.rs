//! The difference between what was expected and what was observed, line by line. Pure.

use similar::{ChangeTag, TextDiff};

/// Whose a line of a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Both sides have it.
    Both,
    /// It was expected only.
    Expected,
    /// It was observed only.
    Observed,
}

/// Returns all lines of both sides, in order, each with its side.
pub fn lines(expected: &[String], observed: &[String]) -> Vec<(Side, String)> {
    let old: Vec<&str> = expected.iter().map(String::as_str).collect();
    let new: Vec<&str> = observed.iter().map(String::as_str).collect();
    let diff = TextDiff::from_slices(&old, &new);
    diff.iter_all_changes().map(|change| (side(change.tag()), change.value().to_owned())).collect()
}

/// Returns the differences of two sides, each with so many lines around it that both have.
pub fn hunks(expected: &[String], observed: &[String], context: usize) -> Vec<Vec<(Side, String)>> {
    let old: Vec<&str> = expected.iter().map(String::as_str).collect();
    let new: Vec<&str> = observed.iter().map(String::as_str).collect();
    let diff = TextDiff::from_slices(&old, &new);
    let hunk = |ops: &Vec<_>| {
        let changes = ops.iter().flat_map(|op| diff.iter_changes(op));
        changes.map(|change| (side(change.tag()), change.value().to_owned())).collect()
    };
    diff.grouped_ops(context).iter().map(hunk).collect()
}

fn side(tag: ChangeTag) -> Side {
    match tag {
        ChangeTag::Equal => Side::Both,
        ChangeTag::Delete => Side::Expected,
        ChangeTag::Insert => Side::Observed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_stands_side_by_side() {
        let side = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let (expected, observed) = (side(&["os.mkdir", "  mode: 511"]), side(&["os.mkdir", "  mode: 448"]));
        let text = lines(&expected, &observed).into_iter().map(|(side, line)| format!("{side:?} {line}"));
        assert_eq!(text.collect::<Vec<_>>(), ["Both os.mkdir", "Expected   mode: 511", "Observed   mode: 448"]);
    }
}
