"""Rolling releases: what `gh` is told, and files that are not what they seem."""

import contextlib
import gzip
import io
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import package  # noqa: F401
from audit578 import releases

# A program `gh` that notes its words. It knows a release once the file `exists` is there.
GH = """#!/bin/sh
echo "$*" >>"$GH_LOG"
case "$2" in
  view) [ -e "$GH_EXISTS" ] || exit 1; echo '{"assets": [{"name": "b.jsonl.gz"}, {"name": "a.svg"}]}' ;;
  create) : >"$GH_EXISTS" ;;
  download) exit 1 ;;
esac
"""


class TellsGitHub(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        program = self.folder / "bin" / "gh"
        program.parent.mkdir()
        program.write_text(GH, encoding="utf-8")
        program.chmod(0o755)
        path = "%s%s%s" % (program.parent, os.pathsep, os.environ["PATH"])
        self.log = self.folder / "log"
        variables = {"PATH": path, "GH_LOG": str(self.log), "GH_EXISTS": str(self.folder / "exists")}
        patch = mock.patch.dict(os.environ, variables)
        patch.start()
        self.addCleanup(patch.stop)
        os.environ.pop("AUDIT578_RELEASES", None)
        self.release = releases.Release("acme/python", "audit578")

    def commands(self):
        return [line.split()[1] for line in self.log.read_text(encoding="utf-8").splitlines()]

    def test_a_release_is_made_once(self):
        file = self.folder / "results.jsonl"
        file.write_text("{}", encoding="utf-8")
        self.release.put([file])
        self.release.put([file])
        self.assertEqual(self.commands(), ["view", "create", "upload", "view", "upload"])
        self.assertFalse((self.folder / "results.jsonl.gz").exists())
        for line in self.log.read_text(encoding="utf-8").splitlines():
            self.assertTrue(line.endswith("--repo acme/python"), line)

    def test_the_files_of_a_release(self):
        self.assertEqual(self.release.names(), [])
        (self.folder / "exists").touch()
        self.assertEqual(self.release.names(), ["b.jsonl"])

    def test_a_failure_of_gh_is_an_error(self):
        with self.assertRaisesRegex(releases.ReleaseError, "acme/python: gh release download audit578"):
            self.release.get("results.jsonl", self.folder / "target")

    def test_the_command_line(self):
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(releases.main(["put", "acme/python"]), 2)
            self.assertEqual(releases.main(["put", "acme/python", "audit578", str(self.folder / "absent")]), 3)


class FolderOfReleases(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        patch = mock.patch.dict(os.environ, {"AUDIT578_RELEASES": str(self.folder / "releases")})
        patch.start()
        self.addCleanup(patch.stop)
        self.release = releases.Release("acme/python", "audit578")

    def test_what_was_put_is_got_and_removed(self):
        file = self.folder / "results.jsonl"
        file.write_text("results", encoding="utf-8")
        self.release.put([file])
        self.assertEqual(self.release.names(), ["results.jsonl"])
        got = self.release.get("results.jsonl", self.folder / "target")
        self.assertEqual(got.read_text(encoding="utf-8"), "results")
        self.assertEqual([path.name for path in got.parent.iterdir()], ["results.jsonl"])
        self.release.remove("results.jsonl")
        self.assertEqual(self.release.names(), [])
        with self.assertRaises(releases.ReleaseError):
            self.release.get("results.jsonl", self.folder / "target")

    def test_files_that_are_not_compressed_or_too_large_are_refused(self):
        place = self.folder / "releases" / "acme" / "python" / "audit578"
        place.mkdir(parents=True)
        self.patch_largest(10)
        for data in [b"text", gzip.compress(b"results")[:12], gzip.compress(b"0" * 11)]:
            (place / "results.jsonl.gz").write_bytes(data)
            with self.assertRaises(releases.ReleaseError):
                self.release.get("results.jsonl", self.folder / "target")

    def patch_largest(self, size):
        patch = mock.patch.object(releases, "LARGEST", size)
        patch.start()
        self.addCleanup(patch.stop)


if __name__ == "__main__":
    unittest.main()
