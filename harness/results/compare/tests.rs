use std::collections::BTreeMap;

use super::change::Change;
use super::comparison::Comparison;
use super::pairs::check_runtimes;
use super::suites::SuiteDifference;
use crate::results::records::Results;

const HEADER: &str = r#"{"record":"header","format":1,"version":"0","suite":"SUITE","host":"h","started":"t","repeat":["audit578","run"]}"#;

/// Returns results of runtimes, each a name with its trials. A name with `!` at its end is of an absent runtime. A trial is
/// `case verdict raised arguments veto`. Then may follow `known` or `fixed` for a gap, `=DIGEST` for the definition of the
/// case, `~VERDICT` for the verdict in a warm interpreter and `@TEXT` for the observation.
fn results(suite: &str, runtimes: &[(&str, &[&str])]) -> Results {
    let (mut rows, mut cases, mut trials) = (String::new(), BTreeMap::new(), String::new());
    for (name, its) in runtimes {
        let (name, absent) = match name.strip_suffix('!') {
            Some(name) => (name, r#""absent":"gone","#),
            None => (*name, ""),
        };
        rows += &format!(
            r#"{{"record":"runtime","name":"{name}",{absent}"optional":true,"command":["p"],"isolation":null}}"#
        );
        rows += "\n";
        for trial in *its {
            let words: Vec<&str> = trial.split(' ').collect();
            let [case, verdict, raised, arguments, veto, rest @ ..] = words.as_slice() else { panic!("{trial}") };
            let digest = rest.iter().find_map(|word| word.strip_prefix('=')).unwrap_or("d");
            let state = rest.iter().find(|word| !word.starts_with(['=', '~', '@']));
            let warm = rest.iter().find_map(|word| word.strip_prefix('~'));
            let warm = warm.map(|verdict| format!(r#","disagrees":"{verdict}""#)).unwrap_or_default();
            let observed = rest.iter().find_map(|word| word.strip_prefix('@'));
            let observed = observed.map(|text| format!(r#","observed":["{text}"]"#)).unwrap_or_default();
            let gap = state.map(|state| format!(r#","gap":{{"state":"{state}","kind":"bug","reason":"r"}}"#));
            cases.insert(*case, digest);
            trials += &format!(
                r#"{{"record":"trial","event":"e","case":"{case}","module":"m","api":"a","runtime":"{name}","verdict":"{verdict}","raised":"{raised}","arguments":"{arguments}","veto":"{veto}","asserts":"name","seconds":1{}{warm}{observed}}}"#,
                gap.unwrap_or_default()
            );
            trials += "\n";
        }
    }
    let cases = cases.iter().map(|(case, digest)| {
        format!("{{\"record\":\"case\",\"event\":\"e\",\"case\":\"{case}\",\"file\":\"f\",\"line\":1,\"digest\":\"{digest}\"}}\n")
    });
    let text = format!("{}\n{rows}{}{trials}", HEADER.replace("SUITE", suite), cases.collect::<String>());
    Results::read(text.as_bytes()).expect("results")
}

#[test]
fn a_trial_that_one_side_lacks_is_shown_on_the_other() {
    let run = |cases: [&str; 2]| {
        let trials = cases.map(|case| format!("{case} pass kept kept kept"));
        results("s", &[("r", &[&trials[0], &trials[1]])])
    };
    let (old, new) = (run(["a", "b"]), run(["b", "c"]));
    let comparison = Comparison::new(&old, &new, &[]).expect("a comparison");
    let sides = comparison
        .trials
        .iter()
        .map(|trial| (trial.id.as_str(), trial.change, trial.old.is_some(), trial.new.is_some()));
    assert_eq!(
        sides.collect::<Vec<_>>(),
        [
            ("e::a", Change::Removed, true, false),
            ("e::b", Change::Unchanged, true, true),
            ("e::c", Change::Added, false, true),
        ]
    );
}

#[test]
fn a_trial_is_worse_if_something_does_not_hold_any_more() {
    use Change::{Better, Other, Unchanged, Worse};
    for (old, new, change, back) in [
        (PASS, PASS, Unchanged, Unchanged),
        (PASS, MISSING, Worse, Better),
        (PASS, "missing broken unchecked broken known", Worse, Better),
        (PASS, "unsupported unchecked unchecked unchecked", Worse, Better),
        (PASS, "skipped unchecked unchecked unchecked", Other, Other),
        (MISSING, "skipped unchecked unchecked unchecked", Other, Other),
        (MISSING, "unsupported unchecked unchecked unchecked", Other, Other),
        ("missing broken unchecked broken known", MISSING, Worse, Better),
        (MISSING, "error unchecked unchecked unchecked", Worse, Better),
        ("error unchecked unchecked unchecked", "timeout unchecked unchecked unchecked", Worse, Better),
        ("timeout unchecked unchecked unchecked", "crash unchecked unchecked unchecked", Other, Other),
        ("wrong-args kept broken kept", "wrong-args kept broken broken", Worse, Better),
        ("wrong-args kept broken kept known", "wrong-args kept broken kept fixed", Other, Other),
        ("wrong-args kept broken kept", MISSING, Worse, Better),
        ("wrong-args kept broken kept", "unvetoed kept kept broken", Worse, Worse),
        ("missing broken unchecked broken known", "pass kept kept kept fixed", Better, Worse),
        ("wrong-args kept broken unchecked", "wrong-args kept broken kept", Other, Other),
        ("pass kept kept kept =1", "missing broken unchecked broken =2", Other, Other),
        ("pass kept kept kept =1", "pass kept kept kept =2", Unchanged, Unchanged),
        ("wrong-args kept broken kept fixed", "wrong-args kept broken kept", Other, Other),
        ("wrong-args kept broken kept known", "error kept broken kept", Worse, Better),
        ("missing broken unchecked broken", "wrong-count broken unchecked broken", Other, Other),
        ("error unchecked unchecked unchecked", "crash unchecked unchecked unchecked", Worse, Better),
        ("skipped unchecked unchecked unchecked", "unsupported unchecked unchecked unchecked", Other, Other),
        (OPEN, OPEN, Unchanged, Unchanged),
        ("closed unchecked unchecked unchecked", OPEN, Worse, Better),
        (OPEN, "unsupported unchecked unchecked unchecked", Other, Other),
        (PASS, "pass kept kept kept ~missing", Other, Other),
        ("missing broken unchecked broken @x", "missing broken unchecked broken @y", Other, Other),
    ] {
        let of = |trial: &str| results("s", &[("r", &[&format!("c {trial}")])]);
        let (old_results, new_results) = (of(old), of(new));
        let found = |old, new| Comparison::new(old, new, &[]).map(|comparison| comparison.trials[0].change);
        assert_eq!(found(&old_results, &new_results).expect("comparable"), change, "{old} -> {new}");
        assert_eq!(found(&new_results, &old_results).expect("comparable"), back, "{new} -> {old}");
    }
}

/// The runtimes of a comparison, each with its change, or why there is none.
fn rows(old: &[(&str, &[&str])], new: &[(&str, &[&str])], map: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let map: Vec<_> = map.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned())).collect();
    let (old, new) = (results("s", old), results("s", new));
    let comparison = Comparison::new(&old, &new, &map).map_err(|error| error.to_string())?;
    Ok(comparison.runtimes.iter().map(|runtime| format!("{}: {}", runtime.name(), runtime.change)).collect())
}

#[test]
fn runtimes_are_paired_by_name_by_map_or_as_the_only_ones() {
    const A: &[&str] = &["c pass kept kept kept"];
    const B: &[&str] = &["c missing broken unchecked broken"];
    let ok = |rows: &[&str]| Ok::<_, String>(rows.iter().map(|row| (*row).to_owned()).collect::<Vec<_>>());
    assert_eq!(rows(&[("x", A)], &[("y", B)], &[]), ok(&["x -> y: worse"]));
    assert_eq!(
        rows(&[("x", A), ("z", A)], &[("y", A), ("z", A)], &[]),
        ok(&["y: added", "z: unchanged", "x: removed"])
    );
    assert_eq!(
        rows(&[("x", A), ("z", A)], &[("y", B), ("z", A)], &[("x", "y")]),
        ok(&["x -> y: worse", "z: unchanged"])
    );
    assert_eq!(rows(&[("x", A)], &[("x", A), ("y", A)], &[("x", "y")]), ok(&["x: added", "x -> y: unchanged"]));
    assert_eq!(rows(&[("x", A)], &[("x!", &[])], &[]), ok(&["x: worse"]));
    assert_eq!(rows(&[("x!", &[])], &[("x", A)], &[]), Err("the results have no trial in common: the old ones are of x, the new ones of x\n  hint: --map OLD=NEW compares runtimes of different names".to_owned()));
    let error = |map: &[(&str, &str)]| rows(&[("x", A)], &[("y", A), ("z", A)], map).expect_err("no comparison");
    assert!(error(&[]).starts_with("the results have no trial in common: the old ones are of x, the new ones of y, z"));
    assert_eq!(error(&[("w", "y")]), "unknown runtime \"w\" in the old results; they have x");
    assert_eq!(error(&[("x", "w")]), "unknown runtime \"w\" in the new results; they have y, z");
    assert_eq!(error(&[("x", "y"), ("x", "z")]), "the map names the old runtime \"x\" twice");
}

#[test]
fn only_common_cases_are_compared() {
    let old = results("s", &[("r", &["a pass kept kept kept", "b pass kept kept kept", "c pass kept kept kept =1"])]);
    let new = results(
        "t",
        &[(
            "r",
            &["b pass kept kept kept", "c missing broken unchecked broken =2", "d missing broken unchecked broken"],
        )],
    );
    let comparison = Comparison::new(&old, &new, &[]).expect("comparable");
    let SuiteDifference { same, added, removed, redefined } = &comparison.suite;
    assert_eq!(
        (*same, added.join(" "), removed.join(" "), redefined.join(" ")),
        (false, "e::d".into(), "e::a".into(), "e::c".into())
    );
    assert!(!comparison.is_worse());
    assert_eq!(comparison.summary(), "trials: 0 worse, 1 other, 0 better, 1 unchanged, 1 added, 1 removed");
}

#[test]
fn the_committed_schema_is_what_compare_prints() {
    crate::schema::check::<Comparison>("results/compare.schema.json");
}

/// A trial that passes, and one that does not raise its event.
const PASS: &str = "pass kept kept kept";
const OPEN: &str = "open unchecked unchecked unchecked";
const MISSING: &str = "missing broken unchecked broken";

#[test]
fn a_summary_names_everything_that_differs() {
    for (old, new, summary) in [
        (PASS, PASS, "still pass"),
        (PASS, MISSING, "pass -> missing, raised kept -> broken, veto kept -> broken"),
        (MISSING, "skipped unchecked unchecked unchecked", "missing -> skipped"),
        (PASS, "wrong-args kept broken kept", "pass -> wrong-args, arguments kept -> broken"),
        ("wrong-args kept broken unchecked", "wrong-args kept broken kept", "still wrong-args, veto unchecked -> kept"),
        ("missing broken unchecked broken known", MISSING, "still missing, standing known-gap -> failed"),
        (
            "missing broken unchecked broken known",
            "missing broken unchecked broken fixed",
            "still missing, standing known-gap -> fixed",
        ),
        (PASS, "pass kept kept kept ~crash", "still pass, warm as alone -> crash"),
        ("pass kept kept kept ~error", "pass kept kept kept ~crash", "still pass, warm error -> crash"),
        (
            "missing broken unchecked broken @x",
            "missing broken unchecked broken @y",
            "still missing, other observations",
        ),
        ("missing broken unchecked broken @x", "error broken unchecked broken @y", "missing -> error"),
    ] {
        let of = |trial: &str| results("s", &[("r", &[&format!("c {trial}")])]);
        let (old_results, new_results) = (of(old), of(new));
        let comparison = Comparison::new(&old_results, &new_results, &[]).expect("comparable");
        assert_eq!(comparison.trials[0].summary(), summary, "{old} to {new}");
        assert_eq!(comparison.trials[0].id, "e::c");
    }
}

#[test]
fn the_worst_trial_decides_for_its_runtime() {
    let good = format!("a {PASS}");
    let bad = format!("a {MISSING}");
    let (one, other) = (format!("b {PASS} ~crash"), format!("b {PASS}"));
    for (old, new, change, counts) in [
        ([&good, &other], [&good, &other], "unchanged", "0 worse, 0 other, 0 better, 2 unchanged"),
        ([&good, &other], [&bad, &other], "worse", "1 worse, 0 other, 0 better, 1 unchanged"),
        ([&bad, &other], [&good, &other], "better", "0 worse, 0 other, 1 better, 1 unchanged"),
        ([&bad, &other], [&good, &one], "other", "0 worse, 1 other, 1 better, 0 unchanged"),
        ([&good, &other], [&bad, &one], "worse", "1 worse, 1 other, 0 better, 0 unchanged"),
    ] {
        let of = |trials: [&String; 2]| results("s", &[("r", &trials.map(String::as_str))]);
        let (old, new) = (of(old), of(new));
        let comparison = Comparison::new(&old, &new, &[]).expect("comparable");
        assert_eq!(comparison.runtimes[0].change.to_string(), change);
        assert_eq!(comparison.summary(), format!("trials: {counts}, 0 added, 0 removed"));
        assert_eq!(comparison.is_worse(), change == "worse");
        let all: usize = comparison.runtimes[0].trials.values().sum();
        assert_eq!(all, 2);
    }
}

#[test]
fn a_runtime_on_one_side_or_lost_has_a_note() {
    let trial = format!("c {PASS}");
    let trials: &[&str] = &[&trial];
    let old = results("s", &[("both", trials), ("lost", trials), ("old", trials), ("away!", &[])]);
    let new = results("s", &[("both", trials), ("lost!", &[]), ("new", trials), ("away!", &[])]);
    let comparison = Comparison::new(&old, &new, &[]).expect("comparable");
    let rows: Vec<String> = comparison
        .runtimes
        .iter()
        .map(|runtime| format!("{} {:?} {}", runtime.name(), runtime.note(), runtime.is_lost()))
        .collect();
    assert_eq!(
        rows,
        [
            "both None false",
            "lost Some(\"not tested: gone\") true",
            "new Some(\"only in the new results\") false",
            "away Some(\"not tested: gone\") false",
            "old Some(\"only in the old results\") false",
        ]
    );
    let summary = "trials: 0 worse, 0 other, 0 better, 1 unchanged, 0 added, 1 removed; \
                   runtimes that cannot be tested any more: 1";
    assert_eq!(comparison.summary(), summary);
}

#[test]
fn json_has_only_the_trials_that_changed() {
    let old = results("s", &[("r", &[&format!("a {PASS}"), &format!("b {PASS}"), &format!("c {PASS}")])]);
    let new = results("s", &[("r", &[&format!("a {PASS}"), &format!("b {MISSING}")])]);
    let comparison = Comparison::new(&old, &new, &[]).expect("comparable");
    let json = serde_json::to_value(&comparison).expect("JSON");
    let trials = json["trials"].as_array().expect("a list");
    let found: Vec<String> = trials.iter().map(|trial| format!("{} {}", trial["id"], trial["change"])).collect();
    assert_eq!(found, [r#""e::b" "worse""#, r#""e::c" "removed""#]);
}

#[test]
fn runtimes_without_a_common_case_cannot_be_compared() {
    let of = |name: &str, case: &str| results("s", &[(name, &[&format!("{case} {PASS}")])]);
    let (old, new) = (of("r", "a"), of("r", "b"));
    let error = Comparison::new(&old, &new, &[]).expect_err("no trial is in both").to_string();
    assert!(error.starts_with("the results have no trial in common"), "{error}");
    assert!(check_runtimes(&old, &new, &[]).is_ok(), "the runtime is in both");
    let none = results("s", &[]);
    for (old, new) in [(&old, &none), (&none, &new), (&none, &none)] {
        let error = check_runtimes(old, new, &[]).expect_err("no runtime is in both").to_string();
        assert!(error.contains("no runtime"), "{error}");
    }
    let map = [("r".to_owned(), "q".to_owned())];
    assert!(check_runtimes(&old, &of("q", "a"), &map).is_ok());
    assert!(check_runtimes(&old, &new, &map).is_err());
}

#[test]
fn a_map_and_older_results_may_name_a_runtime_by_its_language() {
    let trial = format!("c {PASS}");
    let of = |name: &str| results("s", &[(name, &[&trial]), ("cpython-3.13.0", &[&trial])]);
    let mut new = of("pypy-8.0.1");
    let probe = r#"{"implementation":"pypy","language":"3.11.17","implementation-version":"8.0.1","build":"",
        "platform":"linux","machine":null,"flags":[],"audit":true,"features":{},"sha256":null}"#;
    new.runtimes[0].probe = Some(serde_json::from_str(probe).expect("a probe"));
    let paired = |old: &str, map: &[(&str, &str)]| {
        let map: Vec<_> = map.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned())).collect();
        let old = of(old);
        let comparison = Comparison::new(&old, &new, &map).map_err(|error| error.to_string())?;
        Ok::<_, String>(comparison.runtimes[0].old.as_ref().map(|old| old.name.clone()))
    };
    let other = Some("pypy-7.3.19".to_owned());
    assert_eq!(paired("pypy-3.11.17", &[]), Ok(Some("pypy-3.11.17".to_owned())));
    assert_eq!(paired("pypy-3.11.11", &[]), Ok(None));
    assert_eq!(paired("pypy-7.3.19", &[("pypy-7.3.19", "pypy-3.11.17")]), Ok(other.clone()));
    assert_eq!(paired("pypy-7.3.19", &[("pypy-7.3.19", "pypy-8.0.1")]), Ok(other));
    let twice = [("pypy-7.3.19", "pypy-3.11.17"), ("cpython-3.13.0", "pypy-8.0.1")];
    assert!(paired("pypy-7.3.19", &twice).expect_err("twice").contains("the new runtime \"pypy-8.0.1\" twice"));
    let unknown = paired("pypy-7.3.19", &[("pypy-3.11.11", "pypy-8.0.1")]).expect_err("it has no probe");
    assert!(unknown.contains("unknown runtime \"pypy-3.11.11\" in the old results"), "{unknown}");
}

#[test]
fn a_repeat_command_is_that_of_the_runtimes_own_run() {
    let old = results("s", &[("r", &[&format!("c {PASS}")])]);
    let mut new = old.clone();
    assert_eq!(new.repeat_command(&new.trials[0]).join(" "), "audit578 run e::c --runtime r");
    new.runtimes[0].given = Some("g".to_owned());
    new.runtimes[0].run =
        Some(crate::results::records::Header { repeat: vec!["other".to_owned()], ..new.header.clone() });
    let comparison = Comparison::new(&old, &new, &[]).expect("comparable");
    assert_eq!(new.repeat_command(&new.trials[0]).join(" "), "other e::c --runtime g");
    assert_eq!(comparison.repeat_command(&new.trials[0]).join(" "), "other e::c --runtime g");
    assert_eq!((new.run_of("r").repeat.len(), new.run_of("x").repeat.len()), (1, 2));
}
