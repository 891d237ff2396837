//! The arguments of the command line, and the exit codes. Each command has its own file in this folder.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::after_help;
use crate::run::shard::ShardChoice;
use crate::runtime::Isolation;
use crate::runtime::discover::deadline;
use crate::suite::{Capability, Glob, Versions, did_you_mean};

/// The exit codes, which are part of the interface.
pub mod exit {
    /// Every promise that was checked is kept, except for known gaps.
    pub const CONFORMANT: u8 = 0;
    /// There is what `--fail-on` names: an unexpected failure or a fixed known gap, or something got worse.
    pub const NOT_CONFORMANT: u8 = 1;
    /// The command line, a case file or a results file is wrong, or an output cannot be written.
    pub const USAGE: u8 = 2;
    /// The harness failed, a required runtime is missing, or the user interrupted.
    pub const HARNESS: u8 = 3;
    /// No case or no runtime matches the arguments, or there is nothing to compare.
    pub const NOTHING: u8 = 4;
}

/// The conformance suite for Python's audit events (PEP 578).
///
/// Without a command, it runs the whole suite on every interpreter that it finds.
#[derive(Debug, Parser)]
#[command(name = "audit578", disable_version_flag = true, after_help = after_help::PROGRAM)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Show colours [default: on a terminal, unless `NO_COLOR` is set]
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto, hide_default_value = true,
          hide_possible_values = true)]
    pub color: Color,
    /// Print the version, the hash of the suite and the versions of the file formats
    #[arg(short = 'V', long)]
    pub version: bool,
}

/// The choice of colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless the environment says otherwise (`NO_COLOR`, `CLICOLOR`)
    #[default]
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run cases on interpreters, and show the matrix.
    #[command(after_help = after_help::RUN)]
    Run(Run),
    /// List the cases.
    #[command(after_help = after_help::LIST)]
    List(List),
    /// List the interpreters that are found and configured.
    #[command(after_help = after_help::RUNTIMES)]
    Runtimes(Runtimes),
    /// Set up interpreters that have no usual installer.
    #[command(after_help = after_help::INSTALL)]
    Install(Install),
    /// Check the case files without running them.
    #[command(after_help = after_help::CHECK)]
    Check(Check),
    /// Measure how many audit events the suite covers, and how strictly its cases check them.
    #[command(after_help = after_help::COVERAGE)]
    Coverage(Coverage),
    /// Record the events of a snippet as YAML for the `expect` of a case.
    #[command(after_help = after_help::RECORD)]
    Record(Record),
    /// Show all that the suite knows of an event, a case, a capability, a verdict or a runtime.
    #[command(after_help = after_help::EXPLAIN)]
    Explain(Explain),
    /// Test your own audit hook: which operations does it deny, and which does it let through?
    #[command(after_help = after_help::GUARD)]
    Guard(Guard),
    /// Print a script that repeats a case without the suite, or a bug report with it.
    #[command(after_help = after_help::REPRO)]
    Repro(Repro),
    /// Write the suite as tests that run without audit578.
    #[command(after_help = after_help::EXPORT)]
    Export(Export),
    /// Check which Pythons keep the events that your monitor depends on.
    #[command(after_help = after_help::REQUIRE)]
    Require(Require),
    /// Show results in another format.
    #[command(after_help = after_help::REPORT)]
    Report(Report),
    /// Show what changed between two runs.
    #[command(after_help = after_help::COMPARE)]
    Compare(Compare),
    /// Merge the results of shards and machines into one file.
    #[command(after_help = after_help::MERGE)]
    Merge(Merge),
    /// Write a gaps file from results, or update it or the known gaps of case files.
    #[command(after_help = after_help::BLESS)]
    Bless(Bless),
    /// Print the JSON Schema of a file format.
    #[command(after_help = after_help::SCHEMA)]
    Schema(Schema),
    /// Print the completions for a shell.
    #[command(after_help = after_help::COMPLETIONS)]
    Completions(Completions),
    /// Print the manual page of the program or of a command.
    #[command(after_help = after_help::MAN)]
    Man(Man),
}

/// The choice of a suite.
#[derive(Debug, Default, Args)]
pub struct Cases {
    /// Read the case files of this folder instead of the embedded suite
    #[arg(long, value_name = "DIR")]
    pub cases: Option<PathBuf>,
}

/// The choice of interpreters.
#[derive(Debug, Default, Args)]
pub struct Interpreters {
    /// Use only runtimes whose names match, such as `cpython-3.1*`; `pypy-3.11*` matches by the version of Python
    #[arg(long = "runtime", value_name = "GLOB", value_parser = glob)]
    pub names: Vec<Glob>,
    /// Use this interpreter instead of those that are found and configured; PATH may be the folder of a virtual environment
    #[arg(long = "python", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Start the interpreters in this variant instead of plainly, where they can have it; NAME is that of a variant in
    /// runtimes.toml, such as `dev`, or `all`
    #[arg(long = "variant", value_name = "NAME")]
    pub variants: Vec<String>,
    /// Read this configuration instead of ./runtimes.toml or, if that is missing, the embedded one
    #[arg(long, value_name = "FILE")]
    pub runtimes: Option<PathBuf>,
    /// Run this many interpreters at a time [default: one and a half for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Keep trials apart in this way on all interpreters [default: fork where the interpreter can]
    #[arg(long, value_enum, value_name = "HOW")]
    pub isolation: Option<Isolation>,
    /// End a pass after this many seconds [default: 10]
    #[arg(long, value_name = "T", value_parser = seconds)]
    pub timeout: Option<Duration>,
    /// Run interpreters without namespaces of their own, so that a debugger can reach them
    #[arg(long)]
    pub uncontained: bool,
}

/// Arguments of `run`.
#[derive(Debug, Default, Args)]
pub struct Run {
    /// Select cases by a glob over `EVENT::NAME` or, without `::`, over events [default: all]
    #[arg(value_name = "PATTERN", value_parser = glob)]
    pub patterns: Vec<Glob>,
    /// Compare the events of snippets on two runtimes, without expectations. A and B are paths, or names as in
    /// `audit578 runtimes`. A PATTERN that ends with `.py` is a file with a snippet
    #[arg(long, num_args = 2, value_names = ["A", "B"], conflicts_with_all = ["names", "paths", "variants", "results"])]
    pub differential: Vec<String>,
    /// The interpreters.
    #[command(flatten)]
    pub interpreters: Interpreters,
    /// The suite.
    #[command(flatten)]
    pub cases: Cases,
    /// Write the results to this file, as JSON Lines
    #[arg(long, value_name = "FILE")]
    pub results: Option<PathBuf>,
    /// Show more than failures and numbers
    #[arg(long, value_enum, value_name = "PART,...", value_delimiter = ',', conflicts_with = "differential")]
    pub show: Vec<Part>,
    /// Show all parts; with --differential, show long values whole
    #[arg(short, long, conflicts_with = "show")]
    pub verbose: bool,
    /// Show only failures, fixed gaps and what changed, and nothing if there are none
    #[arg(short, long, conflicts_with_all = ["show", "verbose", "differential"])]
    pub quiet: bool,
    /// Stop at the first result that is unexpected
    #[arg(long, conflicts_with = "differential")]
    pub fail_fast: bool,
    /// Run only the cases with an unexpected result in this results file, each on the runtimes that had it
    #[arg(long, value_name = "RESULTS", conflicts_with = "differential")]
    pub failed: Option<PathBuf>,
    /// Run each trial N times. The worst result counts, and a result that did not come each time says so
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true,
          value_parser = clap::value_parser!(u16).range(1..), conflicts_with = "differential")]
    pub repeat: u16,
    /// Show also what changed since these results, and exit with 1 only if something got worse
    #[arg(long, value_name = "RESULTS")]
    pub baseline: Option<PathBuf>,
    /// Choose what makes the exit code 1 [default: worse with --baseline, otherwise unexpected]
    #[arg(long, value_name = "WHAT", value_enum, requires_if("worse", "baseline"), conflicts_with = "differential")]
    pub fail_on: Option<FailOn>,
    /// Compare runtime OLD of the baseline with runtime NEW of this run
    #[arg(long = "map", value_name = "OLD=NEW", value_parser = pair, requires = "baseline")]
    pub map: Vec<(String, String)>,
    /// Keep the folders of all passes in DIR, to look at: the job, the report, the output and the working directory
    #[arg(long, value_name = "DIR", conflicts_with = "differential")]
    pub keep: Option<PathBuf>,
    /// Take the results of trials from earlier runs with the same DIR, where interpreter, library, case and options are the
    /// same; failures run again. DIR is for one machine, and may be removed at any time
    #[arg(long, value_name = "DIR", conflicts_with_all = ["differential", "keep", "repeat"])]
    pub cached: Option<PathBuf>,
    /// Complete the interrupted run whose results are in FILE: trials that it has are taken from it, the others run, and
    /// FILE ends with the results of all. It must be of the same suite, interpreters, options and selection. All trials
    /// run where FILE is missing or empty
    #[arg(long, value_name = "FILE", conflicts_with_all = ["differential", "results", "cached", "failed"])]
    pub resume: Option<PathBuf>,
    /// Take the known gaps from this file instead of the suite. It is for runtimes of one implementation
    #[arg(long, value_name = "FILE", conflicts_with = "differential")]
    pub gaps: Option<PathBuf>,
    /// Choose what the failure of a case means that is newer than the suite that the gaps file names
    #[arg(long, value_enum, value_name = "HOW", default_value_t = NewCases::Show)]
    pub new: NewCases,
    /// Run only the K-th of N parts of the cases. `auto` takes K and N from the variables of the engine that runs the job;
    /// `auto/N` takes only K from them. The guide (harness/guide/ci.md) lists the engines
    #[arg(long, value_name = "K/N|auto")]
    pub shard: Option<ShardChoice>,
    /// Choose where to check hot code too: snippets that run until the just-in-time compiler has had them
    #[arg(long, value_enum, value_name = "WHERE", default_value_t = HotCode::Compiled, default_missing_value = "all",
          num_args = 0..=1, require_equals = true, conflicts_with = "differential")]
    pub hot: HotCode,
}

impl Run {
    /// Returns what makes the exit code 1.
    pub fn fail_on(&self) -> FailOn {
        self.fail_on.unwrap_or(if self.baseline.is_some() { FailOn::Worse } else { FailOn::Unexpected })
    }
}

/// The choice of trials out of results.
#[derive(Debug, Default, Args)]
pub struct Trials {
    /// Take only runtimes whose names match, such as `cpython-3.1*`
    #[arg(long = "runtime", value_name = "GLOB", value_parser = glob)]
    pub names: Vec<Glob>,
    /// Take only cases that match: a glob over `EVENT::NAME` or, without `::`, over events
    #[arg(long = "event", value_name = "PATTERN", value_parser = glob)]
    pub patterns: Vec<Glob>,
    /// Take only trials with this result: a verdict such as `unvetoed`, or a standing such as `failed`, `known-gap` or
    /// `fixed`
    #[arg(long = "verdict", value_name = "WORD,...", value_delimiter = ',', value_parser = result)]
    pub words: Vec<String>,
}

impl Trials {
    /// Tells whether some trials may be left out.
    pub fn is_limited(&self) -> bool {
        !(self.names.is_empty() && self.patterns.is_empty() && self.words.is_empty())
    }
}

/// The parts of its results that `run` shows on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The matrix: each event on each runtime
    Matrix,
    /// The known gaps, each with its reason
    Gaps,
    /// The reasons why cases were not run
    Skips,
    /// The doors: how many are open on each runtime, and which are closed
    Doors,
}

/// The runtimes on which `run` checks hot code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum HotCode {
    /// Those with a just-in-time compiler that is in use
    #[default]
    Compiled,
    /// All of them, as interpreters cache and specialise too; `--hot` alone means this
    All,
    /// None of them
    None,
}

/// The results that make the exit code of `run` 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// An unexpected failure, or a known gap that is fixed
    Unexpected,
    /// Something that got worse since the baseline
    Worse,
    /// Nothing: the run only shows and writes its results
    Never,
}

/// The meaning of a failure of a new case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum NewCases {
    /// It is shown, and does not fail the run
    #[default]
    Show,
    /// It is a failure like any other
    Fail,
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub struct List {
    /// Select cases by a glob over `EVENT::NAME` or, without `::`, over events [default: all]
    #[arg(value_name = "PATTERN", value_parser = glob)]
    pub patterns: Vec<Glob>,
    /// The suite.
    #[command(flatten)]
    pub cases: Cases,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `runtimes`.
#[derive(Debug, Args)]
pub struct Runtimes {
    /// The interpreters.
    #[command(flatten)]
    pub interpreters: Interpreters,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Also tell how trials are kept apart, and how interpreters are kept from the rest of the machine
    #[arg(long, short, conflicts_with = "json")]
    pub verbose: bool,
}

/// Arguments of `install`.
#[derive(Debug, Args)]
pub struct Install {
    /// Set up these runtimes; RUNTIME is a name or a glob, such as `windows-*`
    #[arg(value_name = "RUNTIME", value_parser = glob, required_unless_present_any = ["list", "update"])]
    pub names: Vec<Glob>,
    /// The list.
    #[command(flatten)]
    pub listing: Listing,
    /// The change of runtimes that are installed.
    #[command(flatten)]
    pub change: Change,
}

/// Whether and how `install` lists what it can set up.
#[derive(Debug, Args)]
pub struct Listing {
    /// List what can be installed, with size and time
    #[arg(long, conflicts_with = "names")]
    pub list: bool,
    /// Print the list as JSON: what it shows, and the package and the folder of what is installed
    #[arg(long, requires = "list")]
    pub json: bool,
}

/// How `install` changes runtimes that are installed already.
#[derive(Debug, Args)]
pub struct Change {
    /// Replace runtimes that are installed already
    #[arg(long, conflicts_with = "list")]
    pub again: bool,
    /// Replace runtimes of which there is a newer version, or of which that cannot be told; without RUNTIME, all that
    /// are installed
    #[arg(long, conflicts_with_all = ["list", "again"])]
    pub update: bool,
    /// Remove runtimes that are installed
    #[arg(long, conflicts_with_all = ["list", "again", "update"])]
    pub remove: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The suite.
    #[command(flatten)]
    pub cases: Cases,
    /// Refuse also each `api` that no runtime of these results has, and list the known gaps that they do not show
    #[arg(long, value_name = "FILE")]
    pub results: Option<PathBuf>,
}

/// Arguments of `coverage`.
#[derive(Debug, Args)]
pub struct Coverage {
    /// The suite.
    #[command(flatten)]
    pub cases: Cases,
    /// Compare the suite with the table of audit events in a file of Python's documentation: HTML, Markdown, or the text that
    /// Sphinx writes
    #[arg(long, value_name = "FILE")]
    pub docs: Option<PathBuf>,
    /// Show which places of CPython's source no case watches, by a list of them such as tests/sites/cpython-3.15.tsv
    #[arg(long, value_name = "FILE", conflicts_with = "docs")]
    pub sites: Option<PathBuf>,
    /// Exit with 1 if less than N percent (0 to 100) of the events or of the APIs have cases; with --docs, of the events
    /// of the table; with --sites, of the places
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(..=100))]
    pub require: Option<u8>,
    /// Print JSON, as `audit578 schema coverage` describes it
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `record`.
#[derive(Debug, Args)]
pub struct Record {
    /// Read the snippet from this file
    #[arg(value_name = "FILE", required_unless_present = "code")]
    pub file: Option<PathBuf>,
    /// Record this snippet
    #[arg(short, value_name = "CODE", conflicts_with = "file")]
    pub code: Option<String>,
    /// Run this code before the recording
    #[arg(long, value_name = "CODE", default_value = "")]
    pub setup: String,
    /// The interpreters.
    #[command(flatten)]
    pub interpreters: Interpreters,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// Explain these: events such as `os.mkdir`, cases such as `os.mkdir::path`, capabilities such as `network`, verdicts
    /// such as `unvetoed`, runtimes such as `pypy` or `cpython-3.12`
    #[arg(value_name = "TOPIC", required = true)]
    pub topics: Vec<String>,
    /// The suite.
    #[command(flatten)]
    pub cases: Cases,
}

/// Arguments of `guard`.
#[derive(Debug, Args)]
pub struct Guard {
    /// Test this hook: a Python file or a module whose import adds it, or `module:function`, which is called to add it
    #[arg(value_name = "HOOK")]
    pub hook: String,
    /// Demand that the hook denies every operation of these capabilities
    #[arg(long, value_name = "CAPABILITY,...", value_delimiter = ',', value_parser = capability)]
    pub deny: Vec<Capability>,
    /// Demand that the hook lets every operation pass that can do nothing but these; --deny wins
    #[arg(long, value_name = "CAPABILITY,...", value_delimiter = ',', value_parser = capability)]
    pub allow: Vec<Capability>,
    /// Try only operations of these capabilities [default: those of --deny and --allow, or all]
    #[arg(long, value_name = "CAPABILITY,...", value_delimiter = ',', value_parser = capability)]
    pub only: Vec<Capability>,
    /// Show so many ways through, the worst first
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub ways: usize,
    /// Measure instead what the hook costs: the time of operations whose events are raised most, with no hook, an empty one
    /// and this one
    #[arg(long, conflicts_with_all = ["deny", "allow", "only", "ways"])]
    pub cost: bool,
    /// Choose the format
    #[arg(long, value_enum, default_value_t = GuardFormat::Terminal)]
    pub format: GuardFormat,
    /// Write the answer to this file
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The interpreters.
    #[command(flatten)]
    pub interpreters: Interpreters,
    /// The suite.
    #[command(flatten)]
    pub cases: Cases,
}

/// The formats of the answer of `guard`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GuardFormat {
    /// A table by capability, and the worst operations
    Terminal,
    /// The same for a job summary
    Markdown,
    /// One JSON document with all operations, as `audit578 schema guard` describes it
    Json,
    /// One page that needs no other file
    Html,
    /// JUnit XML, with a test for each operation that --deny or --allow names
    Junit,
}

/// Arguments of `repro`.
#[derive(Debug, Args)]
pub struct Repro {
    /// Repeat this case, `EVENT::NAME` as `audit578 list` prints it [default: list the known gaps that can be reported]
    #[arg(value_name = "CASE")]
    pub case: Option<String>,
    /// Print a report for the tracker of the implementation, in Markdown: title, reason, promise, versions, script
    #[arg(long, requires = "case")]
    pub issue: bool,
    /// Use the known gaps of this implementation or runtime
    #[arg(long, value_name = "NAME", default_value = "cpython")]
    pub runtime: String,
    /// Name in the report the runtimes of these results that have the gap
    #[arg(long, value_name = "FILE", requires = "issue")]
    pub results: Option<PathBuf>,
    /// The suite.
    #[command(flatten)]
    pub cases: Cases,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Select cases by a glob over `EVENT::NAME` or, without `::`, over events [default: all]
    #[arg(value_name = "PATTERN", value_parser = glob)]
    pub patterns: Vec<Glob>,
    /// Write one file of Python with a unittest for each case
    #[arg(long, required = true)]
    pub unittest: bool,
    /// Expect the failures that are known gaps of this implementation or runtime, such as `pypy` or `pyodide-3.14`
    #[arg(long, value_name = "NAME", conflicts_with = "gaps")]
    pub runtime: Option<String>,
    /// Expect the failures that this gaps file lists
    #[arg(long, value_name = "FILE")]
    pub gaps: Option<PathBuf>,
    /// Choose how the expected failures are marked
    #[arg(long, value_enum, value_name = "STYLE", default_value_t = MarkerStyle::Unittest)]
    pub markers: MarkerStyle,
    /// Write to this file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The suite.
    #[command(flatten)]
    pub cases: Cases,
}

/// The ways to mark tests that are expected to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MarkerStyle {
    /// Decorators in the file: `@unittest.expectedFailure`
    Unittest,
    /// The same with the comments `TODO: RUSTPYTHON`
    Rustpython,
    /// Instead of the file, the list of the tests that pass, as GraalPy keeps it in `test_audit578.txt`
    Tags,
    /// Instead of the file, the entry for Pyodide's `python_tests.yaml`, with the tests that are skipped
    Yaml,
}

/// Arguments of `require`.
#[derive(Debug, Args)]
pub struct Require {
    /// The monitor depends on this event, or on those that the lines of this file name
    #[arg(value_name = "FILE|EVENT", required_unless_present = "from")]
    pub events: Vec<String>,
    /// The monitor depends on the events that the string literals of this Python file name
    #[arg(long, value_name = "HOOK.py")]
    pub from: Vec<PathBuf>,
    /// The versions of Python that the monitor supports, such as `>=3.9` [default: all]
    #[arg(long, value_name = "RANGE")]
    pub python: Option<Versions>,
    /// Look at these implementations and platforms only; GLOB is over names such as `pypy/linux`, or over implementations
    /// [default: show all, and hold CPython on Linux to the requirement]
    #[arg(long, value_name = "GLOB,...", value_delimiter = ',', value_parser = glob)]
    pub on: Vec<Glob>,
    /// The monitor only watches: it does not matter whether an exception from the hook stops the operation
    #[arg(long)]
    pub watch_only: bool,
    /// Look in these results instead of those of the program's own matrix
    #[arg(long, value_name = "FILE")]
    pub results: Vec<PathBuf>,
    /// The suite.
    #[command(flatten)]
    pub cases: Cases,
    /// Print JSON, as `audit578 schema require` describes it
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct Report {
    /// Read these results files, and merge them as `merge` does
    #[arg(value_name = "RESULTS", required = true)]
    pub results: Vec<PathBuf>,
    /// The trials.
    #[command(flatten)]
    pub trials: Trials,
    /// Choose the format
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub format: Format,
    /// Write a row of CSV for each of these
    #[arg(long, value_enum, value_name = "THING", default_value_t = Rows::Trial, hide_default_value = true)]
    pub by: Rows,
    /// Write the report to this file or, for the site and badges, to this folder. The folder of a site must be new or empty,
    /// or have a site, which is replaced
    #[arg(long, value_name = "PATH", required_if_eq_any([("format", "html"), ("format", "badge")]))]
    pub output: Option<PathBuf>,
    /// Show on the site what changed since this results file
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Show on the site the trend of each runtime; DIR has the results files of other runs, and nothing else
    #[arg(long, value_name = "DIR")]
    pub history: Option<PathBuf>,
}

/// The things of which each has a row in CSV.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Rows {
    /// A case or door on a runtime
    #[default]
    Trial,
    /// An event or rule on a runtime
    Event,
}

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The matrix and the failures, as `run` shows them
    Terminal,
    /// A shorter form of the same, for a job summary or a README
    Markdown,
    /// A Markdown table with a row for each runtime
    Summary,
    /// A table with a row for each trial or, with --by event, for each event on each runtime
    Csv,
    /// One JSON document
    Json,
    /// Compatibility data: in which releases each event keeps its promises, as JSON
    Data,
    /// A web site, in the folder that --output names
    Html,
    /// JUnit XML, in which known gaps are skipped tests
    Junit,
    /// GitHub annotations of the case files, for unexpected results
    Github,
    /// An SVG image for each runtime, and JSON for shields.io
    Badge,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// Read the earlier results from this file
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// Read the later results from this file
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// The trials.
    #[command(flatten)]
    pub trials: Trials,
    /// Compare this runtime of OLD with that runtime of NEW [default: runtimes with the same name, or the only ones]
    #[arg(long = "map", value_name = "OLD=NEW", value_parser = pair)]
    pub map: Vec<(String, String)>,
    /// Choose the format
    #[arg(long, value_enum, default_value_t = CompareFormat::Terminal)]
    pub format: CompareFormat,
    /// Write the comparison to this file or, for the site, to this folder
    #[arg(long, value_name = "PATH", required_if_eq("format", "html"))]
    pub output: Option<PathBuf>,
}

/// The formats of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompareFormat {
    /// The differences, the worst first
    Terminal,
    /// The differences as Markdown, for a job summary
    Markdown,
    /// One JSON document, as `audit578 schema compare` describes it
    Json,
    /// The site of the new results, with the comparison in it
    Html,
}

/// Arguments of `merge`.
#[derive(Debug, Args)]
pub struct Merge {
    /// Read these files, which `run --results` or `merge` wrote
    #[arg(value_name = "RESULTS", required = true)]
    pub results: Vec<PathBuf>,
    /// Write the merged results to this file
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
    /// Take the verdict of the later run where files disagree about a trial
    #[arg(long)]
    pub newest: bool,
    /// Merge also where a shard of a run is missing; the merged file says which it has
    #[arg(long)]
    pub partial: bool,
}

/// Arguments of `bless`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Bless {
    /// Read these results files, of one machine or of several
    #[arg(value_name = "RESULTS", required = true)]
    pub results: Vec<PathBuf>,
    /// Write this gaps file; it is made if it is missing. Without it, the case files of --cases are changed
    #[arg(long, value_name = "FILE", required_unless_present = "cases")]
    pub gaps: Option<PathBuf>,
    /// Take the results of these runtimes only
    #[arg(long = "runtime", value_name = "GLOB", value_parser = glob)]
    pub names: Vec<Glob>,
    /// Add a line or a gap for each failure that is not listed
    #[arg(long)]
    pub add: bool,
    /// Remove the lines or gaps whose failure does not show any more
    #[arg(long)]
    pub remove: bool,
    /// Remove the lines that match no case of the suite
    #[arg(long, requires = "gaps")]
    pub purge: bool,
    /// Write nothing; show the changes and exit with 1 if there are any
    #[arg(long)]
    pub check: bool,
    /// The suite.
    #[command(flatten)]
    pub cases: Cases,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// The format
    #[arg(value_name = "FORMAT", value_enum)]
    pub format: SchemaFormat,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
pub struct Man {
    /// The command [default: the program]
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

/// The formats that have a JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaFormat {
    /// A case file, once it is read as YAML
    Case,
    /// A file of doors, once it is read as YAML
    Door,
    /// `runtimes.toml`, once it is read as TOML
    Runtimes,
    /// Each line of a file that `run --results` writes
    Results,
    /// The output of `compare --format json`
    Compare,
    /// The output of `coverage --json`
    Coverage,
    /// The output of `guard --format json`
    Guard,
    /// The output of `report --format data`
    Data,
    /// The output of `require --json`
    Require,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let names = text.split_once('=').filter(|(old, new)| !old.is_empty() && !new.is_empty());
    names.map(|(old, new)| (old.to_owned(), new.to_owned())).ok_or_else(|| "expected OLD=NEW".to_owned())
}

fn glob(text: &str) -> Result<Glob, String> {
    Glob::try_from(text.to_owned())
}

fn result(word: &str) -> Result<String, String> {
    let words = crate::results::result_words();
    if words.iter().any(|known| known == word) {
        return Ok(word.to_owned());
    }
    Err(format!("there is no such result; the results are {}{}", words.join(", "), did_you_mean(word, &words)))
}

fn capability(word: &str) -> Result<Capability, String> {
    Capability::named(word).ok_or_else(|| {
        let words: Vec<String> = Capability::ALL.iter().map(ToString::to_string).collect();
        let near = did_you_mean(word, &words);
        format!("there is no such capability; the capabilities are {}{near}", words.join(", "))
    })
}

fn seconds(text: &str) -> Result<Duration, String> {
    deadline(text.parse().map_err(|_| "expected a number of seconds".to_owned())?)
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }

    /// Splits a line into words as a shell does, if it has no other quotes than single ones.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut is_quoted = false;
        for c in line.chars() {
            match c {
                '\'' => is_quoted = !is_quoted,
                ' ' if !is_quoted => words.push(String::new()),
                c => words.last_mut().expect("a word").push(c),
            }
        }
        words
    }

    /// Returns the examples in the help of a command.
    fn examples(command: &Command) -> Vec<String> {
        let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines = text.lines().skip_while(|line| *line != "Examples:").skip(1);
        lines.take_while(|line| !line.is_empty()).map(|line| line.trim().to_owned()).collect()
    }

    #[test]
    fn the_help_of_each_command_has_examples_that_work() {
        let program = super::Cli::command();
        for command in program.get_subcommands() {
            let (name, examples) = (command.get_name(), examples(command));
            assert!((1..=3).contains(&examples.len()), "{name}: {examples:?}");
            for example in examples {
                let parsed = program.clone().try_get_matches_from(words(&example));
                let parsed = parsed.unwrap_or_else(|error| panic!("{example}: {error}"));
                assert_eq!(parsed.subcommand_name(), Some(name), "{example}");
                assert!(example.len() < 78, "{example}: help is as wide as the terminal");
            }
        }
        for example in examples(&program) {
            assert!(program.clone().try_get_matches_from(words(&example)).is_ok(), "{example}");
        }
    }
}
