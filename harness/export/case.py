"""The base of the tests: runs the passes of a case, and fails with the verdict if a promise is broken."""

import sys
import unittest

from interpreter import LEAVES_RESIDUE, Interpreter
from verdict import judge_plain, judge_veto


class Case:
    """A snippet, and the events that it must raise."""

    def __init__(self, event, setup, snippet, expect, needs, effect, veto, only, plain, fresh, lasting):
        self.event, self.setup, self.snippet, self.expect, self.needs = event, setup, snippet, expect, needs
        self.effect, self.veto, self.only, self.plain = effect, veto, only, plain
        self.fresh, self.lasting = fresh, lasting
        self.names = {event} | {event.name for event in expect}

    def job(self, veto):
        """Return the fields of a job for the agent."""
        return {
            "setup": self.setup,
            "snippet": self.snippet,
            "names": None if self.only else sorted(self.names),
            "shapes": [event.questions() for event in self.expect],
            "effect": self.effect,
            "veto": self.event if veto else None,
        }

    def needs_process(self):
        """Tell whether what the case does cannot be undone."""
        return self.fresh or self.lasting or any(word in self.setup + self.snippet for word in LEAVES_RESIDUE)


def run_passes(interpreter, case, isolation):
    """Run the passes of a case, and judge them. Return also whether they left nothing behind."""
    judgement, seen = None, None
    if case.plain:
        seen = interpreter.observe(case, False, isolation)
        judgement = judge_plain(case, seen)
    is_clean = seen is None or seen.residue is None
    if case.veto is not None and is_clean and (judgement is None or judgement.wants_veto()):
        seen = interpreter.observe(case, True, isolation)
        judgement = judge_veto(case, seen, judgement)
        is_clean = seen.residue is None
    return judgement, is_clean


def try_case(interpreter, case, is_known):
    """Run a case. What is not as expected is run again in new processes, and then that counts.

    `is_known` tells whether the case is expected to fail. How it fails, nobody says, so that a failure of the warm
    interpreter itself must not pass for it.
    """
    judgement, is_clean = run_passes(interpreter, case, interpreter.isolation)
    is_expected = is_clean and (judgement.verdict != "pass") == is_known
    is_certain = is_expected and judgement.verdict not in ("error", "crash", "timeout")
    if is_certain or interpreter.isolation != "fork":
        return judgement
    return run_passes(interpreter, case, "process")[0]


def is_of_runtime(need):
    """Tell whether a need is of the interpreter itself, and not of the machine."""
    return ":" in need


def printable(text):
    """Return a text whose control characters are written as escapes. Test runners put it into XML, which has none."""
    return "".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in text)


def expected_failure_if(condition):
    """Expect a test to fail where a condition holds."""
    return unittest.expectedFailure if condition else lambda test: test


class AuditTest(unittest.TestCase):
    """The cases of one event."""

    event = None
    interpreter = None

    def check(
        self,
        setup,
        snippet,
        expect,
        needs=(),
        effect=None,
        veto="stops",
        only=False,
        plain=True,
        fresh=False,
        lasting=False,
    ):
        """Run a case, and fail if it does not keep its promises."""
        if not hasattr(sys, "addaudithook"):
            self.skipTest("unsupported: no audit hooks (sys.addaudithook)")
        case = Case(self.event, setup, snippet, expect, needs, effect, veto, only, plain, fresh, lasting)
        lacking = self.interpreter.lacks(case)
        if lacking is not None:
            self.skipTest("%s: needs %s" % ("unsupported" if is_of_runtime(lacking) else "skipped", lacking))
        if self.interpreter.needs_process(case):
            self.skipTest("skipped: needs a process of its own")
        test = getattr(self, self._testMethodName)
        is_known = getattr(test, "__unittest_expecting_failure__", False)
        judgement = try_case(self.interpreter, case, is_known)
        if judgement.verdict != "pass":
            wrong = "".join("\n  " + printable(sentence) for sentence in judgement.wrong)
            self.fail("%s::%s: %s%s" % (self.event, self.name(), judgement.verdict, wrong))

    def name(self):
        """Return the name of the case."""
        return self._testMethodName[len("test_") :].replace("_", "-")


def setUpModule():
    """Start what runs the tests. If it does not work, that is an error of the module, which no test can expect."""
    if hasattr(sys, "addaudithook"):
        AuditTest.interpreter = Interpreter()


def tearDownModule():
    if AuditTest.interpreter is not None:
        AuditTest.interpreter.close()
        AuditTest.interpreter = None
