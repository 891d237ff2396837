"""The watch: which events it records, and when it raises the veto."""

import os
import threading
import unittest

import agent
import watch
from watch import VETO, Watch, describe_exception


class Lines:
    """A report in memory."""

    def __init__(self):
        self.events = []
        self.on_send = None

    def send(self, kind, payload):
        assert kind == "event"
        if self.on_send:
            self.on_send()
        self.events.append((payload["name"], [arg.get("value") for arg in payload["args"]]))


class Hook(unittest.TestCase):
    def setUp(self):
        self.lines = Lines()

    def watch(self, names=None, veto=None):
        found = Watch(self.lines, names, veto)
        found.active = True
        return found

    def test_events_are_recorded_in_order_with_their_arguments(self):
        found = self.watch()
        found.hook("a", (1,))
        found.hook("b", ("x", True))
        self.assertEqual(self.lines.events, [("a", [1]), ("b", ["x", True])])

    def test_only_events_of_the_names_are_recorded(self):
        found = self.watch(names=["a"])
        found.hook("a", ())
        found.hook("b", ())
        self.assertEqual(self.lines.events, [("a", [])])

    def test_nothing_is_recorded_before_the_snippet_and_after_it(self):
        found = self.watch()
        found.active = False
        found.hook("a", ())
        found.active = True
        found.stop()
        found.hook("b", ())
        self.assertEqual(self.lines.events, [])

    def test_the_exec_event_of_the_agent_itself_is_not_recorded(self):
        found = self.watch()
        own, other = compile("1", "own", "exec"), compile("1", "other", "exec")
        found.own_code = own
        for name, args in [("exec", (own,)), ("exec", (other,)), ("exec", ()), ("compile", (own,))]:
            found.hook(name, args)
        self.assertEqual([args for _, args in found.seen], [(other,), (), (own,)])

    def test_the_events_that_the_hook_itself_raises_are_not_recorded(self):
        found = self.watch()
        self.lines.on_send = lambda: found.hook("inner", ())
        found.hook("outer", ())
        self.assertEqual(self.lines.events, [("outer", [])])

    def test_the_events_of_another_thread_are_recorded_while_one_is_in_the_hook(self):
        found = self.watch()
        in_hook, worker = threading.Event(), None

        def send_from_another_thread():
            self.lines.on_send = None
            nonlocal worker
            worker = threading.Thread(target=lambda: (in_hook.set(), found.hook("other", ())))
            worker.start()
            in_hook.wait(10)

        self.lines.on_send = send_from_another_thread
        found.hook("first", ())
        worker.join(10)
        self.assertEqual(self.lines.events, [("first", []), ("other", [])])

    @unittest.skipUnless(hasattr(os, "fork"), "there is no fork")
    def test_a_forked_child_records_nothing(self):
        found = self.watch()
        child = os.fork()
        if child == 0:
            found.hook("a", ())
            os._exit(len(found.seen))
        self.assertEqual(os.waitpid(child, 0)[1], 0)

    def test_the_veto_is_raised_at_its_event_which_is_recorded(self):
        found = self.watch(veto="b")
        found.hook("a", ())
        with self.assertRaises(RuntimeError) as raised:
            found.hook("b", ())
        self.assertIs(raised.exception, VETO)
        self.assertEqual(self.lines.events, [("a", []), ("b", [])])

    def test_an_event_that_finds_no_stack_is_sent_at_the_end(self):
        found = self.watch()

        def fail():
            raise RecursionError

        self.lines.on_send = fail
        found.hook("a", ())
        self.assertEqual((self.lines.events, found.busy), ([], set()))
        self.lines.on_send = None
        found.stop()
        self.assertEqual(self.lines.events, [("a", [])])


class Exceptions(unittest.TestCase):
    def raised(self, text, names):
        try:
            exec(compile(text, "<snippet>", "exec"), names)
        except BaseException as error:
            return describe_exception(error)
        return None

    def test_an_exception_has_the_last_line_of_the_snippet_that_it_came_through(self):
        text = "def f():\n    fail()\n\nf()\n"
        names = {"fail": [].pop}
        expected = {"text": "IndexError: pop from empty list", "line": 2, "veto": False}
        self.assertEqual(self.raised(text, names), expected)

    def test_only_the_very_exception_of_the_hook_is_the_veto(self):
        raised = self.raised("raise veto", {"veto": VETO})
        self.assertEqual((raised["veto"], raised["line"]), (True, 1))
        other = self.raised("raise kind('vetoed by audit578')", {"kind": watch.Veto})
        self.assertEqual((other["veto"], other["text"]), (False, raised["text"]))


class Trials(unittest.TestCase):
    """The watch as the hook of an interpreter."""

    def setUp(self):
        self.trial = agent.Trial(self)

    def test_a_snippet_runs_as_the_main_module_under_watch(self):
        lines = self.trial.run(
            setup="import sys\nsys.audit('setup')\n",
            snippet="sys.audit('a', __name__, tmp)\nx = 5\n",
            effect="x == 5",
        )
        self.assertEqual(agent.kinds(lines), ["agent", "event", "snippet", "answers", "effect", "end"])
        name, tmp = agent.value(lines, "event")["args"]
        self.assertEqual((name["value"], tmp["value"]), ("__main__", self.trial.tmp))
        self.assertEqual(agent.value(lines, "effect"), {"there": True})
        self.assertIsNone(agent.value(lines, "snippet"))

    def test_a_setup_that_fails_ends_the_report(self):
        lines = self.trial.run(setup="\n1 / 0\n", snippet="x = 1\n")
        self.assertEqual(agent.kinds(lines), ["agent", "setup"])
        expected = {"text": "ZeroDivisionError: division by zero", "line": 2, "veto": False}
        self.assertEqual(agent.value(lines, "setup"), expected)

    def test_code_that_does_not_compile_fails_as_the_setup(self):
        for field, value in [("setup", "("), ("snippet", "("), ("effect", "("), ("shapes", [[{"same": "("}]])]:
            with self.subTest(field=field):
                lines = self.trial.run(**{field: value})
                self.assertEqual(agent.kinds(lines), ["agent", "setup"])
                self.assertIn("SyntaxError: ", agent.value(lines, "setup")["text"])

    def test_a_veto_reaches_the_snippet(self):
        lines = self.trial.run(setup="import sys", snippet="sys.audit('a')\nx = 1\n", veto="a", effect="x")
        snippet, effect = agent.value(lines, "snippet"), agent.value(lines, "effect")
        self.assertEqual((snippet["veto"], snippet["line"]), (True, 1))
        self.assertFalse(effect["there"])
        self.assertIn("NameError", effect["note"])

    def test_events_before_a_sudden_end_are_in_the_report(self):
        lines = self.trial.run(setup="import os, sys", snippet="sys.audit('a')\nos._exit(0)\n", names=["a"])
        self.assertEqual(agent.kinds(lines), ["agent", "event"])

    def test_a_snippet_may_replace_what_the_agent_uses_of_os(self):
        snippet = "for name in ('open', 'write', 'close', 'fstat', 'getpid', '_exit'):\n    setattr(os, name, None)\n"
        lines = self.trial.run(setup="import os, sys", snippet=snippet + "sys.audit('a')\n", names=["a"])
        self.assertEqual(agent.kinds(lines), ["agent", "event", "snippet", "answers", "end"])

    def test_a_snippet_may_close_all_descriptors(self):
        lines = self.trial.run(setup="import os, sys", snippet="os.closerange(3, 64)\nsys.audit('a')\n", names=["a"])
        self.assertEqual(agent.kinds(lines), ["agent", "event", "snippet", "answers", "end"])

    @unittest.skipUnless(hasattr(os, "fork"), "there is no fork")
    def test_a_child_that_the_snippet_forks_and_does_not_end_reports_nothing(self):
        snippet = "child = os.fork()\nsys.audit('a')\nif child:\n    os.waitpid(child, 0)\n"
        lines = self.trial.run(setup="import os, sys", snippet=snippet, names=["a"])
        self.assertEqual(agent.kinds(lines), ["agent", "event", "snippet", "answers", "end"])

    def test_a_recording_has_the_variables_and_the_library(self):
        lines = self.trial.run(
            setup="import sys\nx = []", snippet="sys.audit('a', x, 1, [])\n", record=True, names=["a"]
        )
        self.assertEqual(agent.value(lines, "variables"), [["x", None, None]])
        self.assertEqual(agent.value(lines, "library"), os.path.dirname(os.__file__))

    def test_what_the_shapes_of_an_event_ask_is_answered(self):
        shapes = [[], ["any", {"same": "x"}]]
        lines = self.trial.run(
            setup="import sys\nx = []",
            snippet="sys.audit('a')\nsys.audit('b', 1, x)\n",
            shapes=shapes,
            names=["a", "b"],
        )
        self.assertEqual(list(agent.value(lines, "answers")), ["1.1"])
        self.assertIs(agent.value(lines, "answers")["1.1"]["holds"], True)

    def test_a_snippet_can_import_nearly_everything(self):
        setup = "import sys\nloaded = [name for name in names if name in sys.modules]\n"
        names = [
            "atexit",
            "json",
            "logging",
            "re",
            "shutil",
            "socket",
            "subprocess",
            "threading",
            "traceback",
            "typing",
        ]
        script = self.trial.path("start.py")
        with open(script, "w") as file:
            file.write(
                "import sys\nopen('loaded', 'w').write(repr([name for name in %r if name in sys.modules]))" % names
            )
        agent.python("-I", "-S", script, folder=self.trial.folder)
        lines = self.trial.run(setup="names = %r\n" % names + setup, effect="loaded == " + self.trial.read("loaded"))
        self.assertEqual(agent.value(lines, "effect"), {"there": True})


if __name__ == "__main__":
    unittest.main()
