"""Runs a file of exported tests by `unittest`, `pytest` or `regrtest`, and prints the verdict of each case as JSON."""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

EXPECTED_FAILURE = "expected failure"
"""The verdict of each failure that was expected where a runner does not keep which it was."""


class Outcomes(unittest.TestResult):
    """The verdict of each test: the word that begins the reason of a skip or the message of a failure."""

    def __init__(self):
        super().__init__()
        self.verdicts = {}

    def put(self, test, verdict):
        self.verdicts["%s::%s" % (test.event, test.name())] = verdict

    def addSuccess(self, test):
        self.put(test, "pass")

    def addUnexpectedSuccess(self, test):
        self.put(test, "pass (a failure was expected)")

    def addSkip(self, test, reason):
        self.put(test, reason.split(":")[0])

    def addFailure(self, test, error):
        self.put(test, self.word(error) + " (a pass was expected)")

    def addExpectedFailure(self, test, error):
        self.put(test, self.word(error))

    def addError(self, test, error):
        self.put(test, "broken test: %s" % error[1])

    def word(self, error):
        return str(error[1]).split("\n")[0].split(": ")[1]


def run(module):
    """Run the tests of a module by unittest. No warm interpreter may be lost, because new processes hide that."""
    outcomes, run_forked, lost = Outcomes(), module.Interpreter.run_forked, []

    def run_and_look(interpreter, job):
        exit = run_forked(interpreter, job)
        lost.extend([] if exit.reason is None else [exit.reason])
        return exit

    module.Interpreter.run_forked = run_and_look
    unittest.defaultTestLoader.loadTestsFromModule(module).run(outcomes)
    if lost:
        sys.exit("%d warm interpreters are lost: %s" % (len(lost), lost[0]))
    return outcomes.verdicts


def run_by(runner, path, module):
    """Run the tests by another runner, and read the JUnit file that it writes."""
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "junit.xml")
        words = {
            "pytest": ["-m", "pytest", "-p", "no:cacheprovider", "--junit-xml", report, path],
            "regrtest": ["-m", "test", "--testdir", os.path.dirname(path), "--junit-xml", report, module.__name__],
        }
        command = [sys.executable, "-B"] + words[runner]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            sys.exit("%s ends with exit code %d:\n%s" % (runner, done.returncode, done.stdout.decode(errors="replace")))
        return dict(outcome(module, element) for element in ElementTree.parse(report).iter("testcase"))


def outcome(module, element):
    """Return the id and the verdict of a case. The runners write the name of a test in one attribute or in two."""
    name, method = ("%s.%s" % (element.get("classname"), element.get("name"))).split(".")[-2:]
    test = getattr(module, name)(method)
    verdict = "pass"
    for child in element:
        is_skip = child.tag == "skipped" and child.get("type") != "pytest.xfail"
        if child.tag in ("skipped", "output", "failure", "error", "outcome"):
            verdict = (child.get("message") or child.text).split(":")[0] if is_skip else EXPECTED_FAILURE
    return "%s::%s" % (test.event, test.name()), verdict


def main(runner, path):
    path = os.path.abspath(path)
    folder, name = os.path.split(path)
    sys.path.insert(0, folder)
    module = importlib.import_module(name[: -len(".py")])
    verdicts = run(module) if runner == "unittest" else run_by(runner, path, module)
    print("outcomes " + json.dumps(verdicts))


main(*sys.argv[1:])
