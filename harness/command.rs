//! The commands: one function each, from arguments to an exit code.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::available_parallelism;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use serde_json::json;

use crate::agent::Agent;
use crate::catalogue::{self, Catalogue};
use crate::cli::{self, Cases, Cli, Command, Format, Interpreters, exit};
use crate::coverage::Coverage;
use crate::discover::{self, Config};
use crate::documentation::{Comparison, Documentation};
use crate::guard::Need;
use crate::plan::{Selection, needs, plan};
use crate::progress::Progress;
use crate::results::{FORMAT, Footer, Header, Record, Results, RuntimeRecord, TrialRecord, Writer};
use crate::run::{self, Message};
use crate::runtime::{Absent, Launch, Runtime};
use crate::suite::Suite;
use crate::{record, report};

/// What was searched when there is no interpreter, and what helps.
const NO_PYTHON: &str = "\
no Python interpreter was found: neither `python3`, `python3.N` or `pypy3` in the folders of PATH, nor a version of pyenv
or an installation of uv. Install Python 3.8 or later (for example `apt-get install python3`, `pyenv install 3.13` or
`uv python install`), or name one: `audit578 run --python PATH`";

/// An error that is not the harness's own: what to say, and the exit code.
#[derive(Debug, thiserror::Error)]
#[error("{1}")]
pub struct Stop(pub u8, String);

fn usage(message: impl Into<String>) -> Stop {
    Stop(exit::USAGE, message.into())
}

/// Does what the command line says, and returns the exit code.
///
/// # Errors
/// A [`Stop`] for what the user or the machine has wrong, anything else for a failure of the harness.
pub fn execute(cli: Cli) -> Result<u8> {
    match cli.command.unwrap_or_else(|| Command::Run(cli::Run::default())) {
        Command::Run(args) => run(&args),
        Command::List(args) => list(&args),
        Command::Runtimes(args) => runtimes(&args),
        Command::Check(args) => check(&args),
        Command::Coverage(args) => coverage(&args),
        Command::Record(args) => record(&args),
        Command::Report(args) => report(&args),
    }
}

fn run(args: &cli::Run) -> Result<u8> {
    let start = Instant::now();
    let suite = load(&args.cases)?;
    if has_faults(&suite) {
        return Ok(exit::USAGE);
    }
    let selection = Selection(args.patterns.clone());
    if !suite.cases().any(|(source, case)| selection.has(source, case)) {
        return Err(Stop(exit::NOTHING, "no case matches; `audit578 list` shows all".into()).into());
    }
    let mut writer = create(args.results.as_deref())?;
    let agent = Agent::new(args.interpreters.timeout)?;
    let found = find(&args.interpreters, &needs(&suite, &selection), &agent)?;
    let header = header(&suite, args);
    let rows = found.rows();
    keep(&mut writer, &Record::Header(header.clone()))?;
    for row in &rows {
        keep(&mut writer, &Record::Runtime(Box::new(row.clone())))?;
    }
    let trials = trials(&suite, &found.runtimes, &selection, &agent, jobs(&args.interpreters), &mut writer)?;
    let is_whole = !STOP.load(Ordering::Relaxed);
    let footer = is_whole.then(|| Footer { trials: trials.len(), seconds: start.elapsed().as_secs_f64() });
    if let Some(footer) = &footer {
        keep(&mut writer, &Record::Footer(footer.clone()))?;
    }
    let results = Results::new(header, rows, trials, footer);
    if !found.runtimes.iter().any(|runtime| runtime.probe.audit) {
        print(&report::terminal::render(&results))?;
        return Err(Stop(exit::HARNESS, "no runtime has audit hooks: that takes Python 3.8 or later".into()).into());
    }
    print(&report::terminal::render(&results))?;
    Ok(if found.lacks_required() || !is_whole {
        exit::HARNESS
    } else if results.conforms() {
        exit::CONFORMANT
    } else {
        exit::NOT_CONFORMANT
    })
}

/// Set when the run is interrupted: what runs comes to its end, nothing more begins, and the results have no footer.
static STOP: AtomicBool = AtomicBool::new(false);

/// Ends the run in order at the first interruption, and at once at the second.
fn stop_in_order() -> Result<()> {
    let interrupted = || {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(exit::HARNESS.into());
        }
        eprintln!("interrupted: waiting for the trials that run");
    };
    ctrlc::set_handler(interrupted).context("cannot watch for interruptions")
}

fn create(path: Option<&Path>) -> Result<Writer> {
    let name = path.unwrap_or(Path::new("")).display();
    Ok(Writer::create(path).map_err(|error| usage(format!("cannot create {name}: {error}")))?)
}

fn keep(writer: &mut Writer, record: &Record) -> Result<()> {
    writer.write(record).context("cannot write the results")
}

fn trials(
    suite: &Suite,
    runtimes: &[Runtime],
    selection: &Selection,
    agent: &Agent,
    jobs: usize,
    writer: &mut Writer,
) -> Result<Vec<TrialRecord>> {
    let plan = plan(suite, runtimes, selection);
    stop_in_order()?;
    let mut progress = Progress::new(&plan);
    let mut trials = Vec::new();
    let mut written = Ok(());
    run::execute(&plan, agent, jobs, &STOP, |message| {
        progress.update(&message);
        if let Message::Finished(_, record) = message {
            if written.is_ok() {
                written = keep(writer, &Record::Trial(record.clone()));
                // What cannot be kept is not worth an hour's run.
                STOP.fetch_or(written.is_err(), Ordering::Relaxed);
            }
            trials.push(*record);
        }
    });
    progress.finish();
    written.map(|()| trials)
}

fn header(suite: &Suite, args: &cli::Run) -> Header {
    Header {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        suite: suite.hash(),
        host: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        started: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        repeat: repeat(args),
    }
}

/// The program and options that repeat a trial of a run.
fn repeat(args: &cli::Run) -> Vec<String> {
    let program = std::env::args().next().unwrap_or_else(|| "audit578".to_owned());
    let mut words = vec![program, "run".to_owned()];
    let mut option = |name: &str, value: Option<String>| {
        words.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
    };
    let path = |path: &PathBuf| path.to_string_lossy().into_owned();
    option("--cases", args.cases.cases.as_ref().map(path));
    option("--runtimes", args.interpreters.runtimes.as_ref().map(path));
    option("--isolation", args.interpreters.isolation.map(|isolation| isolation.to_string()));
    option("--timeout", args.interpreters.timeout.map(|time| time.as_secs_f64().to_string()));
    args.interpreters.paths.iter().for_each(|python| option("--python", Some(path(python))));
    words
}

fn list(args: &cli::List) -> Result<u8> {
    let suite = load(&args.cases)?;
    let selection = Selection(args.patterns.clone());
    let cases: Vec<_> = suite.cases().filter(|(source, case)| selection.has(source, case)).collect();
    if args.json {
        let rows = cases.iter().map(|(source, case)| {
            json!({"id": source.file.id(case), "event": source.file.event, "case": case.name, "api": case.api,
                "module": source.module(), "file": source.path, "asserts": source.file.strength(case)})
        });
        print(&format!("{:#}\n", rows.collect::<serde_json::Value>()))?;
    } else {
        let lines = cases.iter().map(|(source, case)| format!("{}\n", source.file.id(case)));
        print(&lines.collect::<String>())?;
    }
    Ok(match (has_faults(&suite), cases.is_empty()) {
        (true, _) => exit::USAGE,
        (false, true) => exit::NOTHING,
        (false, false) => exit::CONFORMANT,
    })
}

fn runtimes(args: &cli::Runtimes) -> Result<u8> {
    let suite = Suite::embedded();
    let agent = Agent::new(args.interpreters.timeout)?;
    let found = find(&args.interpreters, &needs(&suite, &Selection::default()), &agent)?;
    let rows = found.rows();
    if args.json {
        print(&format!("{}\n", serde_json::to_string_pretty(&rows)?))?;
    } else {
        let width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
        let lines = rows.iter().map(|row| format!("{:<width$}  {}\n", row.name, state(row)));
        print(&lines.collect::<String>())?;
    }
    Ok(if found.lacks_required() { exit::HARNESS } else { exit::CONFORMANT })
}

/// What there is to say of a runtime, in a line.
fn state(row: &RuntimeRecord) -> String {
    let command = row.command.first().map(String::as_str).unwrap_or_default();
    match (&row.absent, &row.probe) {
        (Some(reason), _) => format!("absent: {reason}"),
        (None, Some(probe)) if !probe.audit => format!("{command}  (no audit hooks: not tested)"),
        _ => command.to_owned(),
    }
}

fn check(args: &cli::Check) -> Result<u8> {
    let suite = load(&args.cases)?;
    let faulty = has_faults(&suite);
    print(&format!("{} cases of {} events\n", suite.cases().count(), suite.files.len()))?;
    Ok(if faulty { exit::USAGE } else { exit::CONFORMANT })
}

fn coverage(args: &cli::Coverage) -> Result<u8> {
    let suite = load(&args.cases)?;
    if has_faults(&suite) {
        return Ok(exit::USAGE);
    }
    let catalogue =
        Catalogue::parse(catalogue::EMBEDDED).map_err(|fault| anyhow!("the catalogue: {}", fault.message))?;
    let required = args.require.unwrap_or_default();
    let (text, json, reaches) = if let Some(path) = &args.docs {
        let comparison = compare(path, &suite, &catalogue)?;
        let json = serde_json::to_string_pretty(&comparison)?;
        (report::coverage::render_comparison(&comparison), json, comparison.events.reaches(required))
    } else {
        let coverage = Coverage::of(&suite, &catalogue);
        (report::coverage::render(&coverage), serde_json::to_string_pretty(&coverage)?, coverage.reaches(required))
    };
    print(&if args.json { json + "\n" } else { text })?;
    if !reaches {
        eprintln!("less is covered than the {required} % that are required");
    }
    Ok(if reaches { exit::CONFORMANT } else { exit::NOT_CONFORMANT })
}

fn compare(path: &Path, suite: &Suite, catalogue: &Catalogue) -> Result<Comparison> {
    let document = fs::read(path).map_err(|error| unreadable(path, error))?;
    let known = catalogue.0.iter().map(|entry| &entry.event);
    let names = known.chain(suite.files.iter().map(|source| &source.file.event)).map(String::as_str).collect();
    let documentation = Documentation::read(&document, &names);
    let documentation = documentation.map_err(|error| unreadable(path, error))?;
    Ok(Comparison::of(&documentation, suite))
}

fn record(args: &cli::Record) -> Result<u8> {
    let code = match &args.file {
        Some(path) => read(path)?,
        None => args.code.clone().unwrap_or_default(),
    };
    let suite = Suite::embedded();
    let agent = Agent::new(args.interpreters.timeout)?;
    let found = find(&args.interpreters, &[], &agent)?;
    let mut recordings = BTreeMap::<String, Vec<&str>>::new();
    for runtime in found.runtimes.iter().filter(|runtime| runtime.probe.audit) {
        let seen = agent.record(&runtime.launch, &args.setup, &code);
        let version = &runtime.identity.language;
        let mut text = record::yaml(&seen, |event| suite.argument_names(event, version).map(<[String]>::to_vec));
        for raised in seen.setup.iter().chain(&seen.exception) {
            text += &format!("# then raised {}\n", raised.text);
        }
        if !seen.finished && seen.setup.is_none() {
            text += &format!("# {} early {}\n", seen.exit, seen.stderr.trim_end());
        }
        recordings.entry(text).or_default().push(runtime.name());
    }
    for (text, names) in recordings {
        print(&format!("# {}\n{text}", names.join(", ")))?;
    }
    Ok(exit::CONFORMANT)
}

fn report(args: &cli::Report) -> Result<u8> {
    let results = Results::load(&args.results).map_err(|error| unreadable(&args.results, error))?;
    print(&match args.format {
        Format::Terminal => report::terminal::render(&results),
        Format::Csv => report::csv::render(&results)?,
        Format::Json => report::json::render(&results)?,
    })?;
    Ok(exit::CONFORMANT)
}

/// Prints to standard output, without colours where they are not wanted.
fn print(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

fn load(args: &Cases) -> Result<Suite> {
    match &args.cases {
        None => Ok(Suite::embedded()),
        Some(folder) => Ok(Suite::from_folder(folder).map_err(|error| unreadable(folder, error))?),
    }
}

fn read(path: &Path) -> Result<String> {
    Ok(fs::read_to_string(path).map_err(|error| unreadable(path, error))?)
}

fn unreadable(path: &Path, error: impl std::fmt::Display) -> Stop {
    usage(format!("cannot read {}: {error}", path.display()))
}

/// Shows every fault of a suite, and tells whether there is one.
fn has_faults(suite: &Suite) -> bool {
    for fault in &suite.faults {
        eprintln!("{fault}");
    }
    !suite.faults.is_empty()
}

/// The interpreters of a run.
struct Found {
    runtimes: Vec<Runtime>,
    absent: Vec<Absent>,
}

impl Found {
    fn rows(&self) -> Vec<RuntimeRecord> {
        self.runtimes.iter().map(RuntimeRecord::from).chain(self.absent.iter().map(RuntimeRecord::from)).collect()
    }

    fn lacks_required(&self) -> bool {
        self.absent.iter().any(|absent| !absent.launch.optional)
    }
}

/// Finds and probes the interpreters that the arguments ask for: at least one.
fn find(args: &Interpreters, needs: &[Need], agent: &Agent) -> Result<Found> {
    let mut launches = launches(args)?;
    for launch in &mut launches {
        launch.isolation = args.isolation.or(launch.isolation);
    }
    if launches.is_empty() {
        return Err(Stop(exit::HARNESS, NO_PYTHON.into()).into());
    }
    let chosen = |name: &str| args.names.is_empty() || args.names.iter().any(|glob| glob.matches(name));
    let (mut runtimes, mut absent) = run::probe(&launches, needs, agent, jobs(args));
    runtimes.retain(|runtime| chosen(runtime.name()));
    absent.retain(|absent| chosen(&absent.launch.label()));
    if runtimes.is_empty() && absent.is_empty() {
        return Err(Stop(exit::NOTHING, "no runtime matches; `audit578 runtimes` shows all".into()).into());
    }
    Ok(Found { runtimes, absent })
}

fn launches(args: &Interpreters) -> Result<Vec<Launch>> {
    if !args.paths.is_empty() {
        let python = |path: &PathBuf| {
            let path = discover::which(&path.to_string_lossy());
            Launch { optional: false, ..Launch::python(&path) }
        };
        return Ok(args.paths.iter().map(python).collect());
    }
    let here = Path::new("runtimes.toml");
    let path = args.runtimes.as_deref().or_else(|| here.is_file().then_some(here));
    let text = match path {
        Some(path) => read(path)?,
        None => discover::DEFAULT.to_owned(),
    };
    let name = path.unwrap_or(here).display();
    let config = Config::parse(&text).map_err(|error| usage(format!("{name}: {error}")))?;
    Ok(config.launches())
}

fn jobs(args: &Interpreters) -> usize {
    args.jobs.map_or_else(|| available_parallelism().map_or(1, NonZero::get), usize::from)
}
