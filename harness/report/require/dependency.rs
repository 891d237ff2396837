//! Dependencies: the events that a monitor relies on, as its author writes them, or as the source of its hook names them.

use std::collections::{BTreeMap, BTreeSet};

use super::literals::literals;
use crate::suite::{EventFile, Fault, Suite, advice, is_rule};

/// The sign that stands for all arguments of an event.
const ALL: &str = "*";

/// An event that a monitor relies on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// Its name.
    pub event: String,
    /// The arguments that the monitor reads.
    pub arguments: BTreeSet<String>,
}

/// The events that there are, each with the names that its arguments have in any version.
#[derive(Debug)]
pub(crate) struct Known(BTreeMap<String, BTreeSet<String>>);

impl Known {
    /// Returns the events of a suite.
    pub(crate) fn of(suite: &Suite) -> Known {
        let events = suite.files.iter().map(|source| &source.file).filter(|file| !is_rule(&file.event));
        let names = |file: &EventFile| file.arguments.names().into_iter().map(str::to_owned).collect();
        Known(events.map(|file| (file.event.clone(), names(file))).collect())
    }

    /// Tells whether there is an event of this name.
    pub(crate) fn has(&self, event: &str) -> bool {
        self.0.contains_key(event)
    }

    /// Returns the events that a word of a hook stands for: the event itself, or those that it is the beginning of, if it
    /// ends with a dot.
    fn meant(&self, word: &str) -> Vec<&str> {
        let is_meant = |event: &&String| *event == word || word.ends_with('.') && event.starts_with(word);
        self.0.keys().filter(is_meant).map(String::as_str).collect()
    }
}

/// Reads a dependency: `os.mkdir`, or `open(path, mode)` with the arguments that the monitor reads, or `open(*)` with all.
///
/// # Errors
/// The first fault. Its column counts from the beginning of the text.
pub(crate) fn parse(text: &str, known: &Known) -> Result<Dependency, Fault> {
    let (event, list) = match text.split_once('(') {
        None => (text.trim_end(), None),
        Some((event, rest)) => {
            let end = text.trim_end().chars().count();
            let missing = || fault(end, "a `)` is missing at the end".to_owned(), Some(EXAMPLE.to_owned()));
            (event.trim_end(), Some(rest.trim_end().strip_suffix(')').ok_or_else(missing)?))
        }
    };
    let Some(names) = known.0.get(event) else {
        let hint = advice(event, known.0.keys()).unwrap_or_else(|| EXAMPLE.to_owned());
        return Err(fault(1, format!("there is no event `{event}`"), Some(hint)));
    };
    let mut arguments = BTreeSet::new();
    let mut column = text.chars().take_while(|c| *c != '(').count() + 2;
    for part in list.into_iter().flat_map(|list| list.split(',')) {
        match part.trim() {
            "" if list.is_some_and(|list| list.trim().is_empty()) => {}
            ALL => arguments.extend(names.iter().cloned()),
            name if names.contains(name) => arguments.extend([name.to_owned()]),
            name => {
                let at = column + part.chars().take_while(|c| c.is_whitespace()).count();
                return Err(fault(
                    at,
                    format!("`{event}` has no argument `{name}`"),
                    Some(other_argument(name, names)),
                ));
            }
        }
        column += part.chars().count() + 1;
    }
    Ok(Dependency { event: event.to_owned(), arguments })
}

/// The hint where no name is near.
const EXAMPLE: &str = "write `os.mkdir`, or `open(path, mode)` with the arguments that the monitor reads";

fn other_argument(name: &str, names: &BTreeSet<String>) -> String {
    let list = || match names.iter().map(String::as_str).collect::<Vec<_>>().join(", ") {
        list if list.is_empty() => "it has none".to_owned(),
        list => format!("it has {list}"),
    };
    advice(name, names).unwrap_or_else(list)
}

fn fault(column: usize, message: String, hint: Option<String>) -> Fault {
    Fault { line: 1, column, path: String::new(), message, hint }
}

/// Reads a list of dependencies: one on each line, with comments behind `#`.
///
/// # Errors
/// All faults.
pub(crate) fn parse_list(text: &str, known: &Known) -> Result<Vec<Dependency>, Vec<Fault>> {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        let content = line.split('#').next().unwrap_or_default();
        let indent = content.chars().take_while(|c| c.is_whitespace()).count();
        if content.trim().is_empty() {
            continue;
        }
        match parse(content.trim(), known) {
            Ok(dependency) => found.push(dependency),
            Err(fault) => faults.push(Fault { line: index + 1, column: fault.column + indent, ..fault }),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// Finds the events that the source of a hook names in its string literals. A literal counts if all its words, which may
/// be separated by commas, are names of events or, with a dot at the end, the beginning of names.
///
/// # Errors
/// The place of a string that has no end.
pub(crate) fn of_hook(source: &str, known: &Known) -> Result<Vec<Dependency>, Fault> {
    let found = literals(source).map_err(|(line, column)| {
        let hint = Some("the file must be Python source".to_owned());
        Fault { line, ..fault(column, "the string that begins here has no end".to_owned(), hint) }
    })?;
    let events = found.iter().flat_map(|literal| {
        let words = literal.text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
        let meant: Vec<Vec<&str>> = words.map(|word| known.meant(word)).collect();
        if meant.iter().any(Vec::is_empty) { Vec::new() } else { meant.concat() }
    });
    Ok(events.map(|event| Dependency { event: event.to_owned(), arguments: BTreeSet::new() }).collect())
}

/// Joins dependencies on the same event. The order stays that of their first mention.
pub(crate) fn joined(dependencies: Vec<Dependency>) -> Vec<Dependency> {
    let mut joined = Vec::<Dependency>::new();
    for dependency in dependencies {
        match joined.iter_mut().find(|known| known.event == dependency.event) {
            Some(known) => known.arguments.extend(dependency.arguments),
            None => joined.push(dependency),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let events: [(&str, &[&str]); 5] = [
            ("open", &["path", "mode", "flags"]),
            ("os.mkdir", &["path", "mode"]),
            ("os.rmdir", &["path"]),
            ("glob.glob/2", &["pathname"]),
            ("os.fork", &[]),
        ];
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Known(events.iter().map(|(event, arguments)| ((*event).to_owned(), names(arguments))).collect())
    }

    fn written(dependencies: &[Dependency]) -> Vec<String> {
        let words = |one: &Dependency| {
            format!("{}({})", one.event, one.arguments.iter().map(String::as_str).collect::<Vec<_>>().join(","))
        };
        dependencies.iter().map(words).collect()
    }

    #[test]
    fn a_dependency_is_an_event_with_the_arguments_that_are_read() {
        for (text, expected) in [
            ("os.mkdir", "os.mkdir()"),
            ("open(path,mode)", "open(mode,path)"),
            ("open ( flags , path ) ", "open(flags,path)"),
            ("open(*)", "open(flags,mode,path)"),
            ("os.fork()", "os.fork()"),
            ("glob.glob/2(pathname)", "glob.glob/2(pathname)"),
        ] {
            assert_eq!(written(&[parse(text, &known()).expect(text)]), [expected], "{text}");
        }
    }

    #[test]
    fn a_list_names_the_place_of_each_fault() {
        let text = "# what the monitor watches\nos.mkdir  # folders\n\n  os.mkdr\nopen(path, mod)\nopen(path\n\
                    os.fork(pid)\nopen(path,,mode)\n";
        let faults = parse_list(text, &known()).expect_err("faults");
        let shown: Vec<String> = faults
            .iter()
            .map(|one| format!("{}:{} {} ({})", one.line, one.column, one.message, one.hint.as_deref().unwrap_or("")))
            .collect();
        assert_eq!(
            shown,
            [
                "4:3 there is no event `os.mkdr` (did you mean `os.mkdir`?)".to_owned(),
                "5:12 `open` has no argument `mod` (did you mean `mode`?)".to_owned(),
                format!("6:9 a `)` is missing at the end ({EXAMPLE})"),
                "7:9 `os.fork` has no argument `pid` (it has none)".to_owned(),
                "8:11 `open` has no argument `` (it has flags, mode, path)".to_owned(),
            ]
        );
        assert_eq!(written(&parse_list("os.mkdir # a\n#\n open(path)", &known()).expect("a list")).len(), 2);
    }

    #[test]
    fn the_literals_of_a_hook_name_events() {
        for (source, expected) in [
            ("if event == 'os.mkdir': raise X", &["os.mkdir()"][..]),
            ("if event.startswith('os.'): pass", &["os.fork()", "os.mkdir()", "os.rmdir()"]),
            ("EVENTS = 'open os.mkdir, os.rmdir'.split()", &["open()", "os.mkdir()", "os.rmdir()"]),
            ("'open the door'; 'os'; 'os.mk'; '.'; ''", &[]),
            ("('open', 'open', # 'os.fork'\n)", &["open()"]),
        ] {
            let found = of_hook(source, &known()).expect("strings");
            assert_eq!(written(&joined(found)), expected, "{source}");
        }
        let fault = of_hook("x = '''os.mkdir", &known()).expect_err("no end");
        assert_eq!((fault.line, fault.column), (1, 5));
    }

    #[test]
    fn dependencies_on_one_event_are_joined() {
        let list = parse_list("open(path)\nos.fork\nopen(mode)", &known()).expect("a list");
        assert_eq!(written(&joined(list)), ["open(mode,path)", "os.fork()"]);
    }
}
