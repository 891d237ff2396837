//! The labels of a runtime, and the reason why it was not tested.

use crate::results::{ProbeRecord, RuntimeRecord};

/// Splits the name of a runtime into its implementation and the rest: `cpython` and `3.13.0-t`.
pub(super) fn split_name(runtime: &RuntimeRecord) -> (&str, &str) {
    let implementation = runtime.probe.as_ref().map_or("", |probe| probe.implementation.as_str());
    let rest = runtime.name.strip_prefix(implementation).and_then(|rest| rest.strip_prefix('-'));
    (implementation, rest.unwrap_or(&runtime.name))
}

/// Returns the version of the implementation where it has one of its own, other than that of the language.
pub(super) fn own_version(probe: &ProbeRecord) -> Option<&str> {
    Some(probe.implementation_version.as_str()).filter(|own| !probe.language.starts_with(own))
}

/// Returns the reason why a runtime has no trials, where it is absent or has no audit hooks.
pub(super) fn why_untested(runtime: &RuntimeRecord) -> Option<&str> {
    let has_no_hooks = runtime.probe.as_ref().is_some_and(|probe| !probe.audit);
    runtime.absent.as_deref().or(has_no_hooks.then_some("no audit hooks (sys.addaudithook)"))
}
