"""The fork server: how it replies, and what its children get."""

import os
import unittest

import agent

COUNT = """
import os

def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True

def count():
    return sum(map(is_open, range(64)))
"""


@unittest.skipUnless(hasattr(os, "fork"), "there is no fork")
class Fork(unittest.TestCase):
    def setUp(self):
        self.warm = agent.Warm(self, "serve")

    def run_trial(self, groups="", **fields):
        """Have a child do a job. Return its folder and the lines of its report."""
        trial = agent.Trial(self)
        self.warm.send(trial.job(**fields), groups)
        started, ended = self.warm.reply().split(), self.warm.reply().split()
        self.assertEqual((started[0], ended), ("started", ["ended", "0"]))
        return trial, trial.report()

    def test_each_job_has_a_child_of_its_own_with_its_files(self):
        setup = "import os, sys\nassert not hasattr(sys, 'x')\nsys.x = 1\n"
        snippet = "print(os.getcwd(), os.environ['HOME'], flush=True)\nos.write(2, b'problem')\n"
        for _ in range(2):
            trial, lines = self.run_trial(setup=setup, snippet=snippet, names=[])
            self.assertEqual(agent.kinds(lines), ["agent", "snippet", "answers", "end"])
            self.assertEqual(trial.read("stdout"), "%s %s\n" % (trial.tmp, trial.tmp))
            self.assertEqual(trial.read("stderr"), "problem")

    def test_a_child_is_the_leader_of_a_process_group_and_has_no_input(self):
        snippet = "x = os.read(0, 1)\n"
        _, lines = self.run_trial(setup="import os", snippet=snippet, effect="x == b'' and os.getpgrp() == os.getpid()")
        self.assertEqual(agent.value(lines, "effect"), {"there": True})

    def test_a_child_has_no_descriptors_but_its_own(self):
        for groups in ["", "string;", "string;textwrap;", "json;"]:
            with self.subTest(groups=groups):
                _, lines = self.run_trial(groups, setup=COUNT, effect="count() == 4")  # streams and report
                self.assertEqual(agent.value(lines, "effect"), {"there": True})

    def test_a_branch_has_imported_its_modules_and_the_children_of_others_have_not(self):
        for groups, expected in [("colorsys;", True), ("", False), ("colorsys;no_such_module;", True)]:
            with self.subTest(groups=groups):
                effect = "('colorsys' in sys.modules) is %s" % expected
                _, lines = self.run_trial(groups, setup="import sys", effect=effect)
                self.assertEqual(agent.value(lines, "effect"), {"there": True})

    def test_more_branches_than_are_kept_do_their_jobs(self):
        for number in list(range(20)) + [0]:
            self.run_trial("no_such_module_%d;" % number, names=[])

    def test_the_end_of_a_child_is_told(self):
        for snippet, status in [("os._exit(3)", 3 << 8), ("os.kill(os.getpid(), 9)", 9)]:
            self.warm.send(agent.Trial(self).job(setup="import os", snippet=snippet))
            self.assertTrue(self.warm.reply().startswith("started "))
            self.assertEqual(self.warm.reply(), "ended %d" % status)

    def test_a_probe_is_a_job_too(self):
        trial = agent.Trial(self)
        self.warm.send(trial.job(task="probe", needs=["module:sys", "module:no578"]))
        self.warm.reply(), self.warm.reply()
        lines = trial.report()
        self.assertEqual(agent.value(lines, "features"), {"module:sys": True, "module:no578": False})

    def test_the_end_of_the_input_is_the_end_of_the_interpreter_and_its_branches(self):
        self.run_trial("string;")
        self.assertEqual(self.warm.end(), 0)


if __name__ == "__main__":
    unittest.main()
