//! APIs of cases: which of them a runtime is asked for.

use super::guard::is_dotted;

/// The functions and types of `builtins` in `CPython` 3.8 to 3.15, sorted.
const BUILTINS: &str = "\
    __build_class__ __import__ abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod \
    compile complex delattr dict dir divmod enumerate eval exec exit filter float format frozendict frozenset getattr \
    globals hasattr hash help hex id input int isinstance issubclass iter len list locals map max memoryview min next \
    object oct open ord pow print property quit range repr reversed round set setattr slice sorted staticmethod str sum \
    super tuple type vars zip";

/// Tells whether a runtime is asked for an API: only for dotted names. The first part of the name is looked up in
/// `builtins`, and then imported as a module; the other parts are attributes.
pub fn is_looked_up(api: &str) -> bool {
    is_dotted(api)
}

/// Tells whether an API can be found. A single word must be a function or type of `builtins`: a module is not an API.
pub(super) fn can_be_found(api: &str) -> bool {
    api.contains('.') || BUILTINS.split_whitespace().any(|name| name == api)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_word_must_be_in_builtins() {
        for (api, looked_up, found) in [
            ("os.mkdir", true, true),
            ("open", true, true),
            ("__import__", true, true),
            ("zip", true, true),
            ("builtins.OSError", true, true),
            ("python", true, false),
            ("os", true, false),
            ("ope", true, false),
            ("python -c", false, false),
            ("import statement", false, false),
            ("Py_EndInterpreter (C API)", false, false),
        ] {
            assert_eq!((is_looked_up(api), can_be_found(api)), (looked_up, found), "{api}");
        }
    }
}
