//! Definitions: what tells a case from an earlier or later one of the same id, and where its file has it. Pure.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::description::Description;
use super::records::CaseRecord;
use crate::suite::{Case, Source, hex, yaml};

/// The keys of a file that are part of the definition of each of its cases.
const SHARED: [&str; 3] = ["arguments", "python", "platform"];

/// The records of those cases of a file that `is_wanted` tells.
pub fn records(source: &Source, is_wanted: impl Fn(&Case) -> bool) -> Vec<CaseRecord> {
    let wanted: Vec<_> = source.file.cases.iter().enumerate().filter(|(_, case)| is_wanted(case)).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    // Without a document, which JSON may not be able to hold, a case stands for its whole file.
    let document = yaml::read(&source.text).unwrap_or_else(|_| Value::from(source.text.as_str()));
    let record = |(index, case): (usize, &Case)| CaseRecord {
        event: source.file.event.clone(),
        case: case.name.clone(),
        file: source.location.clone(),
        line: yaml::fault(&source.text, &yaml::path(&["cases"], index), String::new(), None).line,
        digest: digest(&document, index),
        description: Description::new(&source.file.event, case),
    };
    wanted.into_iter().map(record).collect()
}

/// The digest of a case: of what its file says, however it is written.
fn digest(document: &Value, index: usize) -> String {
    let definition = match document {
        Value::Object(file) => json!([SHARED.map(|key| file.get(key)), document["cases"][index]]),
        other => other.clone(),
    };
    hex(&Sha256::digest(definition.to_string())[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Suite;

    #[test]
    fn a_case_is_found_in_its_file() {
        for source in &Suite::embedded().files {
            let lines: Vec<&str> = source.text.lines().collect();
            for case in records(source, |_| true) {
                let name = format!("name: {}", case.case);
                assert!(lines[case.line - 1].contains(&name), "{}:{}: {name}", case.file, case.line);
            }
        }
    }
}
