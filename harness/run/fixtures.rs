//! Suites and runtimes for tests.

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::runtime::{Found, Launch, Runtime};
use crate::suite::{EventFile, Source, Suite};

/// Returns a suite of case files, each from its text. All are in the module `m`.
pub(crate) fn suite(texts: &[&str]) -> Suite {
    let source = |text: &&str| {
        let file = EventFile::parse(text).expect("the case file is right");
        let path = format!("m/{}.yaml", file.event);
        Source { location: format!("cases/{path}"), path, text: (*text).to_owned(), file }
    };
    Suite { files: texts.iter().map(source).collect(), ..Suite::default() }
}

/// Returns a runtime of the name `r` that has some features.
pub(crate) fn runtime(implementation: &str, language: &str, platform: &str, features: &[&str]) -> Runtime {
    let numbers: Vec<u64> = language.split('.').map(|part| part.parse().expect("a number")).collect();
    let probe = json!({
        "implementation": implementation, "language": numbers, "release": "final", "implementation-version": "1",
        "build": "b", "platform": platform, "machine": null, "executable": null, "flags": [], "audit": true,
        "compiler": null, "compiled": null,
    });
    let found = Found {
        probe: serde_json::from_value(probe).expect("the probe is right"),
        features: features.iter().map(|feature| ((*feature).to_owned(), true)).collect(),
        startup_time: Duration::from_millis(20),
    };
    let launch = Launch { name: Some("r".to_owned()), ..Launch::python(Path::new("python")) };
    Runtime::new(launch, found)
}
