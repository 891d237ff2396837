//! Checks that no case passes whatever it expects: every change of an expectation must change the verdict.
//!
//! Each case of the suite is observed once, on the newest interpreter of this machine. Then the observation is judged
//! with each changed expectation.

use std::thread;

use audit578::agent::{Agent, Pass};
use audit578::run;
use audit578::run::judge;
use audit578::run::plan::{self, Selection};
use audit578::run::{Standing, TrialRecord};
use audit578::runtime::discover::{Config, DEFAULT};
use audit578::runtime::{Launch, Trial};
use audit578::suite::{Content, Demand, Details, Passes, Shape, Suite, Value, Verdict};

#[test]
fn every_change_of_an_expectation_changes_the_verdict() {
    let suite = Suite::embedded();
    let agent = Agent::new(None).expect("a folder for the agent");
    let jobs = thread::available_parallelism().map_or(1, Into::into);
    let launches = Config::parse(DEFAULT).expect("the configuration is right").launches();
    let is_cpython = |launch: &Launch| launch.name.as_deref().is_some_and(|name| name.starts_with("cpython-"));
    let newest = run::name(launches, &agent, jobs).into_iter().find(is_cpython);
    let newest = newest.expect("this test needs CPython 3.8 or later");
    let (newest, _) = run::probe(&[newest], &plan::needs(&suite, &Selection::default()), &agent, jobs);
    let plan = plan::plan(&suite, &newest, &Selection::default());
    let mut sum = Counts::default();
    let work = |trial: &Trial, send: &dyn Fn(Counts)| checked_changes(trial, &agent).into_iter().for_each(send);
    run::in_parallel(&plan, jobs, work, |counts| {
        sum.cases += counts.cases;
        sum.changes += counts.changes;
        sum.gaps += counts.gaps;
        sum.beyond += counts.beyond;
    });
    let Counts { cases, changes, gaps, beyond } = sum;
    assert!(cases > 0 && changes > cases, "{changes} changes of {cases} cases");
    assert!(gaps > 0 && beyond > 0, "{beyond} changes of {gaps} cases with a known gap");
    println!("{changes} changes of {cases} cases changed the verdict");
    println!("{beyond} changes of {gaps} cases with a known gap went beyond the gap, and were unexpected");
}

/// The cases and changes that were checked.
#[derive(Default)]
struct Counts {
    /// Cases that pass.
    cases: usize,
    /// Changes of these.
    changes: usize,
    /// Cases that fail as a known gap says.
    gaps: usize,
    /// Changes of these that make another argument wrong.
    beyond: usize,
}

/// Observes a case once, and checks that each change of its expectations changes the verdict. For a case with a known
/// gap, checks that no change of another argument is excused. Returns what was checked, if the case was run.
fn checked_changes(trial: &Trial, agent: &Agent) -> Option<Counts> {
    if trial.verdict_without_run().is_some() {
        return None;
    }
    let (file, case) = (&trial.source.file, trial.case);
    let demands = file.demands(case, &trial.runtime.identity.language);
    let pass = if case.run == Passes::Both { Pass::Plain } else { Pass::Veto };
    let seen = agent.observe(trial, &demands, pass, trial.runtime.isolation());
    let judge = |demands: &[Demand]| match case.run {
        Passes::Both => judge::plain(&file.event, case, demands, &seen),
        Passes::Vetoed => judge::veto(&file.event, case, demands, &seen, None),
    };
    // In a veto pass nothing happens after the event under test, so nothing after it is judged.
    let own = demands.iter().position(|demand| demand.name == file.event);
    let judged = if pass == Pass::Veto { own.map_or(demands.len(), |own| own + 1) } else { demands.len() };
    let changes = mutations(&file.event, &demands, pass, judged);
    let before = judge(&demands);
    if before.verdict == Verdict::Pass {
        for (what, changed) in &changes {
            assert_ne!(judge(changed).verdict, Verdict::Pass, "{}: {what}: {changed:#?}", trial.id());
        }
        return Some(Counts { cases: 1, changes: changes.len(), ..Counts::default() });
    }
    if !TrialRecord::judged(trial, before.clone(), 0.0).is_known() {
        return None; // The conformance tests fail for it.
    }
    let beyond = changes.iter().map(|(what, changed)| (what, judge(changed)));
    let beyond: Vec<_> = beyond.filter(|(_, after)| goes_beyond(&before.details, &after.details)).collect();
    for (what, after) in &beyond {
        let record = TrialRecord::judged(trial, after.clone(), 0.0);
        assert_eq!(record.standing(), Standing::Failed, "{}: a known gap excuses {what}: {after:#?}", trial.id());
    }
    Some(Counts { gaps: 1, beyond: beyond.len(), ..Counts::default() })
}

/// Tells whether arguments are wrong that were right before.
fn goes_beyond(before: &Details, after: &Details) -> bool {
    !after.arguments.is_subset(&before.arguments)
}

/// Returns all lists of demands that differ from the given one in one thing among the first `judged` demands.
fn mutations(event: &str, demands: &[Demand], pass: Pass, judged: usize) -> Vec<(String, Vec<Demand>)> {
    let mut found = Vec::new();
    let mut add = |what: String, change: &dyn Fn(&mut Vec<Demand>)| {
        let mut changed = demands.to_vec();
        change(&mut changed);
        found.push((what, changed));
    };
    for index in 0..judged {
        add(format!("event {index} renamed"), &|demands| demands[index].name += "x");
        // An event after the last judged one is noticed only in a plain pass, which judges all events.
        if index + 1 < judged || pass == Pass::Plain {
            add(format!("event {index} twice"), &|demands| demands.insert(index, demands[index].clone()));
        }
        // An event of another file is judged only if the case names it, so its only mention must stay.
        if demands.iter().filter(|demand| demand.name == demands[index].name).count() > 1
            || demands[index].name == event
        {
            add(format!("event {index} left out"), &|demands| drop(demands.remove(index)));
        }
        add(format!("event {index} with one more argument"), &|demands| {
            demands[index].args.push(("extra".to_owned(), Shape::Any));
        });
        if index > 0 && demands[index].name != demands[index - 1].name {
            add(format!("event {index} before the event before it"), &|demands| demands.swap(index - 1, index));
        }
        for (position, (name, shape)) in demands[index].args.iter().enumerate() {
            add(format!("event {index} without {name}"), &|demands| drop(demands[index].args.remove(position)));
            for other in others(shape) {
                let what = format!("{name} of event {index}: {other} for {shape}");
                add(what, &|demands| demands[index].args[position].1 = other.clone());
            }
        }
    }
    found
}

/// Returns shapes that no value of the given shape has.
fn others(shape: &Shape) -> Vec<Shape> {
    let literal = |type_name: &str, content| Shape::Literal(Value::new(type_name, content));
    match shape {
        Shape::Literal(Value { content, type_name }) => {
            let value = match content {
                Content::None | Content::Opaque | Content::Items(_) => Content::Bool(false),
                Content::Bool(on) => Content::Bool(!on),
                Content::Int(number) => Content::Int(number + 1),
                Content::Float(number) => Content::Float(number + 1.0),
                Content::Str(text) => Content::Str(format!("{text}x")),
                Content::Bytes(bytes) => Content::Bytes([bytes.as_slice(), b"x"].concat()),
            };
            vec![literal(type_name, value), literal("audit578.Other", content.clone())]
        }
        Shape::Type(_) | Shape::Match(_) => vec![Shape::Type(vec!["audit578.Other".to_owned()])],
        Shape::Tuple(shapes) => {
            let longer = [shapes.as_slice(), &[Shape::Any]].concat();
            vec![Shape::Tuple(longer), Shape::List(shapes.clone())]
        }
        Shape::List(shapes) => {
            vec![Shape::List([shapes.as_slice(), &[Shape::Any]].concat()), Shape::Tuple(shapes.clone())]
        }
        // The agent has answered for these shapes only, and every value has the shape `any`.
        Shape::Same(_) | Shape::Equal(_) | Shape::Instance(_) | Shape::Attrs(_) | Shape::OneOf(_) | Shape::Any => {
            Vec::new()
        }
    }
}
