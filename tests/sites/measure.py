"""Finds for each place of CPython's source that raises an audit event the cases that notice a change of it.

Usage: python3 measure.py SOURCE AUDIT578 LIST [EVENT...], in the root of this project. SOURCE was patched with
instrument.py and built. LIST is written anew; the reasons that it has are kept where they are needed. If events are
given, only their places are measured, and the other rows stay. `audit578 coverage --sites LIST` shows the list.

A first run tells which cases reach which places. Then the suite runs with many places changed at a time, but no two
whose events a case names together. A case about the event that gets another verdict with the change has noticed it.
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
CALL = re.compile(
    r'\b(?:_?PySys_Audit|PySys_AuditTuple|_?sys\.audit)\(\s*(?:\w*tstate,\s*|ts,\s*)?(["\'])([\w.\-/]+)\1'
)
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


def reached_places(suite, events):
    """Run all cases, or those of events. Return their verdicts and, by place and event, those that reach the place."""
    kept = suite.scratch / "kept"
    verdicts = suite.run([event + "::*" for event in events], {"AUDIT_SITES_LOG": "1"}, "--keep", kept)
    folders = {case.replace("/", "_").replace("::", "."): case for case in verdicts}
    places = collections.defaultdict(set)
    for log in kept.glob("*/sites"):
        case = folders[log.parent.name.split("-sites-")[0]]
        for line in log.read_text(errors="replace").splitlines():
            place, _, event = line.partition(" ")
            if place.startswith(FOLDERS) and event_of(case) == event:
                places[place, event].add(case)
    return verdicts, places


def named_together(folder):
    """Return the pairs of events that a case file names: a change of one can make a case about the other fail."""
    pairs = set()
    for path in folder.rglob("*.yaml"):
        own, *others = re.findall(r"\b(?:event|area): ([\w.\-/]+)", path.read_text(encoding="utf-8"))
        pairs.update(frozenset((own, other)) for other in others)
    return pairs


def rounds(places):
    """Return lists of places that can be changed at a time, because no case tells more than one of them."""
    together = named_together(pathlib.Path("cases"))
    groups = []
    for place, event in sorted(places):
        fits = (group for group in groups if not any(is_bound(event, other, together) for _, other in group))
        group = next(fits, None)
        if group is None:
            groups.append(group := [])
        group.append((place, event))
    return groups


def is_bound(event, other, together):
    return event == other or frozenset((event, other)) in together


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
            after = suite.run(sorted(set().union(*(places[item] for item in changed.items()))), env)
            for item in changed.items():
                # A busy machine gives timeouts too, so they prove nothing.
                same = {case: ("timeout", before[case]) for case in places[item]}
                cases = [case for case in sorted(same) if after.get(case, before[case]) not in same[case]]
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
                    yield name, text.count("\n", 0, match.start()) + 1, match[2]


def rows_of(source, places, noticed, arguments):
    """Return the rows of the list, without reasons."""
    calls = list(find_calls(source))
    place_of = {find_call(calls, *item): item for item in places}
    for file, line, event in calls:
        item = place_of.get((file, line, event), ())

        def cases(mode, item=item):
            return noticed.get((*item, mode), [])

        each = [(cases("argument %d" % index) or ["-"])[0] for index in range(arguments.get(event, 0))]
        once = [(cases(mode) or ["-"])[0] for mode in ("ignored", "twice")]
        yield [file, line, event, " ".join(cases("gone")) or "-", *once, " ".join(each)]


def find_call(calls, place, event):
    """Return the call at a place that the log names. A call of several lines may have the number of any of them."""
    file, _, number = place.rpartition(":")
    before = [call for call in calls if (call[0], call[2]) == (file, event) and call[1] <= int(number) <= call[1] + 4]
    return max(before, default=None)


def read_rows(listing):
    """Return the rows that a list has, by file, event and the number of the call among those of the event there."""
    if not listing.exists():
        return {}
    with listing.open(newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return dict(zip(numbered(rows), rows))


def numbered(rows):
    """Yield a key for each row that stays the same when lines move."""
    counts = collections.Counter()
    for file, _, event, *_ in rows:
        counts[file, event] += 1
        yield file, event, counts[file, event]


def main():
    source, program, listing, *events = sys.argv[1:]
    source, listing = pathlib.Path(source).resolve(), pathlib.Path(listing)
    with tempfile.TemporaryDirectory() as scratch:
        suite = Suite(source, program, pathlib.Path(scratch))
        before, places = reached_places(suite, events)
        noticed = notice_changes(suite, before, places)
    old = read_rows(listing)
    rows = list(rows_of(source, places, noticed, suite.arguments))
    with listing.open("w", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n", quotechar=None)
        writer.writerow(COLUMNS)
        for row, key in zip(rows, numbered(rows)):
            known = old.get(key)
            if known and events and row[2] not in events:
                writer.writerow([*row[:3], *known[3:]])
            else:
                has_open_cell = "-" in " ".join(row[3:]).split()
                writer.writerow([*row, known[-1] if known and has_open_cell else ""])


if __name__ == "__main__":
    main()
