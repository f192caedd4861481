"""JSON as bytes, on the way out and in.

Every status is encoded in each process that it comes by, so this is orjson: it takes a tenth of the
time that the standard library does.
"""

import orjson

from limner.domain.transition import JsonObject

_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def encode(value: JsonObject) -> bytes:
    """Any JSON object of Limner as bytes: compact UTF-8, the keys in the order they were put.

    A number that JSON does not have, such as NaN, becomes null.

    Raises:
        TypeError: there is something in it that JSON does not have, as a moment or a value of the
            domain; a key that is no text; a whole number of more than 64 bits; text with half a
            surrogate pair; or it is nested too deeply.
    """
    return orjson.dumps(value, option=_OPTIONS)


def decode(message: bytes) -> object:
    """What is in a message, which may be anything.

    Raises:
        ValueError: it is not JSON in UTF-8, or nested too deeply.
    """
    return orjson.loads(message)
