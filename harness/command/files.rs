//! The files that commands read and write: suites, results and reports. A report is written as a whole or not at all.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use tempfile::NamedTempFile;
use terminal_size::Width;

use super::cli::Cases;
use super::stop::Stop;
use crate::coverage::catalogue::{self, Catalogue};
use crate::input;
use crate::process::system::let_others_read;
use crate::report::shown::Shown;
use crate::report::site::History;
use crate::report::text::{json, log};
use crate::results::Results;
use crate::results::merge::{merge, missing_shards};
use crate::run::plan::Selection;
use crate::suite::Suite;

/// Prints a text for a reader, which acts on no terminal and in no log. Leaves out colours if standard output is not a
/// terminal or the user does not want them.
pub(super) fn print(text: &str) -> Result<()> {
    print_exactly(&log(text))
}

/// Prints JSON.
pub(super) fn print_json(text: &str) -> Result<()> {
    print_exactly(&json(text.to_owned()))
}

/// Prints a line on standard error, which acts on no terminal and in no log.
pub fn say(line: &str) {
    eprintln!("{}", log(line));
}

/// Prints what another program reads, or what is safe already.
pub(super) fn print_exactly(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // The reader, such as `head`, has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

/// Returns the width of the text on standard output, in characters: that of the terminal, or what `COLUMNS` says.
pub(super) fn width() -> usize {
    let told = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(Width(columns), _)| columns.into());
    told.or_else(terminal).unwrap_or(WIDTH)
}

/// The width of an output that is no terminal, such as the log of a continuous integration.
const WIDTH: usize = 120;

/// Reads the suite that the arguments name.
pub(super) fn load_suite(args: &Cases) -> Result<Suite, Stop> {
    match &args.cases {
        None => Ok(Suite::embedded()),
        Some(folder) => Suite::from_folder(folder).map_err(|error| unreadable(folder, error)),
    }
}

/// Reads the part of the suite that a selection needs: the suite that the binary carries has no faults in the rest. A pattern
/// that matches nothing needs all, for the hint.
pub(super) fn load_selected(args: &Cases, selection: &Selection) -> Result<Suite, Stop> {
    if args.cases.is_some() {
        return load_suite(args);
    }
    let part = Suite::embedded_for(&selection.patterns);
    Ok(if selection.unmatched(&part).is_empty() { part } else { Suite::embedded() })
}

/// Shows every fault of a suite on standard error, and tells whether there is one.
pub(super) fn has_faults(suite: &Suite) -> bool {
    for fault in &suite.faults {
        say(&fault.to_string());
    }
    !suite.faults.is_empty()
}

/// Reads a text file.
pub(super) fn read(path: &Path) -> Result<String, Stop> {
    input::read_to_string(path, input::TEXT).map_err(|error| unreadable(path, error))
}

/// Returns the error of an input that cannot be read.
pub(super) fn unreadable(path: &Path, error: impl std::fmt::Display) -> Stop {
    Stop::usage(format!("cannot read {}: {error}", path.display()))
}

/// Reads a results file. Says on standard error when it is incomplete.
pub(super) fn results(path: &Path) -> Result<Results> {
    let results = Results::load(path).map_err(|error| unreadable(path, error))?;
    if results.footer.is_none() {
        say(&format!("{}: incomplete: the run was cut short before its end", path.display()));
    }
    Ok(results)
}

/// Returns results as texts show them.
pub(super) fn shown(results: Results) -> Result<Shown> {
    Shown::of(results).context("cannot show the results")
}

/// Reads results files, and merges them. Says on standard error which shards are missing.
pub(super) fn joined(paths: &[PathBuf], newest: bool) -> Result<Results> {
    let results = merged(paths, newest)?;
    for shard in missing_shards(&results) {
        say(&format!("warning: missing: {shard}"));
    }
    Ok(results)
}

/// Reads results files, and merges them.
pub(super) fn merged(paths: &[PathBuf], newest: bool) -> Result<Results> {
    let named = |path: &PathBuf| Ok((path.display().to_string(), results(path)?));
    let mut all = paths.iter().map(named).collect::<Result<Vec<_>>>()?;
    match all.len() {
        1 => Ok(all.remove(0).1),
        _ => Ok(merge(all, newest).map_err(|error| Stop::usage(error.to_string()))?),
    }
}

/// Reads the catalogue that the program carries.
pub(super) fn catalogue() -> Result<Catalogue> {
    Catalogue::parse(catalogue::EMBEDDED).map_err(|fault| anyhow!("cannot read the catalogue: {}", fault.message))
}

/// Reads the results files of a folder one after the other, because a year of them does not fit into memory. Ignores
/// hidden files.
pub(super) fn history(folder: &Path) -> Result<History> {
    let entries = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>();
    let mut paths = entries().map_err(|error| unreadable(folder, error))?;
    paths.retain(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')));
    paths.sort();
    paths.iter().try_fold(History::default(), |history, path| Ok(history.and(&results(path)?)))
}

/// Returns a text that acts on no terminal and in no log, without colours if it goes to a file.
pub(super) fn for_reader(text: &str, output: Option<&Path>) -> String {
    let text = log(text);
    if output.is_some() { anstream::adapter::strip_str(&text).to_string() } else { text }
}

/// Where a text goes. It is opened before the text is made, so that a path that cannot be written is reported at once.
pub(super) enum Output {
    /// Standard output.
    Standard,
    /// An output that is not a regular file, such as a pipe.
    Stream(File),
    /// A regular file. It gets its name when it is complete.
    File(NamedTempFile, PathBuf),
}

impl Output {
    /// Opens an output: the path, or standard output without one.
    pub(super) fn open(path: Option<&Path>) -> Result<Output, Stop> {
        let Some(path) = path else { return Ok(Output::Standard) };
        let open = || match fs::metadata(path) {
            Ok(found) if !found.is_file() => OpenOptions::new().write(true).open(path).map(Output::Stream),
            Ok(_) => new_file(&path.canonicalize()?),
            Err(_) => new_file(path),
        };
        open().map_err(|error| unwritable(path, &error))
    }

    /// Writes in pieces, and completes the output.
    pub(super) fn write_with(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        let into = |file: &mut dyn Write| {
            let mut file = BufWriter::new(file);
            write(&mut file)?;
            file.flush()
        };
        match self {
            Output::Standard => into(&mut io::stdout().lock()).context("cannot write to standard output"),
            Output::Stream(mut file) => into(&mut file).context("cannot write the output"),
            Output::File(mut file, path) => {
                into(&mut file).with_context(|| format!("cannot write {}", path.display()))?;
                file.persist(&path).with_context(|| format!("cannot write {}", path.display()))?;
                Ok(())
            }
        }
    }

    /// Writes a text, and completes the output.
    pub(super) fn write(self, text: &[u8]) -> Result<()> {
        match self {
            Output::Standard => print_exactly(&String::from_utf8_lossy(text)),
            Output::Stream(mut file) => file.write_all(text).context("cannot write the output"),
            Output::File(mut file, path) => {
                file.write_all(text).with_context(|| format!("cannot write {}", path.display()))?;
                file.persist(&path).with_context(|| format!("cannot write {}", path.display()))?;
                Ok(())
            }
        }
    }
}

fn new_file(path: &Path) -> io::Result<Output> {
    Ok(Output::File(temporary(parent(path))?, path.to_owned()))
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Creates a temporary file that others may read, if the user's mask lets them.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".audit578-");
    let_others_read(&mut builder);
    builder.tempfile_in(folder)
}

/// Returns the error of an output that cannot be written, without the name of the temporary file that was tried.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Stop {
    let error = error.to_string();
    Stop::usage(format!("cannot write {}: {}", path.display(), error.split(" at path ").next().unwrap_or_default()))
}

/// A folder of files.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Checks that a folder can be made and written to. Makes nothing yet.
    pub(super) fn open(path: &Path) -> Result<Folder, Stop> {
        let there = path.ancestors().find(|path| path.exists());
        let there = there.filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
        temporary(there).map_err(|error| unwritable(path, &error))?;
        Ok(Folder(path.to_owned()))
    }

    /// Writes files, each under its name: a path from the folder.
    pub(super) fn write<'a>(&self, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<()> {
        for (name, content) in files {
            let path = self.0.join(name);
            fs::create_dir_all(parent(&path)).with_context(|| format!("cannot make {}", parent(&path).display()))?;
            Output::File(temporary(parent(&path))?, path).write(content)?;
        }
        Ok(())
    }
}
