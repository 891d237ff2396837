//! Descriptions: events and cases as a results file describes them. A report is made from results alone, and its reader
//! wants to see the code that was run and the events that it had to raise.

use serde::{Deserialize, Serialize};

use crate::suite::{Advice, Args, Capability, Case, Expected, Invoke, Observer, Passes, Platform, Source, VetoPromise};

/// The description of an event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct EventRecord {
    /// Its name.
    pub event: String,
    /// The module that it belongs to.
    pub module: String,
    /// The case file, by the path it was found at.
    pub file: String,
    /// Whether any version of Python's documentation names it.
    pub documented: bool,
    /// The names of its arguments, for each set of versions that has its own.
    pub arguments: Vec<Signature>,
    /// The public APIs that raise it.
    pub raised_by: Vec<String>,
    /// The language versions that must raise it (PEP 440); all when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub python: String,
    /// The platforms that must raise it; all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub platform: Vec<Platform>,
}

/// The names of an event's arguments in some versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Signature {
    /// The language versions with these names (PEP 440); all when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub python: String,
    /// The names, in order.
    pub names: Vec<String>,
}

/// The description of a case: its code and its expectations.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Description {
    /// Python code that runs before the recording.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub setup: String,
    /// Python code whose events are recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snippet: Option<String>,
    /// A command line whose events are recorded instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoke: Option<Invoke>,
    /// The kind of the recording hook.
    #[serde(default, skip_serializing_if = "is_default")]
    pub observe: Observer,
    /// The events that must be raised, in order.
    #[serde(default)]
    pub expect: Vec<ExpectedRecord>,
    /// Whether an event that the case does not name is a failure.
    #[serde(default, skip_serializing_if = "is_default")]
    pub only: bool,
    /// A Python expression that is true only once the operation has happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// The effect of an exception from the hook.
    #[serde(default, skip_serializing_if = "is_default")]
    pub veto: VetoPromise,
    /// The reason why `veto` is neither `stops` nor `query`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The reason why the snippet is not run as hot code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<String>,
    /// The passes that run.
    #[serde(default, skip_serializing_if = "is_default")]
    pub run: Passes,
    /// The things that the operation does; where it names none, all that its event can do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
    /// The needs of the case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// The language versions that the case is for (PEP 440); all when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub python: String,
    /// The platforms that the case is for; all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub platform: Vec<Platform>,
    /// The implementations that the case is for; all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implementation: Vec<String>,
    /// The words of a door for the people who write monitors; a case has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door: Option<Advice>,
}

/// An event that a case expects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct ExpectedRecord {
    /// Its name.
    pub event: String,
    /// Its arguments: each with its name, or its position in brackets, and its shape in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<(String, String)>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl From<&Source> for EventRecord {
    fn from(source: &Source) -> EventRecord {
        let file = &source.file;
        let variants = file.arguments.0.iter();
        EventRecord {
            event: file.event.clone(),
            module: source.module().to_owned(),
            file: source.location.clone(),
            documented: file.documented,
            arguments: variants
                .map(|variant| Signature { python: variant.python.to_string(), names: variant.arguments.clone() })
                .collect(),
            raised_by: file.raised_by.clone(),
            python: file.python.to_string(),
            platform: file.platform.clone(),
        }
    }
}

impl Description {
    /// Describes a case of an event's file.
    pub fn new(event: &str, case: &Case) -> Description {
        Description {
            setup: case.setup.clone(),
            capabilities: case.capabilities.clone(),
            snippet: case.snippet.clone(),
            invoke: case.invoke.clone(),
            observe: case.observe,
            expect: case.expect.iter().map(|expected| ExpectedRecord::new(event, expected)).collect(),
            only: case.only,
            effect: case.effect.clone(),
            veto: case.veto(),
            because: case.because.clone(),
            once: case.once.clone(),
            run: case.run,
            needs: case.needs.iter().map(ToString::to_string).collect(),
            python: case.python.to_string(),
            platform: case.platform.clone(),
            implementation: case.implementation.clone(),
            door: case.door.clone(),
        }
    }
}

impl ExpectedRecord {
    fn new(event: &str, expected: &Expected) -> ExpectedRecord {
        let args = match &expected.args {
            Args::Named(shapes) => shapes.iter().map(|(name, shape)| (name.clone(), shape.argument(name))).collect(),
            Args::Positional(shapes) => {
                let numbered = shapes.iter().enumerate();
                numbered.map(|(index, shape)| (format!("[{index}]"), shape.to_string())).collect()
            }
        };
        ExpectedRecord { event: expected.event.clone().unwrap_or_else(|| event.to_owned()), args }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Suite;

    #[test]
    fn a_description_has_the_code_and_the_expectations_of_its_case() {
        let suite = Suite::embedded();
        let (source, case) = suite
            .cases()
            .find(|(source, case)| source.file.event == "os.mkdir" && case.name == "makedirs")
            .expect("the suite has os.mkdir::makedirs");
        let event = EventRecord::from(source);
        assert_eq!((event.module.as_str(), event.file.as_str()), ("os", "cases/os/os.mkdir.yaml"));
        assert_eq!(event.arguments[0].names, ["path", "mode", "dir_fd"]);
        let record = Description::new(&event.event, case);
        assert_eq!(record.snippet.as_deref(), Some("os.makedirs(target)\n"));
        assert_eq!(record.expect.len(), 2);
        assert_eq!(record.expect[1].args[0], ("path".to_owned(), "same as target".to_owned()));
    }

    #[test]
    fn a_description_is_the_same_after_it_was_written_and_read() {
        for (source, case) in Suite::embedded().cases() {
            let description = Description::new(&source.file.event, case);
            let written = serde_json::to_string(&description).expect("JSON");
            assert_eq!(serde_json::from_str::<Description>(&written).expect("a description"), description);
        }
        let written = serde_json::to_string(&Description::default()).expect("JSON");
        assert_eq!(written, r#"{"expect":[]}"#, "values that are the default take no room");
    }
}
