//! The nearest name: advice for a name that nothing has.

/// How alike two names must be, from 0 to 1.
const LIKENESS: f32 = 0.6;

/// Returns advice for a name that nothing has: the nearest of the names that there are, if any is near.
pub(crate) fn advice<T: AsRef<str>>(wrong: &str, known: impl IntoIterator<Item = T>) -> Option<String> {
    let known: Vec<T> = known.into_iter().collect();
    let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
    let same = known.iter().find(|name| name.eq_ignore_ascii_case(wrong)).copied();
    let near = same.or_else(|| similar::get_close_matches(wrong, &known, 1, LIKENESS).first().copied());
    near.map(|name| format!("did you mean `{name}`?"))
}

/// Returns the same advice in brackets, to put behind the wrong name in a message, or nothing.
pub(crate) fn did_you_mean<T: AsRef<str>>(wrong: &str, known: impl IntoIterator<Item = T>) -> String {
    advice(wrong, known).map(|advice| format!(" ({advice})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_near_name_is_advised() {
        let names = ["os.mkdir", "os.rmdir", "socket.connect", "PyPy"];
        for (wrong, expected) in [
            ("os.mkdr", " (did you mean `os.mkdir`?)"),
            ("mkdir", " (did you mean `os.mkdir`?)"),
            ("OS.RMDIR", " (did you mean `os.rmdir`?)"),
            ("pypy", " (did you mean `PyPy`?)"),
            ("zzzz", ""),
            ("", ""),
        ] {
            assert_eq!(did_you_mean(wrong, names), expected, "{wrong}");
        }
    }
}
