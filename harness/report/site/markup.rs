//! Turns Markdown of the repository into HTML: headings with anchors, links that work on the site, and no foreign HTML.

use std::collections::BTreeMap;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// A page that was Markdown.
#[derive(Debug)]
pub(super) struct Markup {
    /// The text of its first heading, which the HTML does not have.
    pub title: String,
    /// The anchors of its sections, each with the text of the heading.
    pub sections: Vec<(String, String)>,
    pub html: String,
}

/// The place that a link of a page leads to.
#[derive(Debug, PartialEq)]
pub(super) enum Target {
    Address(String),
    /// A file of the repository that no page of the site shows.
    File(String),
}

impl Markup {
    /// Renders Markdown. `target` says where each of its links leads on the site.
    pub(super) fn new(markdown: &str, target: impl Fn(&str) -> Target) -> Markup {
        let headings = headings(markdown);
        let title = headings.first().map(|heading| heading.text.clone()).unwrap_or_default();
        let sections = headings.iter().filter(|heading| heading.level == HeadingLevel::H2);
        let sections = sections.map(|heading| (heading.anchor.clone(), heading.text.clone())).collect();
        let mut writer = Writer { headings: headings.into_iter(), target, link: None, is_title: false, events: vec![] };
        parse(markdown).for_each(|event| writer.add(event));
        let mut text = String::new();
        html::push_html(&mut text, writer.events.into_iter());
        Markup { title, sections, html: text }
    }
}

fn parse(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES)
}

struct Heading {
    level: HeadingLevel,
    text: String,
    anchor: String,
}

/// Returns the headings in order. Their anchors are those that GitHub gives them.
fn headings(markdown: &str) -> Vec<Heading> {
    let mut headings = Vec::<Heading>::new();
    let mut is_inside = false;
    for event in parse(markdown) {
        match (event, headings.last_mut()) {
            (Event::Start(Tag::Heading { level, .. }), _) => {
                is_inside = true;
                headings.push(Heading { level, text: String::new(), anchor: String::new() });
            }
            (Event::End(TagEnd::Heading(_)), _) => is_inside = false,
            (Event::Text(text) | Event::Code(text), Some(heading)) if is_inside => heading.text.push_str(&text),
            _ => {}
        }
    }
    let mut counts = BTreeMap::<String, usize>::new();
    for heading in &mut headings {
        let anchor = anchor(&heading.text);
        let count = counts.entry(anchor.clone()).and_modify(|count| *count += 1).or_default();
        heading.anchor = if *count == 0 { anchor } else { format!("{anchor}-{count}") };
    }
    headings
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Changes the events of Markdown to those of a page.
struct Writer<'a, T> {
    headings: std::vec::IntoIter<Heading>,
    target: T,
    /// The file and the text so far of a link that leads nowhere on the site.
    link: Option<(String, String)>,
    is_title: bool,
    events: Vec<Event<'a>>,
}

impl<'a, T: Fn(&str) -> Target> Writer<'a, T> {
    fn add(&mut self, event: Event<'a>) {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => {
                self.headings.next();
                self.is_title = true;
            }
            Event::End(TagEnd::Heading(HeadingLevel::H1)) => self.is_title = false,
            _ if self.is_title => {}
            Event::Start(Tag::Heading { level, .. }) => self.heading(level),
            Event::Start(Tag::Link { dest_url, title, link_type, id }) => match (self.target)(&dest_url) {
                Target::Address(url) => {
                    self.events.push(Event::Start(Tag::Link { dest_url: url.into(), title, link_type, id }));
                }
                Target::File(file) => self.link = Some((file, String::new())),
            },
            // A picture is the text that stands for it.
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            Event::End(TagEnd::Link) if self.link.is_some() => self.name_the_file(),
            // Wide tables and code scroll by themselves, also by keyboard.
            Event::Start(Tag::Table(columns)) => {
                self.raw("<div class=scroll role=group aria-label=Table tabindex=0>");
                self.events.push(Event::Start(Tag::Table(columns)));
            }
            Event::End(TagEnd::Table) => {
                self.events.push(event);
                self.raw("</div>\n");
            }
            Event::Start(Tag::CodeBlock(_)) => self.raw("<pre class=\"copy scroll\" tabindex=0><code>"),
            Event::End(TagEnd::CodeBlock) => self.raw("</code></pre>\n"),
            // Comments are for the tools of the repository. All other HTML is shown as text.
            Event::Html(text) | Event::InlineHtml(text) if text.starts_with("<!--") => drop(text),
            Event::Html(text) | Event::InlineHtml(text) => self.text(Event::Text(text)),
            Event::Text(_) | Event::Code(_) => self.text(event),
            _ => self.events.push(event),
        }
    }

    fn heading(&mut self, level: HeadingLevel) {
        let id = self.headings.next().map(|heading| heading.anchor.into());
        self.events.push(Event::Start(Tag::Heading { level, id, classes: vec![], attrs: vec![] }));
    }

    fn text(&mut self, event: Event<'a>) {
        if let (Some((_, label)), Event::Text(text) | Event::Code(text)) = (&mut self.link, &event) {
            label.push_str(text);
        }
        self.events.push(event);
    }

    /// Writes the file of a link behind its text, if the text is not its name.
    fn name_the_file(&mut self) {
        if let Some((file, _)) = self.link.take().filter(|(file, label)| !file.ends_with(label)) {
            self.events.extend([Event::Text(" (".into()), Event::Code(file.into()), Event::Text(")".into())]);
        }
    }

    fn raw(&mut self, html: &'static str) {
        self.events.push(Event::Html(CowStr::Borrowed(html)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(markdown: &str) -> Markup {
        Markup::new(markdown, |link| match link.strip_prefix("file:") {
            Some(file) => Target::File(file.to_owned()),
            None => Target::Address(link.to_owned()),
        })
    }

    #[test]
    fn headings_have_the_anchors_of_github() {
        let page = page(
            "# The `title`\n\n## A runtime that `audit578 install` sets up\n\n### Don't, or: do_it\n\n## Twice\n\n## Twice\n",
        );
        assert_eq!(page.title, "The title");
        let anchors: Vec<&str> = page.sections.iter().map(|(anchor, _)| anchor.as_str()).collect();
        assert_eq!(anchors, ["a-runtime-that-audit578-install-sets-up", "twice", "twice-1"]);
        assert!(page.html.starts_with("<h2 id=\"a-runtime-that-audit578-install-sets-up\">A runtime"), "{}", page.html);
        assert!(page.html.contains("<h3 id=\"dont-or-do_it\">"), "{}", page.html);
    }

    #[test]
    fn html_is_shown_as_text_and_comments_are_not_shown() {
        let hostile = "# T\n\n<script>alert(1)</script>\n\nA <b onclick=x>word</b>.\n\n<!-- a mark -->\n\n`<i>`\n\n```\n<u>\n```\n\n| a |\n| - |\n| <s> |\n";
        let html = page(hostile).html;
        for tag in ["<script", "<b", "<i", "<u", "<s>", "a mark"] {
            assert!(!html.contains(tag), "{tag}: {html}");
        }
        assert!(html.contains("&lt;script&gt;") && html.contains("&lt;b onclick=x&gt;word&lt;/b&gt;"), "{html}");
    }

    #[test]
    fn a_link_to_a_file_that_no_page_shows_is_text_with_the_file() {
        let html = page("# T\n\n[a job](file:ci/job.yml), [ci.sh](file:ci/ci.sh), [PEP](https://example.org/), ![a picture](a.png)\n").html;
        assert_eq!(
            html,
            "<p>a job (<code>ci/job.yml</code>), ci.sh, <a href=\"https://example.org/\">PEP</a>, a picture</p>\n"
        );
    }

    #[test]
    fn tables_and_code_scroll() {
        let html = page("# T\n\n```yaml\na: 1\n```\n\n| a |\n| - |\n| b |\n").html;
        assert!(html.starts_with("<pre class=\"copy scroll\" tabindex=0><code>a: 1\n</code></pre>\n<div class=scroll"));
        assert!(html.ends_with("</table>\n</div>\n"), "{html}");
    }
}
