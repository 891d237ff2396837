"""Collects the results of this project's jobs and of those who publish theirs, and makes the site of all.

    collect.py --program PATH --own DIR --publishers FILE --history OWNER/NAME --output DIR

FILE lists who publishes: `[{"repository": "OWNER/NAME", "tag": "audit578", "runtimes": ["rustpython*"]}]`. The rolling
release with this tag has `results.jsonl`, as `.github/workflows/nightly.yml` keeps it. It may only tell of runtimes of
these names. What others publish is not trusted: a file that the program cannot read, that is of another suite or of
another time than it can be, or that tells of other runtimes is left out, with a warning.

The release `history` of OWNER/NAME keeps the results of the last weeks, from which the site draws its trends.
"""

from __future__ import annotations

import argparse
import datetime
import fnmatch
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "harness" / "python"))

from audit578.releases import Release, ReleaseError

RESULTS = "results.jsonl"
WEEKS = 26
"""The number of weeks that the history goes back."""
STALE = datetime.timedelta(days=7)
"""The age from which on a runtime is said to be old."""


def main() -> int:
    """Collect, merge and publish, and return the exit code."""
    parser = argparse.ArgumentParser()
    for name in ("program", "own", "publishers", "history", "output"):
        parser.add_argument(f"--{name}", required=True)
    args = parser.parse_args()
    output = Path(args.output)
    output.mkdir(parents=True, exist_ok=True)
    collector = Collector(args.program, suite_of(args.program))
    files = sorted(Path(args.own).rglob(RESULTS))
    for publisher in json.loads(Path(args.publishers).read_text(encoding="utf-8")):
        files += collector.fetch(publisher, output / "published")
    if not files:
        print("error: there are no results to publish", file=sys.stderr)
        return 4
    merged = output / RESULTS
    collector.run("merge", "--newest", "--output", str(merged), *map(str, files))
    now = datetime.datetime.now(datetime.timezone.utc)
    history = keep_history(Release(args.history, "history"), merged, output / "history", now)
    trends = ["--history", str(history)] if any(history.iterdir()) else []
    site = output / "site"
    collector.run("report", str(merged), "--format", "html", "--output", str(site), *trends)
    for name, age in stale(merged, now):
        warn(f"{name} was last tested {age.days} days ago")
    return 0


@dataclass(frozen=True)
class Collector:
    """The program, which reads what others publish."""

    program: str
    suite: str
    """The hash of the suite that it carries."""

    def run(self, *args: str) -> None:
        """Run a command of the program, which must succeed."""
        subprocess.run([self.program, *args], check=True)

    def fetch(self, publisher: dict[str, Any], folder: Path) -> list[Path]:
        """Return the results file of a publisher, or nothing and a warning."""
        repository = publisher["repository"]
        place = folder / repository
        try:
            file = Release(repository, publisher["tag"]).get(RESULTS, place)
            self.judge(file, publisher["runtimes"])
        except (ReleaseError, Refusal) as error:
            warn(f"the results of {repository} are left out: {error}")
            return []
        return [file]

    def judge(self, file: Path, allowed: list[str]) -> None:
        """Raise a `Refusal` if a file must not be merged with those of this suite."""
        ran = subprocess.run(
            [self.program, "report", str(file), "--format", "json"],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if ran.returncode != 0:
            raise Refusal(ran.stderr.strip() or "the program cannot read them")
        results = json.loads(ran.stdout)
        header = results["header"]
        if header["suite"] != self.suite:
            raise Refusal(f"they are of the suite of audit578 {header['version']}, {header['suite'][:12]}")
        check_times([header, *(runtime["run"] for runtime in results["runtimes"] if "run" in runtime)])
        for runtime in results["runtimes"]:
            name = runtime["name"]
            if not any(fnmatch.fnmatchcase(name, pattern) for pattern in allowed):
                raise Refusal(f"they tell of {name}, and may tell of {', '.join(allowed)} only")


def suite_of(program: str) -> str:
    """Return the hash of the suite that a program carries."""
    shown = subprocess.run([program, "--version"], stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout
    return shown.split("\nsuite ")[1].split()[0]


class Refusal(Exception):
    """The reason why results are not published."""


def time_of(run: dict[str, Any]) -> datetime.datetime:
    """Return when a run began."""
    return datetime.datetime.strptime(run["started"], "%Y-%m-%dT%H:%M:%S%z")


def check_times(runs: list[dict[str, Any]]) -> None:
    """Refuse runs of no time, and those of the future, which would stay the newest."""
    tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    for run in runs:
        try:
            is_past = time_of(run) < tomorrow
        except ValueError as error:
            raise Refusal(f"they have no time: {error}") from error
        if not is_past:
            raise Refusal(f"they are of the future: {run['started']}")


def keep_history(release: Release, merged: Path, folder: Path, now: datetime.datetime) -> Path:
    """Add these results to the history as those of this week, and return a folder with those of the weeks before."""
    folder.mkdir(parents=True, exist_ok=True)
    year, week, _ = now.isocalendar()
    own = f"{year}-W{week:02}.jsonl"
    names = [name for name in release.names() if name != own]
    for name in names[-WEEKS:]:
        release.get(name, folder)
    for name in names[:-WEEKS]:
        release.remove(name)
    current = folder.with_name(own)
    shutil.copy(merged, current)
    try:
        release.put([current])
    finally:
        current.unlink()
    return folder


def stale(merged: Path, now: datetime.datetime) -> list[tuple[str, datetime.timedelta]]:
    """Return the runtimes that were not tested for a week, with the time since then."""
    header: dict[str, Any] = {}
    found = []
    with merged.open(encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            if record["record"] == "header":
                header = record
            elif record["record"] == "runtime" and "absent" not in record:
                age = now - time_of(record.get("run", header))
                if age > STALE:
                    found.append((record["name"], age))
    return found


def warn(message: str) -> None:
    """Show a warning in the job; line breaks would end it."""
    print("::warning::" + message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


if __name__ == "__main__":
    sys.exit(main())
