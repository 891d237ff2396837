//! Topics: the names that can be explained.

use super::runtime::RuntimeName;
use super::{capability, case, definitions, event, runtime, verdict};
use crate::coverage::catalogue::Catalogue;
use crate::report::text::clean;
use crate::suite::{Capability, Suite, Verdict, advice};

/// Explains a topic: the name of an event, the id of a case, a capability or all of them, a verdict, or the name of a
/// runtime.
///
/// # Errors
/// A message that there is no such topic, with the nearest name.
pub(crate) fn render(topic: &str, suite: &Suite, catalogue: &Catalogue) -> Result<String, String> {
    if topic == definitions::TOPIC {
        return Ok(definitions::render());
    }
    let found = suite.files.iter().find(|source| source.file.event == topic);
    if let Some(source) = found {
        return Ok(event::render(source, suite, catalogue));
    }
    if let Some((source, found)) = suite.runnable().find(|(source, case)| source.file.id(case) == topic) {
        return Ok(case::render(source, found));
    }
    if let Some(found) = Capability::named(topic) {
        return Ok(capability::render(found, suite, catalogue));
    }
    if let Some(found) = Verdict::ALL.into_iter().find(|verdict| verdict.to_string() == topic) {
        return Ok(verdict::render(found, suite));
    }
    RuntimeName::parse(topic, suite).map(|name| runtime::render(&name, suite)).ok_or_else(|| unknown(topic, suite))
}

fn unknown(topic: &str, suite: &Suite) -> String {
    let hint = raises(topic, suite).or_else(|| advice(topic, names(suite))).unwrap_or_else(|| {
        "name an event such as `os.mkdir`, a case, a capability such as `network`, a verdict, or a runtime such as \
         `pypy`"
            .to_owned()
    });
    format!("there is nothing to explain about `{}` ({hint})", clean(topic))
}

/// Returns the events that an API raises, in words.
fn raises(api: &str, suite: &Suite) -> Option<String> {
    let of = suite.files.iter().filter(|source| source.file.raised_by.iter().any(|known| known == api));
    let events: Vec<String> = of.map(|source| format!("`{}`", source.file.event)).collect();
    (!events.is_empty()).then(|| format!("it is an API that raises {}", events.join(", ")))
}

/// Returns the names of all topics.
fn names(suite: &Suite) -> Vec<String> {
    let events = suite.files.iter().map(|source| source.file.event.clone());
    let cases = suite.runnable().map(|(source, case)| source.file.id(case));
    let words = Capability::ALL.iter().map(ToString::to_string).chain(Verdict::ALL.iter().map(ToString::to_string));
    let words = words.chain([definitions::TOPIC.to_owned()]);
    events.chain(words).chain(runtime::names(suite)).chain(cases).collect()
}
