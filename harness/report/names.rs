//! Safe forms of names from results: for files, addresses and anchors.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::suite::hex;

/// The most characters of a name. File systems refuse long names.
const LONGEST: usize = 100;

/// Safe forms of some names.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// Makes names safe. A safe name stays as it is. Where two names would become the same, also in a file system that
    /// ignores case, both get the beginning of their digests.
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a str>) -> Names {
        let names: BTreeSet<&str> = names.collect();
        let mut same = BTreeMap::<String, usize>::new();
        for name in &names {
            *same.entry(safe(name).to_lowercase()).or_default() += 1;
        }
        let written = |name: &&str| {
            let file = safe(name);
            let is_alone = same[&file.to_lowercase()] == 1 && name.len() <= LONGEST;
            if is_alone { file } else { format!("{file}-{}", &hex(&Sha256::digest(name))[..8]) }
        };
        Names(names.iter().map(|name| ((*name).to_owned(), written(name))).collect())
    }

    /// Returns the safe form of a name.
    pub(super) fn of(&self, name: &str) -> &str {
        self.0.get(name).map_or("unknown", String::as_str)
    }
}

/// Replaces characters, so that a name consists of letters, digits, `.`, `_` and `-`, does not begin with a dot and is not empty.
pub(super) fn safe(name: &str) -> String {
    let replace = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let text: String = name.chars().take(LONGEST).map(replace).collect();
    match text.strip_prefix('.') {
        Some(rest) => format!("_{rest}"),
        None if text.is_empty() => "_".to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_names_get_different_safe_forms() {
        let long = "x".repeat(1 << 20);
        let all = ["os.mkdir", "glob.glob/2", "a/b", "a_b", "A_b", "../../etc/passwd", "", &long];
        let names = Names::new(all.into_iter());
        assert_eq!((names.of("os.mkdir"), names.of("glob.glob/2")), ("os.mkdir", "glob.glob_2"));
        assert_eq!(names.of("../../etc/passwd"), "_._.._etc_passwd");
        let distinct: BTreeSet<String> = all.iter().map(|name| names.of(name).to_lowercase()).collect();
        assert_eq!(distinct.len(), all.len(), "{distinct:?}");
        assert!(distinct.iter().all(|name| name.len() <= LONGEST + 9 && !name.contains('/')));
    }
}
