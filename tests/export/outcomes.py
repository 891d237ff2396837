"""Runs a file of exported tests, and prints the verdict of each case as JSON."""

import importlib
import json
import os
import sys
import unittest


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


def main(path):
    folder, name = os.path.split(os.path.abspath(path))
    sys.path.insert(0, folder)
    module = importlib.import_module(name[: -len(".py")])
    outcomes = Outcomes()
    unittest.defaultTestLoader.loadTestsFromModule(module).run(outcomes)
    print("outcomes " + json.dumps(outcomes.verdicts))


main(sys.argv[1])
