"""Starts the program: `python -m audit578` is `audit578`."""

from __future__ import annotations

import os
import subprocess
import sys

from audit578.program import ProgramNotFoundError, find_program


def main() -> int:
    """Replace this process by the program, or wait for the program where that cannot be done."""
    try:
        command = [str(find_program()), *sys.argv[1:]]
    except ProgramNotFoundError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    if os.name == "posix":
        os.execv(command[0], command)
    return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
