//! The guide: Markdown files of the repository as pages, with links from one to another.

use askama::Template;

use super::contents::Site;
use super::escape;
use super::frame::Frame;
use super::markup::{Markup, Target};
use super::paths;
use crate::packed::unpack;

/// The Markdown files, packed: those of the guide, and those that are elsewhere in the repository.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/guide.packed"));

/// The file of the first page, and the name of that page.
const INDEX: (&str, &str) = ("harness/guide/README.md", "index");

#[derive(Template)]
#[template(path = "guide.html", config = "harness/report/site/askama.toml")]
pub(super) struct GuidePage<'a> {
    frame: Frame<'a>,
    markup: Markup,
    is_index: bool,
}

/// A Markdown file.
struct Source {
    /// Its path in the repository.
    path: String,
    /// The name of its page.
    name: String,
    text: String,
}

/// Returns the paths of the pages with the pages.
pub(super) fn pages<'a>(site: &'a Site<'a>) -> Vec<(String, GuidePage<'a>)> {
    let sources = sources();
    let page = |source: &Source| {
        let frame = |title| site.frame(title, String::new(), "../", "guide");
        let markup = markup(source, &sources, frame("").address);
        let about = format!("{}, from the guide to audit578.", markup.title);
        let frame = Frame { about, ..frame(markup.title.as_str()) };
        (paths::guide_page(&source.name), GuidePage { frame, markup, is_index: source.name == INDEX.1 })
    };
    sources.iter().map(page).collect()
}

fn sources() -> Vec<Source> {
    let source = |(path, text): (String, String)| Source { name: name(&path), path, text };
    unpack(PACKED).into_iter().map(source).collect()
}

/// Returns the name of the page of a file.
fn name(path: &str) -> String {
    if path == INDEX.0 {
        return INDEX.1.to_owned();
    }
    let file = path.rsplit('/').next().unwrap_or(path);
    file.trim_end_matches(".md").to_lowercase()
}

fn markup(source: &Source, sources: &[Source], project: &str) -> Markup {
    Markup::new(&source.text, |link| target(source, link, sources, project))
}

/// Returns where a link of a Markdown file leads on the site. `project` is the public address of the project, or empty.
fn target(from: &Source, link: &str, sources: &[Source], project: &str) -> Target {
    if link.starts_with('#') || escape::web_address(link).is_some() {
        return Target::Address(link.to_owned());
    }
    let (path, anchor) = link.find('#').map_or((link, ""), |at| link.split_at(at));
    let path = join(&from.path, path);
    if let Some(source) = sources.iter().find(|source| source.path == path) {
        return Target::Address(format!("{}.html{anchor}", source.name));
    }
    match path.as_str() {
        // The first page of the site says what the README says.
        "README.md" => Target::Address(format!("../{}{anchor}", paths::INDEX)),
        _ if project.is_empty() => Target::File(path),
        _ => Target::Address(format!("{project}/blob/main/{path}{anchor}")),
    }
}

/// Returns the path in the repository of a file that another one names.
fn join(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;

    const PROJECT: &str = "https://example.org/p";

    /// Returns the addresses of the links of a page.
    fn links(html: &str) -> impl Iterator<Item = &str> {
        html.split("<a href=\"").skip(1).filter_map(|rest| rest.split('"').next())
    }

    #[test]
    fn every_link_leads_somewhere() {
        let sources = sources();
        let pages: BTreeMap<String, String> =
            sources.iter().map(|one| (format!("{}.html", one.name), markup(one, &sources, PROJECT).html)).collect();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for (name, html) in &pages {
            for link in links(html) {
                let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
                let is_there = match path.strip_prefix(&format!("{PROJECT}/blob/main/")) {
                    Some(file) => root.join(file).is_file(),
                    None if escape::web_address(path).is_some() => true,
                    None if path == "../index.html" => anchor.is_empty(),
                    None => {
                        let page = if path.is_empty() { Some(html) } else { pages.get(path) };
                        page.is_some_and(|page| anchor.is_empty() || page.contains(&format!(" id=\"{anchor}\"")))
                    }
                };
                assert!(is_there, "{name}: {link}");
            }
        }
    }

    #[test]
    fn the_first_page_names_every_other() {
        let sources = sources();
        let index = sources.iter().find(|source| source.name == INDEX.1).expect("an index");
        let html = markup(index, &sources, "").html;
        let named: Vec<&str> = links(&html).collect();
        for source in sources.iter().filter(|source| source.name != INDEX.1) {
            assert!(named.contains(&format!("{}.html", source.name).as_str()), "{}", source.path);
        }
    }

    #[test]
    fn links_lead_to_pages_to_the_project_or_nowhere() {
        let sources = sources();
        let doors = sources.iter().find(|source| source.name == "doors").expect("a page");
        let address = |link: &str, project: &str| match target(doors, link, &sources, project) {
            Target::Address(address) => address,
            Target::File(file) => format!("file {file}"),
        };
        for (link, without, with) in [
            ("run.md", "run.html", "run.html"),
            ("README.md", "index.html", "index.html"),
            ("../../CONTRIBUTING.md#rules", "contributing.html#rules", "contributing.html#rules"),
            ("../../README.md", "../index.html", "../index.html"),
            ("#doors", "#doors", "#doors"),
            ("https://example.org/x", "https://example.org/x", "https://example.org/x"),
            ("../../action.yml", "file action.yml", "https://example.org/p/blob/main/action.yml"),
            (
                "javascript:alert(1)",
                "file harness/guide/javascript:alert(1)",
                "https://example.org/p/blob/main/harness/guide/javascript:alert(1)",
            ),
        ] {
            assert_eq!((address(link, ""), address(link, PROJECT)), (without.to_owned(), with.to_owned()), "{link}");
        }
    }
}
