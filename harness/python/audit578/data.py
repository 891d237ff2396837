"""The compatibility data: in which releases of which Python an audit event keeps its promises.

>>> from audit578 import data
>>> support = data.load().events["open"].on("cpython/linux", "3.13.0")
>>> support.raised
'partly'

All of it was measured by the suite. The page `harness/report/compatibility.md` of the project describes the format.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Mapping

FORMAT = 1
"""The version of the format that this module reads."""

State = Literal["kept", "partly", "broken"]
"""Whether a promise is kept in every case that checks it, in some, or in none."""


@dataclass(frozen=True)
class Reason:
    """Why a promise is not kept."""

    text: str
    kind: str | None
    """`bug`, `documentation`, `not-implemented` or `by-design`; `None` if the suite does not know it as a gap."""
    url: str | None
    """An issue or a page of documentation."""


@dataclass(frozen=True)
class Release:
    """A release that was tested."""

    version: str
    """The version of the implementation."""
    python: str
    """The version of the language."""
    observed: str
    """When it was tested, in UTC."""


@dataclass(frozen=True)
class Support:
    """What a range of releases keeps of an event. A promise that no case checks is `None`."""

    first: str
    """The oldest release of the range that was tested. Where it is the oldest of all, older ones may be alike."""
    last: str | None
    """The newest release of the range; `None` if the range goes on to the newest one that was tested."""
    raised: State | None
    """Whether the event is raised."""
    arguments: State | None
    """Whether its arguments are as expected."""
    veto: State | None
    """Whether an exception from a hook stops the operation."""
    reasons: tuple[Reason, ...]
    """Why something is not kept."""

    @property
    def is_kept(self) -> bool:
        """Tells whether every promise that is checked is kept."""
        return {self.raised, self.arguments, self.veto} <= {"kept", None}


@dataclass(frozen=True)
class Event:
    """An audit event."""

    name: str
    arguments: tuple[tuple[str, ...], ...]
    """The names of its arguments, in order; several lists where versions of Python differ."""
    raised_by: tuple[str, ...]
    """The public APIs that raise it."""
    capabilities: tuple[str, ...]
    """What its operation can do, in the words of `audit578 explain capabilities`."""
    baseline: str
    """How far a monitor can rely on it: `everywhere`, `cpython-and-pypy`, `cpython`, `newest-cpython` or `limited`."""
    url: str | None
    """Its place in Python's documentation; `None` if it is not documented."""
    support: Mapping[str, tuple[Support, ...]]
    """For each implementation and platform, such as `cpython/linux`, ranges of releases, oldest first."""
    tested: Mapping[str, tuple[Release, ...]]
    """The releases that were tested, as in `Data`."""

    def on(self, platform: str, version: str) -> Support | None:
        """Return what a release that was tested keeps, or `None` if it need not raise the event.

        Raises:
            LookupError: this release was not tested. The message names those that were.
        """
        if platform not in self.tested:
            raise LookupError(f"{platform} was not tested, but {', '.join(self.tested)}")
        order = [release.version for release in self.tested[platform]]
        if version not in order:
            raise LookupError(f"{platform} {version} was not tested, but {', '.join(order)}")
        place = order.index(version)
        for support in self.support.get(platform, ()):
            last = len(order) - 1 if support.last is None else order.index(support.last)
            if order.index(support.first) <= place <= last:
                return support
        return None


@dataclass(frozen=True)
class Data:
    """The compatibility data of one suite."""

    version: str
    """The version of audit578 that made it."""
    suite: str
    """The SHA-256 of the suite, in hexadecimal."""
    tested: Mapping[str, tuple[Release, ...]]
    """For each implementation and platform, such as `cpython/linux`, the releases that were tested, oldest first."""
    events: Mapping[str, Event]
    """The events, by name."""


@lru_cache(maxsize=None)
def load(path: Path | None = None) -> Data:
    """Return the data of a file that `audit578 report --format data` wrote, by default that of the suite's own matrix.

    Raises:
        ValueError: the file is not such data, or is of another format.
        OSError: the file cannot be read.
    """
    file = path or Path(__file__).with_name("compatibility.json")
    document = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"{file}: not compatibility data of format {FORMAT}")
    try:
        return _data(document)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"{file}: not compatibility data: {error!r}") from error


def _data(document: Mapping[str, Any]) -> Data:
    tested = {
        platform: tuple(Release(release["version"], release["python"], release["observed"]) for release in releases)
        for platform, releases in document["tested"].items()
    }
    reasons = [Reason(note["text"], note.get("kind"), note.get("impl-url")) for note in document["notes"]]
    events = {}
    for name, event in document["events"].items():
        events[name] = Event(
            name=name,
            arguments=tuple(tuple(signature["names"]) for signature in event["arguments"]),
            raised_by=tuple(event["raised-by"]),
            capabilities=tuple(event["capabilities"]),
            baseline=event["baseline"],
            url=event.get("spec-url"),
            support={
                platform: tuple(_support(entry, reasons) for entry in entries)
                for platform, entries in event["support"].items()
            },
            tested=tested,
        )
    return Data(document["version"], document["suite"], tested, events)


def _support(entry: Mapping[str, Any], reasons: list[Reason]) -> Support:
    return Support(
        first=entry["from"].lstrip("≤"),
        last=entry.get("to"),
        raised=entry.get("raised"),
        arguments=entry.get("arguments"),
        veto=entry.get("veto"),
        reasons=tuple(reasons[place] for place in entry.get("notes", ())),
    )
