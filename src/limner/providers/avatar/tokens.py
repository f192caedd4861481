"""Text cut into words that the tables know."""

import re
import unicodedata
from collections.abc import Container

MAX_CHARS = 4000
STOP = "."
"""Stands for whatever ends a sentence; a comma stands for itself."""

_PIECES = re.compile(r"[a-zñ]+|\d{1,3}(?!\d)|[.;:!?()\n\u2014]|,")
_LENGTHS = re.compile(r"\b(shoulder|chin|waist|hip|floor|ankle|knee|ear)[ -]length\b")
_SPELLINGS = {
    "gray": "grey", "greyish": "grey", "graying": "greying", "blonde": "blond", "blondish": "blond",
    "mustache": "moustache", "mustached": "moustached", "mustachioed": "moustachioed",
    "moustaches": "moustache", "coloured": "colored", "jewellery": "jewelry", "armor": "armour",
    "armored": "armoured", "plumpish": "plump", "redheaded": "redhead", "ageing": "aged",
    "men": "man", "women": "woman", "eyeglass": "glasses", "spectacle": "spectacles",
    "reddish": "red", "brownish": "brown", "blackish": "black", "bluish": "blue",
    "greenish": "green",
    "sunglass": "sunglasses", "lense": "lens", "pyjama": "pyjamas", "pajamas": "pyjamas",
    "cannot": "not",
}  # fmt: skip


def cut(text: str, known: Container[str]) -> list[str]:
    """The words of a text, lower case, each in the form that is known; other scripts fall away.

    Args:
        text: anything; what comes after `MAX_CHARS` is not read.
        known: the words of the tables, to see whether taking off an ending makes one of them.
    """
    plain = unicodedata.normalize("NFKC", text[:MAX_CHARS]).casefold()
    plain = re.sub(r"n['\u2019]t\b", " not", plain)
    plain = re.sub(r"['\u2019](?:s\b)?", "", plain)
    plain = _LENGTHS.sub(r"\1length", plain)
    plain = plain.replace(" - ", ". ").replace("\u2013", ". ")
    return [_form(piece, known) for piece in _PIECES.findall(plain)]


def _form(piece: str, known: Container[str]) -> str:
    if piece in ".;:!?()\n\u2014":
        return STOP
    word = _SPELLINGS.get(piece, piece)
    if word in known:
        return word
    for candidate in _stems(word):
        if (stem := _SPELLINGS.get(candidate, candidate)) in known:
            return stem
    return word


def _stems(word: str) -> list[str]:
    """What the word may be a plural, a comparative or an adverb of, likeliest first."""
    stems: list[str] = []
    if len(word) < 4:  # noqa: PLR2004  # no ending of a shorter word leaves a word
        return stems
    if word.endswith("ies"):
        stems.append(word[:-3] + "y")
    if word.endswith("s") and not word.endswith("ss"):
        stems += [word[:-1], word[:-2]] if word.endswith("es") else [word[:-1]]
    for ending in ("est", "er"):
        if word.endswith(ending):
            bare = word.removesuffix(ending)
            stems += [bare, bare + "e", bare[:-1], bare[:-1] + "y"]
    if word.endswith("ly"):
        stems.append(word[:-2])
    if word.endswith("ish"):
        stems += [word[:-3], word[:-3] + "e"]
    return stems
