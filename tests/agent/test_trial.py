"""Tests of trial.py: the setup of a case."""

import sys
import unittest
from unittest import mock

import agent  # noqa: F401
from trial import run_setup


class Setup(unittest.TestCase):
    def run_with_modes(self, code):
        """Run a setup where all imports are lazy. Return the modes that it sees and leaves."""
        modes = ["all"]
        with mock.patch.multiple(sys, create=True, get_lazy_imports=lambda: modes[-1], set_lazy_imports=modes.append):
            names = {}
            try:
                run_setup(compile(code, "<setup>", "exec"), names)
            except ValueError:
                names["failed"] = True
        return names, modes

    def test_imports_of_a_setup_are_not_lazy_and_those_of_the_snippet_are_as_before(self):
        names, modes = self.run_with_modes("import sys; seen = sys.get_lazy_imports()")
        self.assertEqual((names["seen"], modes), ("normal", ["all", "normal", "all"]))

    def test_a_setup_that_fails_leaves_the_mode_as_it_was(self):
        names, modes = self.run_with_modes("raise ValueError")
        self.assertEqual((names["failed"], modes[-1]), (True, "all"))


if __name__ == "__main__":
    unittest.main()
