"""Keeps results in a rolling release: a release of GitHub whose files are replaced by each run.

    python -m audit578.releases put REPOSITORY TAG FILE...

It calls GitHub's program `gh`. Where AUDIT578_RELEASES names a folder, REPOSITORY/TAG in that folder stands for the
release. Files are kept compressed, under their names and `.gz`.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterable

END = ".gz"

LARGEST = 1 << 30
"""The most bytes that a file of a release may have once it is no longer compressed. All runtimes have 100 MB."""


class ReleaseError(Exception):
    """A release or a file of it cannot be read or written."""


class Release:
    """The release with a tag in a repository, `OWNER/NAME`."""

    def __init__(self, repository: str, tag: str) -> None:
        self.repository = repository
        self.tag = tag
        folder = os.environ.get("AUDIT578_RELEASES")
        self.folder = Path(folder, repository, tag) if folder else None

    def names(self) -> list[str]:
        """Return the names of the files, without the end that says that they are compressed; none if it is new."""
        if self.folder:
            files = [path.name for path in self.folder.iterdir()] if self.folder.is_dir() else []
        elif not self._exists():
            files = []
        else:
            files = [asset["name"] for asset in json.loads(self._gh("view", "--json", "assets"))["assets"]]
        return sorted(name[: -len(END)] for name in files if name.endswith(END))

    def put(self, files: Iterable[Path]) -> None:
        """Add files, or replace those of the same names. The release is made if there is none."""
        for file in files:
            packed = file.with_name(file.name + END)
            packed.write_bytes(gzip.compress(file.read_bytes(), mtime=0))
            try:
                self._upload(packed)
            finally:
                packed.unlink()

    def get(self, name: str, folder: Path) -> Path:
        """Fetch a file into a folder, and return its path."""
        folder.mkdir(parents=True, exist_ok=True)
        packed = folder / (name + END)
        if self.folder is None:
            self._gh("download", "--pattern", packed.name, "--dir", str(folder), "--clobber")
        elif (self.folder / packed.name).is_file():
            shutil.copy(self.folder / packed.name, packed)
        else:
            raise ReleaseError(f"{self.repository}: release {self.tag} has no file {packed.name}")
        try:
            return self._unpack(packed, folder / name)
        finally:
            packed.unlink()

    def remove(self, name: str) -> None:
        """Remove a file."""
        if self.folder:
            (self.folder / (name + END)).unlink()
        else:
            self._gh("delete-asset", name + END, "--yes")

    def _upload(self, file: Path) -> None:
        if self.folder:
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, self.folder / file.name)
            return
        if not self._exists():
            notes = "The results of the newest run of audit578. Each run replaces the files."
            self._gh("create", "--prerelease", "--title", "Results of audit578", "--notes", notes)
        self._gh("upload", str(file), "--clobber")

    def _exists(self) -> bool:
        return self._run("view").returncode == 0

    def _gh(self, command: str, *args: str) -> str:
        ran = self._run(command, *args)
        if ran.returncode != 0:
            raise ReleaseError(f"{self.repository}: gh release {command} {self.tag}: {ran.stderr.strip()}")
        return ran.stdout

    def _run(self, command: str, *args: str) -> subprocess.CompletedProcess[str]:
        words = ["gh", "release", command, self.tag, *args, "--repo", self.repository]
        return subprocess.run(words, capture_output=True, encoding="utf-8", errors="replace", check=False)

    def _unpack(self, packed: Path, target: Path) -> Path:
        try:
            with gzip.open(packed) as source:
                data = source.read(LARGEST + 1)
        except (OSError, EOFError) as error:
            raise ReleaseError(f"{self.repository}: {packed.name} cannot be unpacked: {error}") from error
        if len(data) > LARGEST:
            raise ReleaseError(f"{self.repository}: {packed.name} has more than {LARGEST} bytes")
        target.write_bytes(data)
        return target


def main(words: list[str]) -> int:
    """Execute the command line, and return the exit code."""
    if len(words) < 4 or words[0] != "put":
        print("usage: python -m audit578.releases put REPOSITORY TAG FILE...", file=sys.stderr)
        return 2
    try:
        Release(words[1], words[2]).put(Path(name) for name in words[3:])
    except (ReleaseError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
