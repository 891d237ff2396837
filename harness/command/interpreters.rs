//! The choice of interpreters by the arguments of a command.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::cli::Interpreters;
use super::files::{read, say};
use super::stop::Stop;
use crate::agent::Agent;
use crate::results::RuntimeRecord;
use crate::run::{self, Ask};
use crate::runtime::discover::{self, Config};
use crate::runtime::places;
use crate::runtime::{Absent, Launch, Runtime, make_unique};
use crate::suite::{Glob, Need, did_you_mean};

/// The error when no interpreter is found: the places that were searched, and what helps.
const NO_PYTHON: &str = "\
no Python interpreter was found. The search looked for `python3`, `python3.N`, `pypy3` and `graalpy` (`python.exe` on
Windows) in the folders of PATH, for versions of pyenv, installations of uv and environments of conda. Install Python 3.8
or later (for example with `apt-get install python3`, `pyenv install 3.13` or `uv python install`), or name one:
`audit578 run --python PATH`";

/// The interpreters of a run.
pub(super) struct Found {
    pub(super) runtimes: Vec<Runtime>,
    absent: Vec<Absent>,
}

impl Found {
    pub(super) fn rows(&self) -> Vec<RuntimeRecord> {
        let runtimes = self.runtimes.iter().filter(|runtime| !runtime.is_silent()).map(RuntimeRecord::from);
        runtimes.chain(self.all_absent().iter().map(RuntimeRecord::from)).collect()
    }

    pub(super) fn lacks_required(&self) -> bool {
        self.all_absent().iter().any(|absent| !absent.launch.optional)
    }

    /// Tells whether all runtimes were asked for their needs.
    pub(super) fn is_known(&self) -> bool {
        self.runtimes.iter().all(|runtime| runtime.features.get().is_some())
    }

    /// Tells whether an interpreter can be tested.
    pub(super) fn has_tested(&self) -> bool {
        self.runtimes.iter().any(|runtime| runtime.probe.audit && !runtime.is_silent())
    }

    /// Returns the interpreters that could not be started, and those that did not answer when they were asked for their needs.
    fn all_absent(&self) -> Vec<Absent> {
        let silent = |runtime: &Runtime| match runtime.features.get() {
            Some(Err(reason)) => Some(Absent { launch: runtime.launch.clone(), reason: reason.clone() }),
            _ => None,
        };
        let mut absent = self.absent.clone();
        absent.extend(self.runtimes.iter().filter_map(silent));
        absent.sort_by_cached_key(|absent| absent.launch.label());
        absent
    }
}

/// Finds and probes the interpreters that the arguments select. Returns at least one.
pub(super) fn find(args: &Interpreters, needs: &[Need], agent: &Agent) -> Result<Found> {
    find_with(args, needs, agent, &|launch, needs| agent.probe(launch, needs))
}

/// Does the same with another way to probe those that are selected.
pub(super) fn find_with(args: &Interpreters, needs: &[Need], agent: &Agent, ask: &Ask) -> Result<Found> {
    let launches = selected(args, agent)?;
    found(run::probe_with(&launches, needs, jobs(args), ask), args)
}

/// Does the same for a run that asks its interpreters for their needs while it goes on, if there are several.
pub(super) fn find_first(args: &Interpreters, needs: &[Need], agent: &Agent) -> Result<Found> {
    let launches = selected(args, agent)?;
    let answers = match launches.len() {
        1 => run::probe(&launches, needs, agent, 1),
        _ => run::identify(&launches, agent, jobs(args)),
    };
    found(answers, args)
}

fn found((runtimes, absent): (Vec<Runtime>, Vec<Absent>), args: &Interpreters) -> Result<Found> {
    if runtimes.is_empty() && absent.is_empty() {
        return Err(Stop::nothing(format!("no runtime matches; see {}", list(args))).into());
    }
    Ok(Found { runtimes, absent })
}

/// Returns the command that lists the interpreters.
fn list(args: &Interpreters) -> &'static str {
    if args.variants.is_empty() { "`audit578 runtimes`" } else { "`audit578 runtimes --variant all`" }
}

/// Returns how to start the interpreters that the arguments select.
fn selected(args: &Interpreters, agent: &Agent) -> Result<Vec<Launch>> {
    let mut launches = launches(args)?;
    for launch in &mut launches {
        set(launch, args);
    }
    if launches.is_empty() {
        return Err(Stop::harness(NO_PYTHON).into());
    }
    if !args.variants.is_empty() {
        let variants = configuration(args)?.variants(&args.variants).map_err(Stop::usage)?;
        let (meant, others): (Vec<_>, _) = launches.into_iter().partition(|launch| may_be_called(launch, &args.names));
        launches = run::vary(&meant, &variants, agent, jobs(args)).into_iter().chain(others).collect();
    }
    if !args.names.is_empty() {
        launches = named(launches, &args.names, agent, jobs(args));
        let unmatched = unmatched(&launches, &args.names);
        launches.retain(|launch| is_called(launch, &args.names));
        match unmatched.first() {
            Some(why) if launches.is_empty() => return Err(Stop::nothing(format!("{why}; see {}", list(args))).into()),
            _ => unmatched.iter().for_each(|why| say(&format!("warning: {why}"))),
        }
    }
    Ok(launches)
}

/// Sets how an interpreter is started, as the arguments say.
fn set(launch: &mut Launch, args: &Interpreters) {
    launch.isolation = args.isolation.or(launch.isolation);
    launch.is_contained &= !args.uncontained;
}

/// Returns a message for each glob that matches no launch.
fn unmatched(launches: &[Launch], wanted: &[Glob]) -> Vec<String> {
    let names: Vec<String> = launches.iter().flat_map(Launch::names).collect();
    let unmatched = wanted.iter().filter(|glob| !names.iter().any(|name| glob.matches(name)));
    let message = |glob: &Glob| {
        let glob = glob.as_str();
        format!("no runtime matches `{glob}`{}", did_you_mean(glob, &names))
    };
    unmatched.map(message).collect()
}

/// Tells whether a launch has a name that is wanted.
fn is_called(launch: &Launch, wanted: &[Glob]) -> bool {
    launch.names().iter().any(|name| wanted.iter().any(|glob| glob.matches(name)))
}

/// Gives names to launches. An interpreter without a name is started to learn it, unless all names that are wanted are
/// those of configured launches or of recipes. An interpreter of a recipe for another implementation is not started.
fn named(launches: Vec<Launch>, wanted: &[Glob], agent: &Agent, jobs: usize) -> Vec<Launch> {
    let is_name = |glob: &Glob, name: &Option<String>| name.as_deref() == Some(glob.as_str());
    let is_configured = |glob: &Glob, launch: &Launch| is_name(glob, &launch.name) || is_name(glob, &launch.recipe);
    let configured = |glob: &Glob| launches.iter().any(|launch| is_configured(glob, launch));
    if wanted.iter().all(configured) {
        return launches;
    }
    let (meant, others): (Vec<_>, _) = launches.into_iter().partition(|launch| may_be_called(launch, wanted));
    run::name(meant, agent, jobs).into_iter().chain(others).collect()
}

/// Tells whether a launch may have a name that is wanted, once it has one. All may if no names are.
fn may_be_called(launch: &Launch, wanted: &[Glob]) -> bool {
    wanted.is_empty() || launch.recipe.iter().all(|recipe| wanted.iter().any(|glob| may_match(glob, recipe)))
}

/// Tells whether a glob may match the name of an interpreter that a recipe installs: `cpython-3.14.2` may be that of
/// `cpython-3.14`, and not that of `graalpy-3.12`.
fn may_match(glob: &Glob, recipe: &str) -> bool {
    let implementation = recipe.split_inclusive('-').next().unwrap_or(recipe);
    let literal = glob.as_str().split(['*', '?', '[']).next().unwrap_or_default();
    literal.starts_with(implementation) || implementation.starts_with(literal)
}

/// Finds and probes two interpreters by their names or paths.
pub(super) fn pair(args: &Interpreters, names: &[String], needs: &[Need], agent: &Agent) -> Result<[Runtime; 2]> {
    let path = |name: &String| (Path::new(name).components().count() > 1).then(|| places::which(name));
    let paths = names.iter().filter_map(path).map(|path| Launch::python(&path));
    let is_name = |name: &&String| path(name).is_none();
    let glob = |name: &String| Glob::try_from(glob::Pattern::escape(name));
    let wanted: Vec<Glob> = names.iter().filter(is_name).map(glob).collect::<Result<_, _>>().map_err(Stop::usage)?;
    let found = if wanted.is_empty() { Vec::new() } else { named(launches(args)?, &wanted, agent, jobs(args)) };
    let known: Vec<String> = found.iter().flat_map(Launch::names).collect();
    let mut candidates: Vec<Launch> = paths.chain(found.into_iter().filter(|one| is_called(one, &wanted))).collect();
    for launch in &mut candidates {
        set(launch, args);
    }
    let (runtimes, absent) = run::probe(&candidates, needs, agent, jobs(args));
    let choose = |name: &String| {
        let is_meant = |launch: &Launch, names: &[String]| match path(name) {
            Some(path) => Path::new(&launch.command[0]) == path,
            None => names.contains(name),
        };
        let found = runtimes.iter().find(|runtime| is_meant(&runtime.launch, &runtime.names()));
        let reason = absent.iter().find(|absent| is_meant(&absent.launch, &absent.launch.names()));
        match (found, reason) {
            (Some(runtime), _) if runtime.probe.audit => Ok(runtime.clone()),
            (Some(_), _) => Err(Stop::harness(format!("{name} has no audit hooks"))),
            (None, Some(absent)) => Err(Stop::harness(format!("{name}: {}", absent.reason))),
            (None, None) => {
                let near = did_you_mean(name, &known);
                Err(Stop::usage(format!("unknown runtime `{name}`{near}; see `audit578 runtimes`")))
            }
        }
    };
    let mut pair = [choose(&names[0])?, choose(&names[1])?];
    make_unique(&mut pair);
    Ok(pair)
}

fn launches(args: &Interpreters) -> Result<Vec<Launch>> {
    if !args.paths.is_empty() {
        let paths = args.paths.iter().map(|path| named_interpreter(path)).collect::<Result<Vec<_>, _>>()?;
        let python = |path: &PathBuf| Launch { optional: false, ..Launch::python(path) };
        return Ok(places::distinct(paths.into_iter()).iter().map(python).collect());
    }
    Ok(configuration(args)?.launches())
}

/// Reads the configuration that the arguments name, or else that of the working directory or of the program.
fn configuration(args: &Interpreters) -> Result<Config> {
    let here = Path::new("runtimes.toml");
    let path = args.runtimes.as_deref().or_else(|| here.is_file().then_some(here));
    let text = match path {
        Some(path) => read(path)?,
        None => discover::DEFAULT.to_owned(),
    };
    let name = path.unwrap_or(here).display();
    Ok(Config::parse(&text).map_err(|error| Stop::usage(format!("{name}: {error}")))?)
}

/// Returns the path of the interpreter that `--python` means: a command, or the folder of an environment.
fn named_interpreter(path: &Path) -> Result<PathBuf, Stop> {
    let path = places::which(&path.to_string_lossy());
    if !path.is_dir() {
        return Ok(path);
    }
    let missing = || format!("{}: the folder has none of bin/python3, bin/python and python", path.display());
    let path = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
    places::in_environment(&path).ok_or_else(|| Stop::usage(missing()))
}

/// Returns how many interpreters run at a time.
pub(super) fn jobs(args: &Interpreters) -> usize {
    args.jobs.map_or_else(run::usual_jobs, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interpreter_of_another_implementation_is_not_started_to_learn_its_name() {
        for (glob, recipe, may) in [
            ("cpython-3.14.2", "cpython-3.14", true),
            ("cpython-3.14.2", "cpython-3.15-debug", true),
            ("cpython-3.14.2", "graalpy-3.12", false),
            ("pypy*", "pypy-3.11", true),
            ("pypy*", "pyodide-3.14", false),
            ("*", "jython", true),
            ("?ython", "jython", true),
            ("py", "pypy-3.11", true),
        ] {
            let glob = Glob::try_from(glob.to_owned()).expect("a glob");
            assert_eq!(may_match(&glob, recipe), may, "{} {recipe}", glob.as_str());
        }
    }
}
