"""Parts of a figure from `python_avatars` (avataaars by Pablo Stanley), made ready for a picture.

The files are read rather than the library's `Avatar` used: that has one body, one head and one way
of putting them together, and masks everywhere, which cost resvg most of its time. A part comes out
as SVG text with `@hair@`, `@beard@`, `@fabric@` and `@skin@` where a colour goes.
"""

import functools
import re
from importlib.resources import files
from xml.etree import ElementTree as ET

import python_avatars  # type: ignore[import-untyped]  # the package ships no types

_SHELF = files(python_avatars) / "avatar_parts"
_ROLES = {
    "Hair-Color": "@hair@",
    "Facial-Hair-Color": "@beard@",
    "Fabric-Color": "@fabric@",
    "Skin-Color": "@skin@",
}
_HREF = "{http://www.w3.org/1999/xlink}href"
_EMPTY = frozenset({"title", "desc"})


@functools.cache
def part(path: str) -> str:
    """The part in the library's file, for instance `top/hair/bob`, as SVG text without a root.

    Its coordinates are the file's own; where it belongs on a figure is the composer's knowledge.
    """
    text = (_SHELF / f"{path}.svg").read_text()
    root = ET.fromstring(text)  # noqa: S314  # a file of an installed package
    prefix = re.sub(r"\W", "-", path)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        _own_names(element, prefix)
    _unmask(root)
    return "".join(ET.tostring(child, encoding="unicode") for child in root)


def _own_names(element: ET.Element, prefix: str) -> None:
    """Make what refers and is referred to unique to the part, and drop names nobody refers to."""
    if _HREF in element.attrib:
        element.set("href", f"#{prefix}-{element.attrib.pop(_HREF)[1:]}")
    if "mask" in element.attrib:
        element.set("mask", f"{prefix}-{element.attrib['mask'][5:-1]}")
    name = element.attrib.pop("id", "")
    if name in _ROLES:
        element.set("role", _ROLES[name])
    elif name.startswith(("path-", "mask-")):
        element.set("id", f"{prefix}-{name}")


def _unmask(parent: ET.Element) -> None:
    """Colour shapes by their own fill, not a masked rectangle; cut the rest by a clip path."""
    shape: ET.Element | None = None
    for child in list(parent):
        role = child.attrib.pop("role", None)
        if role and (child.tag == "path" or child.find(".//path") is not None):
            child.set("fill", role)
            child.attrib.pop("mask", None)
        elif role:
            if shape is not None:
                shape.set("fill", role)
            parent.remove(child)
            continue
        if child.tag in _EMPTY or child.get("filter") or child.tag == "filter":
            parent.remove(child)
            continue
        if child.tag == "use":
            shape = child
        if child.tag == "mask":
            child.tag = "clipPath"
            child.attrib.pop("fill", None)
        elif "mask" in child.attrib:
            child.set("clip-path", f"url(#{child.attrib.pop('mask')})")
        _unmask(child)
