"""The Python side keeps to the tables of PROTOCOL.md. The tests of protocol.rs do so for Rust."""

import ast
import glob
import os
import re
import unittest

import agent
from report import PROTOCOL


def text(name):
    with open(os.path.join(agent.FOLDER, name), encoding="utf-8") as file:
        return file.read()


PAGE = text("PROTOCOL.md")
SOURCES = [os.path.basename(path) for path in sorted(glob.glob(os.path.join(agent.FOLDER, "*.py")))]
NODES = [node for name in SOURCES for node in ast.walk(ast.parse(text(name)))]


def table(heading):
    """Return the names in the first column of the table below a heading."""
    section = re.split(r"^#+ ", PAGE.partition("# %s\n" % heading)[2], flags=re.MULTILINE)[0]
    rows = [row.split(" | ")[0] for row in section.splitlines() if row.startswith("| `")]
    return {name for row in rows for name in re.findall("`([^`]+)`", row)}


def constant(node):
    """Return the text of a node that is a constant text, or None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def job_fields(context):
    """Return the fields of a job that the sources read, or write."""
    subscripts = [node for node in NODES if isinstance(node, ast.Subscript) and isinstance(node.ctx, context)]
    subscripts = [node for node in subscripts if isinstance(node.value, ast.Name) and node.value.id == "job"]
    # Before Python 3.9 there is an ast.Index around the constant.
    return {constant(getattr(node.slice, "value", node.slice)) or constant(node.slice) for node in subscripts}


def report_lines():
    """Return the kinds of lines that the sources write."""
    calls = [node for node in NODES if isinstance(node, ast.Call) and node.args]
    names = [(getattr(call.func, "attr", getattr(call.func, "id", "")), constant(call.args[0])) for call in calls]
    return {kind for name, kind in names if name in ("add", "send", "line") and kind}


class Sources(unittest.TestCase):
    def test_the_agent_reads_each_field_of_a_job_and_no_other(self):
        parts = {"setup", "snippet"}  # read in a loop
        own = {"refused", "body"}  # what the compiler refused, and the snippet as a function: the agent adds them
        self.assertLessEqual(own, job_fields(ast.Store))
        read = {name for name in job_fields(ast.Load) if name} | parts
        self.assertEqual(read - own, table("Fields of a job"))

    def test_agent_and_native_hook_write_each_line_of_a_report_and_no_other(self):
        native = set(re.findall(r'\{\\"(\w+)\\":', text("native.c"))) - {"type", "name"}
        self.assertLessEqual(native, table("Lines of a report"))
        self.assertEqual(report_lines() | native, table("Lines of a report"))

    def test_the_tables_of_variables_and_replies_are_complete(self):
        names = set(re.findall(r"AUDIT578_[A-Z]+", text("main.py") + text("native.c")))
        self.assertEqual(names, table("Environment"))
        strings = {constant(node) for node in NODES}
        for reply in table("Warm and shared interpreters"):
            word, _, rest = reply.partition(" ")
            start = word + " %" if rest.isupper() else reply
            self.assertTrue(any(string and string.startswith(start) for string in strings), reply)

    def test_the_version_is_that_of_the_page(self):
        self.assertIn("The version is `%d`." % PROTOCOL, PAGE)


class Reports(unittest.TestCase):
    """The agent's reports have the lines of the page, in its order."""

    def setUp(self):
        self.trial = agent.Trial(self)

    def run_trial(self, **fields):
        return self.trial.run(setup=fields.pop("setup", "import sys"), **fields)

    def check_order(self, lines):
        section = PAGE.partition("## Lines of a report\n")[2].partition("\n#")[0]
        order = re.findall(r"^\| `(\w+)`", section, re.MULTILINE)
        places = [order.index(kind) for kind in agent.kinds(lines)]
        self.assertEqual(places, sorted(places))

    def test_the_lines_come_in_the_order_of_the_page(self):
        probe = self.run_trial(task="probe", needs=["fork", "module:sys"])
        trial = self.run_trial(snippet="sys.audit('a')\nsys.audit('a')", names=["a"], effect="True", record=True)
        hot = {"rounds": 3, "seconds": 60}
        hot = self.run_trial(snippet="sys.audit('a')", names=["a"], effect="True", hot=hot)
        setup = self.run_trial(setup="1 / 0")
        time = self.run_trial(task="time")
        for lines in (probe, trial, hot, setup, time):
            self.check_order(lines)
        self.assertEqual(set(agent.kinds(probe + trial + hot + setup + time)), table("Lines of a report") - {"native"})

    def test_a_job_may_have_no_field_but_those_of_the_page(self):
        self.assertEqual(set(self.trial.job()), table("Fields of a job"))

    def test_payloads_have_the_fields_of_the_page(self):
        probe = agent.value(self.run_trial(task="probe"), "probe")
        self.assertEqual(set(probe), table("Fields of a probe"))
        times = agent.value(self.run_trial(task="time"), "times")
        self.assertEqual({key for time in times.values() for key in time}, table("Fields of a time"))
        shapes = [[{"equal": "1"}, {"equal": "1 / 0"}]]
        lines = self.run_trial(snippet="sys.audit('a', 1, 1)\n1 / 0", names=["a"], shapes=shapes, effect="no_such_name")
        self.assertEqual(set(agent.value(lines, "snippet")), table("Fields of an exception"))
        self.assertEqual(set(agent.value(lines, "effect")), table("Fields of an effect"))
        hot = self.run_trial(snippet="1 / 0", hot={"rounds": 3, "seconds": 60})
        self.assertEqual(set(agent.value(hot, "hot")), table("Fields of hot rounds"))
        answers = agent.value(lines, "answers")
        self.assertEqual({key for answer in answers.values() for key in answer}, table("Fields of an answer"))


if __name__ == "__main__":
    unittest.main()
