//! Sets of versions in words: `>=3.9,<3.12` is `3.9 to 3.11`.

use pep440_rs::{Operator, Version, VersionSpecifiers};

use crate::suite::Versions;

/// The first version of Python that has audit events.
const FIRST: &str = "3.8";

/// Returns versions of Python in words, or nothing if they are all versions.
pub(super) fn of_python(versions: &Versions) -> Option<String> {
    let between = |from: Option<String>, end: Option<&Version>| {
        let from = from.unwrap_or_else(|| FIRST.to_owned());
        match end.map(before) {
            None => format!("{from} and later"),
            Some(last) if last == from || last == format!("{from}.0") => last,
            Some(last) => format!("{from} to {last}"),
        }
    };
    words(versions, between)
}

/// Returns versions of an implementation in words, or nothing if they are all versions. Its numbers do not follow one
/// another, so that a range has no last version.
pub(super) fn of_implementation(versions: &Versions) -> Option<String> {
    let between = |from: Option<String>, end: Option<&Version>| {
        let from = from.map(|from| format!("{from} and later"));
        let end = end.map(|end| format!("before {end}"));
        [from, end].into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    words(versions, between)
}

fn words(versions: &Versions, between: impl Fn(Option<String>, Option<&Version>) -> String) -> Option<String> {
    let ranges = versions.specifiers().iter().map(|specifiers| range(specifiers, &between));
    ranges.collect::<Option<Vec<_>>>().map(|ranges| ranges.join(" or "))
}

/// Returns the words for one range, or the specifiers themselves where there are no simpler words.
fn range(
    specifiers: &VersionSpecifiers,
    between: impl Fn(Option<String>, Option<&Version>) -> String,
) -> Option<String> {
    if specifiers.is_empty() {
        return None;
    }
    let (mut from, mut end) = (None, None);
    for specifier in specifiers.iter() {
        match specifier.operator() {
            Operator::GreaterThanEqual => from = Some(specifier.version().to_string()),
            Operator::LessThan if !specifier.version().any_prerelease() => end = Some(specifier.version()),
            Operator::EqualStar if specifiers.len() == 1 => return Some(specifier.version().to_string()),
            _ => return Some(specifiers.to_string()),
        }
    }
    Some(between(from, end))
}

/// Returns the last version before another one, of as many numbers as that has: 3.9 before 3.10, 3.13.9 before 3.13.10.
fn before(version: &Version) -> String {
    let mut numbers = version.release().to_vec();
    while numbers.len() > 1 && numbers.last() == Some(&0) {
        numbers.pop();
    }
    if let Some(last) = numbers.last_mut() {
        *last = last.saturating_sub(1);
    }
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(text: &str) -> Versions {
        serde_yaml::from_str(text).expect("versions")
    }

    #[test]
    fn ranges_of_python_have_a_first_and_a_last_version() {
        for (specifiers, words) in [
            ("'>=3.12'", "3.12 and later"),
            ("<3.10", "3.8 to 3.9"),
            ("<3.9", "3.8"),
            ("'>=3.9,<3.12'", "3.9 to 3.11"),
            ("'>=3.12,<3.13'", "3.12"),
            ("==3.12.*", "3.12"),
            ("<3.13.10", "3.8 to 3.13.9"),
            ("<3.9.0", "3.8"),
            ("['>=3.10,<3.10.9', '>=3.11,<3.11.1']", "3.10 to 3.10.8 or 3.11.0"),
            ("'>=3.9,!=3.9.2'", ">=3.9, !=3.9.2"),
            ("<3.15.0b1", "<3.15.0b1"),
        ] {
            assert_eq!(of_python(&versions(specifiers)).as_deref(), Some(words), "{specifiers}");
        }
        assert_eq!(of_python(&Versions::default()), None);
    }

    #[test]
    fn ranges_of_an_implementation_name_the_version_that_ends_them() {
        for (specifiers, words) in
            [("'>=25.1'", "25.1 and later"), ("<8", "before 8"), ("'>=7.3,<8'", "7.3 and later, before 8")]
        {
            assert_eq!(of_implementation(&versions(specifiers)).as_deref(), Some(words), "{specifiers}");
        }
    }
}
