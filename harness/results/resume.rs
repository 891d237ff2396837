//! Resuming: whether the trials of an interrupted run count for a run that completes it. Pure.

use serde_json::json;

use super::records::{Header, Results, RuntimeRecord};

/// Returns the reason why the trials of an interrupted run do not count for another, or `None` if they do.
pub(crate) fn obstacle(old: &Results, new: &Results) -> Option<String> {
    let runtimes = || {
        // Before its first trial, a run may not have written all runtimes.
        let has_begun = old.footer.is_some() || old.all_trials().next().is_some();
        has_begun.then(|| other_runtimes(&old.runtimes, &new.runtimes)).flatten()
    };
    other_header(&old.header, &new.header).or_else(runtimes).or_else(|| other_conditions(&old.header, &new.header))
}

fn other_header(old: &Header, new: &Header) -> Option<String> {
    let parts = |header: &Header| {
        let parts = super::part::from_record(&header.parts);
        parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    // The first word is the path of the program, by which it may be called in several ways.
    let options = |header: &Header| header.repeat.iter().skip(1).cloned().collect::<Vec<_>>().join(" ");
    let all = [
        ("version of audit578", [old, new].map(|header| header.version.clone())),
        ("suite", [old, new].map(|header| header.suite.clone())),
        ("machine", [old, new].map(|header| header.host.clone())),
        ("selection of cases", [old, new].map(parts)),
        ("command line", [old, new].map(options)),
    ];
    let other = all.iter().find(|(_, [old, new])| old != new);
    other.map(|(what, [old, new])| format!("it is of another {what}: `{old}`, and not `{new}`"))
}

fn other_runtimes(old: &[RuntimeRecord], new: &[RuntimeRecord]) -> Option<String> {
    let without = |these: &[RuntimeRecord], those: &[RuntimeRecord]| {
        let is_there = |name: &str| those.iter().any(|runtime| runtime.name == name);
        these.iter().map(|runtime| runtime.name.clone()).find(|name| !is_there(name))
    };
    if let Some(name) = without(old, new) {
        return Some(format!("it has the runtime {name}, which is not selected or not there any more"));
    }
    if let Some(name) = without(new, old) {
        return Some(format!("it does not have the runtime {name}"));
    }
    if old.len() != new.len() {
        return Some(format!("it has {} runtimes, and not {}", old.len(), new.len()));
    }
    old.iter().zip(new).find_map(|(old, new)| other_runtime(old, new))
}

fn other_runtime(old: &RuntimeRecord, new: &RuntimeRecord) -> Option<String> {
    let sum = |runtime: &RuntimeRecord| runtime.probe.as_ref().map(|probe| probe.sha256.clone());
    if sum(old) != sum(new) {
        return Some(format!("the interpreter of {} is not the same any more", new.name));
    }
    let differs = || format!("{} is not started as before, or does not have the same abilities", new.name);
    (json!(old) != json!(new)).then(differs)
}

fn other_conditions(old: &Header, new: &Header) -> Option<String> {
    let differs = || "a gaps file or the configuration of the runtimes is not the same any more".to_owned();
    (old.conditions != new.conditions).then(differs)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::report::samples::{results, trial, with_probe};

    #[test]
    fn a_run_is_completed_only_under_its_own_conditions() {
        let of = |trials: bool| {
            let trials = if trials { vec![trial("os.mkdir", "path", "one", &json!({}))] } else { Vec::new() };
            Results { runtimes: vec![with_probe("one", &json!({"sha256": "0"}))], footer: None, ..results(&[], trials) }
        };
        let header = |change: Value| {
            let mut header = json!(of(true).header);
            header.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
            Results { header: serde_json::from_value(header).expect("a header"), ..of(true) }
        };
        let runtime = |name: &str, change: Value| Results { runtimes: vec![with_probe(name, &change)], ..of(true) };
        assert_eq!(obstacle(&of(true), &of(true)), None);
        assert_eq!(
            obstacle(&of(true), &header(json!({"started": "later", "repeat": ["elsewhere/audit578", "run"]}))),
            None
        );
        for (new, start) in [
            (header(json!({"version": "9"})), "it is of another version of audit578: `0`, and not `9`"),
            (header(json!({"suite": "x"})), "it is of another suite"),
            (header(json!({"host": "x"})), "it is of another machine"),
            (
                header(json!({"parts": [{"shard": "1/2"}]})),
                "it is of another selection of cases: `the whole suite`, and not `shard 1/2`",
            ),
            (
                header(json!({"repeat": ["audit578", "run", "--hot"]})),
                "it is of another command line: `run`, and not `run --hot`",
            ),
            (header(json!({"conditions": "x"})), "a gaps file or the configuration"),
            (runtime("two", json!({"sha256": "0"})), "it has the runtime one"),
            (Results { runtimes: Vec::new(), ..of(true) }, "it has the runtime one"),
            (
                Results { runtimes: [of(true).runtimes, of(true).runtimes].concat(), ..of(true) },
                "it has 1 runtimes, and not 2",
            ),
            (runtime("one", json!({"sha256": "1"})), "the interpreter of one is not the same"),
            (runtime("one", json!({"sha256": "0", "platform": "x"})), "one is not started as before"),
        ] {
            let found = obstacle(&of(true), &new).unwrap_or_default();
            assert!(found.starts_with(start), "{start}: {found}");
        }
        let more = runtime("two", json!({"sha256": "0"}));
        assert!(obstacle(&of(true), &more).is_some() && obstacle(&of(false), &more).is_none(), "it has not begun");
    }
}
