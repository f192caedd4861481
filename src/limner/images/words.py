"""What the errors of S3 and of the way to it mean to an operator.

S3's own sentences are told to nobody: they may hold keys and signatures.
"""

import re
from typing import Final

from botocore.exceptions import (  # type: ignore[import-untyped] # it brings no types
    ClientError,
    ConnectTimeoutError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.exceptions import ConnectionError as UnreachableError

_GONE: Final = {"NoSuchKey", "404"}
_WHY: Final = {
    "NoSuchBucket": "there is no such bucket, create it or correct LIMNER_STORAGE_URL",
    "AccessDenied": "these keys may not do that",
    "InvalidAccessKeyId": "AWS_ACCESS_KEY_ID is not known there",
    "SignatureDoesNotMatch": "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID",
    "InvalidToken": "AWS_SESSION_TOKEN is not valid",
    "ExpiredToken": "AWS_SESSION_TOKEN has expired",
    "RequestTimeTooSkewed": "the clock of this machine is wrong",
    "PermanentRedirect": "the bucket is not in AWS_REGION",
    "AuthorizationHeaderMalformed": "the bucket is not in AWS_REGION",
    "SlowDown": "it has too much to do",
}
_CODE: Final = re.compile(r"\w{1,64}", re.ASCII)


def is_gone(error: ClientError) -> bool:
    """Whether it says that there is no such object."""
    return _code(error) in _GONE


def why(error: Exception) -> str:
    """What went wrong, to follow a colon."""
    if isinstance(error, ClientError):
        code = _code(error)
        return f"{_WHY[code]} ({code})" if code in _WHY else f"it answered {code}"
    if isinstance(error, (TimeoutError, ConnectTimeoutError, ReadTimeoutError)):
        return "it did not answer in time"
    if isinstance(error, UnreachableError):
        return "it can't be reached"
    if isinstance(error, NoCredentialsError):
        return "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"
    return f"the connection or the answer broke ({type(error).__name__})"


def _code(error: ClientError) -> str:
    code = str(error.response.get("Error", {}).get("Code"))
    return code if _CODE.fullmatch(code) else "what can't be understood"
