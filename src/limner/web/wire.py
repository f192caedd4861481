"""What is no HTTP, or no method that HTTP knows, is answered with a problem like all else."""

import sys
from uuid import uuid4

from httptools import HttpParserInvalidMethodError
from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from limner.web.problems import BAD_REQUEST, METHOD_NOT_ALLOWED, problem
from limner.web.request_id import HEADER

METHODS = "DELETE, GET, HEAD, PATCH, POST"
"""All that anything here takes. The parser stops at an unknown method, before any address."""


class WireProtocol(HttpToolsProtocol):
    """uvicorn's, but for the one answer that it gives by itself and not through the application."""

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser has just refused, and hang up.

        Args:
            msg: uvicorn's sentence.
        """
        if isinstance(sys.exception(), HttpParserInvalidMethodError):
            refusal = problem(
                METHOD_NOT_ALLOWED, "This method is not known.", headers={"Allow": METHODS}
            )
        else:
            refusal = problem(BAD_REQUEST, msg)
        refusal.headers[HEADER] = uuid4().hex
        refusal.headers["Connection"] = "close"
        self.transport.write(_as_bytes(refusal))
        self.transport.close()


def _as_bytes(response: Response) -> bytes:
    lines = [name + b": " + value + b"\r\n" for name, value in response.raw_headers]
    return b"".join([STATUS_LINE[response.status_code], *lines, b"\r\n", bytes(response.body)])
