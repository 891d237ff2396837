//! The catalogue: all audit events of Python and the APIs that raise them, whether the suite has them or not.

use serde::Deserialize;

use crate::suite::yaml::{self, Fault};
use crate::suite::{Arguments, Capability, Case, EventFile, Platform, Versions};

/// The catalogue that the binary carries.
pub const EMBEDDED: &str = include_str!("catalogue.yaml");

/// All events that are known, sorted by name.
#[derive(Debug, Deserialize)]
pub struct Catalogue(pub Vec<Entry>);

/// The facts about an event, under the same keys as in a case file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The event's name.
    pub event: String,
    /// The things that its operation can do.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
    /// The names of its arguments, by version where versions differ.
    pub arguments: Arguments,
    /// The APIs that raise it, as cases name them.
    pub apis: Vec<String>,
    /// Whether any version of Python's documentation names it.
    #[serde(default = "documented")]
    pub documented: bool,
    /// The language versions that have it.
    #[serde(default)]
    pub python: Versions,
    /// The platforms that have it; all when empty.
    #[serde(default)]
    pub platform: Vec<Platform>,
}

fn documented() -> bool {
    true
}

impl Catalogue {
    /// Reads a catalogue.
    ///
    /// # Errors
    /// Returns the first fault of syntax or type.
    pub fn parse(text: &str) -> Result<Catalogue, Fault> {
        yaml::read(text)
    }

    /// Returns the entry of an event.
    pub fn entry(&self, event: &str) -> Option<&Entry> {
        let index = self.0.binary_search_by(|entry| entry.event.as_str().cmp(event)).ok()?;
        self.0.get(index)
    }

    /// Returns the things that the operation of a case does: those that the case names, or all that its event can do.
    pub fn capabilities<'a>(&'a self, file: &EventFile, case: &'a Case) -> &'a [Capability] {
        match case.capabilities.as_slice() {
            [] => self.entry(&file.event).map(|entry| entry.capabilities.as_slice()).unwrap_or_default(),
            own => own,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::suite::Suite;
    use crate::suite::is_rule;

    fn embedded() -> Catalogue {
        Catalogue::parse(EMBEDDED).expect("the catalogue is YAML")
    }

    #[test]
    fn every_event_says_what_it_can_do_and_no_case_does_more() {
        let catalogue = embedded();
        let without: Vec<_> = catalogue.0.iter().filter(|entry| entry.capabilities.is_empty()).collect();
        assert!(without.is_empty(), "{without:?}");
        for (source, case) in Suite::embedded().cases() {
            let event =
                catalogue.entry(&source.file.event).map(|entry| entry.capabilities.as_slice()).unwrap_or_default();
            let more: Vec<_> = case.capabilities.iter().filter(|capability| !event.contains(capability)).collect();
            assert!(more.is_empty(), "{}: {more:?}", source.file.id(case));
        }
    }

    #[test]
    fn the_catalogue_is_sorted_and_has_no_name_twice() {
        for pair in embedded().0.windows(2) {
            assert!(pair[0].event < pair[1].event, "{} comes before {}", pair[1].event, pair[0].event);
        }
        for Entry { event, arguments, apis, .. } in embedded().0 {
            assert!(!apis.is_empty(), "{event} has no API");
            assert!(apis.windows(2).all(|pair| pair[0] < pair[1]), "{event}: {apis:?} are not sorted");
            for variant in &arguments.0 {
                let names: BTreeSet<_> = variant.arguments.iter().collect();
                assert_eq!(names.len(), variant.arguments.len(), "{event}: {:?}", variant.arguments);
            }
        }
    }

    #[test]
    fn an_event_has_one_list_of_arguments_for_each_version() {
        for Entry { event, arguments, python, .. } in embedded().0 {
            for version in (8..=15).map(|minor| format!("3.{minor}").parse().expect("a version")) {
                let lists = arguments.0.iter().filter(|variant| variant.python.contain(&version)).count();
                assert!(!python.contain(&version) || lists == 1, "{event} in {version}: {lists} lists");
            }
        }
    }

    #[test]
    fn the_suite_agrees_with_the_catalogue() {
        let catalogue = embedded();
        for source in Suite::embedded().files.iter().filter(|source| !is_rule(&source.file.event)) {
            let file = &source.file;
            let entry =
                catalogue.entry(&file.event).unwrap_or_else(|| panic!("{} is not in the catalogue", file.event));
            assert_eq!(entry.documented, file.documented, "{}", file.event);
            assert_eq!(entry.python.to_string(), file.python.to_string(), "{}", file.event);
            assert_eq!(entry.platform, file.platform, "{}", file.event);
        }
    }
}
