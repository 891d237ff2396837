"""Tests of cost.py: operations are timed without a hook, with one, and under one that denies."""

import unittest

import agent

EMPTY = "import sys\nsys.addaudithook(lambda event, args: None)"
SLOW = "import sys, time\nsys.addaudithook(lambda event, args: event == 'open' and time.sleep(0.05))"
DENYING = """
import sys

def hook(event, args):
    if event == "compile":
        raise OSError("no")

sys.addaudithook(hook)
"""


class Cost(unittest.TestCase):
    def times(self, setup):
        return agent.value(agent.Trial(self).run(task="time", setup=setup), "times")

    def test_each_operation_has_a_time(self):
        for setup in ("", EMPTY):
            times = self.times(setup)
            self.assertEqual(set(times), {"import (6 modules)", "open", "compile", "object.__getattr__"})
            for time in times.values():
                self.assertTrue(0 < time["seconds"] < 1 and time["objection"] is None, times)

    def test_a_slow_hook_shows_where_its_event_is_raised(self):
        times = self.times(SLOW)
        self.assertGreater(times["open"]["seconds"], 0.04)
        self.assertLess(times["compile"]["seconds"], 0.04)

    def test_an_operation_that_the_hook_denies_has_its_exception(self):
        times = self.times(DENYING)
        self.assertEqual(times["compile"], {"seconds": None, "objection": "OSError: no"})
        self.assertIsNone(times["open"]["objection"])

    def test_a_hook_that_cannot_be_added_is_reported(self):
        lines = agent.Trial(self).run(task="time", setup="1 / 0")
        self.assertEqual(agent.value(lines, "setup")["text"], "ZeroDivisionError: division by zero")
        self.assertNotIn("times", agent.kinds(lines))


if __name__ == "__main__":
    unittest.main()
