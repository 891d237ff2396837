//! The APIs of the suite: those that no runtime is asked for, and those that no runtime has.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::results::Results;
use crate::suite::{CaseError, Need, Suite, is_looked_up, yaml};

/// Returns the APIs that no runtime is asked for, sorted.
pub(crate) fn not_looked_up(suite: &Suite) -> BTreeSet<&str> {
    suite.cases().map(|(_, case)| case.api.as_str()).filter(|api| !is_looked_up(api)).collect()
}

/// Returns a fault for each case with an API that runtimes of the results were asked for, and that none of them has.
pub(crate) fn found_nowhere(suite: &Suite, results: &Results) -> Vec<CaseError> {
    let probes: Vec<_> = results.runtimes.iter().filter_map(|runtime| runtime.probe.as_ref()).collect();
    let is_absent = |api: &str| {
        let need = Need::attribute(api);
        let mut answers = probes.iter().filter_map(|probe| probe.features.get(need.as_str())).peekable();
        answers.peek().is_some() && answers.all(|has| !has)
    };
    let mut faults = Vec::new();
    for source in &suite.files {
        for (index, case) in source.file.cases.iter().enumerate() {
            if is_looked_up(&case.api) && is_absent(&case.api) {
                let path = ["cases".into(), index.into(), "api".into()];
                let message = format!("no runtime of the results has `{}`", case.api);
                let hint = "a dotted name is looked up in builtins and in modules, and then attribute by attribute";
                let fault = yaml::fault(&source.text, &path, message, Some(hint.to_owned()));
                faults.push(CaseError { file: PathBuf::from(&source.location), fault });
            }
        }
    }
    faults
}
