"""What `limner doctor` finds, read as a program reads it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.command import ran
from limner.domain.finding import Finding, Mark


@dataclass(frozen=True)
class Examined:
    """How it ended, and all that it found."""

    code: int
    findings: list[Finding]

    @property
    def parts(self) -> list[str]:
        """What was looked at, in the order of the report."""
        return list(dict.fromkeys(finding.part for finding in self.findings))

    @property
    def bad(self) -> list[Finding]:
        """What is not as it should be."""
        return [finding for finding in self.findings if finding.mark != Mark.OK]

    def of(self, part: str) -> Finding:
        """The one finding about a part."""
        (found,) = (finding for finding in self.findings if finding.part == part)
        return found


async def examined(
    env: Mapping[str, str], *, module: str = "limner.cli", folder: Path | None = None
) -> Examined:
    """`limner doctor --json` with these settings."""
    told = await ran("doctor", "--json", env=env, module=module, folder=folder)
    assert "Traceback" not in told.err, told.err
    assert "secret" not in told.out + told.err
    report = json.loads(told.out)
    findings = [Finding(**{**each, "mark": Mark(each["mark"])}) for each in report["findings"]]
    assert report["ok"] == (told.code == 0) == all(each.mark != Mark.WRONG for each in findings)
    return Examined(told.code, findings)
