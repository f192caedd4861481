"""The README names every setting, route, command and target that exists, and no other."""

import re
from pathlib import Path

from starlette.routing import Route

from limner.cli.commands import app
from limner.settings import Settings, variable
from limner.web.routes import routes

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_every_setting_with_its_default_and_no_other() -> None:
    rows = dict(
        re.findall(r"^\| `((?:LIMNER|AWS)_\w+)` \| (?:`([^`]*)`)? *\|", README, re.MULTILINE)
    )
    assert rows == {
        variable(name): _told(field.default) for name, field in Settings.model_fields.items()
    }
    assert set(re.findall(r"(?:LIMNER|AWS)_\w+", README)) <= set(rows)


def _told(default: object) -> str:
    if default is None:
        return ""
    return ",".join(default) if isinstance(default, tuple) else str(default)


def test_the_readme_names_every_route_and_no_other() -> None:
    named = set(re.findall(r"`(?:(?:GET|POST|PATCH|DELETE) )?(/[^`\s$]*)`", README))
    served = {re.sub(r":\w+}", "}", route.path) for route in routes() if isinstance(route, Route)}
    assert named == served


def test_the_readme_names_every_command_and_no_other() -> None:
    named = set(re.findall(r"^\| `limner (\w+)`", README, re.MULTILINE))
    assert named == {
        command.name or command.callback.__name__
        for command in app.registered_commands
        if command.callback is not None
    }


def test_the_readme_names_only_targets_that_make_has() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:`|^    )make (\w+)", README, re.MULTILINE))
    assert {"run", "test"} <= named <= targets
