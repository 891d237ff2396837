//! Links to Python's documentation and to trackers.

/// The page of all documented events, for those whose APIs have no place of their own.
pub(super) const TABLE: &str = "https://docs.python.org/3/library/audit_events.html";

/// Returns the address of an API in Python's documentation, where the API belongs to the event's own module.
pub(super) fn documentation(module: &str, api: &str) -> Option<String> {
    let page = match module {
        "builtins" if !api.contains(['.', ' ']) => "functions",
        "http" if api.starts_with("http.client.") => "http.client",
        "urllib" if api.starts_with("urllib.request.") => "urllib.request",
        "nntplib" | "telnetlib" if api.starts_with(module) => {
            // Python 3.13 removed them.
            return Some(format!("https://docs.python.org/3.12/library/{module}.html#{api}"));
        }
        _ if !module.starts_with('_') && api.strip_prefix(module).is_some_and(|rest| rest.starts_with('.')) => module,
        _ => return None,
    };
    let is_dotted_name = api.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
    is_dotted_name.then(|| format!("https://docs.python.org/3/library/{page}.html#{api}"))
}

/// Returns the address of the issue or the change that a case is named after: `bug-115322-append-history` after an issue of
/// `CPython`, `bug-pr-18407` after a change of it, `bug-pypy-pr-5292` after one of another implementation.
pub(super) fn tracker(case: &str) -> Option<String> {
    let parts: Vec<&str> = case.strip_prefix("bug-")?.split('-').collect();
    let (place, number) = match parts[..] {
        ["pr", number, ..] => ("python/cpython/pull", number),
        ["pypy", "pr", number, ..] => ("pypy/pypy/pull", number),
        ["graalpy", "pr", number, ..] => ("oracle/graalpython/pull", number),
        ["rustpython", "pr", number, ..] => ("RustPython/RustPython/pull", number),
        // CPython's issues on GitHub have at least five digits. A shorter number is of another tracker.
        [number, ..] if number.len() >= 5 => ("python/cpython/issues", number),
        _ => return None,
    };
    let is_number = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    is_number.then(|| format!("https://github.com/{place}/{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_leads_to_the_issue_that_it_is_named_after() {
        for (case, place) in [
            ("bug-115322-append-history", Some("python/cpython/issues/115322")),
            ("bug-pr-18407", Some("python/cpython/pull/18407")),
            ("bug-pypy-pr-5292", Some("pypy/pypy/pull/5292")),
            ("bug-graalpy-pr-946", Some("oracle/graalpython/pull/946")),
            ("bug-1112", None),
            ("bug-rustpython-bind-unix", None),
            ("path", None),
        ] {
            let found = tracker(case);
            assert_eq!(found.as_deref().and_then(|link| link.strip_prefix("https://github.com/")), place, "{case}");
        }
    }

    #[test]
    fn links_lead_to_the_documentation_of_the_api() {
        for (module, api, page) in [
            ("os", "os.mkdir", Some("os.html#os.mkdir")),
            ("builtins", "open", Some("functions.html#open")),
            ("urllib", "urllib.request.urlopen", Some("urllib.request.html#urllib.request.urlopen")),
            ("_winapi", "_winapi.CreatePipe", None),
            ("os", "pathlib.Path.mkdir", None),
            ("builtins", "import statement", None),
            ("os", "os.\"><script>", None),
        ] {
            let found = documentation(module, api);
            assert_eq!(found.as_deref().and_then(|link| link.strip_prefix("https://docs.python.org/3/library/")), page);
        }
    }
}
