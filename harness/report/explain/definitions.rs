//! The definitions of all words in which `guard` answers: capabilities, and outcomes of an operation under a hook.

use crate::report::fold::{field, folded};
use crate::report::style::{HEAD, paint};
use crate::run::guard::Outcome;
use crate::suite::Capability;

/// The name of this topic.
pub(super) const TOPIC: &str = "capabilities";

/// Defines all words.
pub(super) fn render() -> String {
    let capabilities = Capability::ALL.map(|word| field(&word.to_string(), &[word.meaning().to_owned()]));
    let outcomes = Outcome::ALL.map(|word| folded(&format!("{word:<20}"), word.meaning(), 20));
    format!(
        "{}\n{}\n{}\n{}",
        paint(HEAD, "Capabilities, those that can do the most harm first"),
        capabilities.concat(),
        paint(HEAD, "Outcomes of an operation under a hook, the worst first"),
        outcomes.concat()
    )
}
