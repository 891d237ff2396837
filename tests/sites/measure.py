"""Finds for each place of CPython's source that raises an audit event the cases that notice a change of it.

Usage: python3 measure.py SOURCE AUDIT578 LIST. SOURCE was patched with instrument.py and built. LIST is written anew;
the reasons that it has are kept. `audit578 coverage --sites LIST` shows it.

A first run tells which cases reach which places. Then the suite runs with many places changed at a time, at most one of
each event. A case that passes without the change and fails with it has noticed the place of an event that it names.
"""

import collections
import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

COLUMNS = ["file", "line", "event", "gone", "ignored", "twice", "arguments", "reason"]
CALL = re.compile(r'\b(?:_?PySys_Audit|PySys_AuditTuple|sys\.audit)\(\s*(?:\w*tstate,\s*|ts,\s*)?(?:"([^"]+)"|\w+)', re.S)
FOLDERS = ("Lib", "Modules", "Objects", "PC", "Parser", "Programs", "Python")
NOT_PRODUCT = re.compile(r"Lib/test/|Modules/_test|Modules/_xxtestfuzz|Programs/_testembed")


def find_calls(source):
    """Return the calls in the source: their file, line and event, `?` if a variable has its name."""
    calls = []
    for folder in FOLDERS:
        for path in sorted((source / folder).rglob("*")):
            if path.suffix not in (".c", ".h", ".py") or NOT_PRODUCT.match(str(path.relative_to(source))):
                continue
            text = path.read_text(errors="replace")
            for match in CALL.finditer(text):
                calls.append((str(path.relative_to(source)), text.count("\n", 0, match.start()) + 1, match[1] or "?"))
    return calls


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
        command = [self.program, "run", "--runtimes", config, "--runtime", "sites", "--results", results, "--cases", "cases"]
        done = subprocess.run([*command, *options, *patterns], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
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


def reached_places(suite, scratch):
    """Return the verdicts of all cases, and the cases that reach each place, with the event that it raises."""
    kept = scratch / "kept"
    verdicts = suite.run([], {"AUDIT_SITES_LOG": "1"}, "--keep", kept)
    ids = {"%s.%s" % (event.replace("/", "_"), case): "%s::%s" % (event, case) for event, _, case in map(split, verdicts)}
    places = collections.defaultdict(set)
    for log in kept.glob("*/sites"):
        case = ids[log.parent.name.split("-sites-")[0]]
        for line in log.read_text(errors="replace").splitlines():
            place, _, event = line.partition(" ")
            if place.startswith(FOLDERS):  # the others are code of cases
                places[place, event].add(case)
    return verdicts, places


def split(case):
    return case.partition("::")


def rounds_of(places):
    """Return lists of places, of which each list has at most one of each event."""
    by_event = collections.defaultdict(list)
    for place, event in sorted(places):
        by_event[event].append((place, event))
    longest = max(map(len, by_event.values()))
    return [[group[turn] for group in by_event.values() if turn < len(group)] for turn in range(longest)]


def main():
    source, program, listing = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    with tempfile.TemporaryDirectory() as scratch:
        suite = Suite(source.resolve(), program, pathlib.Path(scratch))
        before, places = reached_places(suite, pathlib.Path(scratch))
        noticed = notice_changes(suite, before, places)
    write(listing, find_calls(source), places, noticed, suite.arguments)


def notice_changes(suite, before, places):
    """Change each place in each way. Return the first case that notices it, by place and mode."""
    noticed = {}
    modes = ["gone", "ignored", "twice"] + ["argument %d" % index for index in range(max(suite.arguments.values()))]
    for mode in modes:
        for group in rounds_of(places):
            if mode.startswith("argument"):
                group = [(place, event) for place, event in group if int(mode[9:]) < suite.arguments.get(event, 0)]
            wanted = {place: event for place, event in group}
            patterns = sorted(event + "::*" for event in set(wanted.values()) if any(case.startswith(event + "::") for case in before))
            if not patterns:
                continue
            env = {"AUDIT_SITES_MODE": mode, "AUDIT_SITES": ",%s," % ",".join(wanted)}
            after = suite.run(patterns, env)
            for place, event in group:
                hits = [
                    case
                    for case in sorted(places[place, event])
                    if split(case)[0] == event and before.get(case) != after.get(case, before.get(case))
                ]
                if hits:
                    noticed[place, event, mode] = hits
            print("%s: %d places, %d cases" % (mode, len(group), len(after)), file=sys.stderr, flush=True)
    return noticed


def write(listing, calls, places, noticed, arguments):
    """Write the list."""
    reasons = {}
    if listing.exists():
        with listing.open(newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                reasons[row["file"], row["event"], row["line"]] = row["reason"]
    rows = []
    for file, line, event in calls:
        seen = [(place, name) for place, name in places if is_at(place, file, line) and event in (name, "?")]
        for place, name in seen or [(None, event)]:
            cell = lambda mode: (noticed.get((place, name, mode)) or ["-"])[0]  # noqa: E731
            each = " ".join(cell("argument %d" % index) for index in range(arguments.get(name, 0)))
            rows.append([file, line, name, cell("gone"), cell("ignored"), cell("twice"), each])
    with listing.open("w", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n", quotechar=None)
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([*row, reasons.get((row[0], row[2], str(row[1])), "")])


def is_at(place, file, line):
    """Tell whether a place that the log names is a call. A compiler may number a call of several lines by any of them."""
    name, _, number = place.rpartition(":")
    return name == file and line <= int(number) <= line + 4


if __name__ == "__main__":
    main()
