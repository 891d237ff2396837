"""The fork server: how it replies, and what its children get."""

import gc
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

    def run_pair(self, setup, snippet, effect=None):
        """Have a child do the veto pass and the plain pass of a trial. Return the lines of both reports."""
        trial, plain = agent.Trial(self), agent.Trial(self)
        files = {name: plain.job()[name] for name in ("report", "stdout", "stderr", "tmp")}
        job = trial.job(setup=setup, snippet=snippet, effect=effect, names=["a"], veto="a", next=files)
        self.warm.send(job)
        self.warm.reply()
        self.assertEqual(self.warm.reply(), "ended 0")
        return trial.report(), plain.report() if os.path.exists(plain.path("report")) else None

    @unittest.skipUnless(hasattr(gc, "freeze"), "objects cannot be frozen")
    def test_the_plain_pass_follows_a_veto_that_held(self):
        setup = "import os, sys\nassert os.listdir(tmp) == [] and 'X' not in os.environ\n"
        setup += "open('file', 'wb').close()\nos.environ['X'] = 'x'\nos.chdir('/')"
        snippet = "sys.audit('a', tmp)\ndone = True"
        veto, plain = self.run_pair(setup, snippet, "done and os.environ['HOME'] == tmp")
        self.assertEqual(agent.kinds(veto), ["agent", "event", "snippet", "answers", "effect", "end"])
        self.assertEqual(agent.kinds(plain), ["agent", "event", "snippet", "answers", "effect", "end"])
        self.assertEqual([agent.value(lines, "effect")["there"] for lines in (veto, plain)], [False, True])
        self.assertEqual([agent.value(lines, "snippet") is None for lines in (veto, plain)], [False, True])
        self.assertNotEqual(agent.value(veto, "event"), agent.value(plain, "event"))

    @unittest.skipUnless(hasattr(gc, "freeze"), "objects cannot be frozen")
    def test_the_plain_pass_has_its_own_child_where_the_veto_pass_shows(self):
        for what, setup, snippet in [
            ("the veto does not hold", "", "try: sys.audit('a')\nexcept RuntimeError: pass"),
            ("the effect is there", "", "done = True\nsys.audit('a')"),
            ("the event is not raised", "", "pass"),
            ("a module", "import colorsys", "sys.audit('a')"),
            ("a thread", "import _thread, time\n_thread.start_new_thread(time.sleep, (9,))", "sys.audit('a')"),
            ("a process", "if os.fork() == 0: os._exit(0)", "sys.audit('a')"),
            ("a hook", "sys.addaudithook(lambda *args: None)", "sys.audit('a')"),
            ("a descriptor that is closed", "os.close(2)", "sys.audit('a')"),
            ("a handler", "import signal\nsignal.signal(signal.SIGUSR1, print)", "sys.audit('a')"),
            ("the mask of modes", "os.umask(0o7)", "sys.audit('a')"),
            ("the setup", "1 / 0", "sys.audit('a')"),
        ]:
            with self.subTest(what):
                _, plain = self.run_pair("import os, sys\ndone = False\n" + setup, snippet, "done")
                self.assertIsNone(plain)


if __name__ == "__main__":
    unittest.main()
