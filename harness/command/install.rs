//! `install`: sets up runtimes.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::ProgressBar;
use serde_json::json;

use super::cli::{self, exit};
use super::files::{print, print_json, say};
use super::interrupt::{STOP, stop_in_order};
use super::stop::Stop;
use crate::agent::Agent;
use crate::runtime::Launch;
use crate::runtime::discover::{self, Config};
use crate::runtime::install::{InstallError, Recipe};
use crate::suite::did_you_mean;

pub(super) fn install(args: &cli::Install) -> Result<u8> {
    let (cache, recipes) = (discover::cache(), Recipe::all());
    if args.listing.list {
        match args.listing.json {
            true => print_json(&list_json(&recipes, &cache)?)?,
            false => print(&list(&recipes, &cache))?,
        }
        return Ok(exit::CONFORMANT);
    }
    let chosen = choose(args, &recipes, &cache)?;
    stop_in_order("interrupted: stopping the installation")?;
    let done = if args.change.remove { "removed" } else { "installed" };
    let mut failed = Vec::new();
    for recipe in chosen {
        if STOP.load(Ordering::Relaxed) {
            break;
        }
        let line = match carry_out(args, recipe, &cache) {
            Ok(line) => line,
            Err(reason) => {
                failed.push(recipe.name.as_str());
                say(&format!("{}: not {done}: {reason}", recipe.name));
                continue;
            }
        };
        print(&format!("{}: {line}\n", recipe.name))?;
    }
    match failed.is_empty() {
        true => Ok(exit::CONFORMANT),
        false => Err(Stop::harness(format!("not {done}: {}", failed.join(", "))).into()),
    }
}

/// Returns the recipes that the arguments name. Only what is installed can be updated or removed.
fn choose<'a>(args: &cli::Install, recipes: &'a [Recipe], cache: &Path) -> Result<Vec<&'a Recipe>, Stop> {
    if let Some(glob) = args.names.iter().find(|glob| !recipes.iter().any(|recipe| glob.matches(&recipe.name))) {
        let name = glob.as_str();
        let near = did_you_mean(name, recipes.iter().map(|recipe| &recipe.name));
        return Err(Stop::usage(format!("unknown runtime `{name}`{near}; see `audit578 install --list`")));
    }
    let is_named = |recipe: &&Recipe| args.names.is_empty() || args.names.iter().any(|glob| glob.matches(&recipe.name));
    let mut chosen: Vec<&Recipe> = recipes.iter().filter(is_named).collect();
    if args.change.update || args.change.remove {
        chosen.retain(|recipe| recipe.is_installed(cache));
    }
    match chosen.is_empty() {
        true => Err(Stop::nothing("none of them is installed; see `audit578 install --list`")),
        false => Ok(chosen),
    }
}

/// Does what the arguments say with one recipe. Returns a line about it, or the reason why it was not done.
fn carry_out(args: &cli::Install, recipe: &Recipe, cache: &Path) -> Result<String, String> {
    if args.change.remove {
        return recipe.remove(cache).map(|()| "removed".to_owned()).map_err(|error| error.to_string());
    }
    match args.change.update {
        true => update(recipe, cache),
        false => set_up(recipe, cache, args.change.again),
    }
}

/// Returns the table of runtimes that can be installed.
fn list(recipes: &[Recipe], cache: &Path) -> String {
    let width = recipes.iter().map(|recipe| recipe.name.len()).max().unwrap_or_default();
    let mut text = format!("{:<width$}  {:>7}  {:>7}  {:<9}  \n", "name", "size", "time", "");
    for recipe in recipes {
        let state = if recipe.is_installed(cache) { "installed" } else { "" };
        let (size, time) = (format!("{} MB", recipe.size), format!("{} s", recipe.time));
        text += &format!("{:<width$}  {size:>7}  {time:>7}  {state:<9}  {}\n", recipe.name, recipe.about);
    }
    text + &format!("The runtimes are set up in {}.\n", cache.display())
}

/// Returns the same list as JSON.
fn list_json(recipes: &[Recipe], cache: &Path) -> Result<String> {
    let rows = recipes.iter().map(|recipe| {
        let Recipe { name, about, needs, size, time, .. } = recipe;
        json!({
            "name": name, "about": about, "needs": needs, "megabytes": size, "seconds": time,
            "installed": recipe.is_installed(cache), "package": recipe.package(cache), "folder": recipe.folder(cache),
        })
    });
    Ok(serde_json::to_string_pretty(&rows.collect::<Vec<_>>())? + "\n")
}

/// Sets one runtime up again, unless it is known to be the newest.
fn update(recipe: &Recipe, cache: &Path) -> Result<String, String> {
    say(&format!("{}: looking for a newer version", recipe.name));
    let newest = recipe.newest(cache, &STOP).map_err(|error| error.to_string())?;
    let reason = match (recipe.package(cache), newest) {
        (Some(old), Some(new)) if old == new => return Ok(format!("up to date: {new}")),
        (Some(old), Some(new)) => format!("{new} replaces {old}"),
        (None, _) => "it is not known which version is installed".to_owned(),
        (_, None) => "it cannot be told whether there is a newer version".to_owned(),
    };
    say(&format!("{}: installing again: {reason}", recipe.name));
    set_up(recipe, cache, true)
}

/// Sets up one runtime, and probes it. Returns a line about it, or the reason why it does not work.
fn set_up(recipe: &Recipe, cache: &Path, again: bool) -> Result<String, String> {
    let start = Instant::now();
    let is_new = again || !recipe.is_installed(cache);
    if is_new {
        with_progress(recipe, cache).map_err(|error| error.to_string())?;
    }
    let state =
        if is_new { format!("installed in {} s", start.elapsed().as_secs()) } else { "installed already".to_owned() };
    let found = Agent::new(None).map_err(|error| error.to_string())?.probe(&launch(recipe, cache), &[]);
    let probe = found.map_err(|error| format!("it was set up but does not answer: {}", error.reason))?.probe;
    let package = recipe.package(cache).map(|package| format!(", {package}")).unwrap_or_default();
    Ok(format!("{state}: {} on {}{package}", probe.name(), probe.platform))
}

/// Returns how the runtime of a recipe is started: as configured, or else like any Python.
fn launch(recipe: &Recipe, cache: &Path) -> Launch {
    let configured = Config::parse(discover::DEFAULT).map(Config::configured).unwrap_or_default();
    let named = configured.into_iter().find(|launch| launch.recipe.as_ref() == Some(&recipe.name));
    named.unwrap_or_else(|| Launch::python(&recipe.folder(cache).join("python")))
}

/// Installs a runtime, and shows each step.
fn with_progress(recipe: &Recipe, cache: &Path) -> Result<(), InstallError> {
    let bar = ProgressBar::new_spinner();
    bar.enable_steady_tick(Duration::from_millis(100));
    let about = format!("{}: about {} s", recipe.name, recipe.time);
    bar.set_message(about.clone());
    if bar.is_hidden() {
        say(&about);
    }
    let result = recipe.install(cache, &STOP, |step| {
        let line = format!("{}: {step}", recipe.name);
        match bar.is_hidden() {
            true => say(&line),
            false => bar.set_message(line),
        }
    });
    bar.finish_and_clear();
    result
}
