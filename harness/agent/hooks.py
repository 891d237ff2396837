"""The first thing that an interpreter is asked: does it have audit hooks?

Run it as `COMMAND ARGS hooks.py AGENT JOB`. If it has hooks, the agent answers everything else. If it has none,
it may be a Python that cannot even parse the agent. Then this script prints `audit578 ` and the JSON object that the
agent would report.

It uses only features that Python 2.6, Python 3, MicroPython and Monty all have: functions and loops, no classes, and no
import except sys. Each attribute of sys may be missing.
"""

import sys


def quote(text):
    """Return a text as a JSON string in ASCII. A character beyond U+FFFF becomes U+FFFD: a build may not have it."""
    out = ""
    for character in text:
        code = ord(character)
        if character == '"' or character == "\\":
            out += "\\" + character
        elif 32 <= code < 127:
            out += character
        else:
            out += "\\u%04x" % min(code, 0xFFFD)
    return '"' + out + '"'


def optional(text):
    return "null" if text is None else quote(text)


def dotted(numbers):
    return ".".join([str(number) for number in numbers])


def implementation():
    """Return the name of the implementation, or of the platform if nothing else names it."""
    if hasattr(sys, "implementation"):
        return sys.implementation.name
    if hasattr(sys, "subversion"):
        return sys.subversion[0].lower()
    return sys.platform


def implementation_version():
    """Return the version of the implementation. Before `sys.implementation` it was the version of the language."""
    if hasattr(sys, "implementation"):
        return dotted(sys.implementation.version[:3]) + release_tag(sys.implementation.version)
    if hasattr(sys, "subversion"):
        return dotted(sys.version_info[:3])
    return "unknown"


def release_tag(version):
    """Return the part of a version after its three numbers. It is empty for a final release, and in MicroPython."""
    rest = version[3:]
    if len(rest) < 2 or rest[0] == "final":
        return ""
    return "%s%d" % (rest[0], rest[1])


def describe():
    """Return the report about a Python without hooks, as JSON."""
    members = [
        '"implementation":' + quote(implementation()),
        '"language":[' + ",".join([str(number) for number in sys.version_info[:3]]) + "]",
        '"release":' + quote(release_tag(sys.version_info) or "final"),
        '"implementation-version":' + quote(implementation_version()),
        '"build":' + quote(" ".join(sys.version.split())),
        '"platform":' + quote(sys.platform),
        '"machine":null',
        '"executable":' + optional(getattr(sys, "executable", None) or None),
        '"flags":[]',
        '"audit":false',
        '"compiler":null',
        '"compiled":null',
    ]
    return "{" + ",".join(members) + "}"


def run(agent):
    """Run the agent as if it were started without this script."""
    sys.argv = sys.argv[1:]
    with open(agent) as file:
        code = compile(file.read(), agent, "exec")
    exec(code, {"__name__": "__main__", "__file__": agent})


if hasattr(sys, "audit") and hasattr(sys, "addaudithook"):
    run(sys.argv[1])
else:
    print("audit578 " + describe())
