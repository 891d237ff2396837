//! Edits of the known gaps in the text of a case file. Pure.
//!
//! All other text stays byte for byte, with its comments. The parser gives only the places where nodes begin, so their ends
//! are found by indentation. Therefore the content of the new text is compared with what was meant, and an edit that
//! another layout would need is refused.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_yaml::Value;

use super::known_gap::{Details, NO_REASON};
use super::verdict::Verdict;
use super::yaml::{Fault, Step, fault, locate};

/// The key of a case file that has the gaps.
const KEY: &str = "known-gaps";

/// The longest line with a list of cases, in characters. A longer list has a line for each case.
const LONGEST_LINE: usize = 120;

/// A change of one known gap, which is named by its index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GapEdit {
    /// Remove it.
    Remove(usize),
    /// Give it fewer cases. Each item of `cases` is kept as it is, or replaced by names of cases.
    Narrow(usize, Vec<Option<Vec<String>>>),
}

impl GapEdit {
    /// Returns the index of the gap.
    fn gap(&self) -> usize {
        let (GapEdit::Remove(gap) | GapEdit::Narrow(gap, _)) = self;
        *gap
    }
}

/// A known gap that is not yet in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewGap {
    /// The implementation that has it, as a glob.
    pub runtime: String,
    /// The names of the cases that show it.
    pub cases: Vec<String>,
    /// The verdict that they get.
    pub verdict: Verdict,
    /// The details that the verdict needs.
    pub details: Details,
}

/// Returns the text of a case file after changes of its known gaps.
///
/// # Errors
/// When the layout allows no such change.
pub(crate) fn edited(text: &str, edits: &[GapEdit]) -> Result<String, Fault> {
    let lines = Lines::new(text);
    let mut splices = Vec::new();
    for edit in edits {
        let found = match edit {
            GapEdit::Remove(gap) => lines.item(&[KEY.into(), (*gap).into()]).map(|item| vec![(item, String::new())]),
            GapEdit::Narrow(gap, cases) => lines.narrowed(*gap, cases),
        };
        splices.extend(found.ok_or_else(|| layout(text, edit.gap()))?);
    }
    let mut gaps = gaps(text);
    for edit in edits.iter().rev() {
        match edit {
            GapEdit::Remove(gap) => drop(gaps.remove(*gap)),
            GapEdit::Narrow(gap, cases) => narrow(&mut gaps[*gap]["cases"], cases),
        }
    }
    if gaps.is_empty() && !edits.is_empty() {
        splices.extend(lines.key().map(|key| (key, String::new())));
    }
    let first = edits.first().map_or(0, GapEdit::gap);
    compared(text, spliced(text, splices), gaps, first)
}

/// Returns the text of a case file with more known gaps, behind those that it has.
///
/// # Errors
/// When the layout allows no such change.
pub(crate) fn appended(text: &str, new: &[NewGap]) -> Result<String, Fault> {
    if new.is_empty() {
        return Ok(text.to_owned());
    }
    let lines = Lines::new(text);
    let mut gaps = gaps(text);
    let last = gaps.len().checked_sub(1);
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let (at, indent, mut added) = match last {
        Some(last) => {
            let item = lines.item(&[KEY.into(), last.into()]).ok_or_else(|| layout(text, last))?;
            let indent = text[item.start..].len() - text[item.start..].trim_start_matches(' ').len();
            (item.end, indent, String::new())
        }
        None => (text.len(), 2, format!("{KEY}:{line_end}")),
    };
    if !text[..at].ends_with('\n') {
        added.insert_str(0, line_end);
    }
    for gap in new {
        for line in gap.lines() {
            added += &format!("{}{line}{line_end}", " ".repeat(indent));
        }
        gaps.push(first_item(&gap.lines().join("\n")));
    }
    compared(text, spliced(text, vec![(at..at, added)]), gaps, last.unwrap_or_default())
}

/// Returns the first item of a list in YAML.
fn first_item(list: &str) -> Value {
    let list: Value = serde_yaml::from_str(list).unwrap_or_default();
    list.get(0).cloned().unwrap_or_default()
}

/// Returns the known gaps of a text.
fn gaps(text: &str) -> Vec<Value> {
    let document: Value = serde_yaml::from_str(text).unwrap_or_default();
    document.get(KEY).and_then(Value::as_sequence).cloned().unwrap_or_default()
}

fn narrow(cases: &mut Value, edits: &[Option<Vec<String>>]) {
    let Value::Sequence(old) = cases else { return };
    let pairs = old.iter().zip(edits);
    let new = pairs.flat_map(|(old, edit)| match edit {
        None => vec![old.clone()],
        Some(names) => names.iter().map(|name| Value::String(name.clone())).collect(),
    });
    *cases = Value::Sequence(new.collect());
}

/// Returns a text if it has the known gaps that were meant, and is otherwise as the one before.
fn compared(before: &str, after: String, gaps: Vec<Value>, first: usize) -> Result<String, Fault> {
    let read = |text: &str| serde_yaml::from_str::<serde_yaml::Mapping>(text).ok();
    let mut meant = read(before);
    if let Some(document) = &mut meant {
        match gaps.is_empty() {
            true => drop(document.remove(KEY)),
            false => drop(document.insert(KEY.into(), Value::Sequence(gaps))),
        }
    }
    if meant.is_some() && meant == read(&after) { Ok(after) } else { Err(layout(before, first)) }
}

fn layout(text: &str, gap: usize) -> Fault {
    let hint = "edit it by hand, or write each gap as an item `- runtime: ...` with one key on each line";
    let message = "the layout of the known gaps is too unusual to be edited".to_owned();
    fault(text, &[KEY.into(), gap.into()], message, Some(hint.to_owned()))
}

/// Replaces ranges of a text, in bytes, which do not overlap.
fn spliced(text: &str, mut splices: Vec<(Range<usize>, String)>) -> String {
    splices.sort_by_key(|(range, _)| range.start);
    let mut new = text.to_owned();
    for (range, part) in splices.into_iter().rev() {
        new.replace_range(range, &part);
    }
    new
}

/// A text with the places where its lines begin.
struct Lines<'a> {
    text: &'a str,
    /// In bytes; the last one is the end of the text.
    starts: Vec<usize>,
}

impl Lines<'_> {
    fn new(text: &str) -> Lines<'_> {
        let ends = text.split_inclusive('\n').scan(0, |end, line| {
            *end += line.len();
            Some(*end)
        });
        Lines { text, starts: [0].into_iter().chain(ends).collect() }
    }

    fn line(&self, index: usize) -> &str {
        self.starts.get(index + 1).map_or("", |end| &self.text[self.starts[index]..*end])
    }

    /// Returns the line of a node, from 0, and the place in the text where it begins, in bytes.
    fn start(&self, path: &[Step]) -> Option<(usize, usize)> {
        let (line, column) = locate(self.text, path)?;
        let (line, column) = (line.checked_sub(1)?, column.checked_sub(1)?);
        let within = self.line(line).char_indices().nth(column)?.0;
        Some((line, self.starts[line] + within))
    }

    /// Returns the lines of an item of a list, from its `-`, if the item has lines of its own. They end before the next
    /// line that is not indented more than the `-`.
    fn item(&self, path: &[Step]) -> Option<Range<usize>> {
        let (first, start) = self.start(path)?;
        let before = &self.text[self.starts[first]..start];
        let dash = indent(before);
        if before.trim() != "-" {
            return None;
        }
        let mut end = first + 1;
        for index in first + 1..self.starts.len() - 1 {
            let line = self.line(index);
            match line.trim().is_empty() {
                true => {}
                false if indent(line) > dash => end = index + 1,
                false => break,
            }
        }
        Some(self.starts[first]..self.starts[end])
    }

    /// Returns the line of the key of all known gaps.
    fn key(&self) -> Option<Range<usize>> {
        let is_key = |index: &usize| self.line(*index).strip_prefix(KEY).is_some_and(|rest| rest.starts_with(':'));
        let index = (0..self.starts.len() - 1).find(is_key)?;
        Some(self.starts[index]..self.starts[index + 1])
    }

    /// Returns what replaces the cases of a gap.
    fn narrowed(&self, gap: usize, edits: &[Option<Vec<String>>]) -> Option<Vec<(Range<usize>, String)>> {
        let path = |index: usize| [KEY.into(), gap.into(), "cases".into(), index.into()];
        let items: Option<Vec<Range<usize>>> = (0..edits.len()).map(|index| self.item(&path(index))).collect();
        let Some(items) = items else {
            let scalars = (0..edits.len()).map(|index| self.scalar(&path(index))).collect::<Option<Vec<_>>>()?;
            return Some(vec![self.narrowed_in_line(&scalars, edits)?]);
        };
        let replaced = |(item, edit): (Range<usize>, &Option<Vec<String>>)| {
            let line = &self.text[item.clone()];
            let start = &line[..=line.find('-')?];
            let line_end = if line.ends_with("\r\n") { "\r\n" } else { "\n" };
            let names = edit.as_ref()?.iter().map(|name| format!("{start} {}{line_end}", word(name)));
            Some((item, names.collect()))
        };
        Some(items.into_iter().zip(edits).filter_map(replaced).collect())
    }

    /// Returns the range of an item of a list in brackets.
    fn scalar(&self, path: &[Step]) -> Option<Range<usize>> {
        let (_, start) = self.start(path)?;
        Some(start..start + scalar_length(&self.text[start..])?)
    }

    /// Returns the items of a list in brackets that take the place of others, with the text between those that are kept.
    fn narrowed_in_line(
        &self,
        items: &[Range<usize>],
        edits: &[Option<Vec<String>>],
    ) -> Option<(Range<usize>, String)> {
        let mut text = String::new();
        let mut between = "";
        for (index, (item, edit)) in items.iter().zip(edits).enumerate() {
            let words = match edit {
                None => vec![self.text[item.clone()].to_owned()],
                Some(names) => names.iter().map(|name| word(name)).collect(),
            };
            if words.is_empty() {
                continue;
            }
            if !text.is_empty() {
                text += between;
            }
            text += &words.join(", ");
            let next = items.get(index + 1);
            between = next.filter(|_| edit.is_none()).map_or(", ", |next| &self.text[item.end..next.start]);
        }
        Some((items.first()?.start..items.last()?.end, text))
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Returns the length in bytes of the scalar of a list in brackets that a text begins with.
fn scalar_length(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|first| ['"', '\''].contains(first));
    let Some(quote) = quote else {
        return text.find([',', ']', '\n']).map(|end| text[..end].trim_end().len());
    };
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        let is_doubled = quote == '\'' && c == quote && chars.peek().is_some_and(|(_, next)| *next == quote);
        if is_doubled || quote == '"' && c == '\\' {
            chars.next();
        } else if c == quote {
            return Some(at + 1);
        }
    }
    None
}

impl NewGap {
    /// Returns its lines, as an item of a list without indentation.
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("- runtime: {}", word(&self.runtime))];
        let cases = format!("  cases: {}", list(&self.cases));
        if cases.chars().count() < LONGEST_LINE {
            lines.push(cases);
        } else {
            lines.push("  cases:".to_owned());
            lines.extend(self.cases.iter().map(|case| format!("    - {}", word(case))));
        }
        lines.push(format!("  verdict: {}", self.verdict));
        let Details { arguments, raised, veto, hot } = &self.details;
        lines.extend((!arguments.is_empty()).then(|| format!("  arguments: {}", list(arguments))));
        lines.extend(raised.as_ref().map(|raised| format!("  raised: {}", list(raised))));
        lines.extend(parts("veto", veto));
        lines.extend(parts("hot", hot));
        lines.extend(["  kind: bug".to_owned(), format!("  reason: {NO_REASON}")]);
        lines
    }
}

/// Returns the line with parts that fail, if there are any.
fn parts<P: ToString>(key: &str, parts: &BTreeSet<P>) -> Option<String> {
    let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
    match &parts[..] {
        [] => None,
        [part] => Some(format!("  {key}: {part}")),
        parts => Some(format!("  {key}: {}", list(parts))),
    }
}

fn list<'a>(words: impl IntoIterator<Item = &'a String>) -> String {
    format!("[{}]", words.into_iter().map(|text| word(text)).collect::<Vec<_>>().join(", "))
}

/// Returns a text as a scalar of YAML, in quotes if it needs them.
fn word(text: &str) -> String {
    let is_usual = text.chars().all(|c| c.is_ascii_alphanumeric() || "_./-".contains(c));
    let is_itself = || serde_yaml::from_str::<Value>(text).is_ok_and(|value| value.as_str() == Some(text));
    if is_usual && is_itself() { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The part of a case file before its known gaps.
    const TOP: &str = "event: m.f # é\nsetup: |\n  known-gaps: no\n# end\n";

    /// Returns a text behind `TOP`, with its lines in the place of `|`.
    fn file(gaps: &str) -> String {
        format!("{TOP}{gaps}")
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn an_edit_changes_its_own_text_only() {
        use GapEdit::{Narrow, Remove};
        let a = "  # about a\n  - runtime: x\n    # inside\n    cases: [a]\n    reason: >\n      long\n\n      text\n";
        let b = "\n  - {runtime: y, cases: [b, 'it''s', \"c,\\\"\", d*]} # z\n";
        let c = "  # about c\n  - cases:\n      # first\n      - p # 1\n      - \"*\"   # 2\n      - r\n    runtime: z\n# last\n";
        let all = file(&format!("known-gaps:\n{a}{b}{c}"));
        for (edits, before, after) in [
            (vec![], "", ""),
            (vec![Remove(0)], &a[12..], ""),
            (vec![Remove(1)], &b[1..], ""),
            (vec![Remove(2)], &c[12..c.len() - 7], ""),
            (vec![Narrow(0, vec![Some(names(&["q", "12"]))])], "cases: [a]", "cases: [q, \"12\"]"),
            (vec![Narrow(1, vec![Some(names(&[])), None, None, None])], "[b, 'it''s',", "['it''s',"),
            (vec![Narrow(1, vec![None, Some(names(&[])), None, None])], "b, 'it''s', ", "b, "),
            (vec![Narrow(1, vec![None, None, Some(names(&[])), None])], ", \"c,\\\"\"", ""),
            (vec![Narrow(1, vec![None, None, None, Some(names(&["d1", "d2"]))])], "d*]", "d1, d2]"),
            (vec![Narrow(1, vec![None, None, None, Some(names(&[]))])], ", d*]", "]"),
            (vec![Narrow(2, vec![Some(names(&[])), None, None])], "      - p # 1\n", ""),
            (vec![Narrow(2, vec![None, Some(names(&["q", "s"])), None])], "- \"*\"   # 2\n", "- q\n      - s\n"),
            (vec![Narrow(2, vec![None, None, Some(names(&[]))])], "      - r\n", ""),
        ] {
            assert_eq!(all.matches(before).count().min(1), 1, "{before:?}");
            let wanted = if edits.is_empty() { all.clone() } else { all.replacen(before, after, 1) };
            assert_eq!(edited(&all, &edits).expect("the layout is usual"), wanted, "{edits:?}");
            let windows = edited(&all.replace('\n', "\r\n"), &edits).expect("the layout is usual");
            assert_eq!(windows, wanted.replace('\n', "\r\n"), "{edits:?}");
        }
        let none = edited(&all, &[Remove(0), Remove(1), Remove(2)]).expect("the layout is usual");
        assert_eq!(none, file("  # about a\n\n  # about c\n# last\n"));
        let both = edited(&all, &[Remove(0), Narrow(1, vec![None, Some(names(&[])), Some(names(&[])), None])]);
        let wanted = all.replace(&a[12..], "").replace("b, 'it''s', \"c,\\\"\", d*", "b, d*");
        assert_eq!(both.expect("the layout is usual"), wanted);
    }

    #[test]
    fn an_unusual_layout_is_refused() {
        use GapEdit::{Narrow, Remove};
        for (gaps, edit) in [
            ("known-gaps: [{runtime: x, cases: [a]}]\n", Remove(0)),
            ("known-gaps:\n  - {runtime: x,\ncases: [a]}\n", Remove(0)),
            ("known-gaps:\n  - runtime: x\n    cases: &all [a, b]\n  - runtime: y\n    cases: *all\n", Remove(0)),
            (
                "known-gaps:\n  - runtime: x\n    cases: &all [a, b]\n  - runtime: y\n    cases: *all\n",
                Narrow(1, vec![None, Some(names(&[]))]),
            ),
        ] {
            let fault = edited(&file(gaps), &[edit]).expect_err(gaps);
            assert_eq!(fault.message, "the layout of the known gaps is too unusual to be edited", "{gaps}");
            assert!(fault.line > 4 && fault.hint.is_some(), "{fault:?}");
        }
    }

    fn new(verdict: Verdict, details: &str) -> NewGap {
        let details = serde_json::from_str(details).expect("details");
        NewGap { runtime: "pypy".to_owned(), cases: vec!["a".to_owned(), "1".to_owned()], verdict, details }
    }

    #[test]
    fn new_gaps_are_put_behind_the_others() {
        let missing = || new(Verdict::Missing, "{}");
        let lines = "- runtime: pypy\n  cases: [a, \"1\"]\n  verdict: missing\n  kind: bug\n  reason: TODO\n";
        let indented: String = lines.lines().map(|line| format!("  {line}\n")).collect();
        for (before, after) in [
            ("", format!("known-gaps:\n{indented}")),
            ("last: 1", format!("last: 1\nknown-gaps:\n{indented}")),
            ("known-gaps:\n- runtime: x\n  # c\n", format!("known-gaps:\n- runtime: x\n  # c\n{lines}")),
            ("known-gaps:\n  - runtime: x", format!("known-gaps:\n  - runtime: x\n{indented}")),
            (
                "known-gaps:\n  - runtime: x\n\n# c\nlast: 1\n",
                format!("known-gaps:\n  - runtime: x\n{indented}\n# c\nlast: 1\n"),
            ),
        ] {
            assert_eq!(appended(&file(before), &[missing()]).expect("the layout is usual"), file(&after), "{before}");
        }
        let windows = appended("event: m.f\r\n", &[missing()]).expect("the layout is usual");
        assert_eq!(windows, format!("event: m.f\nknown-gaps:\n{indented}").replace('\n', "\r\n"));
        for refused in ["known-gaps: []\n", "known-gaps: [{runtime: x}]\n", "last: 1\n...\n"] {
            assert!(appended(&file(refused), &[missing()]).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_new_gap_has_the_details_of_its_verdict() {
        for (verdict, details, line) in [
            (Verdict::WrongArgs, r#"{"arguments": ["x", "[2]", "m.g[0]"]}"#, r#"arguments: ["[2]", "m.g[0]", x]"#),
            (Verdict::WrongCount, r#"{"raised": []}"#, "raised: []"),
            (Verdict::WrongCount, r#"{"raised": ["m.f", "m.f/2", "a: b"]}"#, r#"raised: [m.f, m.f/2, "a: b"]"#),
            (Verdict::Unvetoed, r#"{"veto": ["effect"]}"#, "veto: effect"),
            (Verdict::Unvetoed, r#"{"veto": ["effect", "exception"]}"#, "veto: [exception, effect]"),
            (Verdict::ColdOnly, r#"{"hot": ["raised"]}"#, "hot: raised"),
            (Verdict::ColdOnly, r#"{"hot": ["veto", "arguments"]}"#, "hot: [arguments, veto]"),
        ] {
            let text = appended(TOP, &[new(verdict, details)]).expect("the layout is usual");
            assert!(text.contains(&format!("\n    verdict: {verdict}\n    {line}\n    kind: bug\n")), "{text}");
        }
        let many: Vec<String> = (0..40).map(|number| format!("c{number}")).collect();
        let long = NewGap { cases: many, ..new(Verdict::Missing, "{}") };
        let text = appended(TOP, &[long]).expect("the layout is usual");
        assert!(
            text.contains("\n    cases:\n      - c0\n      - c1\n") && text.contains("- c39\n    verdict"),
            "{text}"
        );
    }

    #[test]
    fn a_word_is_quoted_where_yaml_would_read_something_else() {
        for (text, written) in [
            ("os.open", "os.open"),
            ("12", "\"12\""),
            ("null", "\"null\""),
            ("", "\"\""),
            ("-", "\"-\""),
            ("---", "\"---\""),
            ("a*", "\"a*\""),
            ("a\n\"b", "\"a\\n\\\"b\""),
        ] {
            assert_eq!(word(text), written);
        }
    }
}
