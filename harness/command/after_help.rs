//! The texts behind the options in the help of each command: examples, notes and exit codes.

/// The exit codes of the program and of `run`, which it does without a command.
macro_rules! exit_codes {
    () => {
        "\
Exit codes:
  0  there is nothing that --fail-on names
  1  with --fail-on unexpected, the default: there is an unexpected failure or a fixed known gap
     with --fail-on worse, the default with --baseline: something got worse than in the baseline
  2  the command line, a case file or another input file is wrong, or an output cannot be written
  3  the harness failed, a required runtime is missing, or the run was interrupted
  4  no case or no runtime is selected"
    };
}

pub(super) const PROGRAM: &str = concat!(
    "\
Examples:
  audit578
  audit578 explain os.mkdir
  audit578 run --python ./python

",
    exit_codes!()
);

pub(super) const RUN: &str = concat!(
    "\
Examples:
  audit578 run --python ./python
  audit578 run os.mkdir 'shutil.*' --runtime 'cpython-3.1*'
  audit578 run --baseline old.jsonl --results new.jsonl

",
    exit_codes!()
);

pub(super) const LIST: &str = "\
Examples:
  audit578 list os.mkdir
  audit578 list 'doors.*' --json";

pub(super) const RUNTIMES: &str = "\
Examples:
  audit578 runtimes
  audit578 runtimes --python ./python --json";

pub(super) const INSTALL: &str = "\
Examples:
  audit578 install --list
  audit578 install cpython-3.15 'pypy-*'
  audit578 install --update

The runtimes are set up in $AUDIT578_CACHE or, where it is not set, in the folder audit578 of $XDG_CACHE_HOME or ~/.cache.
The package managers pip, npm, apt-get, Maven and cargo download them.

Exit codes:
  0  all are set up, and they answer; or they are removed
  2  the command line is wrong
  3  one was not set up or not removed, or the command was interrupted
  4  with --update or --remove: none of them is installed";

pub(super) const CHECK: &str = "\
Examples:
  audit578 check --cases cases
  audit578 check --cases cases --results results.jsonl";

pub(super) const COVERAGE: &str = "\
Examples:
  audit578 coverage --require 100
  audit578 coverage --docs audit_events.html

Exit codes:
  0  the suite was measured, and it covers as much as --require demands
  1  it covers less
  2  the command line or a case file is wrong, or FILE has no table of audit events";

pub(super) const RECORD: &str = "\
Examples:
  audit578 record -c 'import os; os.mkdir(\"d\")'
  audit578 record snippet.py --python ./python";

pub(super) const EXPLAIN: &str = "\
Examples:
  audit578 explain open
  audit578 explain os.mkdir::path
  audit578 explain network unvetoed pypy";

pub(super) const GUARD: &str = "\
Examples:
  audit578 guard hook.py
  audit578 guard package.sandbox:install --deny write,execute,network
  audit578 guard hook.py --cost

Each operation runs twice, without the hook and with it. The hook is called only while the operation runs.

  denied              the hook objected, and the operation did not happen
  let-through         the hook did not object, and the operation happened
  too-late            the hook objected, and the operation happened all the same
  denied-but-allowed  the hook objected to an operation that can do nothing but what --allow names
  cannot-be-denied    the interpreter raises no event for the operation: a known gap, or a door (`audit578 list 'doors.*'`)
  broke               the hook did not object, and the operation did not happen

An operation with several capabilities must be denied if --deny names one of them, and must be let pass if --allow names
all of them. The worst operations come first: those that can do the most harm, in the order of `audit578 explain
capabilities`, and then those whose event is raised by the most operations.

A hook that passes is not a sandbox. Doors pass every hook, code in the process can change the hook and its data, and a path
that the hook has seen may mean another file a moment later. See https://peps.python.org/pep-0578/#why-not-a-sandbox

Exit codes:
  0  everything that --deny names and that can be denied was denied, what --allow names works, and so do harmless operations
  1  something that --deny names was let through or denied too late, something that --allow names was denied or broke, or a
     harmless operation was disturbed
  2  the command line is wrong, the hook cannot be added, or the output cannot be written
  3  the harness failed
  4  no operation or no interpreter is selected";

pub(super) const REPRO: &str = "\
Examples:
  audit578 repro
  audit578 repro os.mkdir::path
  audit578 repro os.mkdir::path --runtime pypy --issue

The script needs nothing but Python 3.8 or later. It ends with 0 if the promise is kept, 1 if it is broken, and 2 if it
cannot be tried: on another platform, without audit hooks, or if the setup of the case fails.

Exit codes:
  0  the script, the report or the list is printed
  2  the command line or a case file is wrong, or the case cannot be repeated without the suite
  4  there is no such case, or no known gap of it that can be reported";

pub(super) const EXPORT: &str = "\
Examples:
  audit578 export --unittest --output test_audit578.py
  audit578 export 'os.*' --unittest --runtime pypy

The file needs nothing but Python 3.8 or later. It runs with `python -m unittest`, with pytest, and with `python -m test
--testdir FOLDER`. It runs each test apart from the others: in a forked child, or else in a new process. Where Python can
start none, it runs all in one process, and skips the tests that cannot be undone.

Exit codes:
  0  the file or the list is written
  2  the command line, a case file or the gaps file is wrong, or the output cannot be written
  4  no case is selected that can be a test, or no known gap is of the runtime";

pub(super) const REQUIRE: &str = "\
Examples:
  audit578 require os.mkdir 'open(path, mode)' --python '>=3.9'
  audit578 require events.txt --on cpython,pypy/linux
  audit578 require --from hook.py

For each event and each implementation, it says which of the releases that were tested keep it:

  kept      every case of the suite keeps it
  partly    some of it is not kept, or not in every case
  missing   the event is not raised
  absent    that version of Python does not promise the event
  untested  no case of the event could be run

Then it says which release of those that --on and --python choose is the first that does not keep everything. Partly,
missing and absent events count, and those that are untested in all releases of an implementation.

A list has an event on each line, and comments behind `#`. `open(path, mode)` says which arguments the monitor reads, and
`open(*)` that it reads all. The arguments of other events are not checked.

--from looks at the string literals of a hook. A literal names events if it consists of their names, or if it ends with a
dot and names of events begin with it, as in event.startswith('socket.'). Names that the hook puts together from parts are
not found.

Exit codes:
  0  all chosen releases keep everything
  1  one of them does not
  2  the command line or a file is wrong
  4  no release is chosen, or no event is named";

pub(super) const REPORT: &str = "\
Examples:
  audit578 report results.jsonl
  audit578 report results.jsonl --format html --output site
  audit578 report results.jsonl --runtime 'pypy*' --verdict missing";

pub(super) const COMPARE: &str = "\
Examples:
  audit578 compare old.jsonl new.jsonl
  audit578 compare all.jsonl all.jsonl --map cpython-3.14.10=cpython-3.15.2

A trial is worse if it passed before and fails now, breaks a promise that it kept, fails where the failure was a known gap,
or fails in a worse way (error, timeout, crash). A case that differs between the two suites is never worse.

Exit codes:
  0  nothing got worse
  1  something got worse
  2  the command line is wrong, a file cannot be read, or the output cannot be written
  4  there is nothing to compare";

pub(super) const MERGE: &str = "\
Examples:
  audit578 merge 1.jsonl 2.jsonl --output all.jsonl";

pub(super) const BLESS: &str = "\
Examples:
  audit578 bless results.jsonl --gaps gaps.txt
  audit578 bless results.jsonl --cases cases --remove

Without --add, --remove and --purge, it does all three. Only lines about cases and platforms that ran are changed. All other
lines stay as they are, with their order and comments.
With --cases and without --gaps, it changes `known-gaps` in the case files. A new gap has the reason TODO, which `check`
refuses. Messages name the gaps that only some runtimes show: in which versions a gap holds is not guessed.

Exit codes:
  0  the files are up to date
  1  with --check: a file is not up to date, or a gap must be limited to some versions
  2  the command line or a file is wrong, or the results do not fit together
  4  the results have no runtime to take gaps from";

pub(super) const SCHEMA: &str = "\
Examples:
  audit578 schema results";

pub(super) const COMPLETIONS: &str = "\
Examples:
  audit578 completions bash";

pub(super) const MAN: &str = "\
Examples:
  audit578 man
  audit578 man run";
