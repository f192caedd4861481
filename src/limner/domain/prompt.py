"""The words a provider is given when the user wrote no prompt of their own."""

import re
from collections.abc import Mapping
from typing import Final

DEFAULT_TEMPLATE: Final = (
    "Portrait of {name}, head and shoulders.[ {description}.][ Style: {style}.]"
)
"""`{name}`, `{description}` and `{style}` stand for the author's words. What is in brackets is left
out when the words in it are empty. Doubled, a brace or a bracket stands for itself."""

_ENDS: Final = (".", "!", "?", "…")
_TOKEN: Final = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{(name|description|style)\}|[][{}]|[^][{}]+")
_DOUBLED: Final = {"{{": "{", "}}": "}", "[[": "[", "]]": "]"}


def portrait_prompt(
    name: str, description: str, style: str, template: str = DEFAULT_TEMPLATE
) -> str:
    """The whole prompt for a character's portrait.

    Words at the beginning of a sentence get a capital, and words that end as a sentence swallow the
    full stop that the template has after them.

    Args:
        name: the character's name.
        description: who it is, in the author's words; may be empty.
        style: how the plot wants its characters drawn; may be empty.
        template: as `check_template` accepts it.
    """
    words = {"name": name, "description": description, "style": style}
    whole, section, is_left_out = "", None, False
    for token in _TOKEN.finditer(template):
        if token[0] == "[":
            section, is_left_out = whole, False
        elif token[0] == "]":
            whole = section if is_left_out and section is not None else whole
            section = None
        else:
            is_left_out |= token[1] is not None and not words[token[1]]
            whole += _told(token, words, before=whole)
    return whole.strip()


def check_template(template: str) -> None:
    """See that prompts can be made by a template.

    Raises:
        ValueError: a name that is not known, a brace or bracket without its other half, brackets
            in brackets, or nothing of the character in it.
    """
    is_open, named = False, False
    for token in _TOKEN.finditer(template):
        named |= token[1] in {"name", "description"}
        if token[0] in {"{", "}"} or token[0] == ("[" if is_open else "]"):
            raise ValueError(f"{token[0]} at {token.start()} has no other half")
        is_open ^= token[0] in {"[", "]"}
    if is_open:
        raise ValueError("[ has no other half")
    if not named:
        raise ValueError("it has neither {name} nor {description}")


def _told(token: re.Match[str], words: Mapping[str, str], *, before: str) -> str:
    if token[1] is not None:
        told = words[token[1]]
        begins = not before.rstrip() or before.rstrip().endswith(_ENDS)
        return told[:1].upper() + told[1:] if begins else told
    if token[0].startswith(".") and before.endswith(_ENDS):
        return token[0][1:]
    return _DOUBLED.get(token[0], token[0])
