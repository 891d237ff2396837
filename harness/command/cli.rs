//! The command line: what can be typed. What is done with it is in [`crate::command`].

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::run::plan::Shard;
use crate::runtime::Isolation;
use crate::suite::Glob;

/// The exit codes, which are part of the interface.
pub mod exit {
    /// Every promise that was checked is kept, but for known gaps.
    pub const CONFORMANT: u8 = 0;
    /// There is an unexpected failure, a known gap that is fixed, or something that got worse.
    pub const NOT_CONFORMANT: u8 = 1;
    /// The command line, a case file or a results file is wrong, or an output cannot be written.
    pub const USAGE: u8 = 2;
    /// The harness failed, or a runtime that is required is not there.
    pub const HARNESS: u8 = 3;
    /// No case and no runtime matches what was asked for, or there is nothing to compare.
    pub const NOTHING: u8 = 4;
}

const EXIT_CODES: &str = "\
Exit codes:
  0  conformant: every promise that was checked is kept, but for known gaps
  1  not conformant: an unexpected failure, or a known gap that is fixed; with --baseline, something got worse
  2  usage or case error
  3  harness or runtime error, or interrupted
  4  nothing selected";

const INSTALL_CODES: &str = "\
They are set up in $AUDIT578_CACHE, or audit578 in $XDG_CACHE_HOME or ~/.cache, with the package clients of the system: pip,
npm, apt-get and cargo. To remove one, remove its folder there.

Exit codes:
  0  they are set up, and answer
  2  usage error
  3  one could not be set up, or interrupted";

const COMPARE_CODES: &str = "\
A trial is worse if it passed and does not any more, if a promise is broken that was kept, if a failure is no known gap
any more, or if it fails harder (error, timeout, crash). Cases that the suites do not define alike are never worse.

Exit codes:
  0  nothing got worse
  1  something got worse
  2  usage error, or a file that cannot be read
  4  nothing to compare";

const COVERAGE_CODES: &str = "\
Exit codes:
  0  measured, and as much is covered as --require says
  1  less is covered
  2  usage or case error, or FILE has no table of audit events";

/// The conformance suite for Python's audit events (PEP 578).
///
/// Without a command: run the whole suite on every interpreter found.
#[derive(Debug, Parser)]
#[command(name = "audit578", version, after_help = EXIT_CODES)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run cases on interpreters and show the matrix.
    #[command(after_help = EXIT_CODES)]
    Run(Run),
    /// List the cases.
    List(List),
    /// List the interpreters.
    Runtimes(Runtimes),
    /// Set interpreters up that are not installed in the usual way.
    #[command(after_help = INSTALL_CODES)]
    Install(Install),
    /// Show what is wrong with the case files, without running anything.
    Check(Check),
    /// Show what the suite covers of the audit events there are, and how much its cases check.
    #[command(after_help = COVERAGE_CODES)]
    Coverage(Coverage),
    /// Show what a snippet raises, as YAML for a case's `expect`.
    Record(Record),
    /// Show results in another form.
    Report(Report),
    /// Show what changed from one run to another.
    #[command(after_help = COMPARE_CODES)]
    Compare(Compare),
    /// Join the results of shards and machines.
    Merge(Merge),
    /// Print the JSON Schema of a file format.
    Schema(Schema),
}

/// Which cases.
#[derive(Debug, Default, Args)]
pub struct Cases {
    /// A folder of case files, instead of the suite that the program carries
    #[arg(long, value_name = "DIR")]
    pub cases: Option<PathBuf>,
}

/// Which interpreters.
#[derive(Debug, Default, Args)]
pub struct Interpreters {
    /// Only runtimes whose name matches, such as `cpython-3.1*`
    #[arg(long = "runtime", value_name = "GLOB", value_parser = glob)]
    pub names: Vec<Glob>,
    /// This interpreter, instead of those that are found and configured
    #[arg(long = "python", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// A configuration, instead of ./runtimes.toml or, where there is none, the one that the program carries
    #[arg(long, value_name = "FILE")]
    pub runtimes: Option<PathBuf>,
    /// How many interpreters run at a time [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// How trials are kept apart, for all interpreters [default: fork where the interpreter can]
    #[arg(long, value_enum, value_name = "HOW")]
    pub isolation: Option<Isolation>,
    /// The deadline of one pass, in seconds [default: 10]
    #[arg(long, value_name = "T", value_parser = seconds)]
    pub timeout: Option<Duration>,
}

/// Arguments of `run`.
#[derive(Debug, Default, Args)]
pub struct Run {
    /// Globs over `EVENT::NAME`, or, without `::`, over events [default: all]
    #[arg(value_name = "PATTERN", value_parser = glob)]
    pub patterns: Vec<Glob>,
    /// Compare what snippets raise on two runtimes, A and B (names as `audit578 runtimes` shows them, or paths), without
    /// expectations; a PATTERN that ends with `.py` is a file with a snippet
    #[arg(long, num_args = 2, value_names = ["A", "B"], conflicts_with_all = ["names", "paths", "results"])]
    pub differential: Vec<String>,
    /// Which interpreters.
    #[command(flatten)]
    pub interpreters: Interpreters,
    /// Which suite.
    #[command(flatten)]
    pub cases: Cases,
    /// Write the results to this file, as JSON Lines
    #[arg(long, value_name = "FILE")]
    pub results: Option<PathBuf>,
    /// Show what changed since the run of these results too, and exit with 1 if something got worse
    #[arg(long, value_name = "RESULTS")]
    pub baseline: Option<PathBuf>,
    /// Compare this runtime of the baseline with that one of this run
    #[arg(long = "map", value_name = "OLD=NEW", value_parser = pair, requires = "baseline")]
    pub map: Vec<(String, String)>,
    /// Keep the folders of all passes in DIR, to look at: the job, the report, the output and the working directory
    #[arg(long, value_name = "DIR", conflicts_with = "differential")]
    pub keep: Option<PathBuf>,
    /// Only the K-th of N parts of the cases
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub struct List {
    /// Globs over `EVENT::NAME`, or, without `::`, over events [default: all]
    #[arg(value_name = "PATTERN", value_parser = glob)]
    pub patterns: Vec<Glob>,
    /// Which suite.
    #[command(flatten)]
    pub cases: Cases,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `runtimes`.
#[derive(Debug, Args)]
pub struct Runtimes {
    /// Which interpreters.
    #[command(flatten)]
    pub interpreters: Interpreters,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `install`.
#[derive(Debug, Args)]
pub struct Install {
    /// The names of runtimes, or globs over them, such as `windows-*`
    #[arg(value_name = "RUNTIME", value_parser = glob, required_unless_present = "list")]
    pub names: Vec<Glob>,
    /// Show what can be installed, its size and how long it takes
    #[arg(long)]
    pub list: bool,
    /// Replace what is installed already
    #[arg(long)]
    pub again: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Which suite.
    #[command(flatten)]
    pub cases: Cases,
}

/// Arguments of `coverage`.
#[derive(Debug, Args)]
pub struct Coverage {
    /// Which suite.
    #[command(flatten)]
    pub cases: Cases,
    /// Compare with the audit events table of Python's documentation instead; FILE is HTML, Markdown, or the text that Sphinx
    /// writes
    #[arg(long, value_name = "FILE")]
    pub docs: Option<PathBuf>,
    /// Exit with 1 if less than N percent (0 to 100) of the events, or of the APIs, have cases; with --docs, of the events
    /// of the table
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(..=100))]
    pub require: Option<u8>,
    /// As JSON, in the form that `audit578 schema coverage` describes
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `record`.
#[derive(Debug, Args)]
pub struct Record {
    /// A file with the snippet
    #[arg(value_name = "FILE", required_unless_present = "code")]
    pub file: Option<PathBuf>,
    /// The snippet
    #[arg(short, value_name = "CODE", conflicts_with = "file")]
    pub code: Option<String>,
    /// Code that runs before the recording
    #[arg(long, value_name = "CODE", default_value = "")]
    pub setup: String,
    /// Which interpreters.
    #[command(flatten)]
    pub interpreters: Interpreters,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct Report {
    /// Files that `run --results` wrote, which are joined as `merge` does
    #[arg(value_name = "RESULTS", required = true)]
    pub results: Vec<PathBuf>,
    /// The form
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub format: Format,
    /// Write it to this file, or, for the site and badges, to this folder; a site's is a new one, an empty one, or one with
    /// a site, which is replaced
    #[arg(long, value_name = "PATH", required_if_eq_any([("format", "html"), ("format", "badge")]))]
    pub output: Option<PathBuf>,
    /// For the site: an earlier results file, to show what changed since
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// For the site: a folder with the results files of other runs and nothing else, to show the trend of each runtime
    #[arg(long, value_name = "DIR")]
    pub history: Option<PathBuf>,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The matrix and the failures, as `run` shows them
    Terminal,
    /// The same in short, for a job summary or a README
    Markdown,
    /// A row for each runtime, as Markdown
    Summary,
    /// A row for each trial
    Csv,
    /// One document
    Json,
    /// A site, in the folder that --output names
    Html,
    /// JUnit XML, known gaps as skipped
    Junit,
    /// GitHub annotations of the case files, for what is unexpected
    Github,
    /// For each runtime an SVG image, and JSON for shields.io
    Badge,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// A file that an earlier `run --results` wrote
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// A file that a later one wrote
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// Compare this runtime of OLD with that one of NEW; by default those of one name, or the only one with the only one
    #[arg(long = "map", value_name = "OLD=NEW", value_parser = pair)]
    pub map: Vec<(String, String)>,
    /// The form
    #[arg(long, value_enum, default_value_t = CompareFormat::Terminal)]
    pub format: CompareFormat,
    /// Write it to this file, or, for the site, to this folder
    #[arg(long, value_name = "PATH", required_if_eq("format", "html"))]
    pub output: Option<PathBuf>,
}

/// The forms of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompareFormat {
    /// What differs, the worst first
    Terminal,
    /// The same for a job summary
    Markdown,
    /// One document, in the form that `audit578 schema compare` describes
    Json,
    /// The site of the new results, with the comparison in it
    Html,
}

/// Arguments of `merge`.
#[derive(Debug, Args)]
pub struct Merge {
    /// Files that `run --results` or `merge` wrote
    #[arg(value_name = "RESULTS", required = true)]
    pub results: Vec<PathBuf>,
    /// Write the joined results to this file
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
    /// Where files have different verdicts of one trial, take that of the later run
    #[arg(long)]
    pub newest: bool,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// The format
    #[arg(value_name = "FORMAT", value_enum)]
    pub format: SchemaFormat,
}

/// The formats that have a JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaFormat {
    /// A case file, once it is read as YAML
    Case,
    /// `runtimes.toml`, once it is read as TOML
    Runtimes,
    /// Each line of a file that `run --results` writes
    Results,
    /// The output of `compare --format json`
    Compare,
    /// The output of `coverage --json`
    Coverage,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let names = text.split_once('=').filter(|(old, new)| !old.is_empty() && !new.is_empty());
    names.map(|(old, new)| (old.to_owned(), new.to_owned())).ok_or_else(|| "OLD=NEW is needed".to_owned())
}

fn glob(text: &str) -> Result<Glob, String> {
    Glob::try_from(text.to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().map_err(|error| error.to_string())?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|time| !time.is_zero())
        .ok_or_else(|| "a time in seconds is more than 0".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
