"""Finds the program that was installed with this package."""

from __future__ import annotations

import sysconfig
from importlib import metadata
from pathlib import Path
from typing import Iterator

NAME = "audit578" + (sysconfig.get_config_var("EXE") or "")


class ProgramNotFoundError(FileNotFoundError):
    """The program is in none of the places where an installer puts it."""


def find_program() -> Path:
    """Return the path of the program.

    Raises:
        ProgramNotFoundError: the package was copied, or is used from its source, without the program.
    """
    places = list(_places(Path(__file__).resolve().parent.parent))
    for place in places:
        if place.is_file():
            return place
    tried = "".join(f"\n  {place}" for place in dict.fromkeys(places))
    hint = "\n  hint: `pip install audit578` installs the program with this package"
    raise ProgramNotFoundError(f"the program {NAME} is in none of these places:{tried}{hint}")


def _places(library: Path) -> Iterator[Path]:
    """Yield the places of the program for a package in the folder `library`, the surest first."""
    # `pip install --target` moves the program here and does not say so in the list of installed files.
    yield library / "bin" / NAME
    for distribution in metadata.distributions(name="audit578", path=[str(library)]):
        for file in distribution.files or ():
            if file.name == NAME:
                yield Path(str(file.locate())).resolve()
    yield Path(sysconfig.get_path("scripts")) / NAME
