//! Plans a run: chooses the trials, and finds those that need not or cannot run. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::shard::Shard;
use crate::agent::Starts;
use crate::runtime::{Isolation, Runtime, Trial};
use crate::suite::{Case, Glob, Need, Platform, Source, Suite, Verdict, Versions};

impl Trial<'_> {
    /// Returns the time until the first pass can begin: the startup time of an interpreter, unless there is a warm one. The
    /// runtime may not have been asked for the needs of the case yet.
    fn startup_time(&self) -> Duration {
        let is_warm = match self.runtime.isolation() {
            Isolation::Process => false,
            Isolation::Fork => !self.case.is_alone(),
            Isolation::Shared => !self.case.is_alone() && !self.case.leaves_residue(),
        };
        let never_runs = !self.runtime.probe.audit || self.wrong_target().is_some();
        if is_warm || never_runs { Duration::ZERO } else { self.runtime.startup_time }
    }

    /// Returns the verdict and its reason if they are known without a run: the trial is skipped if the case is not for
    /// this runtime, and unsupported if the runtime lacks something.
    pub fn verdict_without_run(&self) -> Option<(Verdict, String)> {
        if !self.runtime.probe.audit {
            return Some((Verdict::Unsupported, "no audit hooks (sys.addaudithook)".into()));
        }
        self.wrong_target().map(|reason| (Verdict::Skipped, reason)).or_else(|| self.unmet_need())
    }

    /// Returns the targets of the case, in words, if this runtime is not one of them.
    fn wrong_target(&self) -> Option<String> {
        let (file, case, identity) = (&self.source.file, self.case, &self.runtime.identity);
        let version =
            |versions: &Versions| (!versions.contain(&identity.language)).then(|| format!("for Python {versions}"));
        let platform = |platforms: &[Platform]| {
            let is_here = platforms.iter().any(|platform| platform.is(&identity.platform));
            (!platforms.is_empty() && !is_here).then(|| format!("for {}", join(platforms)))
        };
        let implementations = &case.implementation;
        let is_other = !implementations.is_empty() && !implementations.contains(&identity.implementation);
        version(&file.python)
            .or_else(|| version(&case.python))
            .or_else(|| platform(&file.platform))
            .or_else(|| platform(&case.platform))
            .or_else(|| is_other.then(|| format!("for {}", implementations.join(", "))))
    }

    /// Returns the verdict and its reason if a need of the case is not met.
    fn unmet_need(&self) -> Option<(Verdict, String)> {
        let needs = self.case.all_needs();
        let need = needs.iter().find(|need| !self.runtime.has(need))?;
        Some(match need.is_of_runtime() {
            true => (Verdict::Unsupported, format!("no {need}")),
            false => (Verdict::Skipped, format!("needs {need}")),
        })
    }
}

fn join(platforms: &[Platform]) -> String {
    platforms.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A selection of cases. A pattern with `::` is a glob over ids, one without is a glob over events. Without patterns,
/// all cases are selected. `doors.CAPABILITY` stands for the event of doors.
#[derive(Debug, Default)]
pub struct Selection {
    /// The patterns.
    pub patterns: Vec<Glob>,
    /// The shard of the matching cases.
    pub shard: Option<Shard>,
    /// The only cases, by id, each with the names of the runtimes that run it; without them, all run all cases.
    pub trials: Option<BTreeMap<String, BTreeSet<String>>>,
}

impl Selection {
    /// Selects the cases that match any of the patterns.
    pub fn of(patterns: &[Glob]) -> Selection {
        Selection { patterns: patterns.to_vec(), ..Selection::default() }
    }

    /// Returns the patterns that match nothing in a suite.
    pub fn unmatched<'a>(&'a self, suite: &Suite) -> Vec<&'a Glob> {
        let is_matched = |pattern: &&Glob| {
            let alone = Selection::of(std::slice::from_ref(*pattern));
            suite.runnable().any(|(source, case)| alone.has(source, case))
        };
        self.patterns.iter().filter(|pattern| !is_matched(pattern)).collect()
    }

    /// Tells whether a case is selected.
    pub fn has(&self, source: &Source, case: &Case) -> bool {
        self.has_id(&source.file.event, &source.file.id(case))
    }

    /// Tells whether the case with this event and this id is selected.
    pub fn has_id(&self, event: &str, id: &str) -> bool {
        self.matches(event, id) && self.shard.is_none_or(|shard| shard.has(id))
    }

    /// Tells whether no case is selected, but for the shard: one may have none of the cases, and the others have them.
    pub fn is_empty(&self, suite: &Suite) -> bool {
        !suite.runnable().any(|(source, case)| self.matches(&source.file.event, &source.file.id(case)))
    }

    fn matches(&self, event: &str, id: &str) -> bool {
        let matches = |glob: &Glob| glob.matches(if glob.as_str().contains("::") { id } else { event });
        (self.patterns.is_empty() || self.patterns.iter().any(matches))
            && self.trials.as_ref().is_none_or(|trials| trials.contains_key(id))
    }

    /// Tells whether a selected case is to run on a runtime.
    fn is_for(&self, trial: &Trial) -> bool {
        let runtimes = self.trials.as_ref().map(|trials| trials.get(&trial.source.file.id(trial.case)));
        runtimes.is_none_or(|runtimes| runtimes.is_some_and(|names| names.contains(trial.runtime.name())))
    }
}

/// Returns all needs of the selected cases and doors, in order, for the probe.
pub fn needs(suite: &Suite, selection: &Selection) -> Vec<Need> {
    let selected = suite.runnable().filter(|(source, case)| selection.has(source, case));
    let needs: BTreeSet<Need> = selected.flat_map(|(_, case)| case.all_needs()).collect();
    needs.into_iter().collect()
}

/// Returns how many interpreters the selected cases and doors may start on a runtime: two for a case that needs new ones,
/// and a warm one for the others of each file.
pub fn starts(suite: &Suite, selection: &Selection) -> Starts {
    let selected = suite.runnable().filter(|(source, case)| selection.has(source, case));
    let (alone, others): (Vec<_>, Vec<_>) = selected.partition(|(_, case)| case.is_alone());
    let files: BTreeSet<&str> = others.iter().map(|(source, _)| source.path.as_str()).collect();
    Starts { new: 2 * alone.len(), warm: files.len() }
}

/// Returns the trials of the selected cases and doors on all runtimes, runtime by runtime.
pub fn plan<'a>(suite: &'a Suite, runtimes: &'a [Runtime], selection: &Selection) -> Vec<Trial<'a>> {
    let selected: Vec<_> = suite.runnable().filter(|(source, case)| selection.has(source, case)).collect();
    let trials =
        runtimes.iter().flat_map(|runtime| selected.iter().map(move |&(source, case)| Trial { source, case, runtime }));
    trials.filter(|trial| selection.is_for(trial)).collect()
}

/// A part of a run that one worker does.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    /// The runtime of the trial with this index in the plan is asked for its needs.
    Ask(usize),
    /// The trials with these indices run. There is at least one.
    Trials(Vec<usize>),
}

impl Turn {
    /// Returns the index of the first trial, whose runtime is that of the turn.
    pub(super) fn first(&self) -> usize {
        match self {
            Turn::Ask(index) => *index,
            Turn::Trials(trials) => trials[0],
        }
    }
}

/// Returns the order of a run, as turns.
///
/// Trials that wait for an interpreter come first. So no worker is left with a long trial at the end while the others have
/// nothing to do. Those of interpreters that start fast come before the others, so that the first result is there soon.
/// Trials that can begin at once form a turn for each event and runtime. They import the same modules, and a warm
/// interpreter imports these once.
///
/// Each runtime is asked for its needs before the trials of the one before it begin. So it has answered when its own begin, and
/// those of the first one do not wait for the others.
pub fn schedule(plan: &[Trial]) -> Vec<Turn> {
    let mut order: Vec<usize> = (0..plan.len()).collect();
    order.sort_by_cached_key(|&index| {
        let time = plan[index].startup_time();
        (time.is_zero(), time)
    });
    let are_one_turn = |&one: &usize, &other: &usize| {
        let (one, other) = (&plan[one], &plan[other]);
        let is_same = std::ptr::eq(one.runtime, other.runtime) && std::ptr::eq(one.source, other.source);
        is_same && one.startup_time().is_zero() && other.startup_time().is_zero()
    };
    let trials: Vec<Turn> = order.chunk_by(are_one_turn).map(|chunk| Turn::Trials(chunk.to_vec())).collect();
    let mut seen = BTreeSet::new();
    let first: Vec<usize> =
        trials.iter().map(Turn::first).filter(|index| seen.insert(plan[*index].runtime.name())).collect();
    let mut asks = first.iter().copied().map(Turn::Ask);
    let mut turns: Vec<Turn> = asks.next().into_iter().collect();
    for trials in trials {
        turns.extend(first.contains(&trials.first()).then(|| asks.next()).flatten());
        turns.push(trials);
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::fixtures::{runtime, suite};
    use crate::run::shard::ShardChoice;

    /// Returns the text of a case file for an event with cases, each a YAML map without its braces. `top` has further
    /// keys of the file.
    fn file(event: &str, top: &str, cases: &[&str]) -> String {
        let cases: String = cases
            .iter()
            .enumerate()
            .map(|(index, case)| format!("- {{name: c{index}, api: {event}, snippet: f(), expect: [{{}}], {case}}}\n"))
            .collect();
        format!("event: {event}\ndocumented: true\narguments: []\nraised-by: [{event}]\n{top}\ncases:\n{cases}")
    }

    #[test]
    fn a_trial_is_skipped_or_unsupported_for_its_first_reason() {
        use Verdict::{Skipped, Unsupported};
        for (top, case, expected) in [
            ("", "", None),
            ("python: '>=3.14'", "", Some((Skipped, "for Python >=3.14"))),
            ("python: '>=3.13'", "", None),
            ("python: ['<3.9', '>=3.14']", "", Some((Skipped, "for Python <3.9 or >=3.14"))),
            ("python: ['<3.9', '>=3.13']", "", None),
            ("", "python: '<3.13'", Some((Skipped, "for Python <3.13"))),
            ("python: '>=3.14'", "python: '<3.13'", Some((Skipped, "for Python >=3.14"))),
            ("platform: [macos, windows]", "", Some((Skipped, "for macOS, Windows"))),
            ("platform: [macos, unix]", "", None),
            ("", "platform: [windows]", Some((Skipped, "for Windows"))),
            ("", "platform: [linux]", None),
            ("platform: [macos]", "platform: [windows]", Some((Skipped, "for macOS"))),
            ("platform: [macos]", "python: '<3.13'", Some((Skipped, "for Python <3.13"))),
            ("", "implementation: [pypy, graalpy]", Some((Skipped, "for pypy, graalpy"))),
            ("", "implementation: [pypy, cpython]", None),
            ("", "implementation: [pypy], platform: [windows]", Some((Skipped, "for Windows"))),
            ("", "needs: [fork]", None),
            ("", "needs: [root]", Some((Skipped, "needs root"))),
            ("", "needs: [tty]", Some((Skipped, "needs tty"))),
            ("", "needs: ['module:there']", None),
            ("", "needs: ['module:ssl']", Some((Unsupported, "no module ssl"))),
            ("", "needs: [fork, root, 'module:ssl']", Some((Skipped, "needs root"))),
            ("", "needs: ['module:ssl', root]", Some((Unsupported, "no module ssl"))),
            ("", "needs: ['module:ssl'], implementation: [pypy]", Some((Skipped, "for pypy"))),
        ] {
            let suite = suite(&[&file("m.f", top, &[case])]);
            let mut runtimes = [runtime("cpython", "3.13.1", "linux", &["attr:m.f", "fork", "module:there"])];
            // The probe has tried it, and the runtime does not have it.
            if let Some(Ok(features)) = runtimes[0].features.get_mut() {
                features.insert("tty".to_owned(), false);
            }
            let plan = plan(&suite, &runtimes, &Selection::default());
            let found = plan[0].verdict_without_run();
            let found = found.as_ref().map(|(verdict, reason)| (*verdict, reason.as_str()));
            assert_eq!(found, expected, "{top} {case}");
        }
    }

    #[test]
    fn a_runtime_without_the_api_or_without_hooks_does_not_support_a_case() {
        let suite = suite(&[&file("m.f", "python: '>=3.14'", &[""]), &file("m.g", "", &[""])]);
        let mut runtimes = [runtime("cpython", "3.13.1", "linux", &[]), runtime("cpython", "3.13.1", "linux", &[])];
        runtimes[1].probe.audit = false;
        let plan = plan(&suite, &runtimes, &Selection::default());
        let reasons: Vec<_> = plan.iter().filter_map(Trial::verdict_without_run).collect();
        let no_hooks = (Verdict::Unsupported, "no audit hooks (sys.addaudithook)".to_owned());
        assert_eq!(reasons[0], (Verdict::Skipped, "for Python >=3.14".to_owned()));
        assert_eq!(reasons[1], (Verdict::Unsupported, "no m.g".to_owned()));
        assert_eq!(reasons[2..], [no_hooks.clone(), no_hooks]);
    }

    #[test]
    fn a_pattern_with_two_colons_selects_ids_and_another_selects_events() {
        let suite = suite(&[&file("m.f", "", &["", ""]), &file("m.g", "", &["", ""])]);
        let runtimes = [runtime("cpython", "3.13.1", "linux", &[]), runtime("pypy", "3.11.1", "linux", &[])];
        for (patterns, expected) in [
            (&[][..], "m.f::c0 m.f::c1 m.g::c0 m.g::c1"),
            (&["m.f"], "m.f::c0 m.f::c1"),
            (&["m.*"], "m.f::c0 m.f::c1 m.g::c0 m.g::c1"),
            (&["f"], ""),
            (&["*c0"], ""),
            (&["*::c0"], "m.f::c0 m.g::c0"),
            (&["m.f::*"], "m.f::c0 m.f::c1"),
            (&["m.f::c1", "m.g"], "m.f::c1 m.g::c0 m.g::c1"),
            (&["m.f::c1", "m.f"], "m.f::c0 m.f::c1"),
        ] {
            let globs: Vec<Glob> =
                patterns.iter().map(|text| Glob::try_from((*text).to_owned()).expect("a glob")).collect();
            let plan = plan(&suite, &runtimes, &Selection::of(&globs));
            let (first, second) = plan.split_at(plan.len() / 2);
            for (half, runtime) in [(first, &runtimes[0]), (second, &runtimes[1])] {
                let ids: Vec<String> = half.iter().map(Trial::id).collect();
                assert_eq!(ids.join(" "), expected, "{patterns:?}");
                assert!(half.iter().all(|trial| std::ptr::eq(trial.runtime, runtime)));
            }
        }
    }

    fn shard(k: usize, count: usize) -> Shard {
        match format!("{k}/{count}").parse() {
            Ok(ShardChoice::Part(shard)) => shard,
            other => panic!("{other:?} is no shard"),
        }
    }

    #[test]
    fn each_case_is_in_exactly_one_shard() {
        let ids: Vec<String> = (0..200).map(|index| format!("m.f::c{index}")).collect();
        for count in [1_usize, 2, 3, 7] {
            let selections: Vec<Selection> =
                (1..=count).map(|k| Selection { shard: Some(shard(k, count)), ..Selection::default() }).collect();
            let mut sizes = vec![0; selections.len()];
            for id in &ids {
                let homes: Vec<usize> =
                    (0..selections.len()).filter(|&index| selections[index].has_id("m.f", id)).collect();
                assert_eq!(homes.len(), 1, "{id}");
                sizes[homes[0]] += 1;
            }
            let mean = ids.len() / count;
            assert!(sizes.iter().all(|size| (mean / 2..=mean * 2).contains(size)), "{sizes:?}");
        }
    }

    #[test]
    fn a_shard_and_patterns_select_the_cases_of_both() {
        let shard = Some(shard(1, 1));
        let selection =
            Selection { patterns: vec![Glob::try_from("m.f".to_owned()).expect("a glob")], shard, trials: None };
        assert!(selection.has_id("m.f", "m.f::c0"));
        assert!(!selection.has_id("m.g", "m.g::c0"));
    }

    #[test]
    fn the_needs_of_the_selected_cases_are_listed_once_and_in_order() {
        let suite = suite(&[
            &file("m.f", "", &["needs: [root, fork]", "needs: [fork, 'module:ssl']"]),
            &file("m.g", "", &["needs: [tty]"]),
        ]);
        let texts = |pattern: &str| {
            let glob = Glob::try_from(pattern.to_owned()).expect("a glob");
            let needs = needs(&suite, &Selection::of(&[glob]));
            needs.iter().map(|need| need.as_str().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(texts("m.f"), "attr:m.f fork module:ssl root");
        assert_eq!(texts("m.g"), "attr:m.g tty");
        assert_eq!(texts("none"), "");
    }

    #[test]
    fn starts_come_first_and_warm_trials_of_an_event_form_a_turn() {
        let alone = "fresh: true";
        let hook = "setup: sys.addaudithook(print)";
        let suite = suite(&[&file("m.f", "", &["", alone, ""]), &file("m.g", "", &[hook, "", "needs: [root]", alone])]);
        let has = ["attr:m.f", "attr:m.g"];
        let turns = |isolations: &[(Isolation, u64)]| {
            let runtimes: Vec<Runtime> = isolations
                .iter()
                .zip(["a", "b", "c"])
                .map(|((isolation, milliseconds), name)| {
                    let mut runtime = runtime("cpython", "3.13.1", "linux", &has);
                    runtime.identity.name = name.to_owned();
                    runtime.launch.isolation = Some(*isolation);
                    runtime.startup_time = Duration::from_millis(*milliseconds);
                    runtime
                })
                .collect();
            let plan = plan(&suite, &runtimes, &Selection::default());
            let label = |index: &usize| {
                let id = plan[*index].id().replace("m.", "").replace("::c", "");
                format!("{}{id}", plan[*index].runtime.name())
            };
            let text = |turn: &Turn| match turn {
                Turn::Ask(index) => format!("{}?", plan[*index].runtime.name()),
                Turn::Trials(trials) => trials.iter().map(label).collect::<Vec<_>>().join("+"),
            };
            schedule(&plan).iter().map(text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(turns(&[(Isolation::Fork, 20)]), "a? af1 ag3 af0+af2 ag0+ag1+ag2");
        assert_eq!(turns(&[(Isolation::Shared, 20)]), "a? af1 ag0 ag3 af0+af2 ag1+ag2");
        assert_eq!(turns(&[(Isolation::Process, 20)]), "a? af0 af1 af2 ag0 ag1 ag2 ag3");
        assert_eq!(
            turns(&[(Isolation::Fork, 90), (Isolation::Fork, 20), (Isolation::Fork, 50)]),
            "b? c? bf1 bg3 a? cf1 cg3 af1 ag3 af0+af2 ag0+ag1+ag2 bf0+bf2 bg0+bg1+bg2 cf0+cf2 cg0+cg1+cg2"
        );
        assert_eq!(turns(&[]), "");
    }
}
