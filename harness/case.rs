//! Case files: the model of one event's file, and its reading from YAML.
//!
//! A file is read whole or not at all; what is wrong with it becomes [`Fault`]s with line, column, path and hint.

use std::collections::BTreeSet;
use std::fmt;

use pep440_rs::{Version, VersionSpecifiers};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::event::{Shape, Strength, named};
use crate::runtime::FORK;
use crate::verdict::{Kind, Verdict};
use crate::yaml::{self, Fault, Step};

/// All that is known of one event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EventFile {
    /// The event's name.
    pub event: String,
    /// Whether any version of Python's documentation names it.
    pub documented: bool,
    /// The names of its arguments, by version where versions differ.
    pub arguments: Arguments,
    /// The public APIs that raise it.
    pub raised_by: Vec<String>,
    /// The language versions that must raise it.
    #[serde(default)]
    pub python: Versions,
    /// The platforms that must raise it; all when empty.
    #[serde(default)]
    pub platform: Vec<Platform>,
    /// The cases, in the order of the file.
    pub cases: Vec<Case>,
    /// The failures that are expected.
    #[serde(default)]
    pub known_gaps: Vec<KnownGap>,
}

/// One snippet with what it must raise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// Unique in its file; with the event's name it is the case's id, which never changes.
    pub name: String,
    /// The public API exercised: one of the file's `raised-by`, if the case expects the event.
    pub api: String,
    /// Python code that runs before the recording.
    #[serde(default)]
    pub setup: String,
    /// Python code that is recorded.
    pub snippet: Option<String>,
    /// A command line that is recorded instead, for the events of start-up and shutdown.
    pub invoke: Option<Invoke>,
    /// What must be raised, in order.
    pub expect: Vec<Expected>,
    /// Whether events that the case does not name are failures too.
    #[serde(default)]
    pub only: bool,
    /// A Python expression that is true only once the operation has happened.
    pub effect: Option<String>,
    /// What an exception from the hook does.
    #[serde(default)]
    pub veto: VetoPromise,
    /// Why `veto` is not `stops`.
    pub because: Option<String>,
    /// Whether it matters what a warm interpreter has imported: the case always gets a new one.
    #[serde(default)]
    pub fresh: bool,
    /// Which passes run.
    #[serde(default)]
    pub run: Passes,
    /// What the runtime must have.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// The language versions that the case is for, within those of the file.
    #[serde(default)]
    pub python: Versions,
    /// The platforms that the case is for, within those of the file; all when empty.
    #[serde(default)]
    pub platform: Vec<Platform>,
    /// The implementations that the case is for (`sys.implementation.name`); all when empty.
    #[serde(default)]
    pub implementation: Vec<String>,
}

/// A command line for a process of its own.
#[derive(Debug, Deserialize)]
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
    /// Files in its working directory, by name.
    #[serde(default)]
    pub files: std::collections::BTreeMap<String, String>,
    /// The exit status that it must end with, when nothing is vetoed.
    #[serde(default)]
    pub status: i32,
}

/// One event that must be raised.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Its name; by default the file's event.
    pub event: Option<String>,
    /// Its arguments.
    #[serde(default)]
    pub args: Args,
}

impl Expected {
    /// Tells whether it is the event of a file.
    fn is_of(&self, file: &EventFile) -> bool {
        self.event.as_ref().is_none_or(|name| *name == file.event)
    }
}

/// The arguments of an expected event: by name, or, for an event of another file, by position.
#[derive(Debug)]
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

impl<'de> Deserialize<'de> for Args {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Args, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Args;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from argument names to shapes, or a list of shapes")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Args, A::Error> {
                named(map).map(Args::Named)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Args, A::Error> {
                Vec::deserialize(de::value::SeqAccessDeserializer::new(seq)).map(Args::Positional)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// The argument names of an event: one list, or lists by version.
#[derive(Debug)]
pub struct Arguments(pub Vec<Variant>);

/// The argument names of an event in some versions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// The language versions that have these.
    pub python: Versions,
    /// The names, in order.
    pub arguments: Vec<String>,
}

impl Arguments {
    /// Returns the names for a language version, if any variant covers it.
    pub fn of(&self, version: &Version) -> Option<&[String]> {
        let variant = self.0.iter().find(|variant| variant.python.contain(version));
        variant.map(|variant| variant.arguments.as_slice())
    }

    fn names(&self) -> BTreeSet<&str> {
        self.0.iter().flat_map(|variant| &variant.arguments).map(String::as_str).collect()
    }
}

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Arguments, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Arguments;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of argument names, or of {python, arguments}")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Arguments, A::Error> {
                let mut names = Vec::new();
                let mut variants = Vec::new();
                while let Some(item) = seq.next_element::<NameOrVariant>()? {
                    match item {
                        NameOrVariant::Name(name) => names.push(name),
                        NameOrVariant::Variant(variant) => variants.push(variant),
                    }
                }
                match (names.is_empty(), variants.is_empty()) {
                    (false, false) => Err(de::Error::custom("names and variants do not mix")),
                    (true, false) => Ok(Arguments(variants)),
                    (_, true) => Ok(Arguments(vec![Variant { python: Versions::default(), arguments: names }])),
                }
            }
        }
        deserializer.deserialize_seq(Either)
    }
}

enum NameOrVariant {
    Name(String),
    Variant(Variant),
}

impl<'de> Deserialize<'de> for NameOrVariant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<NameOrVariant, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = NameOrVariant;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an argument name or {python, arguments}")
            }

            fn visit_str<E>(self, name: &str) -> Result<NameOrVariant, E> {
                Ok(NameOrVariant::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<NameOrVariant, A::Error> {
                Variant::deserialize(de::value::MapAccessDeserializer::new(map)).map(NameOrVariant::Variant)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A set of language versions, as a PEP 440 specifier; all by default.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct Versions(VersionSpecifiers);

impl TryFrom<String> for Versions {
    type Error = String;

    fn try_from(text: String) -> Result<Versions, String> {
        let specifiers = text.parse::<VersionSpecifiers>();
        specifiers.map(Versions).map_err(|_| format!("`{text}` is no version specifier (PEP 440)"))
    }
}

impl Versions {
    /// Tells whether a version is one of these.
    pub fn contain(&self, version: &Version) -> bool {
        self.0.contains(version)
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A platform, or a family of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Linux.
    Linux,
    /// macOS.
    Macos,
    /// FreeBSD.
    Freebsd,
    /// Windows.
    Windows,
    /// Everything but Windows.
    Unix,
}

impl Platform {
    /// Tells whether a runtime's `sys.platform` is of this platform.
    pub fn is(self, sys_platform: &str) -> bool {
        match self {
            Platform::Linux => sys_platform == "linux",
            Platform::Macos => sys_platform == "darwin",
            Platform::Freebsd => sys_platform.starts_with("freebsd"),
            Platform::Windows => sys_platform == "win32",
            Platform::Unix => sys_platform != "win32",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Platform::Linux => "Linux",
            Platform::Macos => "macOS",
            Platform::Freebsd => "FreeBSD",
            Platform::Windows => "Windows",
            Platform::Unix => "Unix",
        })
    }
}

/// What a case needs of the runtime and its surroundings; the probe finds out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Need(String);

impl Need {
    const FEATURES: [&str; 7] = ["root", "tty", "symlink", FORK, "threads", "subprocess", "xattr"];

    /// The need of isolation by fork.
    pub fn fork() -> Need {
        Need(FORK.to_owned())
    }

    /// The need of a dotted name, such as `os.memfd_create`.
    pub fn attribute(dotted: &str) -> Need {
        Need(format!("attr:{dotted}"))
    }

    /// The need as the agent knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Need {
    type Error = String;

    fn try_from(text: String) -> Result<Need, String> {
        let known = Need::FEATURES.contains(&text.as_str())
            || text.strip_prefix("module:").is_some_and(is_dotted)
            || text.strip_prefix("attr:").is_some_and(is_dotted);
        if known {
            return Ok(Need(text));
        }
        let features = Need::FEATURES.join(", ");
        Err(format!("`{text}` is no need: use module:NAME, attr:NAME, {features}"))
    }
}

impl From<Need> for String {
    fn from(need: Need) -> String {
        need.0
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_once(':') {
            Some(("module", name)) => write!(f, "module {name}"),
            Some((_, name)) => f.write_str(name),
            None => f.write_str(&self.0),
        }
    }
}

/// Tells whether a text is a dotted Python name.
fn is_dotted(text: &str) -> bool {
    text.split('.').all(|part| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    })
}

/// What an exception from the hook does to the operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
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

/// Which passes of a case run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
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
#[serde(deny_unknown_fields)]
pub struct KnownGap {
    /// The runtimes that have it: a glob over their names, or an implementation's name.
    pub runtime: Glob,
    /// The language versions that have it.
    #[serde(default)]
    pub python: Versions,
    /// The platforms that have it; all when empty.
    #[serde(default)]
    pub platform: Vec<Platform>,
    /// The cases that show it: globs over their names.
    pub cases: Vec<Glob>,
    /// The verdict that they get.
    pub verdict: Verdict,
    /// Why it is there.
    pub kind: Kind,
    /// The same in a sentence.
    pub reason: String,
    /// Where it is tracked.
    pub issue: Option<String>,
}

/// A glob pattern.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Glob(glob::Pattern);

impl TryFrom<String> for Glob {
    type Error = String;

    fn try_from(text: String) -> Result<Glob, String> {
        glob::Pattern::new(&text).map(Glob).map_err(|error| format!("`{text}`: {error}"))
    }
}

impl Glob {
    /// Tells whether the pattern matches a whole text.
    pub fn matches(&self, text: &str) -> bool {
        self.0.matches(text)
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
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
    /// Reads a case file.
    ///
    /// # Errors
    /// All faults of the file that can be told apart: one for a text that is no such document, else one for each
    /// contradiction in it.
    pub fn parse(text: &str) -> Result<EventFile, Vec<Fault>> {
        let file: EventFile = yaml::read(text).map_err(|fault| vec![fault])?;
        let faults = file.contradictions();
        if faults.is_empty() {
            return Ok(file);
        }
        Err(faults.into_iter().map(|(path, message, hint)| yaml::fault(text, &path, message, hint)).collect())
    }

    /// The id of a case of this file.
    pub fn id(&self, case: &Case) -> String {
        format!("{}::{}", self.event, case.name)
    }

    /// The events that a case demands in a language version.
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

    /// The known gap that a trial of a case falls under.
    pub fn known_gap(&self, case: &Case, runtime: &crate::runtime::Identity) -> Option<&KnownGap> {
        self.known_gaps.iter().find(|gap| {
            (gap.runtime.matches(&runtime.name) || gap.runtime.matches(&runtime.implementation))
                && gap.python.contain(&runtime.language)
                && (gap.platform.is_empty() || gap.platform.iter().any(|platform| platform.is(&runtime.platform)))
                && gap.cases.iter().any(|glob| glob.matches(&case.name))
        })
    }

    /// How much a case asserts of the arguments of the file's event: as much as the weakest of its shapes.
    pub fn strength(&self, case: &Case) -> Strength {
        let own = case.expect.iter().filter(|expected| expected.is_of(self));
        let events = own.map(|expected| match &expected.args {
            Args::Named(shapes) => weakest(shapes.iter().map(|(_, shape)| shape)),
            Args::Positional(shapes) => weakest(shapes),
        });
        events.min().unwrap_or(Strength::Name)
    }

    /// What contradicts itself: a path, a message and a hint each.
    fn contradictions(&self) -> Vec<(Vec<Step>, String, Option<String>)> {
        let mut found = Vec::new();
        self.check_names(&mut found);
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

    fn check_case(&self, case: &Case, path: &[Step], found: &mut Vec<Contradiction>) {
        let mut fault = |key: &str, message: &str, hint: &str| {
            let path = [path, &[Step::from(key)]].concat();
            found.push((path, message.to_owned(), Some(hint.to_owned())));
        };
        let raises = case.expect.iter().any(|expected| expected.is_of(self));
        match (&case.snippet, &case.invoke) {
            (None, None) => fault("name", "the case has no `snippet`", "or `invoke`, for a command line"),
            (Some(_), Some(_)) => fault("invoke", "a case has a `snippet` or an `invoke`", "remove one"),
            (None, Some(_)) if !case.setup.is_empty() => {
                fault("setup", "`invoke` has no setup", "write files with `invoke.files`");
            }
            _ => {}
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

type Contradiction = (Vec<Step>, String, Option<String>);

fn find(shapes: &[(String, Shape)], name: &str) -> Option<(String, Shape)> {
    shapes.iter().find(|(known, _)| known == name).cloned()
}

fn weakest<'a>(shapes: impl IntoIterator<Item = &'a Shape>) -> Strength {
    shapes.into_iter().map(Shape::strength).min().unwrap_or(Strength::Arity)
}

impl Case {
    /// The names of the events that the case is about: the observed stream is projected onto them.
    pub fn names<'a>(&'a self, file: &'a EventFile) -> BTreeSet<&'a str> {
        let others = self.expect.iter().filter_map(|expected| expected.event.as_deref());
        others.chain([file.event.as_str()]).collect()
    }

    /// What the runtime must have: the needs that the case states, and its API where that is a dotted name.
    pub fn all_needs(&self) -> Vec<Need> {
        let api = Some(&self.api).filter(|api| is_dotted(api)).map(|api| Need::attribute(api));
        api.into_iter().chain(self.needs.iter().cloned()).collect()
    }

    /// Tells whether there is a veto pass: something is promised, of an event that must be raised.
    pub fn is_vetoed(&self, file: &EventFile) -> bool {
        self.veto != VetoPromise::None && self.expect.iter().any(|expected| expected.is_of(file))
    }
}
