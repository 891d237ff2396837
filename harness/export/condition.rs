//! Conditions on the interpreter, as expressions of Python. Pure.

use pep440_rs::{Operator, VersionSpecifier};

use crate::report::python::literal;
use crate::suite::{Platform, Versions};

/// The expression of a condition, if there is one. Without an expression it holds everywhere.
pub(super) type Condition = Option<String>;

/// Returns the condition that the language has one of these versions.
pub(super) fn language(versions: &Versions) -> Condition {
    one_of("VERSION", versions)
}

/// Returns the condition that the implementation has one of these versions.
pub(super) fn implementation(versions: &Versions) -> Condition {
    one_of("IMPLEMENTATION_VERSION", versions)
}

/// Returns the condition that the platform is one of these. No platform stands for all.
pub(super) fn platform(platforms: &[Platform]) -> Condition {
    let names: Vec<String> = platforms.iter().map(|platform| literal(&platform.word())).collect();
    (!names.is_empty()).then(|| format!("is_on({})", names.join(", ")))
}

/// Returns the condition that all of these hold.
pub(super) fn all(conditions: impl IntoIterator<Item = Condition>) -> Condition {
    conditions.into_iter().flatten().reduce(|all, one| format!("{all} and {one}"))
}

/// Returns the condition that one of these holds, of which there is at least one.
pub(super) fn any(conditions: impl IntoIterator<Item = Condition>) -> Condition {
    let conditions: Option<Vec<String>> = conditions.into_iter().collect();
    let mut conditions = conditions?;
    conditions.dedup();
    match conditions.as_slice() {
        [one] => Some(one.clone()),
        several => {
            let parts = several.iter().map(|one| if one.contains(' ') { format!("({one})") } else { one.clone() });
            Some(format!("({})", parts.collect::<Vec<_>>().join(" or ")))
        }
    }
}

/// Returns the condition that a tuple of three numbers is one of some versions.
fn one_of(name: &str, versions: &Versions) -> Condition {
    any(versions.specifiers().iter().map(|specifiers| all(specifiers.iter().map(|one| Some(comparison(name, one))))))
}

/// Returns a comparison of the tuple with one version, as PEP 440 means it for final releases.
fn comparison(name: &str, specifier: &VersionSpecifier) -> String {
    let release = specifier.version().release();
    let padded: Vec<u64> = (0..3).map(|index| release.get(index).copied().unwrap_or_default()).collect();
    let starts = |length: usize, sign: &str| format!("{name}[:{length}] {sign} {}", tuple(&release[..length]));
    let compares = |sign: &str| format!("{name} {sign} {}", tuple(&padded));
    match specifier.operator() {
        Operator::EqualStar => starts(release.len(), "=="),
        Operator::NotEqualStar => starts(release.len(), "!="),
        Operator::TildeEqual => format!("{} and {}", compares(">="), starts(release.len() - 1, "==")),
        Operator::Equal | Operator::ExactEqual => compares("=="),
        Operator::NotEqual => compares("!="),
        Operator::LessThan => compares("<"),
        Operator::LessThanEqual => compares("<="),
        Operator::GreaterThan => compares(">"),
        Operator::GreaterThanEqual => compares(">="),
    }
}

fn tuple(numbers: &[u64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    format!("({}{})", numbers.join(", "), if numbers.len() == 1 { "," } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_comparisons_of_tuples() {
        for (versions, expression) in [
            (">=3.9", Some("VERSION >= (3, 9, 0)")),
            (">=3.8,<3.12.4", Some("VERSION >= (3, 8, 0) and VERSION < (3, 12, 4)")),
            ("==3.11.*", Some("VERSION[:2] == (3, 11)")),
            ("!=3.*", Some("VERSION[:1] != (3,)")),
            ("~=3.9.1", Some("VERSION >= (3, 9, 1) and VERSION[:2] == (3, 9)")),
            ("<=3.9 or ==3.12", Some("((VERSION <= (3, 9, 0)) or (VERSION == (3, 12, 0)))")),
            (">3.9", Some("VERSION > (3, 9, 0)")),
        ] {
            assert_eq!(language(&versions.parse().expect(versions)).as_deref(), expression, "{versions}");
        }
        assert_eq!(language(&Versions::default()), None);
        let own = implementation(&"<8".parse().expect("versions"));
        assert_eq!(own.as_deref(), Some("IMPLEMENTATION_VERSION < (8, 0, 0)"));
    }

    #[test]
    fn conditions_are_joined() {
        let text = |condition: &str| Some(condition.to_owned());
        assert_eq!(platform(&[]), None);
        assert_eq!(platform(&[Platform::Linux, Platform::Unix]), text("is_on(\"linux\", \"unix\")"));
        assert_eq!(all([None, text("a"), None, text("b < c")]), text("a and b < c"));
        assert_eq!(all([None, None]), None);
        assert_eq!(any([text("a"), None]), None, "one of them always holds");
        assert_eq!(any([text("a"), text("a")]), text("a"));
        assert_eq!(any([text("a and b"), text("c")]), text("((a and b) or c)"));
    }
}
