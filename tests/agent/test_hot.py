"""Tests of hot.py: a snippet as a function, and its rounds."""

import os
import sys
import unittest

import agent
from hot import compile_body

UNDONE = {"setup": "import os, sys", "effect": "os.environ['audit578'] == 'x'", "veto": "a"}


def run_body(text, **names):
    """Run a text as the body of a function. Return the names afterwards."""
    scratch = {}
    exec(compile_body(text, "<snippet>")[0], names, scratch)
    scratch["hot_body"]()
    return names


class Body(unittest.TestCase):
    def test_what_a_snippet_binds_is_global_and_what_its_functions_bind_is_not(self):
        for text, bound in [
            ("x = 1", "x"),
            ("x, *y = 1, 2", "x y"),
            ("import os.path, sys as x", "os x"),
            ("from os import path", "path"),
            ("def x(z): y = 1", "x y"),
            ("class x: pass", "x"),
            ("for x in (): pass", "x"),
            ("with a as x: pass", "x"),
            ("try: pass\nexcept a as x: pass", "x"),
            ("del x", "x"),
            ("if (x := 3): pass", "x"),
            ("x.y = z[0] = 1", ""),
        ]:
            with self.subTest(text):
                self.assertEqual(compile_body(text, "<snippet>")[1], bound.split())
        self.assertEqual(run_body("body = 1")["body"], 1)
        self.assertEqual(run_body("y = 0\ndef x(): y = 1\nx()")["y"], 0)
        self.assertEqual(run_body("'''text'''\nx += 1", x=5)["x"], 6)

    @unittest.skipIf(sys.version_info < (3, 10), "there is no `match`")
    def test_a_pattern_binds_names(self):
        names = run_body("match [1, 2, {3: 4, 5: 6}]:\n case [x, *y, {3: _, **z}] as all: pass")
        self.assertEqual([names[name] for name in ("x", "y", "z")], [1, [2], {5: 6}])

    def test_the_code_has_the_lines_and_the_name_of_a_module(self):
        try:
            run_body("a = 1\n1 / 0")
        except ZeroDivisionError as error:
            step = error.__traceback__.tb_next.tb_next
            code = step.tb_frame.f_code
            self.assertEqual((code.co_filename, code.co_name, step.tb_lineno), ("<snippet>", "<module>", 2))

    def test_what_cannot_be_in_a_function_is_refused(self):
        for text in "from os import *", "x: int = 1":
            with self.assertRaises(SyntaxError):
                compile_body(text, "<snippet>")


@unittest.skipIf("__pypy__" in sys.builtin_module_names, "PyPy closes files late")
class Rounds(unittest.TestCase):
    def setUp(self):
        self.trial = agent.Trial(self)

    def run_hot(self, snippet, rounds=20, seconds=60, **fields):
        fields.setdefault("names", ["a"])
        return self.trial.run(snippet=snippet, hot={"rounds": rounds, "seconds": seconds}, **fields)

    def test_only_the_last_of_all_rounds_is_recorded(self):
        setup = "import sys\ncalls = []\nkept = calls if 'kept' not in globals() else kept"
        lines = self.run_hot("kept.append(0); sys.audit('a', len(kept))", setup=setup, effect="len(kept) > 0")
        self.assertEqual(agent.value(lines, "hot"), {"rounds": 20, "reason": None})
        # Two rounds before, twenty, and the last one.
        event = {"name": "a", "args": [{"type": "int", "value": 23}]}
        self.assertEqual(agent.value(lines, "event"), event)
        self.assertEqual(agent.value(lines, "snippet"), None)

    def test_only_the_last_of_all_rounds_is_vetoed(self):
        snippet = "sys.audit('a')\ndone = True"
        lines = self.run_hot(snippet, setup="import sys", effect="done", veto="a")
        self.assertTrue(agent.value(lines, "snippet")["veto"])
        self.assertEqual(agent.value(lines, "effect")["there"], False)
        lines = self.run_hot(snippet, setup="import sys", effect="done")
        self.assertEqual(agent.value(lines, "effect")["there"], True)

    def test_each_round_begins_with_the_setup_in_an_empty_folder(self):
        setup = "import os, sys\nos.mkdir('d')\ntarget = 'd/e'"
        lines = self.run_hot("os.mkdir(target)", setup=setup, names=["os.mkdir"], effect="os.path.isdir(target)")
        self.assertEqual(agent.events(lines), ["os.mkdir"])
        self.assertEqual(os.listdir(self.trial.path("tmp/d")), ["e"])

    def test_a_snippet_that_cannot_be_repeated_says_why(self):
        once = "calls = [] if 'calls' not in globals() else calls\ncalls.append(0)\n"
        for snippet, fields, reason in [
            ("from os import *", {}, "the snippet cannot be the body of a function: "),
            ("1 / 0", {}, "the first round raised ZeroDivisionError: "),
            ("if len(calls) > 1: sys.audit('a')", {"setup": "import sys\n" + once}, "the second round raised other"),
            (
                "pass",
                {"setup": once + "if len(calls) == 2: 1 / 0", "effect": "True"},
                "the second setup raised ZeroDiv",
            ),
            ("if len(calls) > 5: 1 / 0", {"setup": once, "effect": "True"}, "a later round raised ZeroDivisionError: "),
            ("exec('x = 1')", {"effect": "x"}, "the snippet has no effect as the body of a function"),
            (
                "os.open('/dev/null', 0)",
                {"setup": "import os", "rounds": 600},
                "a round leaves files or threads behind: 1",
            ),
            ("os.fork() or os._exit(0)", {"setup": "import os"}, "a round leaves a process behind"),
            (
                "os.environ['audit578'] = 'x'; sys.audit('a')",
                UNDONE,
                "the effect of a round is not undone before the next",
            ),
            ("time.sleep(0.01)", {"setup": "import time", "seconds": 0.1}, "there was no time for 20 rounds"),
        ]:
            with self.subTest(snippet):
                lines = self.run_hot(snippet, **fields)
                self.assertEqual(agent.kinds(lines)[-2:], ["hot", "end"])
                self.assertEqual(lines[-2][1]["reason"][: len(reason)], reason)

    def test_a_child_that_a_round_forks_runs_no_further_rounds(self):
        lines = self.run_hot("if os.fork(): os.wait()\nsys.audit('a')", setup="import os, sys")
        self.assertEqual(agent.value(lines, "hot")["reason"], None)
        self.assertEqual(agent.events(lines), ["a"])


if __name__ == "__main__":
    unittest.main()
