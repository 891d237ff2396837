//! The answer about a user's hook as a page alone: it has the look of the site, and needs no other file.

use anyhow::Result;
use askama::Template;

use super::escape;
use crate::report::guard::parts::{self, COSTS, NOT_A_SANDBOX};
use crate::run::guard::{Answer, Control, Findings, Outcome, Row, Tried};

#[derive(Template)]
#[template(path = "guard.html", config = "harness/report/site/askama.toml")]
struct Page<'a> {
    hook: String,
    styles: &'static str,
    fails: bool,
    heads: Vec<String>,
    marks: Option<String>,
    runtimes: Vec<Part<'a>>,
    cost_heads: [&'static str; 4],
    warning: [(&'static str, Option<&'static str>); 4],
}

/// The part of one runtime.
struct Part<'a> {
    runtime: String,
    rows: Vec<(String, Vec<Cell>)>,
    sentences: Vec<String>,
    disturbed: Vec<(&'a str, &'a str)>,
    worst: Vec<Operation<'a>>,
    costs: Vec<[String; 4]>,
    objections: Vec<(&'a str, &'a str)>,
}

/// A number, and the class for its colour and its sign.
struct Cell {
    text: String,
    class: &'static str,
}

/// An operation that is shown.
struct Operation<'a> {
    tried: &'a Tried,
    class: &'static str,
    capabilities: String,
    event: Option<String>,
    instead: Option<&'a str>,
}

/// Renders an answer with at most so many operations of each runtime.
///
/// # Errors
/// Never, because it writes to memory.
pub(crate) fn render(answer: &Answer, ways: usize) -> Result<String> {
    let columns = parts::columns(answer);
    let page = Page {
        hook: escape::name(&answer.hook),
        styles: include_str!("site.css"),
        fails: answer.fails(),
        heads: columns.iter().map(ToString::to_string).collect(),
        marks: parts::marks(answer),
        runtimes: answer.runtimes.iter().map(|findings| part(findings, &columns, ways)).collect(),
        cost_heads: COSTS,
        warning: NOT_A_SANDBOX,
    };
    Ok(page.render()?)
}

fn part<'a>(findings: &'a Findings, columns: &[Outcome], ways: usize) -> Part<'a> {
    let row = |row: &Row| {
        let name = format!("{}{}", row.capability, parts::mark(row.must));
        (name, columns.iter().map(|outcome| cell(row, *outcome)).collect())
    };
    let disturbed = |control: &'a Control| Some((control.operation, control.disturbed.as_deref()?));
    let sentences = [parts::doors(findings), parts::harmless(findings)];
    let objections =
        findings.costs.iter().filter_map(|cost| Some((cost.operation.as_str(), cost.objection.as_deref()?)));
    Part {
        runtime: escape::name(&findings.runtime),
        rows: findings.capabilities.iter().map(row).collect(),
        sentences: sentences.into_iter().flatten().collect(),
        disturbed: findings.harmless.iter().filter_map(disturbed).collect(),
        worst: findings.worst().into_iter().take(ways).map(operation).collect(),
        costs: findings.costs.iter().map(parts::costs).collect(),
        objections: objections.collect(),
    }
}

fn cell(row: &Row, outcome: Outcome) -> Cell {
    let class = match outcome {
        _ if parts::count(row, outcome) == 0 => "",
        Outcome::Denied => "p",
        Outcome::NoEvent => "k",
        _ if parts::is_bad(row, outcome) => "x",
        _ => "",
    };
    Cell { text: parts::cell(row, outcome), class }
}

fn operation(tried: &Tried) -> Operation<'_> {
    let words: Vec<String> = tried.capabilities.iter().map(ToString::to_string).collect();
    Operation {
        tried,
        class: if tried.outcome == Outcome::NoEvent { "k" } else { "x" },
        capabilities: words.join(", "),
        event: tried.raised.as_ref().map(parts::event),
        instead: tried.instead.as_deref().filter(|_| tried.is_open_door()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::guard::{Must, Seen};
    use crate::suite::Capability;

    const HOSTILE: &str = "</style><script>alert(1)</script>\"'\u{202e}";

    #[test]
    fn text_of_a_hook_and_an_interpreter_stays_text() {
        let tried = Tried {
            id: HOSTILE.to_owned(),
            event: HOSTILE.to_owned(),
            api: HOSTILE.to_owned(),
            capabilities: vec![Capability::Write],
            must: Some(Must::Deny),
            outcome: Outcome::TooLate,
            snippet: HOSTILE.to_owned(),
            raised: Some(Seen { name: HOSTILE.to_owned(), arguments: vec![HOSTILE.to_owned()] }),
            objection: Some(HOSTILE.to_owned()),
            instead: Some(HOSTILE.to_owned()),
        };
        let control = Control { operation: "printing", disturbed: Some(HOSTILE.to_owned()) };
        let policy = crate::run::guard::Policy::new(&[Capability::Write], &[]).expect("a policy");
        let findings = Findings::new(HOSTILE, &policy, &policy.deny, vec![tried], vec![control]);
        let answer = Answer {
            format: 1,
            hook: HOSTILE.to_owned(),
            deny: policy.deny.clone(),
            allow: policy.allow.clone(),
            runtimes: vec![findings],
        };
        let page = render(&answer, 9).expect("a page");
        assert!(!page.contains("<script") && page.matches("</style>").count() == 1, "{page}");
        assert!(page.contains("&lt;script&gt;alert(1)") && page.contains("\\u{202e}"), "{page}");
        assert!(page.contains("default-src 'none'") && !page.contains(" src="), "{page}");
    }
}
