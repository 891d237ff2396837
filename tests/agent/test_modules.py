"""The modules: each can be imported alone, and together they fit into one script."""

import ast
import collections
import glob
import os
import unittest

import agent

NAMES = [os.path.basename(path)[:-3] for path in sorted(glob.glob(os.path.join(agent.FOLDER, "*.py")))]
MODULES = [name for name in NAMES if name != "hooks"]


def tree(name):
    with open(os.path.join(agent.FOLDER, name + ".py"), encoding="utf-8") as file:
        return ast.parse(file.read())


def defined(node):
    """Return the names that a statement at the top level defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return []


class Modules(unittest.TestCase):
    def test_each_module_can_be_imported_alone(self):
        for name in MODULES:
            with self.subTest(name):
                code = "import sys; sys.path.insert(0, %r); import %s" % (agent.FOLDER, name)
                agent.python("-c", code, folder=agent.FOLDER)

    def test_no_two_modules_define_the_same_name(self):
        counts = collections.Counter(found for name in MODULES for node in tree(name).body for found in defined(node))
        self.assertGreater(len(counts), 50)
        self.assertEqual([name for name, count in counts.items() if count > 1], [])

    def test_a_name_is_imported_from_the_module_that_defines_it(self):
        for name in MODULES:
            for node in tree(name).body:
                if isinstance(node, ast.ImportFrom) and node.module in MODULES:
                    names = [found for other in tree(node.module).body for found in defined(other)]
                    for alias in node.names:
                        self.assertIn(alias.name, names, "%s.py, from %s" % (name, node.module))

    def test_the_modules_import_nothing_at_the_start_but_what_every_interpreter_has(self):
        imported = set()
        for name in MODULES:
            for node in tree(name).body:
                if isinstance(node, ast.Import):
                    imported |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    imported.add(node.module)
        self.assertEqual(imported - set(MODULES), {"os", "sys", "_thread"})


if __name__ == "__main__":
    unittest.main()
