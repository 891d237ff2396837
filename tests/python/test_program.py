"""The places of the program, as installers lay them out. `.ci/package` tries real installations."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

import package  # noqa: F401
from audit578 import program


class FindsTheProgram(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        self.library = self.root / "lib" / "site-packages"
        module = self.library / "audit578" / "program.py"
        self.write(module)
        self.patch(program, "__file__", str(module))
        self.patch(program.sysconfig, "get_path", lambda name: str(self.root / "elsewhere" / name))

    def patch(self, *args):
        patch = mock.patch.object(*args)
        patch.start()
        self.addCleanup(patch.stop)

    def write(self, path, text=""):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def record(self, path):
        """Write what an installer says of the installation."""
        folder = self.library / "audit578-0.1.0.dist-info"
        self.write(folder / "METADATA", "Metadata-Version: 2.1\nName: audit578\nVersion: 0.1.0\n")
        self.write(folder / "RECORD", f"audit578/program.py,,\n{path},,\n")

    def test_where_the_installer_says_that_it_is(self):
        self.record("../../bin/" + program.NAME)
        expected = self.write(self.root / "bin" / program.NAME)
        self.write(self.root / "elsewhere" / "scripts" / program.NAME)
        self.assertEqual(program.find_program(), expected)

    def test_in_the_folder_of_target_where_the_record_names_another(self):
        self.record("../../bin/" + program.NAME)
        self.write(self.root / "bin" / program.NAME)
        expected = self.write(self.library / "bin" / program.NAME)
        self.assertEqual(program.find_program(), expected)

    def test_among_the_scripts_of_this_python_if_there_is_no_record(self):
        expected = self.write(self.root / "elsewhere" / "scripts" / program.NAME)
        self.assertEqual(program.find_program(), expected)

    def test_nowhere_is_an_error_with_all_places_and_a_hint(self):
        with self.assertRaises(program.ProgramNotFoundError) as caught:
            program.find_program()
        text = str(caught.exception)
        for part in [self.library / "bin", self.root / "elsewhere", "pip install audit578"]:
            self.assertIn(str(part), text)


if __name__ == "__main__":
    unittest.main()
