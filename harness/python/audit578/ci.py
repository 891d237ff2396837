"""Runs the suite in a CI job: `python -m audit578.ci`. `ci.sh` beside this file has the variables that it reads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from audit578.program import ProgramNotFoundError, find_program


def main() -> int:
    """Run the script with the program of this package, and return its exit code."""
    environment = dict(os.environ)
    try:
        environment["AUDIT578_PROGRAM"] = environment.get("AUDIT578_PROGRAM") or str(find_program())
    except ProgramNotFoundError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    bash = shutil.which("bash")
    if bash is None:
        print("error: there is no bash on PATH", file=sys.stderr)
        return 3
    return subprocess.call([bash, str(Path(__file__).with_name("ci.sh"))], env=environment)


if __name__ == "__main__":
    sys.exit(main())
