//! Case files: the model of one event's file.

use std::collections::BTreeSet;

use pep440_rs::Version;
use serde::{Deserialize, Serialize};

use super::advice::Advice;
use super::api::is_looked_up;
use super::capability::Capability;
use super::event::Event;
use super::form::Form;
use super::guard::{Identity, Need, Platform, Versions, is_dotted};
use super::known_gap::KnownGap;
use super::shape::{Answers, ByName, Shape, Strength};
use super::verdict::Verdict;

/// All that is known of one event.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "Case file of audit578"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EventFile {
    /// The event's name. The file has the same name, with `_` for `/`.
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
    /// The needs of every case, in addition to its own.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Python code that runs before the setup of every case.
    #[serde(default)]
    pub setup: String,
    /// The effect that an exception from the hook has in every case that expects the event and does not say it itself.
    pub veto: Option<VetoPromise>,
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
#[expect(clippy::struct_excessive_bools, reason = "each is a key of case files")]
pub struct Case {
    /// Unique in its file. With the event's name it is the case's id, which never changes.
    #[cfg_attr(test, schemars(regex(pattern = "^[A-Za-z0-9-]+$")))]
    pub name: String,
    /// The public API that the case calls: one of the file's `raised-by`, if the case expects the event.
    pub api: String,
    /// The things that the operation does, if they are fewer than those of the event.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
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
    /// Only with `observe: native`: the shapes of some arguments. Events of the file's name with other arguments are
    /// ignored.
    #[serde(default, rename = "where")]
    pub about: ByName,
    /// The events that must be raised, in order.
    pub expect: Vec<Expected>,
    /// Whether events that the case does not name are failures too.
    #[serde(default)]
    pub only: bool,
    /// A Python expression that is true only after the operation has happened.
    pub effect: Option<String>,
    /// The effect that an exception from the hook has on the operation; `stops` when the file says nothing either.
    pub veto: Option<VetoPromise>,
    /// The reason why `veto` is neither `stops` nor `query`.
    pub because: Option<String>,
    /// Whether the case always gets a new interpreter, because earlier imports matter to it, or what its process was
    /// before.
    #[serde(default)]
    pub fresh: bool,
    /// Whether a pass always gets a process of its own, forked or new, because what it does cannot be undone.
    #[serde(default)]
    pub lasting: bool,
    /// The reason why the snippet must not be repeated, so that it has no hot passes. A snippet that raises something
    /// else in its second round needs none.
    pub once: Option<String>,
    /// The passes that run.
    #[serde(default)]
    pub run: Passes,
    /// The things that the runtime and the machine must have.
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
    /// Whether no runtime has run the case yet, so that it is based only on documentation and source.
    #[serde(default)]
    pub unverified: bool,
    /// The first version of audit578 that has the case, if that is not the first version of all. A gaps file that was
    /// written for an older version takes the case for new.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub since: Option<Version>,
    /// The words of the door that the case was made of, if it is not of a case file.
    #[serde(skip)]
    pub door: Option<Advice>,
}

/// A command line for a new process. `{tmp}` in its arguments and variables is the working directory.
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
    /// Whether its standard streams are a terminal. `stdin` is typed there.
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

/// The effect that an exception from the hook has on the operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum VetoPromise {
    /// It stops the operation before it has an effect, and reaches the caller.
    #[default]
    Stops,
    /// It stops a query, and reaches the caller. The answer is lost with it, so nobody can tell whether it came before
    /// or after the operation.
    Query,
    /// It stops the operation, and does not reach the caller.
    Swallowed,
    /// It reaches the caller after the effect: the event reports something that has happened already.
    After,
    /// Nothing is promised. The case has no veto pass.
    None,
}

/// The passes of a case that run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Passes {
    /// The plain pass, and the veto pass unless `veto` is `none`.
    #[default]
    Both,
    /// The veto pass only, for operations that must not happen here.
    Vetoed,
}

/// An event that must be raised, for one language version. The judge and the agent work with it.
#[derive(Debug, Clone)]
pub struct Demand {
    /// The event's name.
    pub name: String,
    /// Its arguments in order, each with its name.
    pub args: Vec<(String, Shape)>,
}

impl EventFile {
    /// Adds the file's own needs and setup to those of each case, and its promise of a veto to those that have none.
    pub(super) fn share_with_cases(&mut self) {
        let is_raised: Vec<bool> = self.cases.iter().map(|case| self.expects_event(case)).collect();
        for (case, is_raised) in self.cases.iter_mut().zip(is_raised) {
            case.veto = case.veto.or(self.veto.filter(|_| is_raised));
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
        self.demands_with(case, self.arguments.of(version).unwrap_or_default())
    }

    /// Returns the events that a case demands where the event of the file has these arguments.
    pub(crate) fn demands_with(&self, case: &Case, names: &[String]) -> Vec<Demand> {
        case.expect.iter().map(|expected| self.demand(expected, names)).collect()
    }

    fn demand(&self, expected: &Expected, names: &[String]) -> Demand {
        let name = expected.event.as_ref().unwrap_or(&self.event);
        let args = match &expected.args {
            Args::Positional(shapes) => {
                let numbered = shapes.iter().enumerate();
                numbered.map(|(index, shape)| (format!("[{index}]"), shape.clone())).collect()
            }
            Args::Named(shapes) if *name == self.event => names.iter().filter_map(|name| find(shapes, name)).collect(),
            Args::Named(shapes) => shapes.clone(),
        };
        Demand { name: name.clone(), args }
    }

    /// Tells whether a case can fail in a way. An event that must not be raised cannot be missing or have wrong arguments.
    pub(crate) fn can_have(&self, case: &Case, failure: Verdict) -> bool {
        match failure {
            Verdict::Missing => self.expects_event(case),
            Verdict::WrongArgs => !case.expect.is_empty(),
            _ => true,
        }
    }

    /// Returns the known gaps that a trial of a case has: of the failures that are possible, those whose conditions hold.
    pub fn gaps_of(&self, case: &Case, runtime: &Identity) -> Vec<&KnownGap> {
        let applies =
            |gap: &&KnownGap| self.can_have(case, gap.verdict) && gap.is_of(runtime) && gap.is_about(&case.name);
        self.known_gaps.iter().filter(applies).collect()
    }

    /// Tells whether a case is about an event. An event of the file's name must have the arguments that `where` asks
    /// for.
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

    /// Returns everything that the runtime must have: the API if it is a dotted name, the needs of the case, and for a
    /// command line the hook that records its events.
    pub fn all_needs(&self) -> Vec<Need> {
        let api = Some(&self.api).filter(|api| is_looked_up(api)).map(|api| Need::attribute(api));
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

    /// Tells whether each pass needs a new interpreter under any isolation.
    pub fn is_alone(&self) -> bool {
        self.invoke.is_some() || self.fresh
    }

    /// Tells whether a pass is likely to leave residue that cannot be put back: what the case says, a hook, or a
    /// descriptor that the C library holds. Such a pass is not run in a shared interpreter.
    pub fn leaves_residue(&self) -> bool {
        let words = ["addaudithook", "AddAuditHook", "syslog"];
        let code = [Some(&self.setup), self.snippet.as_ref()];
        self.lasting || code.into_iter().flatten().any(|code| words.iter().any(|word| code.contains(word)))
    }

    /// Tells whether a pass may change attributes or items of objects that are there before it, such as modules, or
    /// register something in them. The environment is none of them: it is put back.
    pub fn changes_objects(&self) -> bool {
        let code = [Some(&self.setup), self.snippet.as_ref()];
        code.into_iter().flatten().flat_map(|code| code.lines()).any(changes_object)
    }

    /// Returns the reason why the case has no hot passes, if that is known without a run.
    pub fn cold(&self) -> Option<String> {
        match (&self.once, &self.snippet, self.run) {
            (Some(reason), _, _) => Some(format!("the case must run once: {reason}")),
            (_, None, _) => Some("a command line is not repeated".to_owned()),
            (_, _, Passes::Vetoed) => Some("its operation must not happen".to_owned()),
            _ if self.leaves_residue() => Some("what a round does cannot be undone".to_owned()),
            _ => None,
        }
    }

    /// Tells whether there is a veto pass: the case promises something, and expects the event of the file.
    pub fn is_vetoed(&self, file: &EventFile) -> bool {
        self.veto() != VetoPromise::None && file.expects_event(self)
    }

    /// Returns the effect that an exception from the hook has on the operation.
    pub fn veto(&self) -> VetoPromise {
        self.veto.unwrap_or_default()
    }
}

/// Tells whether a line of Python may change an attribute or an item of an object, or register something.
fn changes_object(line: &str) -> bool {
    let line = line.trim();
    let calls = ["setattr(", "delattr(", "__dict__", "reload(", "globals()", "vars(", ".update(", "register"];
    let target = line.split_once('=').filter(|(_, value)| !value.starts_with('=')).map(|(target, _)| target);
    let target =
        target.or_else(|| line.strip_prefix("del ")).map(|target| target.trim_end_matches([' ', '+', '-', '*', '|']));
    let is_part = |target: &str| is_dotted(target) && target.contains('.') || target.ends_with(']');
    let is_ours = |target: &str| target.starts_with("os.environ[");
    target.is_some_and(|target| is_part(target) && !is_ours(target)) || calls.iter().any(|call| line.contains(call))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_changes_an_attribute_or_an_item_is_found() {
        for line in [
            "sys.stdin = io.StringIO()",
            "    socket.socket.accept += 1",
            "del os.getcwd",
            "sys.modules['x'] = None",
            "del sys.modules['x']",
            "setattr(os, 'x', 1)",
            "builtins.__dict__['x'] = 1",
            "importlib.reload(os)",
            "shutil.register_unpack_format('x', ['.x'], f)",
        ] {
            assert!(changes_object(line), "{line}");
        }
        for line in [
            "x = os.path",
            "os.environ['X'] = '1'",
            "del x",
            "assert os.sep == '/'",
            "f(os.sep, x=1)",
            "os.mkdir(target, mode=0o700)",
            "with open(path) as file:",
        ] {
            assert!(!changes_object(line), "{line}");
        }
    }

    const HEAD: &str = "event: m.f\ndocumented: true\narguments: [a, b]\nraised-by: [m.f]\n";

    fn parse(rest: &str) -> EventFile {
        EventFile::parse(&format!("{HEAD}{rest}")).unwrap_or_else(|faults| panic!("{rest}: {faults:?}"))
    }

    #[test]
    fn a_case_that_expects_the_event_gets_the_promise_of_the_file() {
        use VetoPromise::{Query, Stops};
        let cases = "cases:
  - {name: bare, api: m.f, snippet: f(), expect: [args: {a: any, b: any}]}
  - {name: own, api: m.f, veto: stops, snippet: f(), expect: [args: {a: any, b: any}]}
  - {name: without, api: m.f, snippet: f(), expect: []}
";
        for (top, promises) in [("", [Stops, Stops, Stops]), ("veto: query\n", [Query, Stops, Stops])] {
            let file = parse(&format!("{top}{cases}"));
            assert_eq!(file.cases.iter().map(Case::veto).collect::<Vec<_>>(), promises, "{top}");
        }
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

    /// A file with one case that has these keys, and with these known gaps.
    fn with_case(keys: &str) -> EventFile {
        parse(&format!("cases:\n  - {{name: a, api: m.f, {keys}}}\n"))
    }

    fn version(text: &str) -> Version {
        text.parse().expect("a version")
    }

    #[test]
    fn a_case_demands_its_events_with_the_arguments_of_the_version() {
        let file = EventFile::parse(
            "event: m.f
documented: true
arguments:
  - {python: '<3.11', arguments: [b]}
  - {python: '>=3.11,<3.14', arguments: [b, a]}
raised-by: [m.f]
cases:
  - name: a
    api: m.f
    snippet: f()
    expect:
      - args: {a: 1, b: 2}
      - {event: m.g, args: [3, any]}
      - {event: m.h, args: {y: 4, x: 5}}
      - {event: m.i}
",
        )
        .expect("a case file");
        let demanded = |text: &str| {
            let demands = file.demands(&file.cases[0], &version(text)).into_iter();
            let args = |args: Vec<(String, Shape)>| {
                args.iter().map(|(name, shape)| format!("{name}={shape}")).collect::<Vec<_>>().join(" ")
            };
            demands.map(|Demand { name, args: list }| format!("{name}({})", args(list))).collect::<Vec<_>>()
        };
        let others = ["m.g([0]=3 [1]=any)", "m.h(y=4 x=5)", "m.i()"];
        for (version, own) in [("3.8", "m.f(b=2)"), ("3.11", "m.f(b=2 a=1)"), ("3.14", "m.f()")] {
            assert_eq!(demanded(version), [[own].as_slice(), &others].concat(), "{version}");
        }
        assert_eq!(file.arguments.names().into_iter().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(file.id(&file.cases[0]), "m.f::a");
        assert_eq!(file.cases[0].names(&file).into_iter().collect::<Vec<_>>(), ["m.f", "m.g", "m.h", "m.i"]);
    }

    #[test]
    fn a_known_gap_applies_where_all_its_conditions_hold() {
        let runtime = Identity {
            version: Some(version("7.3.19")),
            name: "cpython-3.12.1-debug".to_owned(),
            implementation: "cpython".to_owned(),
            language: version("3.12.1"),
            platform: "linux".to_owned(),
        };
        let all = ["own", "other", "none"];
        for (gap, cases) in [
            ("runtime: cpython, cases: ['*'], verdict: error", all.as_slice()),
            ("runtime: '*-debug', cases: ['*'], verdict: error", &all),
            ("runtime: pypy, cases: ['*'], verdict: error", &[]),
            ("runtime: cpython, cases: [own, n*], verdict: error", &["own", "none"]),
            ("runtime: cpython, python: '>=3.12', cases: ['*'], verdict: error", &all),
            ("runtime: cpython, python: '<3.12', cases: ['*'], verdict: error", &[]),
            ("runtime: '*-debug', implementation: '>=7.3,<8', cases: ['*'], verdict: error", &all),
            ("runtime: '*-debug', implementation: ['<7', '>=8'], cases: ['*'], verdict: error", &[]),
            ("runtime: '*-debug', implementation: '<8', python: '<3.12', cases: ['*'], verdict: error", &[]),
            ("runtime: cpython, platform: [macos, linux], cases: ['*'], verdict: error", &all),
            ("runtime: cpython, platform: [macos], cases: ['*'], verdict: error", &[]),
            // An event that must not be raised cannot be missing or have wrong arguments.
            ("runtime: cpython, cases: ['*'], verdict: missing", &["own"]),
            ("runtime: cpython, cases: ['*'], verdict: wrong-args, arguments: [a]", &["own", "other"]),
        ] {
            let file = parse(&format!(
                "cases:
  - {{name: own, api: m.f, snippet: f(), expect: [args: {{a: 1, b: 1}}]}}
  - {{name: other, api: m.f, snippet: f(), expect: [event: m.g]}}
  - {{name: none, api: m.f, snippet: f(), expect: []}}
known-gaps:
  - {{{gap}, kind: bug, reason: x}}
"
            ));
            let with_gap = file.cases.iter().filter(|case| file.gaps_of(case, &runtime).len() == 1);
            assert_eq!(with_gap.map(|case| case.name.as_str()).collect::<Vec<_>>(), cases, "{gap}");
        }
    }

    #[test]
    fn a_case_is_about_other_events_and_those_of_its_own_that_where_allows() {
        let native = "observe: native, invoke: {args: []}, expect: [args: {a: any, b: any}]";
        let event = |text: &str| serde_json::from_str::<Event>(text).expect("an event");
        let own = event(r#"{"name": "m.f", "args": [{"type": "int", "value": 1}, {"type": "int", "value": 2}]}"#);
        let short = event(r#"{"name": "m.f", "args": [{"type": "int", "value": 1}]}"#);
        let other = event(r#"{"name": "m.g", "args": []}"#);
        for (filter, expected) in [
            ("", [true, true, true]),
            (", where: {a: 1}", [true, true, true]),
            (", where: {b: 2}", [true, false, true]),
            (", where: {a: 1, b: 2}", [true, false, true]),
            (", where: {a: 1, b: 1}", [false, false, true]),
            (", where: {b: 1}", [false, false, true]),
        ] {
            let file = with_case(&format!("{native}{filter}"));
            let is_about = |event| file.is_about(&file.cases[0], &version("3.12"), event);
            assert_eq!([&own, &short, &other].map(is_about), expected, "{filter}");
        }
    }

    #[test]
    fn a_case_is_as_strong_as_the_weakest_shape_of_the_own_event() {
        for (expect, strength) in [
            ("[]", Strength::Name),
            ("[{event: m.g, args: [{same: x}]}]", Strength::Name),
            ("[{event: m.f, args: []}]", Strength::Arity),
            ("[args: {a: {same: x}, b: any}]", Strength::Arity),
            ("[args: {a: {same: x}, b: {type: int}}]", Strength::Type),
            ("[args: {a: {same: x}, b: 1}]", Strength::Value),
            ("[args: {a: {same: x}, b: {same: x}}]", Strength::Identity),
            ("[{event: m.f, args: [{same: x}, 1]}]", Strength::Value),
            ("[args: {a: 1, b: 1}, args: {a: {same: x}, b: {type: int}}, {event: m.g, args: [any]}]", Strength::Type),
        ] {
            let file = with_case(&format!("snippet: f(), expect: {expect}"));
            assert_eq!(file.strength(&file.cases[0]), strength, "{expect}");
        }
    }

    #[test]
    fn a_case_needs_its_api_its_needs_and_its_hook() {
        let snippet = "snippet: f(), expect: []";
        let invoke = "invoke: {args: []}, expect: []";
        for (keys, needs) in [
            (format!("api: m.f, {snippet}"), ["attr:m.f"].as_slice()),
            (format!("api: m.f, needs: [fork, root], {snippet}"), &["attr:m.f", "fork", "root"]),
            (format!("api: import statement, needs: [fork], {snippet}"), &["fork"]),
            (format!("api: m.f, needs: [fork], {invoke}"), &["attr:m.f", "fork", "sitecustomize"]),
            (format!("api: python -c, observe: native, {invoke}"), &["native"]),
        ] {
            let case: Case = serde_yaml::from_str(&format!("{{name: a, {keys}}}")).expect("a case");
            assert_eq!(case.all_needs().iter().map(Need::as_str).collect::<Vec<_>>(), needs, "{keys}");
        }
    }

    #[test]
    fn a_case_tells_how_it_must_be_run() {
        for (keys, [is_alone, leaves_residue, is_vetoed]) in [
            ("snippet: f(), expect: [args: {a: any, b: any}]", [false, false, true]),
            ("snippet: f(), expect: [{event: m.g, args: [any]}]", [false, false, false]),
            ("snippet: f(), expect: []", [false, false, false]),
            ("veto: none, because: x, snippet: f(), expect: [args: {a: any, b: any}]", [false, false, false]),
            ("veto: after, because: x, snippet: f(), expect: [args: {a: any, b: any}]", [false, false, true]),
            ("fresh: true, snippet: f(), expect: []", [true, false, false]),
            ("lasting: true, snippet: f(), expect: []", [false, true, false]),
            ("invoke: {args: []}, expect: []", [true, false, false]),
            ("setup: import syslog, snippet: f(), expect: []", [false, true, false]),
            ("snippet: sys.addaudithook(f), expect: []", [false, true, false]),
            ("snippet: api.PySys_AddAuditHook(f), expect: []", [false, true, false]),
        ] {
            let file = with_case(keys);
            let case = &file.cases[0];
            let found = [case.is_alone(), case.leaves_residue(), case.is_vetoed(&file)];
            assert_eq!(found, [is_alone, leaves_residue, is_vetoed], "{keys}");
        }
    }

    #[test]
    fn all_shapes_of_a_case_are_those_of_its_events_and_of_where() {
        let file = with_case(
            "observe: native, invoke: {args: []}, where: {a: 5},
             expect: [args: {a: 1, b: 2}, {event: m.g, args: [3, 4]}]",
        );
        let shapes = file.cases[0].shapes().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(shapes, ["1", "2", "3", "4", "5"]);
    }

    #[test]
    fn the_committed_schema_is_up_to_date() {
        crate::schema::check::<EventFile>("suite/case.schema.json");
    }
}
