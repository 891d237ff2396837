"""Finds for each place of CPython's source that raises an audit event the cases that notice a change of it.

Usage: python3 measure.py SOURCE AUDIT578 LIST, in the root of this project. SOURCE was patched with instrument.py and
built. LIST is written anew; the reasons that it has are kept. `audit578 coverage --sites LIST` shows it.

A first run tells which cases reach which places. Then the suite runs with many places changed at a time, at most one of
each event. A case about the event that passes without the change and fails with it has noticed it.
"""

import collections
import csv
import json
import pathlib
import re
import subprocess
import sys
import tempfile

COLUMNS = ["file", "line", "event", "gone", "ignored", "twice", "arguments", "reason"]
FOLDERS = ("Lib", "Modules", "Objects", "PC", "Parser", "Programs", "Python")
NOT_PRODUCT = re.compile(r"Lib/test/|Modules/_test|Modules/_xxtestfuzz|Programs/_testembed")
CALL = re.compile(r'\b(?:_?PySys_Audit|PySys_AuditTuple|sys\.audit)\(\s*(?:\w*tstate,\s*|ts,\s*)?"([^"]+)"')
# How many cases a cell names. A place that only one case watches may fall silent with that case.
NAMED = 2


class Suite:
    """Runs the suite on the interpreter that was built."""

    def __init__(self, source, program, scratch):
        self.python, self.program, self.scratch = source / "python", program, scratch
        self.arguments = {}  # how many each event has, in the newest version

    def run(self, patterns, env, *options):
        """Run cases with variables. Return their verdicts."""
        config, results = self.scratch / "runtimes.toml", self.scratch / "results.jsonl"
        variables = ", ".join("%s = %s" % (name, json.dumps(value)) for name, value in env.items())
        config.write_text('[[runtime]]\nname = "sites"\ncommand = ["%s"]\nenv = {%s}\n' % (self.python, variables))
        command = [self.program, "run", "--runtimes", config, "--runtime", "sites", "--results", results]
        done = subprocess.run([*command, "--cases", "cases", *options, *patterns], check=False, capture_output=True)
        if done.returncode not in (0, 1):
            print(done.stderr.decode()[-500:], file=sys.stderr, flush=True)
        records = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
        for record in records:
            if record["record"] == "event" and record["arguments"]:
                self.arguments[record["event"]] = len(record["arguments"][-1]["names"])
        return {
            "%s::%s" % (record["event"], record["case"]): record["verdict"]
            for record in records
            if record["record"] == "trial" and record["verdict"] not in ("skipped", "unsupported")
        }


def event_of(case):
    return case.partition("::")[0]


def reached_places(suite):
    """Return the verdicts of all cases, and the cases that reach each place, which is a place and an event."""
    kept = suite.scratch / "kept"
    verdicts = suite.run([], {"AUDIT_SITES_LOG": "1"}, "--keep", kept)
    folders = {case.replace("/", "_").replace("::", "."): case for case in verdicts}
    places = collections.defaultdict(set)
    for log in kept.glob("*/sites"):
        case = folders[log.parent.name.split("-sites-")[0]]
        for line in log.read_text(errors="replace").splitlines():
            place, _, event = line.partition(" ")
            if place.startswith(FOLDERS) and event_of(case) == event:
                places[place, event].add(case)
    return verdicts, places


def rounds(places):
    """Return lists of places, of which each has at most one of each event."""
    by_event = collections.defaultdict(list)
    for place, event in sorted(places):
        by_event[event].append((place, event))
    longest = max(map(len, by_event.values()))
    return [[group[turn] for group in by_event.values() if turn < len(group)] for turn in range(longest)]


def notice_changes(suite, before, places):
    """Change each place in each way. Return the cases that notice it, by place, event and mode."""
    noticed = {}
    for mode in ["gone", "ignored", "twice"] + ["argument %d" % index for index in range(10)]:
        index = int(mode[9:] or -1)
        for group in rounds(places):
            changed = dict(item for item in group if index < suite.arguments.get(item[1], 0))
            if not changed:
                continue
            env = {"AUDIT_SITES_MODE": mode, "AUDIT_SITES": ",%s," % ",".join(changed)}
            after = suite.run(sorted({event + "::*" for event in changed.values()}), env)
            for item in changed.items():
                cases = [case for case in sorted(places[item]) if after.get(case, before[case]) != before[case]]
                noticed[(*item, mode)] = cases[:NAMED]
            print("%s: %d places, %d cases" % (mode, len(changed), len(after)), file=sys.stderr, flush=True)
    return noticed


def find_calls(source):
    """Return the calls in the source: their file, line and event."""
    for folder in FOLDERS:
        for path in sorted((source / folder).rglob("*")):
            name = str(path.relative_to(source))
            if path.suffix in (".c", ".h", ".py") and not NOT_PRODUCT.match(name):
                text = path.read_text(errors="replace")
                for match in CALL.finditer(text):
                    yield name, text.count("\n", 0, match.start()) + 1, match[1]


def rows_of(source, places, noticed, arguments):
    """Return the rows of the list, without reasons."""
    for file, line, event in find_calls(source):
        place = next((place for place, name in places if name == event and is_at(place, file, line)), None)

        def cases(mode, key=(place, event)):
            return noticed.get((*key, mode), [])

        each = [(cases("argument %d" % index) or ["-"])[0] for index in range(arguments.get(event, 0))]
        once = [(cases(mode) or ["-"])[0] for mode in ("ignored", "twice")]
        yield [file, line, event, " ".join(cases("gone")) or "-", *once, " ".join(each)]


def is_at(place, file, line):
    """Tell whether a place that the log names is a call. A call of several lines may have the number of any of them."""
    name, _, number = place.rpartition(":")
    return name == file and line <= int(number) <= line + 4


def reasons_of(listing):
    """Return the reasons that a list has, by file, event and the number of the call among those of the event there."""
    if not listing.exists():
        return {}
    with listing.open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return dict(
        zip(numbered([row["file"], row["line"], row["event"]] for row in rows), [row["reason"] for row in rows])
    )


def numbered(rows):
    """Yield a key for each row that stays the same when lines move."""
    counts = collections.Counter()
    for file, _, event, *_ in rows:
        counts[file, event] += 1
        yield file, event, counts[file, event]


def main():
    source, program, listing = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], pathlib.Path(sys.argv[3])
    with tempfile.TemporaryDirectory() as scratch:
        suite = Suite(source, program, pathlib.Path(scratch))
        before, places = reached_places(suite)
        noticed = notice_changes(suite, before, places)
    rows = list(rows_of(source, places, noticed, suite.arguments))
    reasons = reasons_of(listing)
    with listing.open("w", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n", quotechar=None)
        writer.writerow(COLUMNS)
        writer.writerows([*row, reasons.get(key, "")] for row, key in zip(rows, numbered(rows)))


if __name__ == "__main__":
    main()
