//! Links to Python's documentation.

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

#[cfg(test)]
mod tests {
    use super::*;

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
