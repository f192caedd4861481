"""Reading the settings from the environment and from `.env`, and saying what is wrong with them."""

from typing import get_args

from pydantic import ValidationError

from limner.domain.errors import StartError
from limner.settings.kinds import Accepts
from limner.settings.variables import PREFIX, Settings


def load() -> Settings:
    """The settings from the environment.

    Raises:
        StartError: a variable has a value that it does not accept; the sentence names both.
    """
    try:
        return Settings()
    except ValidationError as error:
        fields = {variable(name): name for name in Settings.model_fields}
        faults = [(str(fault["loc"][0]), fault["input"]) for fault in error.errors()]
        sentences = [_sentence(fields.get(name, name), value) for name, value in faults]
        raise StartError(" ".join(sentences)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"The file .env can't be read: {error}.") from None


def variable(field: str) -> str:
    """The environment variable of a setting."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{PREFIX}{field.upper()}"


def _sentence(field: str, value: object) -> str:
    # a URL may hold a password, and a sentence goes to logs
    told = "" if field.endswith(("_url", "_key", "_secret")) else f"is {value!r}, but it "
    return f"{variable(field)} {told}must be {_accepted(field)}."


def _accepted(field: str) -> str:
    info = Settings.model_fields[field]
    parts = get_args(info.annotation)
    inside = [detail for part in parts for detail in getattr(part, "__metadata__", ())]
    words = [each.words for each in (*info.metadata, *inside) if isinstance(each, Accepts)]
    return words[0] if words else " or ".join(map(str, parts))
