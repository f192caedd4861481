"""Text cut into words that the tables know."""

import re
import unicodedata
from collections.abc import Container

MAX_CHARS = 4000
STOP = "."
"""Stands for whatever ends a sentence; a comma stands for itself."""

_PIECES = re.compile(r"[a-zñ]+|\d{1,3}(?!\d)|[.;:!?()\n\u2014]|,")
_SHORTEST = 4
"""No ending of a shorter word leaves a word."""
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


def cut(text: str, known: Container[str], describing: Container[str]) -> list[str]:
    """The words of a text, lower case, each in the form that is known; other scripts fall away.

    Args:
        text: anything; what comes after `MAX_CHARS` is not read.
        known: the words of the tables, to see whether taking off a plural's ending makes one.
        describing: the adjectives among them, for comparatives: a fatter man is fat, and a hatter
            is no hat.
    """
    plain = unicodedata.normalize("NFKC", text[:MAX_CHARS]).casefold()
    plain = re.sub(r"n['\u2019]t\b", " not", plain)
    plain = re.sub(r"['\u2019](?:s\b)?", "", plain)
    plain = _LENGTHS.sub(r"\1length", plain)
    plain = plain.replace(" - ", ". ").replace("\u2013", ". ")
    return [_form(piece, known, describing) for piece in _PIECES.findall(plain)]


def _form(piece: str, known: Container[str], describing: Container[str]) -> str:
    if piece in ".;:!?()\n\u2014":
        return STOP
    word = _SPELLINGS.get(piece, piece)
    if word in known or len(word) < _SHORTEST:
        return word
    singulars = (_SPELLINGS.get(form, form) for form in _singulars(word))
    forms = [form for form in singulars if form in known]
    forms += [form for form in _positives(word) if form in describing]
    return forms[0] if forms else word


def _singulars(word: str) -> list[str]:
    if word.endswith("ies"):
        return [word[:-3] + "y", word[:-1]]
    if word.endswith("s") and not word.endswith("ss"):
        return [word[:-1], word[:-2]] if word.endswith("es") else [word[:-1]]
    return []


def _positives(word: str) -> list[str]:
    """What an adjective in -er, -est or -ish may be a form of: large, fat, heavy, red."""
    for ending in ("est", "er", "ish"):
        if word.endswith(ending):
            bare = word.removesuffix(ending)
            return [bare, bare + "e", bare[:-1], bare[:-1] + "y"]
    return []
