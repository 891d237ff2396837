//! The reading of a case file, and the checks of what its parts say together.
//!
//! A file is read whole or not at all. Each fault has a line, a column, a path and a hint.

use std::collections::BTreeSet;

use super::case::{Args, Case, EventFile, Expected, Observer, Passes, VetoPromise, find};
use super::shape::Shape;
use super::verdict::Verdict;
use super::yaml::{self, Fault, Step};

impl EventFile {
    /// Reads a case file. Its `needs` and its `setup` are then part of every case.
    ///
    /// # Errors
    /// All faults that can be told apart: the first one of syntax or type, or else one for each contradiction.
    pub fn parse(text: &str) -> Result<EventFile, Vec<Fault>> {
        let mut file: EventFile = yaml::read(text).map_err(|fault| vec![fault])?;
        let mut check = Check { file: &file, text, faults: Vec::new() };
        check.names();
        check.shared();
        for (index, case) in file.cases.iter().enumerate() {
            check.case(case, index);
        }
        check.apis();
        check.gaps();
        let faults = check.faults;
        if !faults.is_empty() {
            return Err(faults);
        }
        file.share_with_cases();
        Ok(file)
    }
}

/// The faults of a file, as far as it is checked.
struct Check<'a> {
    file: &'a EventFile,
    text: &'a str,
    faults: Vec<Fault>,
}

impl Check<'_> {
    fn fault(&mut self, path: &[Step], message: impl Into<String>, hint: &str) {
        self.faults.push(yaml::fault(self.text, path, message.into(), Some(hint.to_owned())));
    }

    fn fault_in_case(&mut self, index: usize, key: &str, message: impl Into<String>, hint: &str) {
        self.fault(&["cases".into(), index.into(), key.into()], message, hint);
    }

    fn names(&mut self) {
        if self.file.cases.is_empty() {
            self.fault(&["cases".into()], "the file has no cases", "write at least one");
        }
        let mut seen = BTreeSet::new();
        for (index, Case { name, .. }) in self.file.cases.iter().enumerate() {
            if !seen.insert(name) {
                let hint = "choose another name: it is part of the case's id";
                self.fault_in_case(index, "name", format!("two cases are named `{name}`"), hint);
            } else if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
                self.fault_in_case(index, "name", format!("invalid name `{name}`"), "use letters, digits and hyphens");
            }
        }
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
        match (case.veto, &case.because) {
            (VetoPromise::Stops, Some(_)) => {
                fault("because", "`because` explains `veto`, which is missing", "remove it");
            }
            (VetoPromise::Stops, None) | (_, Some(_)) => {}
            (_, None) => fault("veto", "`veto` has no reason", "give it in `because`"),
        }
        if case.veto != VetoPromise::Stops && !raises {
            fault("veto", "there is no event to veto", &format!("the case does not expect `{event}`"));
        }
        if case.run == Passes::Vetoed && !is_vetoed {
            let hint = format!("`run: vetoed` needs a `veto`, and `{event}` in `expect`");
            fault("run", "no pass would run", &hint);
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
            if gap.issue.as_ref().is_some_and(|issue| !issue.starts_with("https://")) {
                self.fault(&path("issue"), "`issue` is not a link", "it begins with https://");
            }
        }
    }
}
