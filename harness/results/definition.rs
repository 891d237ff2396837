//! Definitions: the records of cases, each with a digest that changes when the case is redefined. Pure.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::description::Description;
use super::records::CaseRecord;
use crate::suite::{Case, Source, hex, yaml};

/// The keys of a file that belong to the definition of each of its cases. The file's `needs`, `setup` and `veto` belong to it
/// too: each case has them since it was read.
const SHARED_KEYS: [&str; 3] = ["arguments", "python", "platform"];

/// Returns the records of the wanted cases of a file.
pub fn case_records(source: &Source, is_wanted: impl Fn(&Case) -> bool) -> Vec<CaseRecord> {
    let wanted: Vec<_> = source.file.cases.iter().enumerate().filter(|(_, case)| is_wanted(case)).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    // JSON cannot hold every YAML document. Then the whole text stands for each case.
    let document = yaml::read(&source.text).unwrap_or_else(|_| Value::from(source.text.as_str()));
    let lines = yaml::lines_of_items(&source.text, source.list(), source.file.cases.len());
    let record = |(index, case): (usize, &Case)| CaseRecord {
        event: source.file.event.clone(),
        case: case.name.clone(),
        file: source.location.clone(),
        line: lines[index],
        digest: digest(&document[source.list()][index], &document, case),
        description: Description::new(&source.file.event, case),
    };
    wanted.into_iter().map(record).collect()
}

/// Returns the digest of a case. It depends on the content of the file, and not on how the YAML is written. `needs`,
/// `setup` and `veto` count the same in the file and in the case.
fn digest(written: &Value, document: &Value, case: &Case) -> String {
    let definition = match document {
        Value::Object(file) => {
            let mut written = written.clone();
            if !case.needs.is_empty() {
                written["needs"] = json!(case.needs);
            }
            if !case.setup.is_empty() {
                written["setup"] = json!(case.setup);
            }
            if let Some(veto) = case.veto {
                written["veto"] = json!(veto);
            }
            json!([SHARED_KEYS.map(|key| file.get(key)), written])
        }
        other => other.clone(),
    };
    hex(&Sha256::digest(definition.to_string())[..16])
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::suite::{EventFile, Suite};

    fn source(top: &str, case: &str) -> Source {
        let text = format!(
            "event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\n{top}\ncases:\n\
             - {{name: a, api: m.f, snippet: f(), expect: [{{}}]{case}}}\n"
        );
        let file = EventFile::parse(&text).expect("a case file");
        Source { path: "m/m.f.yaml".to_owned(), location: "cases/m/m.f.yaml".to_owned(), text, file }
    }

    #[test]
    fn needs_setup_and_veto_count_the_same_in_the_file_and_in_the_case() {
        let digest = |top: &str, case: &str| case_records(&source(top, case), |_| true)[0].digest.clone();
        let in_case = digest("", r#", needs: [fork, root], setup: "import m\nx = 1""#);
        assert_eq!(
            digest("needs: [fork, root]\nsetup: |\n  import m\n  x = 1", ""),
            digest("", r#", needs: [fork, root], setup: "import m\nx = 1\n""#)
        );
        assert_eq!(digest("needs: [fork]\nsetup: import m", r#", needs: [root], setup: "x = 1""#), in_case);
        assert_ne!(digest("needs: [fork]\nsetup: import m", r#", setup: "x = 1""#), in_case);
        assert_eq!(digest("veto: query", ""), digest("", ", veto: query"));
        assert_ne!(digest("veto: query", ""), digest("", ""));
        assert_ne!(digest("needs: [fork, root]\nsetup: import n", r#", setup: "x = 1""#), in_case);
    }

    #[test]
    fn the_line_of_a_record_is_that_of_the_cases_name() {
        let suite = Suite::embedded();
        for source in suite.files.iter().chain(&suite.doors) {
            let lines: Vec<&str> = source.text.lines().collect();
            for case in case_records(source, |_| true) {
                let name = format!("name: {}", case.case);
                assert!(lines[case.line - 1].contains(&name), "{}:{}: {name}", case.file, case.line);
            }
        }
    }

    #[test]
    fn the_line_of_a_record_is_found_however_the_list_is_written() {
        let top = "event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\n";
        let case = |name: &str| format!("{{name: {name}, api: m.f, snippet: f(), expect: [{{}}]}}");
        let (a, b) = (case("a"), case("b"));
        for (cases, lines) in [
            (format!("cases:\n- {a}\n- {b}\n"), [6, 7]),
            (format!("cases:\n\n  # One.\n  - {a}\n\n  - {b}\n"), [8, 10]),
            (format!("cases: # All.\n  - {a}\n  - {b}\n"), [6, 7]),
            (format!("cases: [{a},\n  {b}]\n"), [5, 6]),
            (format!("\"cases\": [{a}, {b}]\n"), [5, 5]),
            (format!("cases:\n  -\n    {a}\n  - {b}\n"), [7, 8]),
            ("cases:\n- name: a\n  api: m.f\n  snippet: |\n    - 1\n  expect:\n  - {}\n- name: b\n  api: m.f\n  snippet: f()\n  expect: []\n".to_owned(), [6, 12]),
            (format!("cases:\n- {a}\n- {b}\nknown-gaps:\n- {{runtime: x, cases: [a], verdict: missing, kind: by-design, reason: R.}}\n"), [6, 7]),
        ] {
            let text = format!("{top}{cases}");
            let file = EventFile::parse(&text).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
            let source = Source { path: String::new(), location: String::new(), text, file };
            let found: Vec<usize> = case_records(&source, |_| true).iter().map(|case| case.line).collect();
            assert_eq!(found, lines, "{}", source.text);
        }
    }

    /// It took minutes when the text was read once for each case.
    #[test]
    fn a_file_of_many_cases_is_read_a_few_times_only() {
        let case = |number| format!("- {{name: c{number}, api: m.f, snippet: f(), expect: [{{}}]}}\n");
        let cases: String = (0..1000).map(case).collect();
        let text = format!("event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\ncases:\n{cases}");
        let file = EventFile::parse(&text).expect("a case file");
        let source = Source { path: String::new(), location: String::new(), text, file };
        let start = Instant::now();
        assert_eq!(case_records(&source, |_| true).last().map(|case| case.line), Some(1005));
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    }
}
