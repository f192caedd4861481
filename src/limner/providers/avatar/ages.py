"""Ages that are given in numbers."""

from collections.abc import Sequence

_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBERS = {word: number for number, word in enumerate(_UNITS)} | {
    form: 20 + 10 * index
    for index, word in enumerate(_TENS)
    for form in (
        word,
        word[:-1] + "ies",
        word[:-1] + "ie",
        word + "s",
        word + "ish",
        word + "something",
    )
}
_WHOLE_TENS = range(20, 100, 10)
_STAGES = ((3, "baby"), (13, "child"), (19, "teen"), (40, "adult"), (60, "middle"))
_AFTER = (("year", "old"), ("years", "old"), ("years", "of"), ("yo",), ("y", "o"), ("year", "olds"))
_BEFORE = frozenset(
    {
        "aged", "age",
    }
)  # fmt: skip
_DECADES_BEFORE = frozenset(
    {
        "his", "her", "their", "early", "mid", "late",
    }
)  # fmt: skip


def age_in(words: Sequence[str]) -> str | None:
    """The stage of life that a number speaks of: "eleven year old", "in her sixties"."""
    for place, word in enumerate(words):
        number = int(word) if word.isdigit() else _NUMBERS.get(word)
        if number is None:
            continue
        rest = tuple(words[place + 1 : place + 3])
        if rest and number in _WHOLE_TENS and rest[0] in _UNITS[1:10]:  # twenty-one
            number += _UNITS.index(rest[0])
            rest = tuple(words[place + 2 : place + 4])
        before = words[place - 1] if place else ""
        decade = number in _WHOLE_TENS and (before in _DECADES_BEFORE or "something" in rest)
        if decade or before in _BEFORE or any(rest[: len(after)] == after for after in _AFTER):
            return _stage(number + (5 if decade else 0))
        if rest[:2] in (("months", "old"), ("month", "old")):
            return "baby"
        if rest[:1] == ("hundred",):
            return "old"
    return None


def _stage(years: int) -> str:
    return next((stage for limit, stage in _STAGES if years < limit), "old")
