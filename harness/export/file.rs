//! The file of tests. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::known::Known;
use super::test::{self, Marks, class_name, method, obstacle, skips, targets};
use crate::report::python::{literal, words};
use crate::run::plan::Selection;
use crate::suite::{Case, Source, Suite};

/// The modules of this folder, joined.
const MODULES: &str = include_str!(concat!(env!("OUT_DIR"), "/export.py"));

/// The agent.
const AGENT: &str = include_str!(concat!(env!("OUT_DIR"), "/agent.py"));

/// The cases of an export.
#[derive(Debug)]
pub(crate) struct Export<'a> {
    suite: &'a Suite,
    /// The files with the cases that can be exported.
    tests: Vec<(&'a Source, Vec<&'a Case>)>,
    /// The ids of the other cases, by the reason why they cannot.
    left_out: BTreeMap<&'static str, Vec<String>>,
}

impl<'a> Export<'a> {
    /// Chooses the selected cases. Doors are no tests, as they cannot fail.
    pub(crate) fn new(suite: &'a Suite, selection: &Selection) -> Export<'a> {
        let mut left_out = BTreeMap::<_, Vec<_>>::new();
        let mut tests = Vec::new();
        for source in &suite.files {
            let (mut cases, selected) = (Vec::new(), source.file.cases.iter());
            for case in selected.filter(|case| selection.has(source, case)) {
                match obstacle(case) {
                    None => cases.push(case),
                    Some(reason) => left_out.entry(reason).or_default().push(source.file.id(case)),
                }
            }
            tests.extend((!cases.is_empty()).then_some((source, cases)));
        }
        Export { suite, tests, left_out }
    }

    /// Returns the cases that are exported, with their files.
    pub(super) fn tests(&self) -> impl Iterator<Item = (&'a Source, &'a Case)> {
        self.tests.iter().flat_map(|(source, cases)| cases.iter().map(|case| (*source, *case)))
    }

    /// Tells whether no case is exported.
    pub(crate) fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    /// Returns a sentence with the number of tests and of the cases that are left out.
    pub(crate) fn summary(&self) -> String {
        let mut text = format!("tests: {}", self.tests().count());
        for (reason, ids) in &self.left_out {
            text += &format!("; cases left out because {reason}: {}", ids.len());
        }
        text
    }

    /// Returns the file. `origin` says where its known failures come from.
    pub(crate) fn file(&self, known: &Known, marks: Marks, origin: &str) -> String {
        let needs: BTreeSet<String> = self.tests().flat_map(|(_, case)| test::needs(case)).collect();
        let needs: Vec<String> = needs.into_iter().collect();
        let modules = MODULES.replacen("AGENT = \"\"\n", &format!("AGENT = {}\n", literal(AGENT)), 1);
        let modules = modules.replacen("NEEDS = []\n", &format!("NEEDS = {}\n", words(&needs)), 1);
        let classes = self.tests.iter().map(|(source, cases)| class(source, cases, known, marks));
        let end = "\n\nif __name__ == \"__main__\":\n    unittest.main()\n";
        self.head(origin) + &modules + &classes.collect::<String>() + end
    }

    /// Returns the docstring of the file, and the list of what it lacks.
    fn head(&self, origin: &str) -> String {
        let text = format!(
            "Conformance tests of Python's audit events (PEP 578).\n\nExported by audit578 {} from the suite {}.\n{origin}\n\n\
             Do not edit the tests: export them again. The file needs no other one, and runs with `python -m unittest`,\n\
             with pytest, and with `python -m test --testdir FOLDER`. A test that fails names the broken promise.\n",
            env!("CARGO_PKG_VERSION"),
            self.suite.hash(),
        );
        let mut head =
            format!("# SPDX-License-Identifier: MIT OR Apache-2.0\n{}\n", literal(&text).replacen("\\\n", "", 1));
        for (reason, ids) in &self.left_out {
            head += &format!("\n# These cases are left out, because {reason}:\n");
            head += &ids.iter().map(|id| format!("# - {id}\n")).collect::<String>();
        }
        head + "\n"
    }
}

/// Returns the class of an event.
fn class(source: &Source, cases: &[&Case], known: &Known, marks: Marks) -> String {
    let file = &source.file;
    let methods: Vec<String> = cases.iter().map(|case| method(file, case, known, marks)).collect();
    format!(
        "\n\n{}class {}(AuditTest):\n    event = {}\n\n{}",
        skips(targets(&file.python, &file.platform), ""),
        class_name(&file.event),
        literal(&file.event),
        methods.join("\n")
    )
}
