//! The answer to the question how good a user's hook is: the findings on each runtime, the worst first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::attempt::{Attempt, Outcome};
use super::cost::Cost;
use super::harmless::Control;
use super::policy::{Must, Policy};
use crate::suite::{Capability, Case, Event, EventFile};

/// The version of the output of `guard --format json`.
pub const FORMAT: u32 = 1;

/// All that was found about a hook. The JSON of `guard`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Answer {
    /// The version of this format.
    pub format: u32,
    /// The hook, as the user named it.
    pub hook: String,
    /// The capabilities that the hook must deny.
    pub deny: BTreeSet<Capability>,
    /// The capabilities that it must let pass.
    pub allow: BTreeSet<Capability>,
    /// The findings on each runtime.
    pub runtimes: Vec<Findings>,
}

impl Answer {
    /// Tells whether the hook fails on a runtime.
    pub fn fails(&self) -> bool {
        self.runtimes.iter().any(|findings| findings.fails)
    }
}

/// The findings about a hook on one runtime. With `--cost`, they are only the costs.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Findings {
    /// The runtime's name.
    pub runtime: String,
    /// Whether the hook does not do what it must, or disturbs a harmless operation.
    pub fails: bool,
    /// The numbers for each capability.
    pub capabilities: Vec<Row>,
    /// The harmless operations.
    pub harmless: Vec<Control>,
    /// The operations that were tried, the worst first: those that happened, those that should have happened and did
    /// not, those that no hook can deny, and those that were denied. Within these groups the capability decides that can
    /// do the most harm, of those that must be denied if there is one, and then the number of operations of the event.
    pub operations: Vec<Tried>,
    /// The number of operations that do not work on this runtime, or are not for it.
    pub not_tried: usize,
    /// The time of operations with the hook.
    pub costs: Vec<Cost>,
}

/// The numbers of operations with one capability.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Row {
    /// The capability.
    pub capability: Capability,
    /// The thing that the hook must do with it.
    pub must: Option<Must>,
    /// The number of operations that were tried.
    pub tried: usize,
    /// The number of operations with each outcome; an outcome that is left out has none.
    pub outcomes: BTreeMap<Outcome, usize>,
    /// The number of open doors, which are among the operations that cannot be denied.
    pub doors: usize,
}

/// An operation that was tried: a case or a door.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Tried {
    /// The id of its case or door.
    pub id: String,
    /// The event of its case, or the name that stands for it in the id of a door.
    pub event: String,
    /// The API that has the effect.
    pub api: String,
    /// The things that it does.
    pub capabilities: Vec<Capability>,
    /// The thing that the hook must do with it.
    pub must: Option<Must>,
    /// How it ended.
    pub outcome: Outcome,
    /// The code that was run.
    pub snippet: String,
    /// The event that it raised without the hook.
    pub raised: Option<Seen>,
    /// The exception of the hook.
    pub objection: Option<String>,
    /// The thing that a monitor can watch or do instead, for a door.
    pub instead: Option<String>,
}

/// An event that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// Its arguments as Python writes them, or `<type>` where only the type is known.
    pub arguments: Vec<String>,
}

impl From<&Event> for Seen {
    fn from(event: &Event) -> Seen {
        Seen { name: event.name.clone(), arguments: event.args.iter().map(ToString::to_string).collect() }
    }
}

impl Tried {
    /// Makes the record of an attempt.
    pub fn new(
        file: &EventFile,
        case: &Case,
        capabilities: &[Capability],
        must: Option<Must>,
        attempt: Attempt,
    ) -> Tried {
        Tried {
            id: file.id(case),
            event: file.event.clone(),
            api: case.api.clone(),
            capabilities: capabilities.to_vec(),
            must,
            outcome: attempt.outcome,
            snippet: case.snippet.clone().unwrap_or_default(),
            raised: attempt.event.as_ref().map(Seen::from),
            objection: attempt.objection,
            instead: case.door.as_ref().map(|advice| advice.instead.clone()),
        }
    }

    /// Tells whether the hook does not do what it must with the operation.
    pub fn fails(&self) -> bool {
        self.outcome.fails(self.must)
    }

    /// Tells whether it is a door that no hook can close.
    pub fn is_open_door(&self) -> bool {
        self.instead.is_some() && self.outcome == Outcome::NoEvent
    }
}

impl Findings {
    /// Counts and sorts the operations that were tried. The rows are those of the wanted capabilities, or of all.
    pub fn new(
        runtime: &str,
        policy: &Policy,
        wanted: &BTreeSet<Capability>,
        mut operations: Vec<Tried>,
        harmless: Vec<Control>,
    ) -> Findings {
        sort(&mut operations, policy);
        let is_wanted = |capability: &Capability| wanted.is_empty() || wanted.contains(capability);
        let rows = Capability::ALL.into_iter().filter(is_wanted);
        Findings {
            runtime: runtime.to_owned(),
            fails: operations.iter().any(Tried::fails) || harmless.iter().any(|control| control.disturbed.is_some()),
            capabilities: rows.filter_map(|capability| row(capability, policy, &operations)).collect(),
            harmless,
            operations,
            ..Findings::default()
        }
    }

    /// Returns the operations that a user has to look at, the worst first, and each API once for each outcome: those
    /// that the hook should have denied and did not, and those that it should have let pass. Without demands, those that
    /// were not denied.
    pub fn worst(&self) -> Vec<&Tried> {
        let has_demands = self.capabilities.iter().any(|row| row.must.is_some());
        let is_shown = |tried: &&Tried| match tried.must {
            Some(Must::Deny) => tried.outcome != Outcome::Denied,
            Some(Must::Allow) => tried.fails(),
            None => !has_demands && tried.outcome != Outcome::Denied,
        };
        let mut seen = BTreeSet::new();
        let mut worst: Vec<&Tried> = self.operations.iter().filter(is_shown).collect();
        worst.retain(|tried| seen.insert((tried.outcome, &tried.api)));
        worst
    }
}

/// Sorts operations, the worst first, as the field `operations` says.
fn sort(operations: &mut [Tried], policy: &Policy) {
    let harm = |tried: &Tried| {
        let denied = tried.capabilities.iter().filter(|one| policy.deny.contains(one)).min();
        denied.or_else(|| tried.capabilities.iter().min()).copied()
    };
    let group = |outcome| match outcome {
        Outcome::LetThrough | Outcome::TooLate => 0,
        Outcome::DeniedButAllowed | Outcome::Broke => 1,
        Outcome::NoEvent => 2,
        Outcome::Denied => 3,
    };
    let mut of_event = BTreeMap::<(u8, String), usize>::new();
    for tried in &*operations {
        *of_event.entry((group(tried.outcome), tried.event.clone())).or_default() += 1;
    }
    operations.sort_by_cached_key(|tried| {
        let group = group(tried.outcome);
        let operations = of_event[&(group, tried.event.clone())];
        (group, harm(tried), Reverse(operations), tried.event.clone(), tried.id.clone())
    });
}

fn row(capability: Capability, policy: &Policy, operations: &[Tried]) -> Option<Row> {
    let of: Vec<&Tried> = operations.iter().filter(|tried| tried.capabilities.contains(&capability)).collect();
    let mut outcomes = BTreeMap::new();
    for tried in &of {
        *outcomes.entry(tried.outcome).or_default() += 1;
    }
    let doors = of.iter().filter(|tried| tried.is_open_door()).count();
    (!of.is_empty()).then(|| Row { capability, must: policy.demand(&[capability]), tried: of.len(), outcomes, doors })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Capability::{Execute, Read, Write};
    use Outcome::{Broke, Denied, DeniedButAllowed, LetThrough, NoEvent, TooLate};

    fn tried(id: &str, capability: Capability, outcome: Outcome, policy: &Policy) -> Tried {
        Tried {
            id: id.to_owned(),
            event: id.split("::").next().unwrap_or_default().to_owned(),
            api: format!("api.of.{id}"),
            capabilities: vec![capability],
            must: policy.demand(&[capability]),
            outcome,
            snippet: String::new(),
            raised: None,
            objection: None,
            instead: id.starts_with("doors.").then(|| "Nothing.".to_owned()),
        }
    }

    fn findings(policy: &Policy, wanted: &[Capability]) -> Findings {
        let operations = vec![
            tried("a::denied", Write, Denied, policy),
            tried("a::one", Read, LetThrough, policy),
            tried("b::one", Write, LetThrough, policy),
            tried("c::one", Write, LetThrough, policy),
            tried("c::two", Write, TooLate, policy),
            tried("d::one", Execute, LetThrough, policy),
            tried("doors.files::one", Write, NoEvent, policy),
            tried("e::one", Execute, NoEvent, policy),
            tried("f::one", Read, Broke, policy),
            tried("f::two", Read, DeniedButAllowed, policy),
        ];
        Findings::new("r", policy, &wanted.iter().copied().collect(), operations, Vec::new())
    }

    fn ids<'a>(operations: impl IntoIterator<Item = &'a Tried>) -> Vec<&'a str> {
        operations.into_iter().map(|tried| tried.id.as_str()).collect()
    }

    #[test]
    fn the_order_is_by_outcome_harm_and_number_of_operations() {
        let found = findings(&Policy::default(), &[]);
        let order =
            ["d::one", "c::one", "c::two", "b::one", "a::one", "f::one", "f::two", "e::one", "doors.files::one"];
        assert_eq!(ids(found.worst()), order);
        assert_eq!(ids(&found.operations), [&order[..], &["a::denied"]].concat());
        assert!(!found.fails);
    }

    #[test]
    fn with_demands_only_they_are_looked_at() {
        let policy = Policy::new(&[Write], &[Read]).expect("a policy");
        let found = findings(&policy, &[Write, Read]);
        assert_eq!(ids(found.worst()), ["c::one", "c::two", "b::one", "f::one", "f::two", "doors.files::one"]);
        assert!(found.fails);
        let rows: Vec<_> =
            found.capabilities.iter().map(|row| (row.capability, row.must, row.tried, row.doors)).collect();
        assert_eq!(rows, [(Write, Some(Must::Deny), 5, 1), (Read, Some(Must::Allow), 3, 0)]);
        assert_eq!(found.capabilities[0].outcomes, [(LetThrough, 2), (TooLate, 1), (NoEvent, 1), (Denied, 1)].into());
        let control = Control { operation: "printing", disturbed: Some("E".to_owned()) };
        assert!(Findings::new("r", &policy, &BTreeSet::new(), Vec::new(), vec![control]).fails);
    }

    #[test]
    fn the_harm_is_that_of_what_must_be_denied() {
        let policy = Policy::new(&[Write], &[]).expect("a policy");
        let more = Tried { capabilities: vec![Execute, Write], ..tried("a::one", Write, LetThrough, &policy) };
        let common = ["b::one", "b::two"].map(|id| tried(id, Write, LetThrough, &policy));
        let operations = [vec![more], common.into()].concat();
        let found = Findings::new("r", &policy, &BTreeSet::new(), operations, Vec::new());
        assert_eq!(ids(found.worst()), ["b::one", "b::two", "a::one"]);
    }

    #[test]
    fn an_api_is_looked_at_once_for_each_outcome() {
        let policy = Policy::default();
        let one_api = |id| Tried { api: "m.f".to_owned(), ..tried(id, Write, LetThrough, &policy) };
        let twice = ["a::one", "a::two"].map(one_api).to_vec();
        let found = Findings::new("r", &policy, &BTreeSet::new(), twice, Vec::new());
        assert_eq!(ids(found.worst()), ["a::one"]);
    }

    #[test]
    fn the_committed_schema_is_up_to_date() {
        crate::schema::check::<Answer>("run/guard/guard.schema.json");
    }
}
