"""The cost of a hook: times the operations whose events are raised most, while nothing else watches."""

import sys

from values import explain
from watch import describe_exception

# Modules of the standard library that are short, written in Python, and needed by no other module while they are gone.
MODULES = ("colorsys", "fnmatch", "keyword", "sched", "shlex", "textwrap")

# The calls that are timed together take at least so many seconds.
LEAST = 0.005

# So often they are timed. The shortest time counts, because only that is free of what else the machine did.
REPEATS = 5


def time_operations(job, report):
    """Add the hook of the setup, and report how long each operation takes."""
    write_file()
    for action in OPERATIONS.values():
        action()  # the first call imports and caches more than the others
    try:
        exec(job["setup"], {"__name__": "__main__"})
    except BaseException as error:
        report.send("setup", describe_exception(error))
        return
    report.add("times", {name: time_of(action) for name, action in OPERATIONS.items()})
    report.send("end", True)


def time_of(action):
    """Return the seconds of one call, and the exception of a hook that denies it; one of them is None."""
    calls = 1
    try:
        while seconds_of(action, calls) < LEAST:
            calls *= 2
        shortest = min([seconds_of(action, calls) for _ in range(REPEATS)])
        return {"seconds": shortest / calls, "objection": None}
    except BaseException as error:
        return {"seconds": None, "objection": explain(error)}


def seconds_of(action, calls):
    """Return the seconds that some calls take."""
    from time import perf_counter

    start = perf_counter()
    for _ in range(calls):
        action()
    return perf_counter() - start


def write_file():
    with open("file", "w") as file:
        file.write("text")


def import_modules_anew():
    for name in MODULES:
        sys.modules.pop(name, None)
        __import__(name)


def open_file():
    with open("file", "rb"):
        pass


def compile_expression():
    compile("1 + 1", "<cost>", "eval")


def read_protected_attribute():
    return open_file.__code__


OPERATIONS = {
    "import (6 modules)": import_modules_anew,
    "open": open_file,
    "compile": compile_expression,
    "object.__getattr__": read_protected_attribute,
}
