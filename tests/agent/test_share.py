"""The shared interpreter: what it puts back after a trial, and what it finds as residue."""

import unittest

import agent

# What a trial changes, and how the next one sees that it was put back.
CHANGES = {
    "the working directory": ("os.chdir('/')", "os.getcwd() == tmp"),
    "a variable of the environment": ("os.environ['NEW578'] = 'x'", "'NEW578' not in os.environ"),
    "a variable that is removed": ("del os.environ['PATH']", "'PATH' in os.environ"),
    "a module": ("import colorsys", "'colorsys' not in sys.modules"),
    "a module that is removed": ("del sys.modules['os']", "sys.modules['os'] is os"),
    "a module that is replaced": ("sys.modules['os'] = None", "sys.modules['os'] is os"),
    "a name of a module": ("os.new578 = 1", "not hasattr(os, 'new578')"),
    "a name that is removed": ("del os.getcwd", "hasattr(os, 'getcwd')"),
    "a name that is replaced": ("os.getcwd = None", "os.getcwd is not None"),
    "a name of builtins": ("import builtins\nbuiltins.id = None", "id is not None"),
    "a list": ("sys.path.append('new578')", "'new578' not in sys.path"),
    "a dict": ("sys.path_importer_cache['new578'] = None", "'new578' not in sys.path_importer_cache"),
    "the recursion limit": ("sys.setrecursionlimit(4321)", "sys.getrecursionlimit() != 4321"),
    "a trace function": ("sys.settrace(lambda *args: None)", "sys.gettrace() is None"),
    "a profile function": ("sys.setprofile(lambda *args: None)", "sys.getprofile() is None"),
    "standard output": ("sys.stdout = None", "sys.stdout is not None"),
    "the main module": ("sys.modules['__main__'].new578 = 1", "'new578' not in globals()"),
    "an open descriptor": ("fd = os.open('file', os.O_CREAT)", "True"),
    "a file": ("file = open('file', 'w')", "True"),
}


class Share(unittest.TestCase):
    def setUp(self):
        self.warm = agent.Warm(self, "share")

    def run_trial(self, groups="", **fields):
        """Do a job. Return the reply and the lines of the report."""
        trial = agent.Trial(self)
        fields.setdefault("setup", "import os, sys")
        reply = self.warm.run(trial.job(names=fields.pop("names", []), **fields), groups)
        return reply, trial.report()

    def test_what_a_trial_changes_is_put_back(self):
        for what, (snippet, effect) in CHANGES.items():
            with self.subTest(what):
                reply, lines = self.run_trial(snippet=snippet)
                self.assertEqual((reply, agent.value(lines, "snippet")), ("clean", None))
                reply, lines = self.run_trial(effect=effect)
                self.assertEqual((reply, agent.value(lines, "effect")), ("clean", {"there": True}))

    def test_each_change_is_a_change(self):
        for what, (snippet, effect) in CHANGES.items():
            if effect != "True":
                with self.subTest(what):
                    _, lines = self.run_trial(snippet=snippet, effect=effect)
                    self.assertFalse(agent.value(lines, "effect")["there"])

    def test_a_trial_has_its_own_files_and_folders(self):
        trial = agent.Trial(self)
        snippet = "print(os.getcwd(), os.environ['HOME'])\nos.write(2, b'problem')\n"
        self.assertEqual(self.warm.run(trial.job(setup="import os", snippet=snippet)), "clean")
        self.assertEqual(trial.read("stdout"), "%s %s\n" % (trial.tmp, trial.tmp))
        self.assertEqual(trial.read("stderr"), "problem")

    def test_a_thread_that_waits_for_an_open_socket_ends(self):
        snippet = "def wait():\n    one, other = socket.socketpair()\n    started.release()\n    other.recv(1)\n"
        snippet += "started = _thread.allocate_lock()\nstarted.acquire()\n"
        snippet += "_thread.start_new_thread(wait, ())\nstarted.acquire()"
        reply, lines = self.run_trial(setup="import _thread, socket", snippet=snippet)
        self.assertEqual((reply, agent.value(lines, "snippet")), ("clean", None))

    def test_a_module_that_the_harness_names_stays_imported(self):
        for groups, effect in [("colorsys;", "True"), ("", "True")]:
            _, lines = self.run_trial(groups, effect="('colorsys' in sys.modules) == %s" % effect)
            self.assertEqual(agent.value(lines, "effect"), {"there": True})

    def test_a_module_that_cannot_be_imported_fails_in_the_setup(self):
        reply, lines = self.run_trial("no_such_module;", setup="import no_such_module")
        self.assertEqual((reply, agent.kinds(lines)), ("clean", ["agent", "setup"]))

    def test_the_events_of_a_trial_are_its_own(self):
        late = "class Late:\n    def __del__(self):\n        sys.audit('late')\n"
        cycle = "late = Late()\nlate.self = late\nsys.audit('first')\n"
        _, lines = self.run_trial(setup="import sys\n" + late, snippet=cycle, names=None)
        self.assertEqual(agent.events(lines), ["first"])
        _, lines = self.run_trial(snippet="sys.audit('second')", names=None)
        self.assertEqual(agent.events(lines), ["second"])

    def test_a_veto_leaves_nothing(self):
        for _ in range(2):
            reply, lines = self.run_trial(snippet="sys.audit('a')", names=["a"], veto="a")
            self.assertEqual((reply, agent.value(lines, "snippet")["veto"]), ("clean", True))

    def test_a_thread_that_waits_for_a_socket_of_the_trial_ends(self):
        setup = "import socket, threading\none, other = socket.socketpair()\n"
        snippet = "threading.Thread(target=other.recvfrom, args=(1,), daemon=True).start()\n"
        reply, _ = self.run_trial(setup=setup, snippet=snippet)
        self.assertEqual(reply, "clean")

    def test_what_a_snippet_writes_to_the_standard_output_is_no_reply(self):
        reply, _ = self.run_trial(snippet="os.write(1, b'\\x1eclean\\n')")
        self.assertEqual(reply, "clean")
        reply, _ = self.run_trial(snippet="sys.addaudithook(print)\nos.write(1, b'\\x1eclean\\n')")
        self.assertEqual(reply, "a hook was added")

    def test_the_end_of_the_input_is_the_end_of_the_interpreter(self):
        self.run_trial()
        self.assertEqual(self.warm.end(), 0)

    def test_an_agent_that_fails_says_why(self):
        for task, calls in [("share", "share_jobs:"), ("serve", "fork_children:")]:
            with self.subTest(task):
                warm = agent.Warm(self, task)
                reply = warm.run("no job")
                self.assertRegex(reply, r"^failed: TypeError: .* \(%s\d+ > .*load_job:\d+\)$" % calls)
                self.assertEqual(warm.end(), 1)

    def test_what_cannot_be_put_back_is_residue(self):
        thread = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        for snippet, expected in [
            ("sys.addaudithook(lambda *args: None)", "a hook was added"),
            (thread, "a thread was left"),
            ("os.close(0)", "a file was closed"),
        ]:
            with self.subTest(expected):
                warm = agent.Warm(self, "share")
                reply = warm.run(agent.Trial(self).job(setup="import os, sys", snippet=snippet))
                self.assertEqual(reply, expected)


if __name__ == "__main__":
    unittest.main()
