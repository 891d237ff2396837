"""Observations: what a pass saw, read from the agent's report and the end of the process."""

import json

# The version of the report's format.
PROTOCOL = 1


class Exit:
    """The end of a process: its status, the signal that killed it, or another reason in words."""

    def __init__(self, status=None, signal=None, late=False, reason=None):
        self.status, self.signal, self.late, self.reason = status, signal, late, reason

    def __str__(self):
        if self.late:
            return "its deadline passed"
        if self.signal is not None:
            return "it was killed by signal %d" % self.signal
        if self.status is not None:
            return "it ended with exit status %d" % self.status
        return "it cannot be started: %s" % self.reason


class Observation:
    """All that one pass saw."""

    def __init__(self, report, exit, stderr="", residue=None):
        self.exit, self.stderr, self.residue = exit, stderr, residue
        self.events, self.answers, self.features = [], {}, {}
        self.setup = self.raised = self.effect = self.fault = self.compiled = None
        self.finished = False
        for number, line in enumerate(report.split("\n")[:-1], 1):
            try:
                ((kind, of),) = json.loads(line).items()
                self.take(kind, of)
            except (ValueError, AttributeError, TypeError, KeyError):
                self.fault = "line %d of the report is garbage: %s" % (number, line[:80])
                break

    def take(self, kind, of):
        """Take a line of the report."""
        if kind == "agent":
            if of != PROTOCOL:
                self.fault = "the agent speaks version %s, not %d" % (of, PROTOCOL)
        elif kind == "event":
            self.events.append((of["name"], of["args"]))
        elif kind == "snippet":
            self.raised = of
        elif kind == "end":
            self.finished = of
        elif kind == "probe":
            self.compiled = of["compiled"]
        elif kind in ("setup", "answers", "effect", "features"):
            setattr(self, kind, of)
        else:
            raise ValueError(kind)
