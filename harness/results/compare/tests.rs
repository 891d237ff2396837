use std::collections::BTreeMap;

use super::change::Change;
use super::comparison::Comparison;
use super::suites::SuiteDifference;
use crate::results::records::Results;

const HEADER: &str = r#"{"record":"header","format":1,"version":"0","suite":"SUITE","host":"h","started":"t","repeat":["audit578","run"]}"#;

/// Results of runtimes, each a name with its trials: `case verdict raised arguments veto`, with `known` or `fixed` for
/// a gap and `=DIGEST` for the definition of the case; a name with `!` is of one that is absent.
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
            let state = rest.iter().find(|word| !word.starts_with('='));
            let gap = state.map(|state| format!(r#","gap":{{"state":"{state}","kind":"bug","reason":"r"}}"#));
            cases.insert(*case, digest);
            trials += &format!(
                r#"{{"record":"trial","event":"e","case":"{case}","module":"m","api":"a","runtime":"{name}","verdict":"{verdict}","raised":"{raised}","arguments":"{arguments}","veto":"{veto}","asserts":"name","seconds":1{}}}"#,
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
fn what_is_worse() {
    use Change::{Better, Other, Unchanged, Worse};
    const PASS: &str = "pass kept kept kept";
    const MISSING: &str = "missing broken unchecked broken";
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
