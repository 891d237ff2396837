//! Probing: asks interpreters what they are, several at a time.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::workers::in_parallel;
use crate::agent::Agent;
use crate::runtime::{Absent, Launch, Origin, Runtime, Variant, make_unique};
use crate::suite::{Identity, Need, hex};

/// Probes interpreters, `jobs` of them at a time. Returns those that answered, sorted by implementation and version,
/// and those that did not.
pub fn probe(launches: &[Launch], needs: &[Need], agent: &Agent, jobs: usize) -> (Vec<Runtime>, Vec<Absent>) {
    ask(launches, &[needs, &[Need::fork()]].concat(), agent, jobs)
}

fn ask(launches: &[Launch], needs: &[Need], agent: &Agent, jobs: usize) -> (Vec<Runtime>, Vec<Absent>) {
    let (mut runtimes, mut absent) = (Vec::new(), Vec::new());
    let work = |launch: &Launch, say: &dyn Fn(_)| {
        let found = agent.probe(launch, needs).and_then(|found| identify(Runtime::new(launch.clone(), found)));
        say(found.map_err(|reason| Absent { launch: launch.clone(), reason }));
    };
    in_parallel(launches, jobs, work, |found| match found {
        Ok(runtime) => runtimes.push(runtime),
        Err(reason) => absent.push(reason),
    });
    runtimes.sort_by_cached_key(|runtime: &Runtime| {
        let Identity { implementation, version, language, platform, .. } = runtime.identity.clone();
        let launch = (&runtime.launch.name, &runtime.launch.command);
        // The builds of an implementation stand together. Those for this platform come first.
        (implementation, !is_of_this_host(&platform), platform, version, language, format!("{launch:?}"))
    });
    absent.sort_by_cached_key(|absent: &Absent| absent.launch.label());
    make_unique(&mut runtimes);
    (runtimes, absent)
}

/// Gives a name to the interpreters without one. Probing for the name alone takes a tenth of the time of a whole probe.
/// An interpreter that does not answer stays without a name.
pub fn name(launches: Vec<Launch>, agent: &Agent, jobs: usize) -> Vec<Launch> {
    let (mut named, unnamed): (Vec<_>, Vec<_>) = launches.into_iter().partition(|launch| launch.name.is_some());
    let (runtimes, absent) = ask(&unnamed, &[], agent, jobs);
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

fn is_of_this_host(sys_platform: &str) -> bool {
    sys_platform
        == match std::env::consts::OS {
            "macos" => "darwin",
            "windows" => "win32",
            other => other,
        }
}

/// Adds the hash of the interpreter, and its package if a recipe set it up. The executable is then only a launcher.
fn identify(runtime: Runtime) -> Result<Runtime, String> {
    let executable = Path::new(&runtime.launch.command[0]);
    let origin = executable.parent().map_or(Ok(None), Origin::read)?;
    let sha256 = digest(origin.as_ref().map_or(executable, |origin| &origin.interpreter));
    Ok(Runtime { sha256, package: origin.map(|origin| origin.package), ..runtime })
}

/// Returns the SHA-256 of a file, if we can read it.
fn digest(path: &Path) -> Option<String> {
    let mut hasher = Sha256::new();
    std::io::copy(&mut std::fs::File::open(path).ok()?, &mut hasher).ok()?;
    Some(hex(&hasher.finalize()))
}
