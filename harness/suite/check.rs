//! The reading of a case file, and the checks of what its parts say together.
//!
//! A file is read whole or not at all. Each fault has a line, a column, a path and a hint.

use std::collections::BTreeSet;

use super::api::{can_be_found, is_looked_up};
use super::case::{Args, Case, EventFile, Expected, Observer, Passes, VetoPromise, find};
use super::known_gap::{HotParts, KnownGap, NO_REASON, VetoParts};
use super::shape::Shape;
use super::verdict::{Kind, Verdict};
use super::yaml::{self, Fault, Faults, Step};

/// The most cases or doors of a file, needs of all its cases, names of arguments, and known gaps. The checks compare
/// each of them with each other.
const MOST: usize = 1000;

/// The most bytes of a setup that every case gets.
const LONGEST: usize = 64 << 10;

impl EventFile {
    /// Reads a case file. Its `needs` and its `setup` are then part of every case.
    ///
    /// # Errors
    /// All faults that can be told apart: the first one of syntax or type, or else one for each contradiction.
    pub fn parse(text: &str) -> Result<EventFile, Vec<Fault>> {
        let count = text.matches("match").count();
        if count > MOST {
            // To compile them would take too much time and memory.
            let message = format!("the file has the word `match` {count} times, and may have it {MOST} times");
            let hint = Some("write several files".to_owned());
            return Err(vec![Fault { line: 1, column: 1, path: String::new(), message, hint }]);
        }
        let mut file: EventFile = yaml::read(text).map_err(|fault| vec![fault])?;
        check_sizes(
            text,
            &file.setup,
            &[
                ("cases", file.cases.len()),
                ("needs", file.needs.len()),
                ("arguments", file.arguments.0.iter().map(|variant| variant.arguments.len()).sum()),
                // A gap counts once for each of its globs, which are tried on all cases.
                ("known-gaps", file.known_gaps.iter().map(|gap| gap.cases.len().max(1)).sum()),
            ],
        )?;
        let mut check = Check { file: &file, faults: Faults::of(text) };
        check.names();
        check.shared();
        check.shared_veto();
        for (index, case) in file.cases.iter().enumerate() {
            check.case(case, index);
        }
        check.apis();
        check.gaps();
        let faults = check.faults.all();
        if !faults.is_empty() {
            return Err(faults);
        }
        file.share_with_cases();
        Ok(file)
    }
}

/// Returns a fault for each known gap that lacks its reason, or what a report of it needs. A run may use such a file.
pub(super) fn unfinished_gaps(file: &EventFile, text: &str) -> Vec<Fault> {
    let mut faults = Faults::of(text);
    for (index, gap) in file.known_gaps.iter().enumerate() {
        let mut fault = |key: &str, message: String, hint: String| {
            faults.add(&["known-gaps".into(), index.into(), key.into()], message, &hint);
        };
        if gap.reason == NO_REASON {
            let hint = format!("say in a sentence why `{}` is expected, and correct `kind`", gap.verdict);
            fault("reason", "the gap has no reason yet".to_owned(), hint);
        } else if gap.is_reportable() && gap.title.is_none() {
            let hint = "say in a line what is wrong, as the title of an issue does".to_owned();
            fault("kind", format!("a gap of kind `{}` needs a `title`", gap.kind), hint);
        } else if gap.is_reportable() && gap.issue.is_none() && !gap.unreported {
            let hint = "give the link to its tracker, if there is one".to_owned();
            fault("kind", format!("a gap of kind `{}` needs either `issue` or `unreported: true`", gap.kind), hint);
        }
    }
    faults.all()
}

/// Checks that the lists of a file, and the setup of all its cases, are no larger than a file of the suite needs.
pub(super) fn check_sizes(text: &str, setup: &str, lists: &[(&str, usize)]) -> Result<(), Vec<Fault>> {
    let mut faults = Faults::of(text);
    for (key, count) in lists.iter().filter(|(_, count)| *count > MOST) {
        let message = format!("`{key}` has {count} entries, and may have {MOST}");
        faults.add(&[(*key).into()], message, "write several files");
    }
    if setup.len() > LONGEST {
        let message = format!("`setup` has {} bytes, and may have {LONGEST}", setup.len());
        faults.add(&["setup".into()], message, "every case gets it");
    }
    let faults = faults.all();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Adds the faults of the names in a list of cases or doors, which must not be empty. `list` is its key.
pub(super) fn check_names<'a>(faults: &mut Faults, list: &str, names: impl Iterator<Item = &'a str>) {
    let mut seen = BTreeSet::new();
    for (index, name) in names.enumerate() {
        let path = [list.into(), index.into(), "name".into()];
        if !seen.insert(name) {
            let hint = "choose another name: it is part of the id";
            faults.add(&path, format!("two {list} are named `{name}`"), hint);
        } else if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            faults.add(&path, format!("invalid name `{name}`"), "use letters, digits and hyphens");
        }
    }
    if seen.is_empty() {
        faults.add(&[list.into()], format!("the file has no {list}"), "write at least one");
    }
}

/// The faults of a file, as far as it is checked.
struct Check<'a> {
    file: &'a EventFile,
    faults: Faults<'a>,
}

impl Check<'_> {
    fn fault(&mut self, path: &[Step], message: impl Into<String>, hint: &str) {
        self.faults.add(path, message, hint);
    }

    fn fault_in_case(&mut self, index: usize, key: &str, message: impl Into<String>, hint: &str) {
        self.fault(&["cases".into(), index.into(), key.into()], message, hint);
    }

    fn names(&mut self) {
        check_names(&mut self.faults, "cases", self.file.cases.iter().map(|case| case.name.as_str()));
    }

    /// Checks the needs and the setup that every case gets.
    fn shared(&mut self) {
        if !self.file.setup.is_empty() && self.file.cases.iter().any(|case| case.invoke.is_some()) {
            let message = "a case with `invoke` cannot have a setup";
            self.fault(&["setup".into()], message, "give the setup to each case with a `snippet`");
        }
        for (index, case) in self.file.cases.iter().enumerate() {
            for need in case.needs.iter().filter(|need| self.file.needs.contains(need)) {
                let message = format!("the file already needs `{}` for every case", need.as_str());
                self.fault_in_case(index, "needs", message, "remove it here");
            }
        }
    }

    fn case(&mut self, case: &Case, index: usize) {
        let mut fault = |key: &str, message: &str, hint: &str| self.fault_in_case(index, key, message, hint);
        match (&case.snippet, &case.invoke) {
            (None, None) => {
                fault("name", "the case has neither `snippet` nor `invoke`", "`invoke` is for a command line");
            }
            (Some(_), Some(_)) => fault("invoke", "the case has both `snippet` and `invoke`", "remove one of them"),
            (None, Some(_)) if !case.setup.is_empty() => {
                fault("setup", "a case with `invoke` cannot have a setup", "write files with `invoke.files`");
            }
            _ => {}
        }
        if case.observe == Observer::Native {
            if case.invoke.is_none() {
                fault("observe", "`observe: native` needs an `invoke`", "a native hook records command lines only");
            }
            if case.shapes().any(Shape::asks) {
                let message = "a native hook cannot evaluate `same`, `equal`, `instance` or `attrs`";
                fault("expect", message, "use literals, `match`, `bytes`, `tuple`, `list`, `one-of` and `type`");
            }
        } else if !case.about.0.is_empty() {
            fault("where", "`where` needs `observe: native`", "other hooks record only the events of the snippet");
        }
        if is_looked_up(&case.api) && !can_be_found(&case.api) {
            let message = format!("`{0}` is looked up in builtins, where it is not", case.api);
            fault("api", &message, "write MODULE.NAME, or more than one word (`python -c`), which is not looked up");
        }
        self.case_arguments(case, index);
        self.case_veto(case, index);
        let file = self.file;
        if file.expects_event(case) && !file.raised_by.contains(&case.api) {
            self.fault_in_case(index, "api", format!("`raised-by` does not list `{}`", case.api), "add it there");
        }
    }

    fn case_arguments(&mut self, case: &Case, index: usize) {
        let names = self.file.arguments.names();
        let list = format!("`arguments` lists: {}", names.iter().copied().collect::<Vec<_>>().join(", "));
        let unknown = |name: &str| format!("`{}` has no argument `{name}`", self.file.event);
        let where_path = ["cases".into(), index.into(), "where".into()];
        for (name, _) in case.about.0.iter().filter(|(name, _)| !names.contains(name.as_str())) {
            self.fault(&[&where_path, [name.as_str().into()].as_slice()].concat(), unknown(name), &list);
        }
        for (at, expected) in case.expect.iter().enumerate() {
            let Expected { args: Args::Named(shapes), .. } = expected else { continue };
            if !expected.is_of(self.file) {
                continue;
            }
            let path = ["cases".into(), index.into(), "expect".into(), at.into(), "args".into()];
            for (name, _) in shapes.iter().filter(|(name, _)| !names.contains(name.as_str())) {
                self.fault(&[path.as_slice(), &[name.as_str().into()]].concat(), unknown(name), &list);
            }
            for name in names.iter().filter(|name| find(shapes, name).is_none()) {
                self.fault(&path, format!("argument `{name}` has no shape"), "`any` is a shape that allows everything");
            }
        }
    }

    fn case_veto(&mut self, case: &Case, index: usize) {
        let raises = self.file.expects_event(case);
        let event = &self.file.event;
        let is_vetoed = case.is_vetoed(self.file);
        let mut fault = |key: &str, message: &str, hint: &str| self.fault_in_case(index, key, message, hint);
        match (case.veto(), &case.because) {
            (VetoPromise::Stops | VetoPromise::Query, Some(_)) => {
                fault("because", "`because` explains `veto`, which needs no reason here", "remove it");
            }
            (VetoPromise::Stops | VetoPromise::Query, None) | (_, Some(_)) => {}
            (_, None) => fault("veto", "`veto` has no reason", "give it in `because`"),
        }
        if case.veto() != VetoPromise::Stops && !raises {
            fault("veto", "there is no event to veto", &format!("the case does not expect `{event}`"));
        }
        if case.once.is_some() && (case.snippet.is_none() || case.run == Passes::Vetoed) {
            fault("once", "the case is never repeated", "remove it");
        }
        if case.run == Passes::Vetoed && !is_vetoed {
            let hint = format!("`run: vetoed` needs a `veto`, and `{event}` in `expect`");
            fault("run", "no pass would run", &hint);
        }
    }

    fn shared_veto(&mut self) {
        if self.file.veto.is_some_and(|veto| veto != VetoPromise::Query) {
            let hint = "a file may say `query`; every other promise belongs to a case";
            self.fault(&["veto".into()], "this promise needs the reason of a case".to_owned(), hint);
        }
    }

    fn apis(&mut self) {
        for (index, api) in self.file.raised_by.iter().enumerate() {
            if !self.file.cases.iter().any(|case| case.api == *api) {
                let path = ["raised-by".into(), index.into()];
                self.fault(&path, format!("no case has `api: {api}`"), "write one, or remove the API here");
            }
        }
    }

    fn gaps(&mut self) {
        for (index, gap) in self.file.known_gaps.iter().enumerate() {
            let path = |key: &str| ["known-gaps".into(), index.into(), key.into()];
            for (at, glob) in gap.cases.iter().enumerate() {
                if !self.file.cases.iter().any(|case| glob.matches(&case.name)) {
                    let path = [path("cases").as_slice(), &[at.into()]].concat();
                    self.fault(&path, format!("no case is named `{}`", glob.as_str()), "correct or remove it");
                }
            }
            if !gap.verdict.is_failure() {
                let failures = Verdict::ALL.iter().filter(|verdict| verdict.is_failure());
                let hint = format!("use {}", failures.map(ToString::to_string).collect::<Vec<_>>().join(", "));
                self.fault(&path("verdict"), format!("`{}` is not a failure", gap.verdict), &hint);
            }
            if gap.implementation.is_some() && is_cpython(gap.runtime.as_str()) {
                let message = "the version of CPython is that of the language";
                self.fault(&path("implementation"), message, "use `python:`");
            }
            if gap.kind == Kind::Listed {
                let hint = "use documentation, bug, not-implemented or by-design";
                self.fault(&path("kind"), "`listed` is for gaps files only", hint);
            }
            if gap.issue.as_ref().is_some_and(|issue| !issue.starts_with("https://")) {
                self.fault(&path("issue"), "`issue` is not a link", "it begins with https://");
            }
            self.gap_report(gap, index);
            self.gap_details(gap, index);
        }
    }

    /// Checks that only a gap of a kind that is reported has the keys of a report.
    fn gap_report(&mut self, gap: &KnownGap, index: usize) {
        let mut fault = |key: &str, message: String, hint: &str| {
            self.fault(&["known-gaps".into(), index.into(), key.into()], message, hint);
        };
        for (key, is_there) in [("title", gap.title.is_some()), ("unreported", gap.unreported)] {
            if is_there && !gap.is_reportable() {
                let message = format!("`{key}` is for gaps of kind `bug` and `documentation`, not `{}`", gap.kind);
                fault(key, message, "remove it, or correct `kind`");
            }
        }
        if gap.is_reportable() && gap.unreported && gap.issue.is_some() {
            fault("unreported", "the gap has an `issue`".to_owned(), "remove one of the two");
        }
        if gap.promise.as_ref().is_some_and(|promise| !promise.link.starts_with("https://")) {
            fault("promise", "`link` is not a link".to_owned(), "it begins with https://");
        }
    }

    /// Checks that a gap describes its failure, and nothing that the failure cannot have.
    fn gap_details(&mut self, gap: &KnownGap, index: usize) {
        let file = self.file;
        let mut fault = |key: &str, message: String, hint: &str| {
            self.fault(&["known-gaps".into(), index.into(), key.into()], message, hint);
        };
        for (key, verdict, is_empty, what) in [
            (
                "arguments",
                Verdict::WrongArgs,
                gap.arguments.as_ref().map(BTreeSet::is_empty),
                "names of wrong arguments",
            ),
            ("raised", Verdict::WrongCount, gap.raised.as_ref().map(|_| false), "events that are raised instead"),
            (
                "veto",
                Verdict::Unvetoed,
                gap.veto.as_ref().map(VetoParts::is_empty),
                "part that fails: exception, effect",
            ),
            (
                "hot",
                Verdict::ColdOnly,
                gap.hot.as_ref().map(HotParts::is_empty),
                "part that fails: raised, arguments, effect, veto",
            ),
        ] {
            if gap.verdict == verdict && is_empty != Some(false) {
                let message = format!("a gap of `{verdict}` needs `{key}`, so that it excuses nothing else");
                fault("verdict", message, &format!("add `{key}` with the {what}"));
            } else if gap.verdict != verdict && is_empty.is_some() {
                fault(key, format!("`{key}` is for gaps of `{verdict}`"), "remove it, or write a gap of its own");
            }
        }
        let cases: Vec<&Case> = file.cases.iter().filter(|case| gap.is_about(&case.name)).collect();
        for name in gap.arguments.iter().flatten().filter(|name| !is_argument(name, file, &cases)) {
            let names = file.arguments.names().into_iter().collect::<Vec<_>>().join(", ");
            let hint = format!("use {names}, `EVENT[N]` for an event of another file, or `[N]` for an excess argument");
            fault("arguments", format!("`{}` has no argument `{name}`", file.event), &hint);
        }
        for case in cases {
            let expected = case.expect.iter().map(|expected| expected.event.as_ref().unwrap_or(&file.event));
            if gap.raised.as_ref().is_some_and(|raised| raised.iter().eq(expected)) {
                let message = format!("`{}` expects these events", case.name);
                fault("raised", message, "write the events that are raised instead");
            }
        }
    }
}

/// Tells whether a gap can call an argument so.
fn is_argument(name: &str, file: &EventFile, cases: &[&Case]) -> bool {
    let Some((event, index)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) else {
        return file.arguments.names().contains(name);
    };
    let mut expected = cases.iter().flat_map(|case| &case.expect);
    index.parse::<usize>().is_ok() && (event.is_empty() || expected.any(|one| one.event.as_deref() == Some(event)))
}

/// Tells whether a glob over runtimes is for CPython alone.
fn is_cpython(runtime: &str) -> bool {
    runtime == "cpython" || runtime.starts_with("cpython-")
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn a_file_is_not_multiplied_with_itself() {
        // Each of 10,000 cases would get the setup of 500 kB.
        let cases: String = (0..10_000)
            .map(|number| format!("  - {{name: c{number}, api: m.f, snippet: f(), expect: []}}\n"))
            .collect();
        let setup = "x".repeat(500_000);
        let text =
            format!("event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\nsetup: {setup}\ncases:\n{cases}");
        let faults = EventFile::parse(&text).expect_err("too large");
        let messages: Vec<_> = faults.iter().map(|fault| (fault.line, fault.message.as_str())).collect();
        assert_eq!(messages[0].1, "`cases` has 10000 entries, and may have 1000");
        assert_eq!(messages[1].1, "`setup` has 500000 bytes, and may have 65536");
        assert_eq!((messages.len(), messages[1].0), (2, 5));
    }

    #[test]
    fn the_globs_of_known_gaps_are_counted() {
        let gaps = |count: usize| {
            let gap = "- {runtime: cpython, cases: [c, c, c, c], verdict: missing, kind: bug, reason: R.}\n";
            format!(
                "event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\nknown-gaps:\n{}\
                 cases: [{{name: c, api: m.f, snippet: f(), expect: [], effect: x}}]\n",
                gap.repeat(count)
            )
        };
        let faults = EventFile::parse(&gaps(251)).expect_err("too many");
        assert_eq!(faults[0].message, "`known-gaps` has 1004 entries, and may have 1000");
        EventFile::parse(&gaps(250)).expect("few enough");
    }

    #[test]
    fn a_large_file_has_few_expressions_and_few_places_of_faults() {
        let file =
            |cases: &str| format!("event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\ncases:\n{cases}");
        let faults = EventFile::parse(&file(&"# match\n".repeat(1001))).expect_err("too many expressions");
        assert_eq!(faults[0].message, "the file has the word `match` 1001 times, and may have it 1000 times");
        let case = format!("- {{name: a, api: m.f, snippet: {}, expect: []}}\n", "x".repeat(3000));
        let faults = EventFile::parse(&file(&case.repeat(300))).expect_err("all names are the same");
        assert_eq!((faults.len(), &*faults[10].message), (11, "289 more faults are not shown"));
    }

    /// A file without a fault. Each row of the table below replaces one part of it.
    const FILE: &str = "\
event: m.f
documented: true
arguments: [a, b]
raised-by: [m.f]
cases:
- name: one
  api: m.f
  snippet: f()
  expect:
  - args: {a: 1, b: any}
  - {event: m.g, args: [1]}
- name: two
  api: python -c
  observe: native
  invoke: {args: []}
  where: {a: 1}
  expect: []
known-gaps:
- runtime: cpython
  cases: [one]
  verdict: missing
  kind: bug
  reason: x
  issue: https://x
";

    /// A part of the file, its replacement, and the fault.
    const FAULTS: &[(&str, &str, &str)] = &[
        // Names.
        (
            "name: two",
            "name: one",
            "12:9 cases[1].name: two cases are named `one` (choose another name: it is part of the id)",
        ),
        ("name: two", "name: t_o", "12:9 cases[1].name: invalid name `t_o` (use letters, digits and hyphens)"),
        ("name: two", "name: ''", "12:9 cases[1].name: invalid name `` (use letters, digits and hyphens)"),
        // What every case gets.
        (
            "cases:\n- name: one",
            "setup: x\ncases:\n- name: one",
            "5:8 setup: a case with `invoke` cannot have a setup (give the setup to each case with a `snippet`)",
        ),
        (
            "cases:\n- name: one",
            "needs: [fork]\ncases:\n- needs: [root, fork]\n  name: one",
            "7:10 cases[0].needs: the file already needs `fork` for every case (remove it here)",
        ),
        // Snippets, command lines and hooks.
        (
            "  snippet: f()\n",
            "",
            "6:9 cases[0].name: the case has neither `snippet` nor `invoke` (`invoke` is for a command line)",
        ),
        (
            "  invoke:",
            "  snippet: f()\n  invoke:",
            "16:11 cases[1].invoke: the case has both `snippet` and `invoke` (remove one of them)",
        ),
        (
            "  invoke:",
            "  setup: x\n  invoke:",
            "15:10 cases[1].setup: a case with `invoke` cannot have a setup (write files with `invoke.files`)",
        ),
        (
            "invoke: {args: []}",
            "snippet: f()",
            "14:12 cases[1].observe: `observe: native` needs an `invoke` (a native hook records command lines only)",
        ),
        (
            "where: {a: 1}",
            "where: {a: {same: x}}",
            "17:11 cases[1].expect: a native hook cannot evaluate `same`, `equal`, `instance` or `attrs` (use literals, `match`, `bytes`, `tuple`, `list`, `one-of` and `type`)",
        ),
        (
            "  observe: native\n",
            "",
            "15:10 cases[1].where: `where` needs `observe: native` (other hooks record only the events of the snippet)",
        ),
        // Arguments.
        (
            "where: {a: 1}",
            "where: {c: 1}",
            "16:14 cases[1].where.c: `m.f` has no argument `c` (`arguments` lists: a, b)",
        ),
        (
            "b: any}",
            "b: any, c: 1}",
            "10:29 cases[0].expect[0].args.c: `m.f` has no argument `c` (`arguments` lists: a, b)",
        ),
        (
            ", b: any}",
            "}",
            "10:11 cases[0].expect[0].args: argument `b` has no shape (`any` is a shape that allows everything)",
        ),
        // Vetoes.
        (
            "  snippet: f()",
            "  because: x\n  snippet: f()",
            "8:12 cases[0].because: `because` explains `veto`, which needs no reason here (remove it)",
        ),
        (
            "cases:",
            "veto: after\ncases:",
            "5:7 veto: this promise needs the reason of a case (a file may say `query`; every other promise belongs to a case)",
        ),
        (
            "  snippet: f()",
            "  veto: query\n  because: x\n  snippet: f()",
            "9:12 cases[0].because: `because` explains `veto`, which needs no reason here (remove it)",
        ),
        (
            "  snippet: f()",
            "  veto: after\n  snippet: f()",
            "8:9 cases[0].veto: `veto` has no reason (give it in `because`)",
        ),
        (
            "  expect: []",
            "  veto: none\n  because: x\n  expect: []",
            "17:9 cases[1].veto: there is no event to veto (the case does not expect `m.f`)",
        ),
        (
            "  expect: []",
            "  run: vetoed\n  expect: []",
            "17:8 cases[1].run: no pass would run (`run: vetoed` needs a `veto`, and `m.f` in `expect`)",
        ),
        (
            "  snippet: f()",
            "  run: vetoed\n  veto: none\n  because: x\n  snippet: f()",
            "8:8 cases[0].run: no pass would run (`run: vetoed` needs a `veto`, and `m.f` in `expect`)",
        ),
        (
            "  snippet: f()",
            "  once: x\n  run: vetoed\n  snippet: f()",
            "8:9 cases[0].once: the case is never repeated (remove it)",
        ),
        // APIs.
        (
            "api: python -c",
            "api: python",
            "13:8 cases[1].api: `python` is looked up in builtins, where it is not (write MODULE.NAME, or more than one word (`python -c`), which is not looked up)",
        ),
        (
            "  expect: []",
            "  expect: [args: {a: 1, b: 1}]",
            "13:8 cases[1].api: `raised-by` does not list `python -c` (add it there)",
        ),
        (
            "raised-by: [m.f]",
            "raised-by: [m.f, m.g]",
            "4:18 raised-by[1]: no case has `api: m.g` (write one, or remove the API here)",
        ),
        // Known gaps.
        (
            "cases: [one]",
            "cases: [one, thr*]",
            "20:16 known-gaps[0].cases[1]: no case is named `thr*` (correct or remove it)",
        ),
        (
            "verdict: missing",
            "verdict: pass",
            "21:12 known-gaps[0].verdict: `pass` is not a failure (use missing, wrong-count, wrong-args, unvetoed, cold-only, error, crash, timeout)",
        ),
        (
            "kind: bug",
            "kind: listed",
            "22:9 known-gaps[0].kind: `listed` is for gaps files only (use documentation, bug, not-implemented or by-design)",
        ),
        ("issue: https://x", "issue: x", "24:10 known-gaps[0].issue: `issue` is not a link (it begins with https://)"),
        (
            "kind: bug",
            "kind: by-design\n  title: t",
            "23:10 known-gaps[0].title: `title` is for gaps of kind `bug` and `documentation`, not `by-design` (remove it, or correct `kind`)",
        ),
        (
            "kind: bug",
            "kind: by-design\n  unreported: true",
            "23:15 known-gaps[0].unreported: `unreported` is for gaps of kind `bug` and `documentation`, not `by-design` (remove it, or correct `kind`)",
        ),
        (
            "kind: bug",
            "kind: bug\n  unreported: true",
            "23:15 known-gaps[0].unreported: the gap has an `issue` (remove one of the two)",
        ),
        (
            "kind: bug",
            "kind: bug\n  promise: {quote: q, link: x}",
            "23:12 known-gaps[0].promise: `link` is not a link (it begins with https://)",
        ),
        // Details of known gaps.
        (
            "verdict: missing",
            "verdict: wrong-args",
            "21:12 known-gaps[0].verdict: a gap of `wrong-args` needs `arguments`, so that it excuses nothing else (add `arguments` with the names of wrong arguments)",
        ),
        (
            "verdict: missing",
            "verdict: wrong-args\n  arguments: []",
            "21:12 known-gaps[0].verdict: a gap of `wrong-args` needs `arguments`, so that it excuses nothing else (add `arguments` with the names of wrong arguments)",
        ),
        (
            "verdict: missing",
            "verdict: wrong-count",
            "21:12 known-gaps[0].verdict: a gap of `wrong-count` needs `raised`, so that it excuses nothing else (add `raised` with the events that are raised instead)",
        ),
        (
            "verdict: missing",
            "verdict: unvetoed",
            "21:12 known-gaps[0].verdict: a gap of `unvetoed` needs `veto`, so that it excuses nothing else (add `veto` with the part that fails: exception, effect)",
        ),
        (
            "verdict: missing",
            "verdict: unvetoed\n  veto: []",
            "21:12 known-gaps[0].verdict: a gap of `unvetoed` needs `veto`, so that it excuses nothing else (add `veto` with the part that fails: exception, effect)",
        ),
        (
            "verdict: missing",
            "verdict: cold-only",
            "21:12 known-gaps[0].verdict: a gap of `cold-only` needs `hot`, so that it excuses nothing else (add `hot` with the part that fails: raised, arguments, effect, veto)",
        ),
        (
            "verdict: missing",
            "verdict: missing\n  veto: effect",
            "22:9 known-gaps[0].veto: `veto` is for gaps of `unvetoed` (remove it, or write a gap of its own)",
        ),
        (
            "verdict: missing",
            "verdict: wrong-args\n  arguments: [a, c]",
            "22:14 known-gaps[0].arguments: `m.f` has no argument `c` (use a, b, `EVENT[N]` for an event of another file, or `[N]` for an excess argument)",
        ),
        (
            "verdict: missing",
            "verdict: wrong-args\n  arguments: ['m.g[0]', '[2]', '[x]']",
            "22:14 known-gaps[0].arguments: `m.f` has no argument `[x]` (use a, b, `EVENT[N]` for an event of another file, or `[N]` for an excess argument)",
        ),
        (
            "verdict: missing",
            "verdict: wrong-count\n  raised: [m.f, m.g]",
            "22:11 known-gaps[0].raised: `one` expects these events (write the events that are raised instead)",
        ),
        (
            "verdict: missing",
            "verdict: missing\n  implementation: '>=3.9'",
            "22:19 known-gaps[0].implementation: the version of CPython is that of the language (use `python:`)",
        ),
        (
            "runtime: cpython\n",
            "runtime: cpython-3.1*\n  implementation: '>=3.9'\n",
            "20:19 known-gaps[0].implementation: the version of CPython is that of the language (use `python:`)",
        ),
        (
            "runtime: cpython\n",
            "runtime: pypy\n  implementation: '>=x'\n",
            "20:19 known-gaps[0].implementation: `>=x` is not a version specifier of PEP 440, such as `>=3.8,<3.12` ()",
        ),
        // Types and syntax.
        (
            "documented: true",
            "documented: yes it is",
            "2:13 documented: invalid type: string \"yes it is\", expected a boolean ()",
        ),
        (
            "cases:\n- name: one",
            "python: 3.8\ncases:\n- name: one",
            "5:9 python: invalid type: floating point `3.8`, expected a string (put it in quotes)",
        ),
        (
            "arguments: [a, b]",
            "arguments: [a, {python: '>=3', arguments: []}]",
            "3:12 arguments: `arguments` has names or `{python, arguments}`, not both ()",
        ),
        ("documented: true\n", "", "1:1 : missing field `documented` ()"),
        ("  api: m.f\n", "", "6:3 cases[0]: missing field `api` ()"),
        (
            "snippet:",
            "snipet:",
            "8:3 cases[0].snipet: unknown field `snipet`, expected one of `name`, `api`, `capabilities`, `setup`, `snippet`, `invoke`, `observe`, `where`, `expect`, `only`, `effect`, `veto`, `because`, `fresh`, `lasting`, `once`, `run`, `needs`, `python`, `platform`, `implementation`, `unverified`, `since` (did you mean `snippet`?)",
        ),
        (
            "kind: bug",
            "kind: bugs",
            "22:9 known-gaps[0].kind: unknown variant `bugs`, expected one of `documentation`, `bug`, `not-implemented`, `by-design`, `listed` (did you mean `bug`?)",
        ),
        (
            "b: any",
            "b: {sane: x}",
            "10:21 cases[0].expect[0].args.b: unknown field `sane`, expected one of `type`, `instance`, `same`, `equal`, `match`, `one-of`, `tuple`, `list`, `bytes`, `attrs` (did you mean `same`?)",
        ),
        ("b: any", "a: any", "10:11 cases[0].expect[0].args: `a` stands twice ()"),
        (
            "cases: [one]",
            "cases: [one, 'o[n']",
            "20:16 known-gaps[0].cases[1]: `o[n` is not a glob pattern: invalid range pattern at character 2 ()",
        ),
        (
            "  api: m.f",
            "\tapi: m.f",
            "7:1 cases[0].name: found a tab character that violates indentation at line 7 column 1, while scanning a plain scalar (YAML is indented with spaces, not with tabs)",
        ),
    ];

    /// Returns the faults of a file as `LINE:COLUMN PATH: MESSAGE (HINT)`.
    fn faults(text: &str) -> Vec<String> {
        let faults = EventFile::parse(text).err().unwrap_or_default().into_iter();
        let line = |Fault { line, column, path, message, hint }| {
            format!("{line}:{column} {path}: {message} ({})", hint.unwrap_or_default())
        };
        faults.map(line).collect()
    }

    #[test]
    fn a_gap_that_can_be_reported_is_unfinished_without_reason_title_and_tracker() {
        for (keys, place) in [
            ("kind: bug\n  title: t\n  issue: https://x\n  reason: x", ""),
            ("kind: documentation\n  title: t\n  unreported: true\n  reason: x", ""),
            ("kind: by-design\n  reason: x", ""),
            ("kind: by-design\n  reason: TODO", "23:11 known-gaps[0].reason: the gap has no reason yet"),
            (
                "kind: bug\n  issue: https://x\n  reason: x",
                "22:9 known-gaps[0].kind: a gap of kind `bug` needs a `title`",
            ),
            (
                "kind: documentation\n  title: t\n  reason: x",
                "22:9 known-gaps[0].kind: a gap of kind `documentation` needs either `issue` or `unreported: true`",
            ),
        ] {
            let text = FILE.replace("kind: bug\n  reason: x\n  issue: https://x", keys);
            let file = EventFile::parse(&text).unwrap_or_else(|faults| panic!("{keys}: {faults:?}"));
            let faults = unfinished_gaps(&file, &text).into_iter();
            let found: Vec<String> = faults
                .map(|fault| format!("{}:{} {}: {}", fault.line, fault.column, fault.path, fault.message))
                .collect();
            assert_eq!(found.join("; "), place, "{keys}");
        }
    }

    #[test]
    fn each_fault_has_a_place_a_message_and_a_hint() {
        assert_eq!(faults(FILE), [""; 0]);
        let mut wrong = Vec::new();
        for (part, replacement, expected) in FAULTS {
            assert!(FILE.contains(part), "{part}");
            let found = faults(&FILE.replacen(part, replacement, 1));
            if found != [*expected] {
                wrong.push((replacement, found, expected));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn an_unknown_need_has_its_place_in_the_list_and_a_hint() {
        let found = faults(&FILE.replace("cases:\n- name: one", "needs: [fork, thread]\ncases:\n- name: one"));
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("5:15 needs[1]: unknown need `thread`, expected one of `module:NAME`, "),
            "{found:?}"
        );
        assert!(found[0].ends_with("`process-groups` (did you mean `threads`?)"), "{found:?}");
    }

    #[test]
    fn all_contradictions_of_a_file_are_told_at_once() {
        let empty = "event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\ncases: []\n";
        let no_cases = "5:8 cases: the file has no cases (write at least one)";
        let no_api = "4:13 raised-by[0]: no case has `api: m.f` (write one, or remove the API here)";
        assert_eq!(faults(empty), [no_cases, no_api]);
    }

    #[test]
    fn what_is_allowed_has_no_fault() {
        for (part, replacement) in [
            ("args: {a: 1, b: any}", "args: {a: 1, b: any}\n  - {event: m.g, args: {c: 1}}"),
            ("args: {a: 1, b: any}", "{event: m.f, args: [1]}"),
            ("  snippet: f()", "  run: vetoed\n  snippet: f()"),
            ("  snippet: f()", "  veto: after\n  because: x\n  snippet: f()"),
            ("where: {a: 1}", "where: {a: {tuple: [1, {list: []}, {one-of: [null, {match: x}]}]}}"),
            ("  issue: https://x\n", ""),
            ("runtime: cpython\n", "runtime: pypy\n  implementation: ['<7.3', '>=8']\n"),
            ("raised-by: [m.f]", "raised-by: [m.f, python -c]"),
        ] {
            assert!(FILE.contains(part), "{part}");
            assert_eq!(faults(&FILE.replacen(part, replacement, 1)), [""; 0], "{replacement}");
        }
    }

    #[test]
    fn places_are_found_for_the_first_faults_and_the_others_are_counted() {
        let cases: String = (0..1000).map(|_| "- {name: a, api: m.f, snippet: f(), expect: []}\n").collect();
        let text = format!("event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\ncases:\n{cases}");
        let faults = EventFile::parse(&text).expect_err("all names are the same");
        assert_eq!(faults.len(), 51);
        assert_eq!((faults[0].line, faults[49].line, faults[50].line), (7, 56, 1005));
        assert_eq!(faults[50].message, "949 more faults are not shown");
    }

    #[test]
    fn deep_nesting_is_refused_before_it_is_parsed() {
        for (text, place) in
            [("a: ".to_owned() + &"[".repeat(500_000), (1, 1004)), ("\n".to_owned() + &"- ".repeat(500_000), (2, 1))]
        {
            let faults = EventFile::parse(&text).expect_err("it is too deep");
            assert_eq!((faults.len(), (faults[0].line, faults[0].column)), (1, place));
            assert_eq!(faults[0].message, "more than 1000 brackets or dashes are open here");
        }
    }

    /// It took more than a gigabyte when the aliases were copied first.
    #[test]
    fn aliases_that_would_fill_the_memory_are_refused_before_they_are_copied() {
        let text = |count: usize| format!("a: &x {}\nb: [{}]\n", "x".repeat(1 << 20), vec!["*x"; count].join(","));
        let faults = EventFile::parse(&text(2000)).expect_err("it is too much");
        assert_eq!((faults.len(), faults[0].line, faults[0].column), (1, 2, 5 + 3 * 63));
        assert_eq!(faults[0].message, "there are too many aliases for a text of this length");
        for few in [text(20), text(2000).replace("&x ", "")] {
            let faults = EventFile::parse(&few).expect_err("it has other faults");
            assert!(!faults[0].message.contains("too many"), "{}", faults[0].message);
        }
    }
}
