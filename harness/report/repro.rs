//! Reproductions: a script that tries one case without the suite, and the report of a known gap around it. Pure.

use std::fmt::Write as _;

use pep440_rs::Version;
use serde_json::json;

use super::python::{check, literal, map, words};
use crate::run::TrialRecord;
use crate::suite::{Case, EventFile, Invoke, KnownGap, Observer, Passes, Sentence, is_rule};

/// The functions of every script.
const FUNCTIONS: &str = include_str!("repro.py");

/// The versions of Python for which a script can be, the newest first. Files may end with the last of them.
const MINORS: std::ops::RangeInclusive<u64> = 8..=16;

/// A case to reproduce, with the known gap that it shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reproduction<'a> {
    /// The file of the case.
    pub file: &'a EventFile,
    /// The case.
    pub case: &'a Case,
    /// The gap, if the case shows one that its makers want to hear of.
    pub gap: Option<&'a KnownGap>,
}

impl Reproduction<'_> {
    /// Returns the script. It ends with exit status 0 if the promise is kept, 1 if it is broken, and 2 if the setup of
    /// the case fails.
    ///
    /// # Errors
    /// The reason why there is no script: a hook written in C has to watch the case.
    pub(crate) fn script(&self) -> Result<String, String> {
        if self.case.observe == Observer::Native {
            return Err("a hook written in C must watch it, and a script cannot add one".to_owned());
        }
        let (file, case) = (self.file, self.case);
        let modes = match case.run {
            Passes::Vetoed => "[\"veto\"]",
            Passes::Both if case.is_vetoed(file) => "[\"plain\", \"veto\"]",
            Passes::Both => "[\"plain\"]",
        };
        let text = |text: Option<&str>| text.map_or_else(|| "None".to_owned(), literal);
        let platforms = if case.platform.is_empty() { &file.platform } else { &case.platform };
        let platforms: Vec<String> = platforms.iter().map(|platform| platform.word()).collect();
        let fields = [
            ("platforms", words(&platforms)),
            ("event", literal(&file.event)),
            ("setup", literal(&case.setup)),
            ("snippet", text(case.snippet.as_deref())),
            ("command", case.invoke.as_ref().map_or_else(|| "None".to_owned(), command)),
            ("effect", text(case.effect.as_deref())),
            ("veto", json!(case.veto()).to_string()),
            ("only", if case.only { "True" } else { "False" }.to_owned()),
            ("modes", modes.to_owned()),
            ("expect", self.expectations()),
        ];
        let fields: String = fields.iter().map(|(name, value)| format!("    \"{name}\": {value},\n")).collect();
        let (imports, functions) = FUNCTIONS.split_once("\n\n").unwrap_or_default();
        Ok(format!("{}{imports}\n\nCASE = {{\n{fields}}}\n\n{functions}\n\nmain(CASE)\n", self.head()))
    }

    /// Returns the docstring of the script.
    fn head(&self) -> String {
        let id = self.file.id(self.case);
        let title = self.gap.and_then(|gap| gap.title.clone()).unwrap_or_else(|| format!("Try {id}"));
        let reason = self.gap.map(|gap| format!("\n{}\n", gap.reason)).unwrap_or_default();
        let text = format!(
            "{title}\n{reason}\nRun it with the Python to try. It ends with exit status 0 if this Python keeps the \
             promise, 1 if it does not,\nand 2 if that cannot be tried. The case is {id} of audit578.\n"
        );
        literal(&text).replacen("\"\"\"\\\n", "\"\"\"", 1) + "\n\n"
    }

    /// Returns the expected events, each with its arguments: their names, their shapes in words, and their checks.
    fn expectations(&self) -> String {
        let mut text = "[\n".to_owned();
        for demand in self.file.demands(self.case, &self.version()) {
            let _ = writeln!(text, "        ({}, [", literal(&demand.name));
            for (name, shape) in &demand.args {
                let (name, words) = (literal(name), literal(&shape.argument(name)));
                let _ = writeln!(text, "            ({name}, {words}, lambda it: {}),", check(shape));
            }
            text.push_str("        ]),\n");
        }
        text + "    ]"
    }

    /// Tells whether a gap is of the newest Python that has the case.
    pub(crate) fn is_present(&self, gap: &KnownGap) -> bool {
        gap.python.contain(&Reproduction { gap: None, ..*self }.version())
    }

    /// Returns the newest version of Python for which file, case and gap are.
    fn version(&self) -> Version {
        let versions = || MINORS.rev().map(|minor| Version::new([3, minor, 0]));
        let has_case = |version: &Version| {
            self.file.python.contain(version)
                && self.case.python.contain(version)
                && self.file.arguments.of(version).is_some()
        };
        let has_gap = |version: &Version| self.gap.is_none_or(|gap| gap.python.contain(version));
        let both = versions().find(|version| has_case(version) && has_gap(version));
        both.or_else(|| versions().find(has_case)).unwrap_or_else(|| Version::new([3, 8, 0]))
    }

    /// Returns the report for the tracker of an implementation, in Markdown. `trials` are those of the case in results
    /// that have the gap; without any, the report says which versions the gap lists.
    ///
    /// # Errors
    /// The reason why there is no script.
    pub(crate) fn report(&self, gap: &KnownGap, trials: &[&TrialRecord]) -> Result<String, String> {
        let title = gap.title.as_deref().unwrap_or("TODO: a title");
        let promise = self.promise(gap);
        let seen = if trials.is_empty() {
            format!("- {}", bounds(gap))
        } else {
            let lines = trials.iter().map(|trial| {
                format!("- {}: {}", trial.runtime, trial.reason.as_deref().unwrap_or("as described above"))
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        Ok(format!(
            "# {title}\n\n{}\n\n## Expected\n\n> {}\n\n{}\n\n## Observed on\n\n{seen}\n\n## How to repeat it\n\n\
             Run this script. It needs nothing but Python. Exit status 0: the promise is kept. 1: it is broken.\n\n\
             ```python\n{}```\n",
            gap.reason,
            promise.quote,
            promise.link,
            self.script()?
        ))
    }

    /// Returns the sentence that the implementation breaks.
    fn promise(&self, gap: &KnownGap) -> Sentence {
        gap.promise.clone().unwrap_or_else(|| {
            let names = self.file.arguments.of(&self.version()).unwrap_or_default();
            let arguments = match names {
                [] => "no arguments".to_owned(),
                [name] => format!("argument {name}"),
                names => format!("arguments {}", names.join(", ")),
            };
            let quote = format!("Raises an auditing event {} with {arguments}.", self.file.event);
            Sentence { quote, link: self.address() }
        })
    }

    /// Returns where the documentation of Python describes the API of the case, or lists all events.
    fn address(&self) -> String {
        let api = &self.case.api;
        if is_rule(&self.file.event) || !api.contains(['.']) && !api.chars().all(|c| c.is_ascii_lowercase()) {
            return "https://docs.python.org/3/library/audit_events.html".to_owned();
        }
        let mut module: Vec<&str> = api.split('.').collect();
        module.pop();
        // Classes begin with a capital, but for socket.socket and array.array.
        let is_class = |names: &[&str]| match names {
            [.., module, class] if module == class => true,
            [.., class] => class.starts_with(|c: char| c.is_ascii_uppercase()),
            [] => false,
        };
        while is_class(&module) {
            module.pop();
        }
        let page =
            if module.is_empty() { "builtins/functions".to_owned() } else { format!("library/{}", module.join(".")) };
        format!("https://docs.python.org/3/{page}.html#{api}")
    }
}

/// Returns the runtimes and versions that a gap lists, in words.
fn bounds(gap: &KnownGap) -> String {
    let versions = |name: &str, text: String| if text.is_empty() { text } else { format!(", {name} {text}") };
    let platforms: Vec<String> = gap.platform.iter().map(ToString::to_string).collect();
    let platforms = if platforms.is_empty() { String::new() } else { format!(", on {}", platforms.join(" and ")) };
    format!(
        "{}{}{}{platforms}",
        gap.runtime.as_str(),
        versions("Python", gap.python.to_string()),
        versions("version", gap.implementation.as_ref().map(ToString::to_string).unwrap_or_default())
    )
}

fn command(invoke: &Invoke) -> String {
    format!(
        "{{\n        \"args\": {},\n        \"stdin\": {},\n        \"env\": {},\n        \"files\": {},\n        \
         \"status\": {},\n        \"terminal\": {},\n    }}",
        words(&invoke.args),
        literal(&invoke.stdin),
        map(&invoke.env),
        map(&invoke.files),
        invoke.status,
        if invoke.terminal { "True" } else { "False" }
    )
}
