//! Checks the direction of imports: a module imports only from modules that stand above it.
//!
//! The order is that of the `mod` lines in `lib.rs` and in each folder's `mod.rs`. Code inside of a folder names its
//! neighbours as `super::NEIGHBOUR`, never by way of the folder itself, which would hide a circle.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree};

/// The source files by module path, such as `run`, `judge`. A folder's `mod.rs` has the path of the folder.
type Sources = BTreeMap<Vec<String>, syn::File>;

/// Reads all files below a folder.
fn sources(root: &Path) -> Sources {
    let mut found = Sources::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).expect("the file can be read");
                let file = syn::parse_file(&text).expect("the file is Rust");
                found.insert(module(path.strip_prefix(root).expect("below the root")), file);
            }
        }
    }
    found
}

/// Returns the module path of a file: that of `run/judge.rs` is `run`, `judge`.
fn module(path: &Path) -> Vec<String> {
    let names = path.with_extension("");
    let names = names.components().map(|name| name.as_os_str().to_string_lossy().into_owned());
    names.filter(|name| name != "mod" && name != "lib").collect()
}

/// Returns the modules that a file declares, in order.
fn declared(file: &syn::File) -> Vec<String> {
    let module = |item: &Item| match item {
        Item::Mod(module) if module.content.is_none() => Some(module.ident.to_string()),
        _ => None,
    };
    file.items.iter().filter_map(module).collect()
}

/// Collects the paths of a file that begin with `crate` or `super`, from the root of the crate.
struct Named<'a> {
    module: &'a [String],
    paths: Vec<Vec<String>>,
}

impl Named<'_> {
    fn add(&mut self, path: &[String]) {
        let ups = path.iter().take_while(|name| *name == "super").count();
        match path.first().map(String::as_str) {
            Some("crate") => self.paths.push(path[1..].to_vec()),
            Some("super") => {
                let base = &self.module[..self.module.len().saturating_sub(ups)];
                self.paths.push([base, &path[ups..]].concat());
            }
            _ => {}
        }
    }

    fn add_tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.add_tree(&with(&path.ident), &path.tree),
            UseTree::Name(name) if name.ident == "self" => self.add(before),
            UseTree::Name(name) => self.add(&with(&name.ident)),
            UseTree::Rename(rename) => self.add(&with(&rename.ident)),
            UseTree::Glob(_) => self.add(before),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(before, tree)),
        }
    }
}

impl<'ast> Visit<'ast> for Named<'_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.add_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add(&names);
        visit::visit_path(self, path);
    }

    /// Passes over `pub(super)`, which imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    /// Passes over the tests of a file, which may name anything.
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !module.attrs.iter().any(is_for_tests) {
            visit::visit_item_mod(self, module);
        }
    }
}

/// Tells whether an attribute is `cfg(test)`, or a `cfg` with more than that.
fn is_for_tests(attribute: &Attribute) -> bool {
    let condition = attribute.meta.require_list().map(|list| list.tokens.to_string());
    attribute.path().is_ident("cfg") && condition.is_ok_and(|condition| condition.contains("test"))
}

/// Returns a sentence for each import that does not run from a module to one above it.
fn wrong_imports(sources: &Sources) -> Vec<String> {
    let mut wrong = Vec::new();
    for (module, file) in sources {
        let mut named = Named { module, paths: Vec::new() };
        named.visit_file(file);
        for path in named.paths {
            if let Some(why) = fault(module, &path, sources) {
                wrong.push(format!("{} imports {}: {why}", module.join("::"), path.join("::")));
            }
        }
    }
    wrong
}

/// Returns the reason why a module must not import a path, or `None` if it may.
fn fault(module: &[String], path: &[String], sources: &Sources) -> Option<&'static str> {
    let shared = module.iter().zip(path).take_while(|(one, other)| one == other).count();
    let own = module.get(shared)?;
    let order = declared(sources.get(&module[..shared])?);
    let place = |name: &String| order.iter().position(|known| known == name);
    match path.get(shared).map(place) {
        Some(Some(other)) => (Some(other) > place(own)).then_some("it stands below"),
        // The root of the crate has modules only.
        _ if shared == 0 => None,
        _ => Some("it belongs to the module's own folder; name the neighbour that has it"),
    }
}

#[test]
fn imports_run_from_bottom_to_top() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("harness");
    let wrong = wrong_imports(&sources(&root));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_import_that_runs_down_or_in_a_circle_is_found() {
    let wrong = |file: &str, text: &str| {
        let sources = [
            ("", "pub mod one;\npub mod two;\n"),
            ("one", "mod first;\nmod second;\npub use first::*;\n"),
            ("two", ""),
            (file, text),
        ];
        let path = |text: &str| text.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let parsed = sources.map(|(file, text)| (path(file), syn::parse_file(text).expect("Rust")));
        wrong_imports(&parsed.into()).len()
    };
    for (file, text, faults) in [
        ("two", "use crate::one::A;", 0),
        ("one::second", "use super::first::A;", 0),
        ("one::second", "use crate::one::first::A;", 0),
        ("one::second", "use super::{first::{self, A}, A};", 1),
        ("one", "mod first;\nmod second;\nuse crate::two::A;", 1),
        ("one::first", "use super::second::A;", 1),
        ("one::first", "use super::{second::{A, B}};", 2),
        ("one::first", "use crate::two::A;", 1),
        ("one::first", "fn f() -> crate::two::A {}", 1),
        ("one::second", "use super::A;", 1),
        ("one::second", "use crate::one::A;", 1),
        ("one::first", "// crate::two is below\nconst TEXT: &str = \"crate::two\";", 0),
        ("one::first", "#[cfg(test)]\nmod tests {\n    use crate::two::A;\n}", 0),
        ("one::first", "#[cfg(all(test, unix))]\nmod tests {\n    use super::*;\n}", 0),
    ] {
        assert_eq!(wrong(file, text), faults, "{file}: {text}");
    }
}
