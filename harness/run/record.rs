//! Records of trials: the verdict of one case on one runtime, with everything that a report shows of it.
//!
//! Records are data only; `outcome` decides what they mean.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::suite::{Details, Gap, Kind, Promise, Sentence, Strength, Verdict};

/// The record of one case on one runtime.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the format")]
pub struct TrialRecord {
    /// The event.
    pub event: SmolStr,
    /// The name of the case.
    pub case: SmolStr,
    /// The module that the event belongs to.
    pub module: SmolStr,
    /// The API that the case exercises.
    pub api: SmolStr,
    /// The runtime's name.
    pub runtime: SmolStr,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether the events were raised as expected.
    pub raised: Promise,
    /// Whether their arguments were as expected.
    pub arguments: Promise,
    /// Whether the exception from the hook stopped the operation.
    pub veto: Promise,
    /// Whether the promises are kept by hot code too: after as many rounds as the interpreter's compiler needs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hot: Promise,
    /// The reason why the hot passes of the trial could not check that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_hot: Option<String>,
    /// How much the case asserts of the arguments.
    pub asserts: Strength,
    /// Whether the case is marked as one that no runtime has run yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unverified: bool,
    /// The reason why the verdict is not `pass`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The verdict under the runtime's isolation, if new processes gave another verdict. The verdict of new processes
    /// counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disagrees: Option<Verdict>,
    /// The failures besides the verdict: wrong arguments, a broken veto, or an effect that is not as expected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Verdict>,
    /// The exact failures, as far as the verdicts do not say them. Few trials have any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Details"))]
    pub details: Option<Box<Details>>,
    /// Whether the case is newer than the suite that the gaps file of the runtime names, so that its failure is not a regression.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub new: bool,
    /// The known gap that applies to the trial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<Box<GapRecord>>,
    /// The expectation, line by line; empty if nothing differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<String>,
    /// The observation, line by line; empty if nothing differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observed: Vec<String>,
    /// The end of the standard error of a failure.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stderr: String,
    /// The time of all its passes, in seconds.
    #[serde(deserialize_with = "super::seconds::deserialize")]
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000)))]
    pub seconds: f64,
    /// Whether the record was taken from an earlier run with the same interpreter, case, agent and options.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cached: bool,
    /// Whether its run was cut short before all the rounds that `--repeat` asks for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// The start of its run, if a merged file has its runtime from another run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<SmolStr>,
}

static NO_DETAILS: Details = Details::new();

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A known gap that applies to a trial.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct GapRecord {
    /// Whether the failure still happens.
    pub state: Gap,
    /// The verdict that the gap lists; files of older versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<Verdict>,
    /// Its kind.
    pub kind: Kind,
    /// The title of a report about it, if it is of a kind that its makers want to hear of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its reason.
    pub reason: String,
    /// The address of its issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The sentence of the documentation that is broken, if the case file quotes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Sentence>,
    /// The line of the gaps file that lists it, as `FILE:LINE`. Without one, the case file lists it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Whether the line says that the case is flaky.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flaky: bool,
}

impl TrialRecord {
    /// Returns the id of the case.
    pub fn id(&self) -> String {
        format!("{}::{}", self.event, self.case)
    }

    /// Returns the exact failures, as far as the verdicts do not say them.
    pub(crate) fn details(&self) -> &Details {
        self.details.as_deref().unwrap_or(&NO_DETAILS)
    }
}
