"""The probe: which needs an interpreter meets, and what there is where there are no audit hooks."""

import os
import subprocess
import sys
import unittest

import agent
from probe import CHECKS, meets


class Needs(unittest.TestCase):
    def test_a_need_is_met_where_it_can_be_used(self):
        for need, expected in [
            ("module:sys", True),
            ("module:no_such_module", False),
            ("attr:sys.path", True),
            ("attr:sys.no_such_name", False),
            ("attr:no_such_module.name", False),
            ("fd:os.no_such_name", False),
            ("dir_fd:os.getcwd", False),
            ("dup", True),
            ("threads", True),
            ("subprocess", True),
        ]:
            with self.subTest(need):
                self.assertIs(meets(need), expected)

    def test_a_check_that_fails_is_a_need_that_is_not_met(self):
        trial = agent.Trial(self)
        needs = [need for need in CHECKS if need not in ("module", "attr", "fd", "dir_fd")]
        lines = trial.run(task="probe", needs=needs)
        features = agent.value(lines, "features")
        self.assertEqual(set(features), set(needs))
        self.assertEqual({type(met) for met in features.values()}, {bool})


class Hooks(unittest.TestCase):
    HOOKS = os.path.join(agent.FOLDER, "hooks.py")

    def run_hooks(self, setup):
        """Run hooks.py in front of a script that prints its arguments."""
        trial = agent.Trial(self)
        with open(trial.path("script.py"), "w") as file:
            file.write("import sys; print(__name__, sys.argv[1:])")
        code = "import sys; sys.argv[:] = sys.argv[1:]; %s; exec(open(sys.argv[0]).read())" % setup
        command = [sys.executable, "-c", code, self.HOOKS, trial.path("script.py"), "job"]
        return subprocess.check_output(command).decode().strip()

    def test_where_there_are_hooks_the_agent_answers(self):
        self.assertEqual(self.run_hooks("pass"), "__main__ ['job']")

    def test_where_there_are_no_hooks_the_answer_has_the_fields_of_a_probe(self):
        mark, _, answer = self.run_hooks("del sys.addaudithook").partition(" ")
        answer = eval(answer, dict(agent.NAMES))
        self.assertEqual((mark, answer["audit"]), ("audit578", False))
        probe = agent.value(agent.Trial(self).run(task="probe"), "probe")
        self.assertEqual(set(answer), set(probe))
        for field in ("implementation", "language", "release", "build", "platform", "executable"):
            self.assertEqual(answer[field], probe[field])


if __name__ == "__main__":
    unittest.main()
