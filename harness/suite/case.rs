//! Case files: the model of one event's file.

use std::collections::BTreeSet;

use pep440_rs::Version;
use serde::{Deserialize, Serialize};

use super::event::Event;
use super::form::Form;
use super::guard::{Glob, Identity, Need, Platform, Versions, is_dotted};
use super::shape::{Answers, ByName, Shape, Strength};
use super::verdict::{Kind, Verdict};

/// All that is known of one event.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "Case file of audit578"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EventFile {
    /// The event's name, which is the file's too; `/` becomes `_` there.
    pub event: String,
    /// Whether any version of Python's documentation names it.
    pub documented: bool,
    /// The names of its arguments, or a list of `{python, arguments}` where versions differ.
    pub arguments: Arguments,
    /// The public APIs that raise it. Each must have a case.
    pub raised_by: Vec<String>,
    /// The language versions that must raise it; all when left out.
    #[serde(default)]
    pub python: Versions,
    /// The platforms that must raise it; all when left out.
    #[serde(default)]
    pub platform: Vec<Platform>,
    /// The needs of every case, before those of its own.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Python code that runs before the setup of every case.
    #[serde(default)]
    pub setup: String,
    /// The cases.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub cases: Vec<Case>,
    /// The failures that are expected. A gap that does not show any more fails the run until the file is corrected.
    #[serde(default)]
    pub known_gaps: Vec<KnownGap>,
}

/// A snippet or a command line, and the events that it must raise.
#[derive(Debug, Deserialize)]
#[cfg_attr(
    test,
    derive(schemars::JsonSchema),
    schemars(extend("oneOf" = [{ "required": ["snippet"] }, { "required": ["invoke"] }]))
)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// Unique in its file. With the event's name it is the case's id, which never changes.
    #[cfg_attr(test, schemars(regex(pattern = "^[A-Za-z0-9-]+$")))]
    pub name: String,
    /// The public API that the case calls: one of the file's `raised-by`, if the case expects the event.
    pub api: String,
    /// Python code that runs before the recording. `tmp` is the empty working directory.
    #[serde(default)]
    pub setup: String,
    /// Python code that is recorded.
    pub snippet: Option<String>,
    /// A command line that is recorded instead of a snippet, for the events of startup and shutdown.
    pub invoke: Option<Invoke>,
    /// The kind of hook that records.
    #[serde(default)]
    pub observe: Observer,
    /// Only with `observe: native`: events of the file's name whose arguments have other shapes are ignored.
    #[serde(default, rename = "where")]
    pub about: ByName,
    /// The events that must be raised, in order.
    pub expect: Vec<Expected>,
    /// Whether events that the case does not name are failures too.
    #[serde(default)]
    pub only: bool,
    /// A Python expression that is true only after the operation has happened.
    pub effect: Option<String>,
    /// What an exception from the hook does to the operation.
    #[serde(default)]
    pub veto: VetoPromise,
    /// The reason why `veto` is not `stops`.
    pub because: Option<String>,
    /// Whether the case always gets a new interpreter: it matters what is imported already, or the case does something that
    /// cannot be undone.
    #[serde(default)]
    pub fresh: bool,
    /// The passes that run.
    #[serde(default)]
    pub run: Passes,
    /// What the runtime and its surroundings must have.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// The language versions that the case is for, within those of the file.
    #[serde(default)]
    pub python: Versions,
    /// The platforms that the case is for, within those of the file; all when left out.
    #[serde(default)]
    pub platform: Vec<Platform>,
    /// The implementations that the case is for (`sys.implementation.name`); all when left out.
    #[serde(default)]
    pub implementation: Vec<String>,
    /// Whether no runtime has run the case yet, so that it rests on documentation and source alone.
    #[serde(default)]
    pub unverified: bool,
}

/// A command line for a process of its own. `{tmp}` in its arguments and variables is the working directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Invoke {
    /// The interpreter's arguments.
    pub args: Vec<String>,
    /// The text on its standard input.
    #[serde(default)]
    pub stdin: String,
    /// Additions to its environment.
    #[serde(default)]
    pub env: std::collections::BTreeMap<String, String>,
    /// Files in its working directory, by path.
    #[serde(default)]
    pub files: std::collections::BTreeMap<String, String>,
    /// Whether its standard streams are a terminal, on which `stdin` is typed.
    #[serde(default)]
    pub terminal: bool,
    /// The exit status that it must end with, when nothing is vetoed.
    #[serde(default)]
    pub status: i32,
}

/// One event that must be raised.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Its name; by default the file's event.
    pub event: Option<String>,
    /// The shapes of its arguments: by name, or, for an event of another file, by position.
    #[serde(default)]
    pub args: Args,
}

impl Expected {
    /// Tells whether it is the event of a file.
    pub(crate) fn is_of(&self, file: &EventFile) -> bool {
        self.event.as_ref().is_none_or(|name| *name == file.event)
    }
}

/// The arguments of an expected event: by name, or, for an event of another file, by position.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline, with = "Form<ByName, Vec<Shape>, ByName>"))]
#[serde(from = "Form<ByName, Vec<Shape>, ByName>")]
pub enum Args {
    /// Shapes by the names that `arguments` lists.
    Named(Vec<(String, Shape)>),
    /// Shapes by position.
    Positional(Vec<Shape>),
}

impl Default for Args {
    fn default() -> Args {
        Args::Named(Vec::new())
    }
}

impl From<Form<ByName, Vec<Shape>, ByName>> for Args {
    fn from(form: Form<ByName, Vec<Shape>, ByName>) -> Args {
        match form {
            Form::Scalar(ByName(shapes)) | Form::Map(ByName(shapes)) => Args::Named(shapes),
            Form::List(shapes) => Args::Positional(shapes),
        }
    }
}

/// The argument names of an event: one list, or lists by version.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline, with = "Vec<Form<String, String, Variant>>"))]
#[serde(try_from = "Vec<Form<String, String, Variant>>")]
pub struct Arguments(pub Vec<Variant>);

/// The argument names of an event in some versions.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// The language versions that have these.
    pub python: Versions,
    /// The names, in order.
    pub arguments: Vec<String>,
}

impl TryFrom<Vec<Form<String, String, Variant>>> for Arguments {
    type Error = &'static str;

    fn try_from(items: Vec<Form<String, String, Variant>>) -> Result<Arguments, &'static str> {
        let mut names = Vec::new();
        let mut variants = Vec::new();
        for item in items {
            match item {
                Form::Scalar(name) | Form::List(name) => names.push(name),
                Form::Map(variant) => variants.push(variant),
            }
        }
        match (names.is_empty(), variants.is_empty()) {
            (false, false) => Err("`arguments` has names or `{python, arguments}`, not both"),
            (true, false) => Ok(Arguments(variants)),
            (_, true) => Ok(Arguments(vec![Variant { python: Versions::default(), arguments: names }])),
        }
    }
}

impl Arguments {
    /// Returns the names for a language version, if any variant covers it.
    pub fn of(&self, version: &Version) -> Option<&[String]> {
        let variant = self.0.iter().find(|variant| variant.python.contain(version));
        variant.map(|variant| variant.arguments.as_slice())
    }

    /// Returns the names of all versions.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.0.iter().flat_map(|variant| &variant.arguments).map(String::as_str).collect()
    }
}

/// The kind of hook that records a case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Observer {
    /// A function of Python, added with `sys.addaudithook`.
    #[default]
    Hook,
    /// A function of C, added with `PySys_AddAuditHook` before the interpreter is initialized.
    Native,
}

/// What an exception from the hook does to the operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum VetoPromise {
    /// It stops the operation before it has an effect, and reaches the caller.
    #[default]
    Stops,
    /// It stops the operation, and does not reach the caller.
    Swallowed,
    /// It reaches the caller after the effect, as the event reports what has happened.
    After,
    /// Nothing is promised; there is no veto pass.
    None,
}

/// The passes of a case that run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Passes {
    /// The plain pass and, unless nothing is promised of it, the veto pass.
    #[default]
    Both,
    /// The veto pass only, for operations that must not happen here.
    Vetoed,
}

/// A failure that is expected.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KnownGap {
    /// The runtimes that have it: an implementation (`sys.implementation.name`), or a glob over names of runtimes.
    pub runtime: Glob,
    /// The language versions that have it; all when left out.
    #[serde(default)]
    pub python: Versions,
    /// The platforms that have it; all when left out.
    #[serde(default)]
    pub platform: Vec<Platform>,
    /// The cases that show it: globs over their names.
    pub cases: Vec<Glob>,
    /// The verdict that they get.
    #[cfg_attr(test, schemars(transform = only_failures))]
    pub verdict: Verdict,
    /// The kind of reason.
    pub kind: Kind,
    /// The reason in a sentence.
    pub reason: String,
    /// A link to where it is tracked.
    #[cfg_attr(test, schemars(regex(pattern = "^https://")))]
    pub issue: Option<String>,
}

#[cfg(test)]
fn only_failures(schema: &mut schemars::Schema) {
    let others: Vec<Verdict> = Verdict::ALL.into_iter().filter(|verdict| !verdict.is_failure()).collect();
    schema.insert("not".to_owned(), serde_json::json!({ "enum": others }));
}

/// An event that must be raised, for one language version: what the judge and the agent work with.
#[derive(Debug, Clone)]
pub struct Demand {
    /// The event's name.
    pub name: String,
    /// Its arguments in order, each with its name.
    pub args: Vec<(String, Shape)>,
}

impl EventFile {
    /// Adds the file's own needs and setup to those of each case.
    pub(super) fn share_with_cases(&mut self) {
        for case in &mut self.cases {
            case.needs.splice(..0, self.needs.iter().cloned());
            let ends_in_line = self.setup.is_empty() || self.setup.ends_with('\n');
            case.setup = [self.setup.as_str(), if ends_in_line { "" } else { "\n" }, &case.setup].concat();
        }
    }

    /// Returns the id of a case of this file.
    pub fn id(&self, case: &Case) -> String {
        format!("{}::{}", self.event, case.name)
    }

    /// Returns the events that a case demands in a language version.
    pub fn demands(&self, case: &Case, version: &Version) -> Vec<Demand> {
        case.expect.iter().map(|expected| self.demand(expected, version)).collect()
    }

    fn demand(&self, expected: &Expected, version: &Version) -> Demand {
        let name = expected.event.as_ref().unwrap_or(&self.event);
        let args = match &expected.args {
            Args::Positional(shapes) => {
                let numbered = shapes.iter().enumerate();
                numbered.map(|(index, shape)| (format!("[{index}]"), shape.clone())).collect()
            }
            Args::Named(shapes) if *name == self.event => {
                let names = self.arguments.of(version).unwrap_or_default();
                names.iter().filter_map(|name| find(shapes, name)).collect()
            }
            Args::Named(shapes) => shapes.clone(),
        };
        Demand { name: name.clone(), args }
    }

    /// Returns the known gaps that a trial of a case has. An event that must not be raised cannot be missing or have wrong
    /// arguments.
    pub fn gaps_of(&self, case: &Case, runtime: &Identity) -> Vec<&KnownGap> {
        let applies = |gap: &&KnownGap| {
            let possible = match gap.verdict {
                Verdict::Missing => self.expects_event(case),
                Verdict::WrongArgs => !case.expect.is_empty(),
                _ => true,
            };
            possible
                && (gap.runtime.matches(&runtime.name) || gap.runtime.matches(&runtime.implementation))
                && gap.python.contain(&runtime.language)
                && (gap.platform.is_empty() || gap.platform.iter().any(|platform| platform.is(&runtime.platform)))
                && gap.cases.iter().any(|glob| glob.matches(&case.name))
        };
        self.known_gaps.iter().filter(applies).collect()
    }

    /// Tells whether a case is about an event. An event of the file's name must have the arguments that `where` asks for.
    pub fn is_about(&self, case: &Case, version: &Version, event: &Event) -> bool {
        let names = self.arguments.of(version).unwrap_or_default();
        let value = |name: &String| names.iter().position(|known| known == name).and_then(|at| event.args.get(at));
        let fits = |(name, shape): &(String, Shape)| {
            value(name).is_some_and(|value| shape.matches(value, "", &Answers::new()))
        };
        event.name != self.event || case.about.0.iter().all(fits)
    }

    /// Tells whether a case expects the event of the file.
    pub fn expects_event(&self, case: &Case) -> bool {
        case.expect.iter().any(|expected| expected.is_of(self))
    }

    /// Returns how much a case asserts of the arguments of the file's event: as much as the weakest of its shapes.
    pub fn strength(&self, case: &Case) -> Strength {
        let own = case.expect.iter().filter(|expected| expected.is_of(self));
        let events = own.map(|expected| match &expected.args {
            Args::Named(shapes) => weakest(shapes.iter().map(|(_, shape)| shape)),
            Args::Positional(shapes) => weakest(shapes),
        });
        events.min().unwrap_or(Strength::Name)
    }
}

pub(crate) fn find(shapes: &[(String, Shape)], name: &str) -> Option<(String, Shape)> {
    shapes.iter().find(|(known, _)| known == name).cloned()
}

fn weakest<'a>(shapes: impl IntoIterator<Item = &'a Shape>) -> Strength {
    shapes.into_iter().map(Shape::strength).min().unwrap_or(Strength::Arity)
}

impl Case {
    /// Returns the names of the events that the case is about. The judge ignores all others.
    pub fn names<'a>(&'a self, file: &'a EventFile) -> BTreeSet<&'a str> {
        let others = self.expect.iter().filter_map(|expected| expected.event.as_deref());
        others.chain([file.event.as_str()]).collect()
    }

    /// Returns all that the runtime must have: its API where that is a dotted name, the needs that the case states, and
    /// for a command line the hook that watches it.
    pub fn all_needs(&self) -> Vec<Need> {
        let api = Some(&self.api).filter(|api| is_dotted(api)).map(|api| Need::attribute(api));
        let hook = self.invoke.as_ref().map(|_| match self.observe {
            Observer::Native => Need::native(),
            Observer::Hook => Need::customization(),
        });
        api.into_iter().chain(self.needs.iter().cloned()).chain(hook).collect()
    }

    /// Returns all its shapes.
    pub(crate) fn shapes(&self) -> impl Iterator<Item = &Shape> {
        let expected = self.expect.iter().flat_map(|expected| match &expected.args {
            Args::Named(shapes) => shapes.iter().map(|(_, shape)| shape).collect::<Vec<_>>(),
            Args::Positional(shapes) => shapes.iter().collect(),
        });
        expected.chain(self.about.0.iter().map(|(_, shape)| shape))
    }

    /// Tells whether each pass has an interpreter of its own under any isolation.
    pub fn is_alone(&self) -> bool {
        self.invoke.is_some() || self.fresh
    }

    /// Tells whether a pass is likely to leave residue that cannot be put back: a hook, or a descriptor that the C library
    /// holds. A shared interpreter would have to repeat the trial anyhow.
    pub fn leaves_residue(&self) -> bool {
        let words = ["addaudithook", "AddAuditHook", "syslog"];
        let code = [Some(&self.setup), self.snippet.as_ref()];
        code.into_iter().flatten().any(|code| words.iter().any(|word| code.contains(word)))
    }

    /// Tells whether there is a veto pass: the case promises something, and expects the event of the file.
    pub fn is_vetoed(&self, file: &EventFile) -> bool {
        self.veto != VetoPromise::None && file.expects_event(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "event: m.f\ndocumented: true\narguments: [a, b]\nraised-by: [m.f]\n";

    fn parse(rest: &str) -> EventFile {
        EventFile::parse(&format!("{HEAD}{rest}")).unwrap_or_else(|faults| panic!("{rest}: {faults:?}"))
    }

    #[test]
    fn every_case_gets_the_needs_and_the_setup_of_the_file() {
        let cases = "cases:
  - {name: bare, api: m.f, snippet: f(), expect: [args: {a: any, b: any}]}
  - {name: own, api: m.f, needs: [fork], setup: x = 1, snippet: f(), expect: [args: {a: any, b: any}]}
";
        for (top, bare, own) in [
            ("", "", "x = 1"),
            ("setup: import m\n", "import m\n", "import m\nx = 1"),
            ("setup: |\n  import m\n  y = 2\n", "import m\ny = 2\n", "import m\ny = 2\nx = 1"),
        ] {
            let file = parse(&format!("{top}{cases}"));
            assert_eq!([&file.cases[0].setup, &file.cases[1].setup], [bare, own], "{top}");
        }
        let file = parse(&format!("needs: [root, tty]\n{cases}"));
        let needs = |case: &Case| case.needs.iter().map(|need| need.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(needs(&file.cases[0]), ["root", "tty"]);
        assert_eq!(needs(&file.cases[1]), ["root", "tty", "fork"]);
    }

    #[test]
    fn the_committed_schema_is_up_to_date() {
        crate::schema::check::<EventFile>("suite/case.schema.json");
    }
}
