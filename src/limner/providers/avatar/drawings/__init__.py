"""Drawings of our own, in the library's 264 by 280 figure: one SVG sheet for each use.

A sheet opens in any SVG editor. A colour that depends on the sitter stands as `@hair@` and the
like; the composer fills it in.
"""

import functools
import re
from importlib.resources import files
from xml.etree import ElementTree as ET

ET.register_namespace("", "http://www.w3.org/2000/svg")


@functools.cache
def sheet(name: str) -> dict[str, str]:
    """Every drawing of the sheet by its name, as SVG text."""
    root = ET.fromstring((files(__name__) / f"{name}.svg").read_text(encoding="utf-8"))  # noqa: S314  # ours
    return {group.get("id", ""): "".join(map(_text, group)) for group in root}


def _text(element: ET.Element) -> str:
    return re.sub(r' xmlns="[^"]*"|\s*\n\s*', "", ET.tostring(element, encoding="unicode"))
