//! Results for the tests of reports, with as few fields as a test needs to name.

use serde_json::{Value, json};

use crate::results::{Results, RuntimeRecord};
use crate::run::TrialRecord;

/// Makes the record of a trial that passes. `changes` replaces fields.
pub(crate) fn trial(event: &str, case: &str, runtime: &str, changes: &Value) -> TrialRecord {
    let module = event.split('.').next().unwrap_or_default();
    let mut record = json!({"event": event, "case": case, "module": module, "api": "f", "runtime": runtime,
        "verdict": "pass", "raised": "kept", "arguments": "kept", "veto": "kept", "asserts": "value", "seconds": 0.0});
    let fields = record.as_object_mut().expect("an object");
    fields.extend(changes.as_object().expect("an object").clone());
    serde_json::from_value(record).expect("a trial")
}

/// Makes the fields of a trial that is `missing`, under a gap with this state and reason.
pub(crate) fn missing(state: &str, reason: &str) -> Value {
    json!({"verdict": "missing", "raised": "broken", "arguments": "unchecked", "veto": "broken",
        "gap": {"state": state, "kind": "bug", "reason": reason}})
}

/// Makes a runtime with a probe, of which `changes` replaces fields.
pub(crate) fn with_probe(name: &str, changes: &Value) -> RuntimeRecord {
    let mut probe = json!({"implementation": "cpython", "language": "3.13.0", "implementation-version": "3.13.0",
        "build": "", "platform": "linux", "machine": null, "flags": [], "audit": true, "features": {}, "sha256": null});
    probe.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    let record = json!({"name": name, "optional": false, "command": [name], "isolation": null, "probe": probe});
    serde_json::from_value(record).expect("a runtime")
}

/// Makes results of runtimes with these names, in this order.
pub(crate) fn results(runtimes: &[&str], trials: Vec<TrialRecord>) -> Results {
    let header = json!({"format": 1, "version": "0", "suite": "5", "host": "linux", "started": "2026-01-02T03:04:05Z",
        "repeat": ["audit578", "run"]});
    let runtime = |name: &&str| {
        let record = json!({"name": name, "optional": false, "command": [name], "isolation": null});
        serde_json::from_value(record).expect("a runtime")
    };
    let header = serde_json::from_value(header).expect("a header");
    let trials = trials.into_iter().map(Box::new).collect();
    Results { runtimes: runtimes.iter().map(runtime).collect(), trials, ..Results::new(header) }
}
