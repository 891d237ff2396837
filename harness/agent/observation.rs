//! Observations: what a pass of a trial saw, put together from the agent's report and the end of the process. Pure.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::process::Exit;
use crate::runtime::Probe;
use crate::suite::{Answers, Event};

/// The version of the report's format; the agent's must be the same.
pub const PROTOCOL: u32 = 1;

/// What one pass saw.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The events, in the order raised.
    pub events: Vec<Event>,
    /// What the agent answered about their arguments.
    pub answers: Answers,
    /// The exception that ended the setup.
    pub setup: Option<Raised>,
    /// The exception that ended the snippet.
    pub exception: Option<Raised>,
    /// The effect, where the case has one.
    pub effect: Option<Effect>,
    /// The snippet's own names of the arguments, in a recording.
    pub variables: Vec<Vec<Option<String>>>,
    /// The folder of the standard library, in a recording.
    pub library: Option<String>,
    /// What the interpreter is, in a probe.
    pub probe: Option<Probe>,
    /// What it has, in a probe.
    pub features: BTreeMap<String, bool>,
    /// Whether a native hook records.
    pub native: bool,
    /// Whether what records came to its end.
    pub finished: bool,
    /// What is wrong with the report.
    pub fault: Option<String>,
    /// What the pass left behind in a shared interpreter.
    pub residue: Option<String>,
    /// How the process ended.
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
    /// Whether it is the very exception that the hook raised.
    pub veto: bool,
}

/// What became of an effect.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// Whether its expression was true.
    pub there: bool,
    /// The exception that the expression raised.
    pub note: Option<String>,
}

/// One line of a report.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Agent(u32),
    Setup(Raised),
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
    /// Reads a report. What is wrong with it becomes the observation's fault.
    pub fn new(report: &str, exit: Exit, stderr: String, seconds: f64) -> Observation {
        let mut observation = Observation {
            events: Vec::new(),
            answers: Answers::new(),
            setup: None,
            exception: None,
            effect: None,
            variables: Vec::new(),
            library: None,
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
                    // Positions inside the line would be of no use: the reader has the line before him.
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
