//! Imports of a setup: the modules that a warm interpreter imports once for many trials. Pure.

use std::collections::BTreeSet;

use crate::suite::is_dotted;

/// The modules that most setups import by way of another module, or that `socket` imports when it is used. A warm
/// interpreter imports them together.
const COMMON: [&str; 5] = ["encodings.idna", "pathlib", "re", "shutil", "socket"];

/// Returns the names of the modules that a setup imports in lines without indentation. The agent has `os` and `sys`
/// already.
pub fn imports(setup: &str) -> BTreeSet<&str> {
    let named = setup.lines().flat_map(|line| {
        let from = line.strip_prefix("from ").and_then(|rest| rest.split(' ').next());
        let list = line.strip_prefix("import ").into_iter().flat_map(|rest| rest.split(','));
        from.into_iter().chain(list.filter_map(|module| module.split_whitespace().next()))
    });
    named.filter(|module| is_dotted(module) && !matches!(*module, "os" | "sys")).collect()
}

/// Returns the modules that a setup imports in two groups: those that most setups need, and the others. An interpreter
/// forks a branch for each group, and reuses it.
pub fn groups(setup: &str) -> Vec<Vec<&str>> {
    let wanted = imports(setup);
    let others: Vec<&str> = wanted.iter().copied().filter(|module| !COMMON.contains(module)).collect();
    match (wanted.is_empty(), others.is_empty()) {
        (true, _) => vec![],
        (_, true) => vec![COMMON.to_vec()],
        _ => vec![COMMON.to_vec(), others],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setup_imports_what_it_names_without_indentation() {
        let names = |setup| imports(setup).into_iter().collect::<Vec<_>>();
        assert_eq!(names("import os, sys\nx = 1\n"), [""; 0]);
        assert_eq!(names("import socket\nimport http.client, ssl as tls\n"), ["http.client", "socket", "ssl"]);
        assert_eq!(names("from xml.sax import handler\nif x:\n    import gc\n"), ["xml.sax"]);
        assert_eq!(names("import json  # why\nfrom . import x\n# import re\n"), ["json"]);
    }

    #[test]
    fn common_modules_come_first_wherever_a_setup_imports_anything() {
        assert_eq!(groups("import os\n"), [[""; 0]; 0]);
        assert_eq!(groups("import socket\n"), [COMMON.to_vec()]);
        assert_eq!(groups("import ssl, socket, json\n"), [COMMON.to_vec(), vec!["json", "ssl"]]);
    }
}
