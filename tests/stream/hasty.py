"""`limner` with less patience, for tests that would wait for it: `python -m stream.hasty api`.

And the application, for a server that is not ours: `uvicorn stream.hasty:app`.
"""

import os

from limner.cli import main
from limner.web import audience, wire
from limner.web.app import app

__all__ = ["app"]

audience.PATIENCE_SECONDS = float(os.environ.get("PATIENCE_SECONDS", audience.PATIENCE_SECONDS))
wire.REQUEST_SECONDS = float(os.environ.get("REQUEST_SECONDS", wire.REQUEST_SECONDS))

if __name__ == "__main__":
    main()
