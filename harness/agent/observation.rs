//! Observations: what a pass of a trial saw, read from the agent's report and the end of the process. Pure.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::process::Exit;
use crate::runtime::Probe;
use crate::suite::{Answers, Event};

/// The version of the report's format. The agent must have the same.
pub const PROTOCOL: u32 = 1;

/// All that one pass saw.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The events, in the order raised.
    pub events: Vec<Event>,
    /// The agent's answers about their arguments.
    pub answers: Answers,
    /// The exception that ended the setup.
    pub setup: Option<Raised>,
    /// The exception that ended the snippet.
    pub exception: Option<Raised>,
    /// The rounds that a snippet ran before the recorded one, in a hot pass.
    pub hot: Option<Rounds>,
    /// The effect, if the case has one.
    pub effect: Option<Effect>,
    /// The snippet's own names of the arguments, in a recording.
    pub variables: Vec<Vec<Option<String>>>,
    /// The folder of the standard library, in a recording.
    pub library: Option<String>,
    /// The times of operations, where the cost of a hook is measured.
    pub times: BTreeMap<String, Timed>,
    /// The interpreter itself, in a probe.
    pub probe: Option<Probe>,
    /// The needs that the interpreter meets, in a probe.
    pub features: BTreeMap<String, bool>,
    /// Whether a native hook records.
    pub native: bool,
    /// Whether the hook recorded until the end.
    pub finished: bool,
    /// The reason why the report cannot be used.
    pub fault: Option<String>,
    /// The residue of the pass in a shared interpreter.
    pub residue: Option<String>,
    /// The end of the process.
    pub exit: Exit,
    /// The end of its standard error.
    pub stderr: String,
    /// The time it took, in seconds.
    pub seconds: f64,
}

/// An exception that ended a piece of the case's code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raised {
    /// Its type and message.
    pub text: String,
    /// The line of that code.
    pub line: Option<usize>,
    /// Whether it is the object that the hook raised.
    pub veto: bool,
}

/// The rounds of a snippet in a hot pass.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rounds {
    /// The number of rounds that ran, as far as the agent has counted them.
    pub rounds: usize,
    /// The reason why the snippet did not become hot, so that nothing was recorded.
    pub reason: Option<String>,
}

/// The answer to the question whether the effect is there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// Whether its expression was true.
    pub there: bool,
    /// The exception that the expression raised.
    pub note: Option<String>,
}

/// The time of an operation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timed {
    /// The seconds that one call takes.
    pub seconds: Option<f64>,
    /// The exception of a hook that denies the operation.
    pub objection: Option<String>,
}

/// One line of a report.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Agent(u32),
    Setup(Raised),
    Times(BTreeMap<String, Timed>),
    Hot(Rounds),
    Event(Event),
    Snippet(Option<Raised>),
    Answers(Answers),
    Effect(Effect),
    Variables(Vec<Vec<Option<String>>>),
    Library(Option<String>),
    Probe(Box<Probe>),
    Features(BTreeMap<String, bool>),
    Native(bool),
    End(bool),
}

impl Observation {
    /// Reads a report, up to the first line that is wrong.
    pub fn new(report: &str, exit: Exit, stderr: String, seconds: f64) -> Observation {
        let mut observation = Observation {
            events: Vec::new(),
            answers: Answers::new(),
            setup: None,
            exception: None,
            hot: None,
            effect: None,
            variables: Vec::new(),
            library: None,
            times: BTreeMap::new(),
            probe: None,
            features: BTreeMap::new(),
            native: false,
            finished: false,
            fault: None,
            residue: None,
            exit,
            stderr,
            seconds,
        };
        for (index, text) in report.lines().enumerate() {
            match serde_json::from_str(text) {
                Ok(line) => observation.take(line),
                Err(error) => {
                    // The error's position is inside the line, which the message shows.
                    let start: String = text.chars().take(80).collect();
                    observation.fault = Some(format!("line {} of the report is garbage: {start} ({error})", index + 1));
                    break;
                }
            }
        }
        observation
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Agent(PROTOCOL) => {}
            Line::Agent(other) => self.fault = Some(format!("the agent speaks version {other}, not {PROTOCOL}")),
            Line::Setup(raised) => self.setup = Some(raised),
            Line::Times(times) => self.times = times,
            Line::Hot(rounds) => self.hot = Some(rounds),
            Line::Event(event) => self.events.push(event),
            Line::Snippet(raised) => self.exception = raised,
            Line::Answers(answers) => self.answers = answers,
            Line::Effect(effect) => self.effect = Some(effect),
            Line::Variables(variables) => self.variables = variables,
            Line::Library(library) => self.library = library,
            Line::Probe(probe) => self.probe = Some(*probe),
            Line::Features(features) => self.features = features,
            Line::Native(native) => self.native = native,
            Line::End(finished) => self.finished = finished,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows one field.
    type Field = fn(&Observation) -> String;

    fn read(report: &str) -> Observation {
        Observation::new(report, Exit::Status(0), String::new(), 0.0)
    }

    #[test]
    fn each_line_of_a_report_goes_to_its_own_field() {
        let probe = r#"{"implementation":"cpython","language":[3,13,0],"release":"final","implementation-version":"3.13.0",
            "build":"","platform":"linux","machine":null,"executable":null,"flags":[],"audit":true,"compiler":null,"compiled":null}"#;
        let rows: [(&str, Field, &str); 13] = [
            (r#"{"agent":2}"#, |seen| format!("{:?}", seen.fault), r#"Some("the agent speaks version 2, not 1")"#),
            (
                r#"{"setup":{"text":"E","line":1,"veto":false}}"#,
                |seen| format!("{:?}", seen.setup),
                r#"Some(Raised { text: "E", line: Some(1), veto: false })"#,
            ),
            (
                r#"{"hot":{"rounds":9,"reason":"r"}}"#,
                |seen| format!("{:?}", seen.hot),
                r#"Some(Rounds { rounds: 9, reason: Some("r") })"#,
            ),
            (r#"{"event":{"name":"a","args":[]}}"#, |seen| seen.events[..].iter().map(|e| &*e.name).collect(), "a"),
            (
                r#"{"snippet":{"text":"E","line":null,"veto":true}}"#,
                |seen| format!("{:?}", seen.exception),
                r#"Some(Raised { text: "E", line: None, veto: true })"#,
            ),
            (r#"{"answers":{"0.1":{"holds":true}}}"#, |seen| seen.answers.keys().cloned().collect(), "0.1"),
            (
                r#"{"effect":{"there":false,"note":"E"}}"#,
                |seen| format!("{:?}", seen.effect),
                r#"Some(Effect { there: false, note: Some("E") })"#,
            ),
            (r#"{"variables":[["x",null]]}"#, |seen| format!("{:?}", seen.variables), r#"[[Some("x"), None]]"#),
            (r#"{"library":"/lib"}"#, |seen| format!("{:?}", seen.library), r#"Some("/lib")"#),
            (
                &format!(r#"{{"probe":{}}}"#, probe.replace('\n', "")),
                |seen| seen.probe.as_ref().map(Probe::name).unwrap_or_default(),
                "cpython-3.13.0",
            ),
            (r#"{"features":{"fork":true}}"#, |seen| format!("{:?}", seen.features), r#"{"fork": true}"#),
            (r#"{"native":true}"#, |seen| seen.native.to_string(), "true"),
            (r#"{"end":true}"#, |seen| seen.finished.to_string(), "true"),
        ];
        for (line, field, expected) in rows {
            assert_eq!(field(&read(line)), expected, "{line}");
            assert_ne!(field(&read(r#"{"agent":1}"#)), expected, "{line}");
        }
    }

    #[test]
    fn events_stay_in_order_and_a_snippet_may_end_without_an_exception() {
        let seen = read(
            "{\"event\":{\"name\":\"b\",\"args\":[]}}\n{\"event\":{\"name\":\"a\",\"args\":[]}}\n{\"snippet\":null}\n",
        );
        assert_eq!(seen.events.iter().map(|event| event.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!((seen.exception, seen.fault), (None, None));
    }

    #[test]
    fn a_report_is_read_up_to_the_first_line_that_is_wrong() {
        for (wrong, start) in [
            ("Traceback", "line 2 of the report is garbage: Traceback (expected"),
            (r#"{"unknown":1}"#, r#"line 2 of the report is garbage: {"unknown":1} (unknown variant"#),
            (r#"{"end":1}"#, r#"line 2 of the report is garbage: {"end":1} (invalid type"#),
            (r#"{"effect":{"there":true,"note":null,"more":1}}"#, "line 2 of the report is garbage: {"),
        ] {
            let seen = read(&format!("{{\"library\":\"/lib\"}}\n{wrong}\n{{\"end\":true}}\n"));
            let fault = seen.fault.unwrap_or_default();
            assert!(fault.starts_with(start), "{fault}");
            assert_eq!((seen.library.as_deref(), seen.finished), (Some("/lib"), false), "{wrong}");
        }
        let fault = read(&"\u{e9}".repeat(1000)).fault.unwrap_or_default();
        assert!(fault.contains(&format!(": {} (", "\u{e9}".repeat(80))), "{fault}");
    }
}
