//! The labels of a runtime, and the reason why it was not tested.

use crate::results::{ProbeRecord, RuntimeRecord};

/// Splits the name of a runtime into its implementation and the rest: `cpython` and `3.13.0-t`.
pub(super) fn split_name(runtime: &RuntimeRecord) -> (&str, &str) {
    let implementation = runtime.probe.as_ref().map_or("", |probe| probe.implementation.as_str());
    let rest = runtime.name.strip_prefix(implementation).and_then(|rest| rest.strip_prefix('-'));
    (implementation, rest.unwrap_or(&runtime.name))
}

/// Returns the versions that the name of a runtime does not have: `pypy 8.0.1`, `Python 3.11.17`.
pub(super) fn further_versions(runtime: &RuntimeRecord) -> Vec<String> {
    let Some(ProbeRecord { implementation, implementation_version: own, language, .. }) = &runtime.probe else {
        return Vec::new();
    };
    let own = (!language.starts_with(own.as_str())).then(|| (format!("{implementation} {own}"), own));
    let versions = own.into_iter().chain([(format!("Python {language}"), language)]);
    versions.filter(|(_, version)| !runtime.name.contains(version.as_str())).map(|(text, _)| text).collect()
}

/// Returns the reason why a runtime has no trials, where it is absent or has no audit hooks.
pub(super) fn why_untested(runtime: &RuntimeRecord) -> Option<&str> {
    let has_no_hooks = runtime.probe.as_ref().is_some_and(|probe| !probe.audit);
    runtime.absent.as_deref().or(has_no_hooks.then_some("no audit hooks (sys.addaudithook)"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::with_probe;
    use super::*;

    #[test]
    fn a_head_has_the_versions_that_the_name_lacks() {
        for (name, implementation, own, language, further) in [
            ("cpython-3.13.0", "cpython", "3.13.0", "3.13.0", &[][..]),
            // Results of older versions of audit578 lack the release tag of the implementation.
            ("cpython-3.15.0rc1-t", "cpython", "3.15.0", "3.15.0rc1", &[]),
            ("windows-3.12", "cpython", "3.12.10", "3.12.10", &["Python 3.12.10"]),
            ("pypy-8.0.1", "pypy", "8.0.1", "3.11.17", &["Python 3.11.17"]),
            ("pypy-7.3.19-py3.10", "pypy", "7.3.19", "3.10.16", &["Python 3.10.16"]),
            ("my-build", "pypy", "8.0.1", "3.11.17", &["pypy 8.0.1", "Python 3.11.17"]),
        ] {
            let probe = json!({"implementation": implementation, "implementation-version": own, "language": language});
            assert_eq!(further_versions(&with_probe(name, &probe)), further, "{name}");
        }
    }
}
