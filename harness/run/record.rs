//! Records of trials: what became of one case on one runtime. Data only; `outcome` decides what it means.

use serde::{Deserialize, Serialize};

use crate::suite::{Gap, Kind, Promise, Strength, Verdict};

/// What became of one case on one runtime.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct TrialRecord {
    /// The event.
    pub event: String,
    /// The name of the case.
    pub case: String,
    /// The module that the event belongs to.
    pub module: String,
    /// The API that the case exercises.
    pub api: String,
    /// The runtime's name.
    pub runtime: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether the events were raised as expected.
    pub raised: Promise,
    /// Whether their arguments were.
    pub arguments: Promise,
    /// Whether the hook's exception stopped the operation.
    pub veto: Promise,
    /// How much the case asserts of the arguments.
    pub asserts: Strength,
    /// Whether the case file says that no runtime has run the case yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unverified: bool,
    /// Why the verdict is not `pass`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The verdict under the runtime's isolation, where it is not that of fresh processes, which counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disagrees: Option<Verdict>,
    /// The known gap that the trial falls under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<GapRecord>,
    /// What was expected, line by line; empty where nothing differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<String>,
    /// What was observed; empty where nothing differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observed: Vec<String>,
    /// The end of what a failure wrote to standard error.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stderr: String,
    /// The time of all its passes, in seconds.
    pub seconds: f64,
    /// When its run began, where files were merged and its runtime's run is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
}

/// A known gap, as a trial met it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct GapRecord {
    /// Whether it is still there.
    pub state: Gap,
    /// Its kind.
    pub kind: Kind,
    /// Its reason.
    pub reason: String,
    /// Where it is tracked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
}

impl TrialRecord {
    /// The id of the case.
    pub fn id(&self) -> String {
        format!("{}::{}", self.event, self.case)
    }
}
