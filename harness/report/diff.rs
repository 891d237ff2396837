//! The difference between what was expected and what was observed, line by line.

use similar::{ChangeTag, TextDiff};

/// The side that a line of a difference is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Both sides have it.
    Both,
    /// It was expected only.
    Expected,
    /// It was observed only.
    Observed,
}

impl Side {
    /// Returns the sign before a line, as in a unified diff.
    pub(super) fn sign(self) -> char {
        match self {
            Side::Both => ' ',
            Side::Expected => '-',
            Side::Observed => '+',
        }
    }
}

/// Returns the differences of two texts of a file, as a unified diff.
pub(crate) fn unified(old: &str, new: &str, name: &str) -> String {
    TextDiff::from_lines(old, new).unified_diff().context_radius(1).header(name, name).to_string()
}

/// Returns all lines of both sides, in order, each with its side.
pub(super) fn lines(expected: &[String], observed: &[String]) -> Vec<(Side, String)> {
    let old: Vec<&str> = expected.iter().map(String::as_str).collect();
    let new: Vec<&str> = observed.iter().map(String::as_str).collect();
    let diff = TextDiff::from_slices(&old, &new);
    diff.iter_all_changes().map(|change| (side(change.tag()), change.value().to_owned())).collect()
}

/// Returns the differences of two sides, each with up to `context` lines around it that both sides have.
pub(super) fn hunks(expected: &[String], observed: &[String], context: usize) -> Vec<Vec<(Side, String)>> {
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
    fn each_line_of_a_difference_has_its_side() {
        let side = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let (expected, observed) = (side(&["os.mkdir", "  mode: 511"]), side(&["os.mkdir", "  mode: 448"]));
        let text = lines(&expected, &observed).into_iter().map(|(side, line)| format!("{side:?} {line}"));
        assert_eq!(text.collect::<Vec<_>>(), ["Both os.mkdir", "Expected   mode: 511", "Observed   mode: 448"]);
    }
}
