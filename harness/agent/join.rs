//! Joins Python modules into one script: those of the agent, which an interpreter gets, and those of exported tests. The
//! build script uses this; the crate compiles it for its tests only.

use std::collections::{BTreeMap, BTreeSet};

/// Joins modules, given as name and text, in this order. A module may import names from those before it.
///
/// Imports among the modules are left out, other imports at the top level come first, each one once.
///
/// # Errors
/// When a module has a line that cannot be joined.
pub fn join(modules: &[(&str, &str)]) -> Result<String, String> {
    let names: Vec<&str> = modules.iter().map(|(name, _)| *name).collect();
    let mut imports = BTreeSet::new();
    let mut defined = BTreeMap::new();
    let mut bodies = String::new();
    for (index, (module, text)) in modules.iter().enumerate() {
        bodies.push_str(&format!("\n\n# {module}.py\n\n"));
        for line in text.lines() {
            let at = |reason: String| format!("{module}.py: {reason}: {line}");
            if let Some(imported) = imported_module(line, &names) {
                check_import(line, imported, &names[..index]).map_err(at)?;
            } else if line.starts_with("import ") || line.starts_with("from ") {
                if line.contains('(') {
                    return Err(at("an import must be on one line".to_owned()));
                }
                // `import` sorts behind `from`, and should stand before it.
                imports.insert((line.starts_with("from "), line));
            } else {
                for name in defined_names(line) {
                    if let Some(other) = defined.insert(name, *module).filter(|other| other != module) {
                        return Err(at(format!("{other}.py defines `{name}` too")));
                    }
                }
                bodies.push_str(line);
                bodies.push('\n');
            }
        }
    }
    let imports: String = imports.iter().map(|(_, line)| format!("{line}\n")).collect();
    Ok(imports + &bodies)
}

/// Returns the module that a line imports, at the top level or indented, if it is one of the modules.
fn imported_module<'a>(line: &str, modules: &[&'a str]) -> Option<&'a str> {
    let (keyword, rest) = line.trim_start().split_once(' ')?;
    let list = match keyword {
        "from" => rest.split(' ').next()?,
        "import" => rest,
        _ => return None,
    };
    let mut imported = list.split(',').filter_map(|name| name.split_whitespace().next());
    imported.find_map(|name| modules.iter().find(|module| **module == name)).copied()
}

/// Checks that an import is not needed once the modules share one namespace.
fn check_import(line: &str, imported: &str, before: &[&str]) -> Result<(), String> {
    let expected = format!("from {imported} import ");
    match line.strip_prefix(&expected) {
        None => Err(format!("expected `{expected}NAMES`, without indentation")),
        Some(names) if names.contains(['(', '*']) || names.contains(" as ") => {
            Err("an import must be on one line, without `as` and `*`".to_owned())
        }
        Some(_) if !before.contains(&imported) => Err(format!("`{imported}` must come before this module")),
        Some(_) => Ok(()),
    }
}

/// Returns the names that a line defines at the top level.
fn defined_names(line: &str) -> Vec<&str> {
    let is_name = |text: &&str| !text.is_empty() && text.chars().all(|c| c == '_' || c.is_alphanumeric());
    if let Some(rest) = line.strip_prefix("def ").or_else(|| line.strip_prefix("class ")) {
        return rest.split(['(', ':']).take(1).collect();
    }
    match line.split_once(" = ") {
        Some((names, _)) if !line.starts_with(' ') => names.split(", ").filter(is_name).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: (&str, &str) =
        ("values", "import sys\n\nDEPTH, ITEMS = 4, 64\n\n\ndef describe():\n    return sys\n");

    fn error(text: &str) -> String {
        join(&[VALUES, ("watch", text), ("main", "")]).expect_err(text)
    }

    #[test]
    fn modules_become_one_script_with_the_imports_of_others_first() {
        let watch = "from _thread import get_ident\nimport sys\n\nfrom values import DEPTH, describe\n\nX = DEPTH\n";
        let joined = join(&[VALUES, ("watch", watch)]).expect("it can be joined");
        assert!(joined.starts_with("import sys\nfrom _thread import get_ident\n\n\n# values.py\n"), "{joined}");
        assert_eq!(joined.matches("import sys").count(), 1, "{joined}");
        assert!(!joined.contains("from values"), "{joined}");
        assert!(joined.ends_with("# watch.py\n\n\n\nX = DEPTH\n"), "{joined}");
    }

    #[test]
    fn an_import_that_one_namespace_cannot_replace_is_refused() {
        for import in ["import values\n", "import sys, values\n", "def f():\n    from values import describe\n"] {
            assert!(error(import).contains("expected `from values import NAMES`, without indentation"), "{import}");
        }
        for import in ["from values import describe as d\n", "from values import *\n", "from values import (\n"] {
            assert!(error(import).contains("an import must be on one line, without `as` and `*`"), "{import}");
        }
        assert!(error("from os import (\n").contains("an import must be on one line"));
        assert!(error("from main import x\n").contains("`main` must come before this module"));
        assert!(error("from watch import x\n").contains("`watch` must come before this module"));
    }

    #[test]
    fn two_modules_cannot_define_the_same_name() {
        for text in ["def describe(value):\n", "class describe:\n", "describe = 1\n", "x, describe = 1, 2\n"] {
            assert!(error(text).starts_with("watch.py: values.py defines `describe` too: "), "{text}");
        }
        let other = ("watch", "x == 1\nif x:\n    describe = 1\n    def describe(): pass\n");
        join(&[VALUES, other]).expect("a name inside a block of its own is another one");
    }
}
