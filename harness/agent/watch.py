"""The watch: an audit hook that records the events of one trial, and raises an exception at the one under test."""

from _thread import allocate_lock, get_ident

from system import os_getpid
from values import describe, explain


class Veto(RuntimeError):
    """The exception that the hook raises in a veto pass.

    It is a RuntimeError, because `sys.addaudithook` and `sys.excepthook` are documented to treat this exception in a
    special way.
    """


VETO = Veto("vetoed by audit578")


class Watch:
    """An audit hook, and the events that it saw: those of some names, or all. Without a report, it only keeps them.

    The arguments are kept alive until the snippet is done, because they are compared then.
    """

    def __init__(self, report, names, veto):
        self.report, self.veto = report, veto
        self.names = None if names is None else frozenset(names)
        self.active = False
        self.own_code = None  # the code object that the agent runs: its `exec` event is not recorded
        self.seen = []  # (name, arguments), in order
        self.sent = 0
        self.busy = set()  # the threads that are inside the hook: their events are not recorded
        self.lock = allocate_lock()
        self.process = os_getpid()

    def hook(self, name, args):
        """Record an event, and veto it if it is the one to veto."""
        if self.names is not None and name not in self.names:
            return
        if not self.active or get_ident() in self.busy or os_getpid() != self.process:
            return
        if name == "exec" and self.own_code is not None and args and args[0] is self.own_code:
            return
        self.seen.append((name, args))
        try:
            self.flush()
        except RecursionError:
            pass  # the snippet used up the stack: stop() sends the event
        if name == self.veto:
            raise VETO

    def flush(self):
        """Send the events that are not sent yet, in order."""
        if self.report is None:
            return
        thread = get_ident()
        self.busy.add(thread)
        try:
            with self.lock:
                while self.sent < len(self.seen):
                    name, args = self.seen[self.sent]
                    self.report.send("event", {"name": name, "args": [describe(value) for value in args]})
                    self.sent += 1
        finally:
            self.busy.discard(thread)

    def stop(self):
        """Record no more events, and send those that are not sent yet."""
        self.active = False
        self.flush()


def describe_exception(error):
    """Describe an exception: its type and message, the line of the case's code, and whether it is the veto."""
    number, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename in ("<setup>", "<snippet>"):
            number = step.tb_lineno
        step = step.tb_next
    return {"text": explain(error), "line": number, "veto": error is VETO}
