//! Shards: the parts of the cases, each for another job, and the engines that tell a job which part is its own. Pure.

use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One of several parts of the cases. Only the id of a case decides which part it is in, so that a selection does not
/// change the shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "String"))]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    index: u16,
    count: u16,
}

impl Shard {
    /// Tells whether the case with this id is in the part.
    pub(super) fn has(self, id: &str) -> bool {
        let digest = Sha256::digest(id);
        let number = u16::from_be_bytes([digest[0], digest[1]]);
        number % self.count == self.index
    }

    /// Returns all parts of the same count.
    pub(crate) fn all(self) -> impl Iterator<Item = Shard> {
        (0..self.count).map(move |index| Shard { index, ..self })
    }

    /// Returns the part with an index from 0, if there is one.
    fn at(index: u64, count: u64) -> Option<Shard> {
        let (index, count) = (u16::try_from(index).ok()?, u16::try_from(count).ok()?);
        (index < count).then_some(Shard { index, count })
    }
}

/// Writes `K/N` with K from 1.
impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    /// Reads `K/N` with K from 1.
    fn from_str(text: &str) -> Result<Shard, String> {
        let part =
            |(k, n): (&str, &str)| Shard::at(k.parse::<u64>().ok()?.checked_sub(1)?, n.parse::<u16>().ok()?.into());
        text.split_once('/').and_then(part).ok_or_else(|| "expected K/N with K from 1 to N".to_owned())
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Shard, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> String {
        shard.to_string()
    }
}

/// The choice of a shard on a command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShardChoice {
    /// `K/N`: this part.
    Part(Shard),
    /// `auto` or `auto/N`: the part that the engine names, of N parts.
    Auto(Option<u16>),
}

impl FromStr for ShardChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<ShardChoice, String> {
        let count = |text: &str| text.parse::<u16>().ok().filter(|count| *count > 0);
        let choice = match text.split_once('/') {
            None => (text == "auto").then_some(ShardChoice::Auto(None)),
            Some(("auto", n)) => count(n).map(|count| ShardChoice::Auto(Some(count))),
            Some(_) => text.parse().ok().map(ShardChoice::Part),
        };
        choice.ok_or_else(|| "expected K/N with K from 1 to N, `auto`, or `auto/N`".to_owned())
    }
}

/// An engine that runs a job in several parts, and tells each part its number in environment variables.
struct Engine {
    name: &'static str,
    /// The variable without which the others are not those of this engine.
    mark: &'static str,
    /// The variable with the number of the part.
    number: &'static str,
    /// The number of the first part.
    first: First,
    /// The variable with the count of parts, if there is one.
    count: Option<&'static str>,
    /// The setting that makes it run a job in parts.
    setting: &'static str,
}

/// The number of the first part.
enum First {
    /// It is always this one.
    Is(u64),
    /// The variables with the number of the first part, of the last one, and with the step from one to the next.
    Range([&'static str; 3]),
}

/// The engines.
const ENGINES: [Engine; 6] = [
    Engine {
        name: "GitLab CI",
        mark: "GITLAB_CI",
        number: "CI_NODE_INDEX",
        first: First::Is(1),
        count: Some("CI_NODE_TOTAL"),
        setting: "parallel: N",
    },
    Engine {
        name: "Buildkite",
        mark: "BUILDKITE",
        number: "BUILDKITE_PARALLEL_JOB",
        first: First::Is(0),
        count: Some("BUILDKITE_PARALLEL_JOB_COUNT"),
        setting: "parallelism: N",
    },
    Engine {
        name: "CircleCI",
        mark: "CIRCLECI",
        number: "CIRCLE_NODE_INDEX",
        first: First::Is(0),
        count: Some("CIRCLE_NODE_TOTAL"),
        setting: "parallelism: N",
    },
    Engine {
        name: "Bazel",
        mark: "TEST_TOTAL_SHARDS",
        number: "TEST_SHARD_INDEX",
        first: First::Is(0),
        count: Some("TEST_TOTAL_SHARDS"),
        setting: "shard_count = N",
    },
    Engine {
        name: "Kubernetes",
        mark: "JOB_COMPLETION_INDEX",
        number: "JOB_COMPLETION_INDEX",
        first: First::Is(0),
        count: None,
        setting: "completionMode: Indexed",
    },
    Engine {
        name: "Slurm",
        mark: "SLURM_ARRAY_TASK_ID",
        number: "SLURM_ARRAY_TASK_ID",
        first: First::Range(["SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP"]),
        count: Some("SLURM_ARRAY_TASK_COUNT"),
        setting: "--array=1-N",
    },
];

/// The part of the job that runs, as its engine tells it.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    /// The part.
    pub shard: Shard,
    /// The engine, with the variables that name the part, for a message.
    pub by: String,
    /// A file that must exist at the end, as proof that the job knows of its parts.
    pub proof: Option<PathBuf>,
    /// The file for the results as JUnit XML.
    pub junit: Option<PathBuf>,
}

/// Asks the environment which part of the job is the own one. `count` is the number of parts, if the user names it.
///
/// # Errors
/// The reason why that cannot be told: no engine or more than one, or variables that are missing or contradict each other.
pub fn ask(count: Option<u16>, variable: &dyn Fn(&str) -> Option<String>) -> Result<Told, String> {
    let value = |name: &str| variable(name).filter(|value| !value.is_empty());
    let present: Vec<&Engine> = ENGINES.iter().filter(|engine| value(engine.mark).is_some()).collect();
    let names = |engines: &mut dyn Iterator<Item = &Engine>| engines.map(|engine| engine.name).collect::<Vec<_>>();
    match present.as_slice() {
        [engine] => engine.ask(count, &value),
        [] => Err(format!("no engine names a part of the job; it can be {}", names(&mut ENGINES.iter()).join(", "))),
        several => Err(format!(
            "more than one engine names a part of the job: {}",
            names(&mut several.iter().copied()).join(", ")
        )),
    }
}

impl Engine {
    fn ask(&self, given: Option<u16>, value: &dyn Fn(&str) -> Option<String>) -> Result<Told, String> {
        let number = |name: &str| {
            let text = value(name)
                .ok_or_else(|| format!("{} sets no {name}; does the job have `{}`?", self.name, self.setting))?;
            text.parse::<u64>().map_err(|_| format!("{name} is `{text}`, which is not a number"))
        };
        let count = match (self.count, given) {
            (None, None) => return Err(format!("{} does not say how many parts there are; write `auto/N`", self.name)),
            (None, Some(given)) => u64::from(given),
            (Some(name), _) => number(name)?,
        };
        if let Some(given) = given.filter(|given| u64::from(*given) != count) {
            return Err(format!("{} has {count} parts, and not {given}", self.name));
        }
        let own = number(self.number)?;
        let index = match self.first {
            First::Is(first) => own.checked_sub(first),
            First::Range(names) => {
                let [first, last, step] = names.map(number);
                place(own, first?, last?, step?, count)?
            }
        };
        let outside = || format!("{} is {own}, which is not one of {count} parts", self.number);
        let shard = index.and_then(|index| Shard::at(index, count)).ok_or_else(outside)?;
        let shown = [Some(self.number), self.count].into_iter().flatten();
        let shown = shown.map(|name| format!("{name}={}", value(name).unwrap_or_default()));
        let by = format!("{} ({})", self.name, shown.collect::<Vec<_>>().join(", "));
        let file = |name: &str| value(name).filter(|_| self.name == "Bazel").map(PathBuf::from);
        Ok(Told { shard, by, proof: file("TEST_SHARD_STATUS_FILE"), junit: file("XML_OUTPUT_FILE") })
    }
}

/// Returns the place of a number in a range with a step. Parts with any other numbers would be run twice or never.
fn place(own: u64, first: u64, last: u64, step: u64, count: u64) -> Result<Option<u64>, String> {
    let is_range = step > 0 && last.checked_sub(first).is_some_and(|width| width / step + 1 == count);
    if !is_range {
        return Err(format!(
            "the {count} numbers of the array are not a range from {first} to {last} with a step of {step}"
        ));
    }
    let distance = own.checked_sub(first).filter(|distance| distance % step == 0);
    Ok(distance.map(|distance| distance / step))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(variables: &str, count: Option<u16>) -> Result<Told, String> {
        let variables: Vec<(&str, &str)> =
            variables.split_whitespace().filter_map(|pair| pair.split_once('=')).collect();
        let variable = |name: &str| {
            let pair = variables.iter().find(|(known, _)| *known == name);
            pair.map(|(_, value)| (*value).to_owned())
        };
        ask(count, &variable)
    }

    #[test]
    fn each_engine_names_the_own_part() {
        for (variables, count, shard) in [
            ("GITLAB_CI=true CI_NODE_INDEX=1 CI_NODE_TOTAL=4", None, "1/4"),
            ("GITLAB_CI=true CI_NODE_INDEX=4 CI_NODE_TOTAL=4", None, "4/4"),
            ("BUILDKITE=true BUILDKITE_PARALLEL_JOB=0 BUILDKITE_PARALLEL_JOB_COUNT=3", None, "1/3"),
            ("BUILDKITE=true BUILDKITE_PARALLEL_JOB=2 BUILDKITE_PARALLEL_JOB_COUNT=3", Some(3), "3/3"),
            ("CIRCLECI=true CIRCLE_NODE_INDEX=0 CIRCLE_NODE_TOTAL=1", None, "1/1"),
            ("CIRCLECI=true CIRCLE_NODE_INDEX=1 CIRCLE_NODE_TOTAL=2", None, "2/2"),
            ("TEST_SHARD_INDEX=6 TEST_TOTAL_SHARDS=7", None, "7/7"),
            ("JOB_COMPLETION_INDEX=2 CI_NODE_INDEX=1 CI_NODE_TOTAL=2", Some(5), "3/5"),
            (&slurm(1, [1, 4, 1, 4]), None, "1/4"),
            (&slurm(4, [1, 4, 1, 4]), None, "4/4"),
            (&slurm(0, [0, 15, 1, 16]), Some(16), "1/16"),
            (&slurm(17, [11, 17, 2, 4]), None, "4/4"),
            (&slurm(9, [9, 9, 1, 1]), None, "1/1"),
        ] {
            assert_eq!(asked(variables, count).map(|told| told.shard.to_string()), Ok(shard.to_owned()), "{variables}");
        }
    }

    /// Returns the variables of a task of a Slurm array: the first number, the last one, the step and the count.
    fn slurm(id: u64, [min, max, step, count]: [u64; 4]) -> String {
        format!(
            "SLURM_ARRAY_TASK_ID={id} SLURM_ARRAY_TASK_MIN={min} SLURM_ARRAY_TASK_MAX={max} SLURM_ARRAY_TASK_STEP={step} \
             SLURM_ARRAY_TASK_COUNT={count}"
        )
    }

    #[test]
    fn a_part_that_cannot_be_told_is_an_error() {
        let engines = "GitLab CI, Buildkite, CircleCI, Bazel, Kubernetes, Slurm";
        let irregular = "the 3 numbers of the array are not a range from 1 to 7 with a step of 1";
        for (variables, count, reason) in [
            ("", None, format!("no engine names a part of the job; it can be {engines}").as_str()),
            (
                "CI_NODE_INDEX=1 CI_NODE_TOTAL=2",
                None,
                &format!("no engine names a part of the job; it can be {engines}"),
            ),
            ("GITLAB_CI= CI_NODE_INDEX=1", None, &format!("no engine names a part of the job; it can be {engines}")),
            (
                "GITLAB_CI=true TEST_SHARD_INDEX=0 TEST_TOTAL_SHARDS=2",
                None,
                "more than one engine names a part of the job: GitLab CI, Bazel",
            ),
            (
                "GITLAB_CI=true CI_NODE_TOTAL=1",
                None,
                "GitLab CI sets no CI_NODE_INDEX; does the job have `parallel: N`?",
            ),
            ("GITLAB_CI=true CI_NODE_INDEX=0 CI_NODE_TOTAL=2", None, "CI_NODE_INDEX is 0, which is not one of 2 parts"),
            ("GITLAB_CI=true CI_NODE_INDEX=3 CI_NODE_TOTAL=2", None, "CI_NODE_INDEX is 3, which is not one of 2 parts"),
            ("TEST_SHARD_INDEX=2 TEST_TOTAL_SHARDS=2", None, "TEST_SHARD_INDEX is 2, which is not one of 2 parts"),
            ("TEST_SHARD_INDEX=0 TEST_TOTAL_SHARDS=0", None, "TEST_SHARD_INDEX is 0, which is not one of 0 parts"),
            ("TEST_SHARD_INDEX=x TEST_TOTAL_SHARDS=2", None, "TEST_SHARD_INDEX is `x`, which is not a number"),
            ("TEST_SHARD_INDEX=-1 TEST_TOTAL_SHARDS=2", None, "TEST_SHARD_INDEX is `-1`, which is not a number"),
            (
                "TEST_SHARD_INDEX=0 TEST_TOTAL_SHARDS=70000",
                None,
                "TEST_SHARD_INDEX is 0, which is not one of 70000 parts",
            ),
            ("TEST_SHARD_INDEX=0 TEST_TOTAL_SHARDS=2", Some(3), "Bazel has 2 parts, and not 3"),
            ("JOB_COMPLETION_INDEX=0", None, "Kubernetes does not say how many parts there are; write `auto/N`"),
            ("JOB_COMPLETION_INDEX=4", Some(4), "JOB_COMPLETION_INDEX is 4, which is not one of 4 parts"),
            (&slurm(3, [1, 7, 1, 3]), None, irregular),
            (&slurm(3, [1, 7, 0, 3]), None, "the 3 numbers of the array are not a range from 1 to 7 with a step of 0"),
            (&slurm(2, [1, 7, 2, 4]), None, "SLURM_ARRAY_TASK_ID is 2, which is not one of 4 parts"),
            (&slurm(0, [1, 4, 1, 4]), None, "SLURM_ARRAY_TASK_ID is 0, which is not one of 4 parts"),
        ] {
            assert_eq!(asked(variables, count), Err(reason.to_owned()), "{variables}");
        }
    }

    #[test]
    fn bazel_names_two_files() {
        let told = asked("TEST_SHARD_INDEX=0 TEST_TOTAL_SHARDS=2 TEST_SHARD_STATUS_FILE=s XML_OUTPUT_FILE=x", None);
        let told = told.expect("Bazel tells all");
        assert_eq!((told.proof, told.junit), (Some("s".into()), Some("x".into())));
        assert_eq!(told.by, "Bazel (TEST_SHARD_INDEX=0, TEST_TOTAL_SHARDS=2)");
        let other = asked("JOB_COMPLETION_INDEX=0 TEST_SHARD_STATUS_FILE=s XML_OUTPUT_FILE=x", Some(2));
        assert_eq!(other.map(|told| (told.proof, told.junit)), Ok((None, None)));
    }

    #[test]
    fn the_guide_names_all_variables_of_each_engine() {
        let guide = include_str!("../guide/ci.md");
        for engine in &ENGINES {
            let row = guide.lines().find(|line| line.starts_with(&format!("| {} |", engine.name)));
            let row = row.unwrap_or_else(|| panic!("the guide has no row of {}", engine.name));
            for word in [Some(engine.number), engine.count, Some(engine.setting)].into_iter().flatten() {
                assert!(row.contains(word), "the row of {} lacks {word}", engine.name);
            }
        }
    }

    #[test]
    fn a_shard_stays_the_same_from_version_to_version() {
        let shards = ["os.mkdir::path", "os.mkdir::bytes", "open::read", "import::module"]
            .map(|id| (0..5).find(|index| Shard { index: *index, count: 5 }.has(id)).expect("some shard has it") + 1);
        assert_eq!(shards, [4, 3, 1, 1]);
    }

    #[test]
    fn a_choice_is_two_numbers_or_auto() {
        for text in ["", "1", "0/2", "3/2", "1/0", "0/0", "a/2", "1/2/3", "-1/2", "1/70000", "Auto", "auto/", "auto/0"]
        {
            let error = Err("expected K/N with K from 1 to N, `auto`, or `auto/N`".to_owned());
            assert_eq!(text.parse::<ShardChoice>(), error, "{text}");
        }
        assert_eq!("2/3".parse(), Ok(ShardChoice::Part(Shard { index: 1, count: 3 })));
        assert_eq!("3/3".parse(), Ok(ShardChoice::Part(Shard { index: 2, count: 3 })));
        assert_eq!("auto".parse(), Ok(ShardChoice::Auto(None)));
        assert_eq!("auto/3".parse(), Ok(ShardChoice::Auto(Some(3))));
    }
}
