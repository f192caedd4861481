"""axe-core, which finds what keeps people with other senses and other hands from using a page."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

VERSION = "4.14.1"
TRIES = 3
BOUND_SECONDS = 15
"""For each of them: together well within the time that a test has."""
LATEST_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

FIND = """
async (tags) => {
  const { violations } = await axe.run({ runOnly: tags })
  return violations.map(({ id, help, nodes }) =>
    `${id}: ${help}: ${nodes.map(({ html, failureSummary }) => html + failureSummary).join(" ")}`)
}
"""


class AxeMissingError(Exception):
    """axe-core is not here and can't be had, for the reason it tells."""


def axe_source() -> str:
    """The library, from the cache of this machine, else from npm's registry.

    Raises:
        AxeMissingError: npm is not installed, or its registry did not answer in time.
    """
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    kept = caches / "limner" / f"axe-core-{VERSION}.min.js"
    if not kept.exists():
        _fetch(kept)
    return kept.read_text()


def _fetch(kept: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise AxeMissingError("axe-core is not here, and npm, which could fetch it, neither")
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        if not any(_is_installed(npm, folder) for _ in range(TRIES)):
            raise AxeMissingError(
                f"axe-core is not here, and npm's registry gave none in {TRIES} tries"
            )
        # Several processes may fetch at once; the last one's is as good as the first one's.
        (Path(folder) / "node_modules" / "axe-core" / "axe.min.js").replace(kept)


def _is_installed(npm: str, folder: str) -> bool:
    """Whether it could be installed there: a registry that hiccups is no news of the page."""
    command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        subprocess.run(
            [*command, "--prefix", folder, f"axe-core@{VERSION}"],
            check=True,
            capture_output=True,
            timeout=BOUND_SECONDS,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return False
    return True
