//! Fuzzing: a function for each reader of files that others write. The fuzzer in `tests/fuzz` calls them with what it
//! makes up, and a unit test with the files of `tests/fuzz/corpus`.
//!
//! A reader may refuse its input. It must not panic, and 1 MB of input must take less than 1 s and 256 MB.
//! Nothing here is for users of the library.

use std::io;
use std::sync::LazyLock;

use crate::agent::Observation;
use crate::coverage::catalogue::{self, Catalogue};
use crate::coverage::documentation::{Documentation, Names, TableComparison};
use crate::process::Exit;
use crate::results::{Results, store};
use crate::runtime::discover::Config;
use crate::suite::{Answers, Content, GapsFile, Pattern, Shape, Suite, Value, yaml};

/// A reader.
pub type Target = fn(&[u8]);

/// All readers by name, which is that of the folder with the corpus.
pub const TARGETS: [(&str, Target); 8] = [
    ("cases", |input| case_file("fuzz/fuzz.yaml", input)),
    ("doors", |input| case_file("doors/fuzz.yaml", input)),
    ("gaps", gaps_file),
    ("reports", report),
    ("results", results),
    ("runtimes", runtimes),
    ("shapes", shape),
    ("tables", table),
];

/// Reads a case file or a door file, shows its faults and asks for the checks of `audit578 check`.
fn case_file(path: &str, input: &[u8]) {
    let suite = Suite::of_file(path, input);
    for fault in suite.faults.iter().chain(&suite.unfinished_gaps()) {
        let _ = fault.to_string();
    }
}

/// Reads a gaps file. What it shows of a line must be on that line.
fn gaps_file(input: &[u8]) {
    let Ok(file) = GapsFile::parse(input) else { return };
    for gap in &file.gaps {
        assert!(file.lines[gap.line - 1].contains(&gap.listed.to_string()), "{gap}");
        let _ = (gap.content(), file.tail(gap.line));
    }
}

/// Reads the report of an agent.
fn report(input: &[u8]) {
    let report = String::from_utf8_lossy(input);
    let _ = Observation::new(&report, Exit::Status(0), String::new(), 0.0);
}

/// Reads a results file. What can be read can be written, and read again.
fn results(input: &[u8]) {
    let _ = store::Interrupted::read(input);
    match Results::read(input) {
        Ok(results) => {
            let mut written = Vec::new();
            store::write(&results, &mut written).expect("memory can be written");
            Results::read(&written[..]).expect("what was written can be read");
        }
        Err(fault) => drop(fault.to_string()),
    }
}

/// Reads a `runtimes.toml`.
fn runtimes(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input) {
        let _ = Config::parse(text);
    }
}

/// Reads a shape, and a regular expression with a text behind it, and tries both on that text.
fn shape(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let value = Value::new("str", Content::Str(text.to_owned()));
    let list = Value::new("list", Content::Items(vec![value.clone()]));
    let Ok(shape) = yaml::read::<Shape>(text) else {
        let (pattern, _) = text.split_once('\n').unwrap_or((text, ""));
        let shape = Pattern::new(pattern).map(Shape::Match);
        let _ = shape.map(|shape| shape.matches(&value, "", &Answers::new()));
        return;
    };
    for value in [value, list] {
        shape.matches(&value, "", &Answers::new());
    }
    serde_json::to_writer(io::sink(), &shape).expect("a shape is JSON");
    let _ = (shape.to_string(), shape.asks(), shape.strength());
}

/// Reads the table of a page of documentation, and compares it with a suite.
fn table(input: &[u8]) {
    static CATALOGUE: LazyLock<Catalogue> =
        LazyLock::new(|| Catalogue::parse(catalogue::EMBEDDED).expect("the catalogue can be read"));
    let names: Names = CATALOGUE.0.iter().map(|entry| entry.event.as_str()).collect();
    match Documentation::read(input, &names) {
        Ok(documentation) => drop(TableComparison::of(&documentation, &Suite::default())),
        Err(fault) => drop(fault.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_corpora_is_read_or_refused() {
        let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
        for (name, read) in TARGETS {
            let files = fs::read_dir(corpora.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
            let mut count = 0;
            for file in files {
                let path = file.expect("the folder can be read").path();
                // Shows the file in the output of a test that fails.
                println!("{}", path.display());
                read(&fs::read(&path).expect("the file can be read"));
                count += 1;
            }
            assert!(count > 10, "{name} has {count} files");
        }
    }
}
