//! Probing: asks interpreters what they are, several at a time.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::workers::in_parallel;
use crate::agent::{Agent, NoAnswer};
use crate::input;
use crate::runtime::{Absent, Found, Launch, Origin, Runtime, Variant, make_unique};
use crate::suite::{Need, hex};

/// Probes interpreters, `jobs` of them at a time. Returns those that answered, in the order of reports, and those that did
/// not.
pub fn probe(launches: &[Launch], needs: &[Need], agent: &Agent, jobs: usize) -> (Vec<Runtime>, Vec<Absent>) {
    probe_with(launches, needs, jobs, &|launch, needs| agent.probe(launch, needs))
}

/// A way to ask one interpreter what it is, and which needs it meets.
pub type Ask<'a> = dyn Fn(&Launch, &[Need]) -> Result<Found, NoAnswer> + Sync + 'a;

/// Probes interpreters in some way.
pub fn probe_with(launches: &[Launch], needs: &[Need], jobs: usize, ask: &Ask) -> (Vec<Runtime>, Vec<Absent>) {
    let needs = with_fork(needs);
    ask_with(launches, jobs, |launch| {
        let runtime = of_package(Runtime::new(launch.clone(), ask(launch, &needs)?))?;
        sign(&runtime);
        Ok(runtime)
    })
}

/// Asks interpreters what they are. [`examine`] asks each of them for its needs, when it is time.
pub fn identify(launches: &[Launch], agent: &Agent, jobs: usize) -> (Vec<Runtime>, Vec<Absent>) {
    ask_with(launches, jobs, |launch| {
        let runtime = of_package(Runtime::new(launch.clone(), agent.identify(launch)?))?;
        Ok(Runtime { features: OnceLock::new(), ..runtime })
    })
}

/// Asks a runtime which needs it meets, unless it was asked before. Tells whether it answered. Whoever comes meanwhile waits.
pub fn examine(runtime: &Runtime, needs: &[Need], agent: &Agent) -> bool {
    let ask = || agent.probe(&runtime.launch, &with_fork(needs));
    let answer = runtime.features.get_or_init(|| {
        sign(runtime);
        let found = ask().or_else(|reason| if reason.is_late { ask() } else { Err(reason) });
        found.map(|found| found.features).map_err(|NoAnswer { reason, .. }| reason)
    });
    answer.is_ok()
}

/// Adds the need on which the isolation depends.
fn with_fork(needs: &[Need]) -> Vec<Need> {
    [needs, &[Need::fork()]].concat()
}

/// Asks with a function for one interpreter. Those that are late, perhaps because the machine is busy, are asked once more,
/// each of them alone.
fn ask_with(
    launches: &[Launch],
    jobs: usize,
    ask: impl Fn(&Launch) -> Result<Runtime, NoAnswer> + Sync,
) -> (Vec<Runtime>, Vec<Absent>) {
    let (mut runtimes, mut absent, mut late) = (Vec::new(), Vec::new(), Vec::new());
    let work = |launch: &Launch, say: &dyn Fn(_)| say((launch.clone(), ask(launch)));
    in_parallel(launches, jobs, work, |(launch, found)| match found {
        Ok(runtime) => runtimes.push(runtime),
        Err(reason) if reason.is_late => late.push(launch),
        Err(NoAnswer { reason, .. }) => absent.push(Absent { launch, reason }),
    });
    for launch in late {
        match ask(&launch) {
            Ok(runtime) => runtimes.push(runtime),
            Err(NoAnswer { reason, .. }) => absent.push(Absent { launch, reason }),
        }
    }
    runtimes.sort_by_cached_key(|runtime: &Runtime| {
        let launch = (&runtime.launch.name, &runtime.launch.command);
        (runtime.identity.place(), runtime.probe.flags.clone(), format!("{launch:?}"))
    });
    absent.sort_by_cached_key(|absent: &Absent| absent.launch.label());
    make_unique(&mut runtimes);
    (runtimes, absent)
}

/// Gives a name to the interpreters without one. An interpreter that does not answer stays without a name.
pub fn name(launches: Vec<Launch>, agent: &Agent, jobs: usize) -> Vec<Launch> {
    let (mut named, unnamed): (Vec<_>, Vec<_>) = launches.into_iter().partition(|launch| launch.name.is_some());
    let ask = |launch: &Launch| Ok(Runtime::new(launch.clone(), agent.identify(launch)?));
    let (runtimes, absent) = ask_with(&unnamed, jobs, ask);
    let name = |runtime: Runtime| {
        let alias = runtime.probe.alias();
        Launch { name: Some(runtime.identity.name), alias, ..runtime.launch }
    };
    named.extend(runtimes.into_iter().map(name).chain(absent.into_iter().map(|absent| absent.launch)));
    named
}

/// Returns how to start the interpreters in each of these variants that they can have. An interpreter that does not
/// answer stays as it is.
pub fn vary(launches: &[Launch], variants: &[Variant], agent: &Agent, jobs: usize) -> Vec<Launch> {
    let needs: Vec<Need> = variants.iter().flat_map(|variant| variant.needs.clone()).collect();
    let (runtimes, absent) = probe(launches, &needs, agent, jobs);
    let of =
        |runtime| variants.iter().filter(move |variant| variant.suits(runtime)).map(move |variant| variant.of(runtime));
    runtimes.iter().flat_map(of).chain(absent.into_iter().map(|absent| absent.launch)).collect()
}

/// Adds the package of an interpreter that a recipe set up. The command is then only a launcher.
fn of_package(runtime: Runtime) -> Result<Runtime, String> {
    let (executable, package) = interpreter(&runtime.launch)?;
    Ok(Runtime { executable, package, ..runtime })
}

/// Adds the hash of the interpreter, if we can read it.
fn sign(runtime: &Runtime) {
    if let Some(hash) = digest(&runtime.executable) {
        runtime.sha256.get_or_init(|| hash);
    }
}

/// Returns the file that is the interpreter, and its package if a recipe set it up.
///
/// # Errors
/// When the file is not right that the recipe left, with the reason.
pub fn interpreter(launch: &Launch) -> Result<(PathBuf, Option<String>), String> {
    let executable = Path::new(&launch.command[0]);
    let origin = executable.parent().map_or(Ok(None), Origin::read)?;
    Ok(match origin {
        Some(Origin { interpreter, package }) => (interpreter, Some(package)),
        None => (executable.to_owned(), None),
    })
}

/// Returns the SHA-256 of a file, if we can read it.
fn digest(path: &Path) -> Option<String> {
    let mut hasher = Sha256::new();
    std::io::copy(&mut input::open(path).ok()?, &mut hasher).ok()?;
    Some(hex(&hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::run::fixtures::runtime;

    #[test]
    fn an_interpreter_that_is_late_is_asked_once_more_alone() {
        let launches = ["late", "good", "bad", "very-late"].map(|name| Launch::python(Path::new(name)));
        let asked = Mutex::new(Vec::new());
        let ask = |launch: &Launch| {
            let name = launch.label();
            let mut asked = asked.lock().expect("no panic");
            let is_first = !asked.contains(&name);
            asked.push(name.clone());
            match name.as_str() {
                "bad" => Err(NoAnswer { reason: "no Python".to_owned(), is_late: false }),
                "late" if is_first => Err(NoAnswer { reason: "late".to_owned(), is_late: true }),
                "very-late" => Err(NoAnswer { reason: "late".to_owned(), is_late: true }),
                name => Ok(runtime(name, "3.13.0", "linux", &[])),
            }
        };
        let (runtimes, absent) = ask_with(&launches, 1, ask);
        assert_eq!(*asked.lock().expect("no panic"), ["late", "good", "bad", "very-late", "late", "very-late"]);
        assert_eq!(runtimes.len(), 2);
        let reasons: Vec<_> = absent.iter().map(|absent| (absent.launch.label(), absent.reason.as_str())).collect();
        assert_eq!(reasons, [("bad".to_owned(), "no Python"), ("very-late".to_owned(), "late")]);
    }
}
