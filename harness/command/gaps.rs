//! The gaps files of runtimes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::unreadable;
use super::stop::Stop;
use crate::input;
use crate::runtime::Runtime;
use crate::suite::{CaseError, Fault, GapLine, GapsFile, OwnGaps, Suite, did_you_mean};

/// Reads a gaps file. The error has all its faults.
pub(super) fn read(path: &Path) -> Result<GapsFile, Stop> {
    let bytes = input::read(path, input::TEXT).map_err(|error| unreadable(path, error))?;
    GapsFile::parse(&bytes).map_err(|list| faults(path, list))
}

/// Returns the error of a gaps file with faults.
pub(super) fn faults(path: &Path, list: Vec<Fault>) -> Stop {
    let list = list.into_iter().map(|fault| CaseError { file: path.to_owned(), fault }.to_string());
    Stop::usage(format!("the gaps file is not right\n{}", list.collect::<Vec<_>>().join("\n")))
}

/// Gives each runtime its gaps file: the one that the option names, or that of the configuration.
pub(super) fn attach(
    runtimes: &mut [Runtime],
    option: Option<&Path>,
    suite: &str,
    new_fails: bool,
) -> Result<(), Stop> {
    let mut files = BTreeMap::<PathBuf, Arc<OwnGaps>>::new();
    let implementations: BTreeSet<String> =
        runtimes.iter().map(|runtime| runtime.identity.implementation.clone()).collect();
    if option.is_some() && implementations.len() > 1 {
        let names = implementations.into_iter().collect::<Vec<_>>().join(", ");
        let hint = "choose runtimes of one with --runtime or --python";
        return Err(Stop::usage(format!("--gaps is for one implementation, and these are selected: {names}; {hint}")));
    }
    for runtime in runtimes {
        let Some(path) = option.or(runtime.launch.gaps.as_deref()) else { continue };
        if !files.contains_key(path) {
            let own = OwnGaps::new(path.display().to_string(), read(path)?, suite, new_fails);
            files.insert(path.to_owned(), Arc::new(own));
        }
        runtime.own_gaps = files.get(path).cloned();
    }
    Ok(())
}

/// Returns a message for each line of a gaps file that matches no case of the suite.
pub(super) fn unmatched(runtimes: &[Runtime], suite: &Suite) -> BTreeSet<String> {
    let ids: Vec<String> = suite.cases().map(|(source, case)| source.file.id(case)).collect();
    let files = runtimes.iter().filter_map(|runtime| runtime.own_gaps.as_ref());
    let lines = files.flat_map(|own| own.file.gaps.iter().map(move |gap| (own, gap)));
    let unmatched = lines.filter(|(_, gap)| !ids.iter().any(|id| gap.pattern.matches(id)));
    let message = |(own, gap): (&Arc<OwnGaps>, &GapLine)| {
        let pattern = gap.pattern.as_str();
        let near = did_you_mean(pattern, &ids);
        let hint = "remove the line, or let `audit578 bless --purge` do it";
        format!("{}: `{pattern}` matches no case of the suite{near}; {hint}", own.place(gap))
    };
    unmatched.map(message).collect()
}
