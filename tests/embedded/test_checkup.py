"""Whether `limner up` could bring its servers, without starting them."""

import sys
from pathlib import Path

import pytest

from limner.domain.errors import StartError
from limner.domain.finding import Mark
from limner.embedded import checkup, hold
from limner.embedded.checkup import check_embedded
from limner.embedded.folder import holder


async def test_nothing_is_in_the_way_of_servers_on_a_folder_that_is_yet_to_be_made(
    folder: Path,
) -> None:
    (told,) = await check_embedded(folder, postgres=True, valkey=True)
    assert told.mark == Mark.OK
    (told,) = await check_embedded(folder, postgres=False, valkey=True)
    assert "bring Valkey," in told.words
    assert not any(folder.parent.iterdir())


async def test_a_folder_that_was_used_before_will_do_again(used: Path) -> None:
    (told,) = await check_embedded(used, postgres=True, valkey=True)
    assert told.mark == Mark.OK


async def test_a_program_that_does_not_run_here_is_told_with_its_own_words(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "valkey-server"
    program.write_text(f"#!{sys.executable}\nimport sys\nsys.exit('no such C library')\n")
    monkeypatch.setattr(checkup, "valkey_program", lambda: program)
    with pytest.raises(StartError, match="can't be run: Permission denied"):
        await check_embedded(folder, postgres=False, valkey=True)
    program.chmod(0o700)
    with pytest.raises(StartError, match="does not run on this machine: no such C library"):
        await check_embedded(folder, postgres=False, valkey=True)


def test_who_holds_a_folder_is_known_for_as_long_as_it_does(folder: Path) -> None:
    assert holder(folder) is None
    with hold(folder):
        assert holder(folder) is not None
    assert holder(folder) is None
