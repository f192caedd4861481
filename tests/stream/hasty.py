"""`limner` with less patience, for tests that would wait for it: `python -m stream.hasty api`."""

import os

from limner.cli import main
from limner.web import audience, wire

audience.PATIENCE_SECONDS = float(os.environ.get("PATIENCE_SECONDS", audience.PATIENCE_SECONDS))
wire.REQUEST_SECONDS = float(os.environ.get("REQUEST_SECONDS", wire.REQUEST_SECONDS))

if __name__ == "__main__":
    main()
