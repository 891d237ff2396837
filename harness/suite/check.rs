//! Checks: what a case file can be read with, and still has wrong.

use std::collections::BTreeSet;

use super::case::{Args, Case, EventFile, Expected, Observer, Passes, VetoPromise, find};
use super::shape::Shape;
use super::yaml::{self, Step};

/// What contradicts something else in a file: its path, a message, a hint.
pub(crate) type Contradiction = (Vec<Step>, String, Option<String>);

impl EventFile {
    /// Everything in the file that contradicts something else in it.
    pub(crate) fn contradictions(&self) -> Vec<Contradiction> {
        let mut found = Vec::new();
        self.check_names(&mut found);
        self.check_shared(&mut found);
        for (index, case) in self.cases.iter().enumerate() {
            self.check_case(case, &yaml::path(&["cases"], index), &mut found);
        }
        self.check_apis(&mut found);
        self.check_gaps(&mut found);
        found
    }

    fn check_names(&self, found: &mut Vec<Contradiction>) {
        let mut seen = BTreeSet::new();
        for (index, case) in self.cases.iter().enumerate() {
            let path = [yaml::path(&["cases"], index), vec![Step::from("name")]].concat();
            if !seen.insert(&case.name) {
                let hint = "a case's name is part of its id: choose another";
                found.push((path, format!("two cases are named `{}`", case.name), Some(hint.into())));
            } else if !case.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
                let hint = "use letters, digits and hyphens";
                found.push((path, format!("`{}` is no name for a case", case.name), Some(hint.into())));
            }
        }
        if self.cases.is_empty() {
            found.push((vec!["cases".into()], "there are no cases".into(), None));
        }
    }

    /// Checks the needs and the setup that every case gets.
    fn check_shared(&self, found: &mut Vec<Contradiction>) {
        if !self.setup.is_empty() && self.cases.iter().any(|case| case.invoke.is_some()) {
            let hint = "give the setup to each case with a `snippet`";
            found.push((vec!["setup".into()], "a case with `invoke` cannot have a setup".into(), Some(hint.into())));
        }
        for (index, case) in self.cases.iter().enumerate() {
            for need in case.needs.iter().filter(|need| self.needs.contains(need)) {
                let path = [yaml::path(&["cases"], index), vec![Step::from("needs")]].concat();
                let message = format!("the file already needs `{}` for every case", need.as_str());
                found.push((path, message, Some("remove it here".into())));
            }
        }
    }

    fn check_case(&self, case: &Case, path: &[Step], found: &mut Vec<Contradiction>) {
        let mut fault = |key: &str, message: &str, hint: &str| {
            let path = [path, &[Step::from(key)]].concat();
            found.push((path, message.to_owned(), Some(hint.to_owned())));
        };
        let raises = self.expects_event(case);
        match (&case.snippet, &case.invoke) {
            (None, None) => fault("name", "the case has no `snippet`", "or `invoke`, for a command line"),
            (Some(_), Some(_)) => fault("invoke", "a case has a `snippet` or an `invoke`", "remove one"),
            (None, Some(_)) if !case.setup.is_empty() => {
                fault("setup", "`invoke` has no setup", "write files with `invoke.files`");
            }
            _ => {}
        }
        if case.observe == Observer::Native && case.invoke.is_none() {
            fault("observe", "a native hook records command lines", "use `invoke`");
        }
        if case.observe == Observer::Native && case.shapes().any(Shape::asks) {
            fault("expect", "a native hook answers no questions", "use literals, `match`, `bytes`, `tuple` and `type`");
        }
        if !case.about.is_empty() && case.observe != Observer::Native {
            fault("where", "only what a native hook records is filtered", "name the events in `expect`");
        }
        for (name, _) in case.about.iter().filter(|(name, _)| !self.arguments.names().contains(name.as_str())) {
            fault("where", &format!("`{}` has no argument `{name}`", self.event), "`arguments` lists all");
        }
        match (case.veto, &case.because) {
            (VetoPromise::Stops, Some(_)) => {
                fault("because", "nothing to give a reason for", "`because` explains `veto`");
            }
            (VetoPromise::Stops, None) | (_, Some(_)) => {}
            (_, None) => fault("veto", "no reason is given", "say why in `because`"),
        }
        if case.veto != VetoPromise::Stops && !raises {
            fault("veto", "there is nothing to veto", "the case expects no event of this file");
        }
        if case.run == Passes::Vetoed && !case.is_vetoed(self) {
            fault("run", "no pass would run", "`run: vetoed` needs a veto of an expected event");
        }
        if raises && !self.raised_by.contains(&case.api) {
            fault("api", &format!("`raised-by` does not list `{}`", case.api), "add it there");
        }
        for (index, expected) in case.expect.iter().enumerate() {
            let path = [path, &yaml::path(&["expect"], index), &[Step::from("args")]].concat();
            self.check_args(expected, &path, found);
        }
    }

    fn check_args(&self, expected: &Expected, path: &[Step], found: &mut Vec<Contradiction>) {
        let Args::Named(shapes) = &expected.args else { return };
        if !expected.is_of(self) {
            return;
        }
        let names = self.arguments.names();
        let list = names.iter().copied().collect::<Vec<_>>().join(", ");
        for (name, _) in shapes.iter().filter(|(name, _)| !names.contains(name.as_str())) {
            let path = [path, &[Step::from(name.as_str())]].concat();
            let message = format!("`{}` has no argument `{name}`", self.event);
            found.push((path, message, Some(format!("`arguments` lists: {list}"))));
        }
        for name in names.iter().filter(|name| find(shapes, name).is_none()) {
            let hint = "every argument has a shape; `any` is one";
            let message = format!("argument `{name}` has no shape");
            found.push((path.to_vec(), message, Some(hint.into())));
        }
    }

    fn check_apis(&self, found: &mut Vec<Contradiction>) {
        for (index, api) in self.raised_by.iter().enumerate() {
            if !self.cases.iter().any(|case| case.api == *api) {
                let hint = "write one, or remove the API";
                found.push((
                    yaml::path(&["raised-by"], index),
                    format!("no case exercises `{api}`"),
                    Some(hint.into()),
                ));
            }
        }
    }

    fn check_gaps(&self, found: &mut Vec<Contradiction>) {
        for (index, gap) in self.known_gaps.iter().enumerate() {
            let path = |key: &str| [yaml::path(&["known-gaps"], index), vec![Step::from(key)]].concat();
            for glob in &gap.cases {
                if !self.cases.iter().any(|case| glob.matches(&case.name)) {
                    let message = format!("no case is named `{}`", glob.as_str());
                    found.push((path("cases"), message, None));
                }
            }
            if !gap.verdict.is_failure() {
                found.push((path("verdict"), format!("`{}` is no failure", gap.verdict), None));
            }
            if gap.issue.as_ref().is_some_and(|issue| !issue.starts_with("https://")) {
                found.push((path("issue"), "a link begins with https://".into(), None));
            }
        }
    }
}
