"""What clients send: read with a limit, parsed strictly, every fault with a pointer to it."""

import json
import math
import unicodedata
from typing import Annotated, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError
from starlette.requests import Request

from limner.domain.character import DESCRIPTION_CHARACTERS, NAME_CHARACTERS
from limner.domain.errors import Fault, InvalidRequestError
from limner.domain.plot import STYLE_CHARACTERS, TITLE_CHARACTERS
from limner.web.problems import BAD_JSON, TOO_LARGE, UNSUPPORTED_TYPE, ProblemError

BODY_BYTES = 64 * 1024
PROMPT_CHARACTERS = 4000
MODEL_CHARACTERS = 200
SEED_LIMIT = 2**32 - 1
INTEGER_DIGITS = 100
WHITE_SPACE = "".join(
    character
    for character in map(chr, range(0x3001))
    if character.isspace() and character not in "\x1c\x1d\x1e\x1f"
)
"""What Unicode calls so; `str.strip` alone would also take four control characters away."""


def _line(text: str) -> str:
    return _printable(text.strip(WHITE_SPACE), allowed="")


def _text(text: str) -> str:
    return _printable(text.strip(WHITE_SPACE), allowed="\n\t")


def _printable(text: str, *, allowed: str) -> str:
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in allowed:
            raise PydanticCustomError(
                "control_character",
                "The control character U+{code} is not allowed.",
                {"code": f"{ord(character):04X}"},
            )
    return text


def _length(minimum: int, maximum: int) -> AfterValidator:
    def check(text: str) -> str:
        if not minimum <= len(text) <= maximum:
            raise PydanticCustomError(
                "length",
                "This takes {minimum} to {maximum} characters, and has {length}.",
                {"minimum": minimum, "maximum": maximum, "length": len(text)},
            )
        return text

    return AfterValidator(check)


Title = Annotated[str, AfterValidator(_line), _length(1, TITLE_CHARACTERS)]
Style = Annotated[str, AfterValidator(_line), _length(0, STYLE_CHARACTERS)]
Name = Annotated[str, AfterValidator(_line), _length(1, NAME_CHARACTERS)]
Description = Annotated[str, AfterValidator(_text), _length(0, DESCRIPTION_CHARACTERS)]
Prompt = Annotated[str, AfterValidator(_text), _length(0, PROMPT_CHARACTERS)]
Model = Annotated[str, AfterValidator(_line), _length(1, MODEL_CHARACTERS)]


class Body(BaseModel):
    """A JSON object without unknown members, whose types are taken as they are."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class NewPlot(Body):
    """`POST /api/plots`."""

    title: Title
    style: Style = ""


class PlotChange(Body):
    """`PATCH /api/plots/{plot_id}`."""

    title: Title = Field(default=None)  # type: ignore[assignment] # left out; null is refused
    style: Style = Field(default=None)  # type: ignore[assignment] # the same


class NewCharacter(Body):
    """`POST /api/plots/{plot_id}/characters`."""

    name: Name
    description: Description = ""


class CharacterChange(Body):
    """`PATCH /api/characters/{character_id}`."""

    name: Name = Field(default=None)  # type: ignore[assignment] # left out; null is refused
    description: Description = Field(default=None)  # type: ignore[assignment] # the same


class ImageRequest(Body):
    """`POST /api/characters/{character_id}/image`; null is the same as leaving it out.

    So is a prompt of nothing: there is nothing that could be drawn by it.
    """

    prompt: Prompt | None = None
    provider: Model | None = None
    model: Model | None = None
    seed: Annotated[int, Field(ge=0, le=SEED_LIMIT)] | None = None


AnyBody = TypeVar("AnyBody", bound=Body)


async def read_body(request: Request, kind: type[AnyBody], *, optional: bool = False) -> AnyBody:
    """The request's body as what it should be.

    Args:
        request: whose body.
        kind: what it should be.
        optional: whether no body at all stands for an empty object.

    Raises:
        ProblemError: too large, not JSON by its type, or not JSON.
        InvalidRequestError: JSON, but not what it should be.
    """
    return body_of(await read_json(request, optional=optional), kind)


async def read_json(request: Request, *, optional: bool = False) -> object:
    """The request's body as the JSON value it is; see `read_body`."""
    raw = await _read(request)
    if optional and not raw:
        return {}
    media_type = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if media_type != "application/json":
        raise ProblemError(UNSUPPORTED_TYPE, "Send the body as application/json.")
    return _parse(raw)


def body_of(value: object, kind: type[AnyBody]) -> AnyBody:
    """A JSON value as the body it should be; see `read_body`."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise InvalidRequestError(
            *(_fault(fault["loc"], fault["type"], fault["msg"]) for fault in error.errors())
        ) from None


async def _read(request: Request) -> bytes:
    if int(request.headers.get("content-length", 0)) > BODY_BYTES:  # digits, or the parser refused
        raise _too_large()
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > BODY_BYTES:
            raise _too_large()
    return bytes(raw)


def _too_large() -> ProblemError:
    """The connection stays: a client that still sends would not hear why it was hung up on.

    uvicorn throws the rest of the body away as it comes.
    """
    return ProblemError(TOO_LARGE, f"A body has at most {BODY_BYTES} bytes.")


def _parse(raw: bytes) -> object:
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_refuse, parse_int=_whole)
    except UnicodeDecodeError as error:
        raise ProblemError(
            BAD_JSON, f"The body is not JSON: byte {error.start} is not UTF-8."
        ) from None
    except ValueError as error:
        raise ProblemError(BAD_JSON, f"The body is not JSON: {error}.") from None
    except RecursionError:
        raise ProblemError(BAD_JSON, "The body is nested too deeply.") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _whole(digits: str) -> int | float:
    """A number that Python refuses to read for its length is JSON; no field takes one so large."""
    return int(digits) if len(digits) <= INTEGER_DIGITS else math.inf


def _fault(location: tuple[int | str, ...], kind: str, message: str) -> Fault:
    pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
    match kind:
        case "missing":
            return Fault(pointer, "This is required.")
        case "extra_forbidden":
            return Fault(pointer, "There is no such field.")
        case "model_type" | "model_attributes_type" | "dict_type":
            return Fault("", "The body must be a JSON object.")
        case "string_type":
            return Fault(pointer, "This must be a string.")
        case "int_type" | "greater_than_equal" | "less_than_equal" | "int_parsing_size":
            return Fault(pointer, f"This must be a whole number from 0 to {SEED_LIMIT}.")
        case _:
            return Fault(pointer, message if message.endswith(".") else f"{message}.")
