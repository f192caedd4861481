"""Where axe-core comes from: it is fetched once, and not given up at the first hiccup."""

from pathlib import Path

import pytest

from browser.axe import AxeMissingError, axe_source

NPM = """#!/bin/sh
echo >> {count}
[ $(wc -l < {count}) -gt {failures} ] || exit 1
while [ "$1" != --prefix ]; do shift; done
mkdir -p "$2/node_modules/axe-core"
echo axe > "$2/node_modules/axe-core/axe.min.js"
"""
"""An npm that fails so often before it installs what it is asked for."""


def provide_npm(folder: Path, monkeypatch: pytest.MonkeyPatch, failures: int) -> Path:
    """Have this npm found, and an empty cache; the file that counts how often it was called."""
    count = folder / "calls"
    npm = folder / "npm"
    npm.write_text(NPM.format(count=count, failures=failures))
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    return count


def test_a_registry_that_hiccups_is_asked_again_and_what_it_gave_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = provide_npm(tmp_path, monkeypatch, failures=2)
    assert axe_source() == "axe\n"
    assert axe_source() == "axe\n"
    assert count.read_text().count("\n") == 3


def test_a_registry_that_gives_nothing_is_not_asked_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = provide_npm(tmp_path, monkeypatch, failures=9)
    with pytest.raises(AxeMissingError, match="3 tries"):
        axe_source()
    assert count.read_text().count("\n") == 3
