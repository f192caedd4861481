"""The pool, and the two ways to use it: a connection, or a transaction. Every wait is bounded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import asyncpg

from limner.domain.errors import DatabaseBusyError, DatabaseUnavailableError, StartError
from limner.store.statements import Connection

CONNECT_SECONDS = 3
PATIENCE_SECONDS = 4
"""How long one use may take, waiting for a connection included: an answer is due within 5 s."""
CANCEL_SECONDS = 1.0
"""How long to wait for the end of a statement whose caller was cancelled."""

AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # it is starting, stopping, or has had enough of a statement
    asyncpg.InsufficientResourcesError,  # connections, memory, disk
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby, which has not taken over yet
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # how a connection that died between two statements shows itself
)
"""What the driver raises when Postgres is not there, or not in time."""

_SERVER_SETTINGS = {
    "application_name": "limner",
    "timezone": "UTC",
    "statement_timeout": "4000",
    "lock_timeout": "3000",
    "idle_in_transaction_session_timeout": "10000",
    # A plan that was made when a table was small, or believed to be, is kept for a while: better
    # not one that reads all of the table each time. All that is asked often has an index.
    "enable_seqscan": "off",
    "jit": "off",  # up to Postgres 17 what is off counts as so dear that it would be compiled
}


class Database:
    """A pool of connections to Postgres.

    Args:
        pool: an open asyncpg pool, which is closed by whoever opened it.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @asynccontextmanager
    async def connection(
        self, patience_seconds: float = PATIENCE_SECONDS
    ) -> AsyncIterator[Connection]:
        """One connection, each statement a transaction of its own.

        Of a user that was cancelled the statement is called off, and has ended, one way or the
        other, when the cancellation goes on: else it might be done after all, and after whatever is
        done about it. A connection that this takes too long for, whose user ran out of time or is
        in a transaction, is ended, not reused: the server may be frozen.

        Raises:
            DatabaseUnavailableError: Postgres did not answer in time. Whether the statement was
                done is not known.
        """
        try:
            async with asyncio.timeout(patience_seconds) as patience:
                connection = await self._acquire()
                try:
                    yield connection
                except asyncio.CancelledError:
                    try:
                        if not patience.expired() and not _is_in_transaction(connection):
                            await self._call_off(connection)
                    finally:
                        _end(connection)
                    raise
                except AWAY:
                    _end(connection)
                    raise
                finally:
                    await self._release(connection)
        except AWAY as error:
            if isinstance(error, ValueError):  # a wrong argument, which asyncpg files there too
                raise
            raise _unavailable(error) from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One connection inside one transaction, committed at the end and rolled back on an error.

        Raises:
            DatabaseUnavailableError: Postgres did not answer in time. If that was at the commit,
                whether it went through is not known.
        """
        async with self.connection() as connection:
            try:
                await connection.execute("BEGIN")
                try:
                    yield connection
                except Exception as error:
                    if not isinstance(error, AWAY):
                        await connection.execute("ROLLBACK")
                    raise
                await connection.execute("COMMIT")
            except asyncio.CancelledError:
                _end(connection)  # which undoes it
                raise

    async def check(self) -> None:
        """One round trip.

        Raises:
            DatabaseUnavailableError: there was no answer within 2 s.
        """
        async with self.connection(patience_seconds=2) as connection:
            await connection.execute("SELECT 1")

    async def _acquire(self) -> Connection:
        try:
            return await self._pool.acquire()
        except asyncpg.PostgresError as error:
            # a closed database, a role that may not log in, a password that was changed: whatever
            # it holds against a new connection now, it did not when this process began
            raise _unavailable(error) from error

    async def _call_off(self, connection: Connection) -> None:
        """Have the server stop, and wait until it has: asyncpg does, of a statement left alone."""
        with suppress(*AWAY):
            await self._pool.release(connection, timeout=CANCEL_SECONDS)

    async def _release(self, connection: Connection) -> None:
        """Give it back; one left in a transaction is ended.

        That asks the server nothing, but for one that has been used so often that the pool closes
        it: that is not waited for without end.
        """
        if _is_in_transaction(connection):
            _end(connection)
        else:
            await self._pool.release(connection, timeout=CANCEL_SECONDS)


class _Plain(asyncpg.Connection):
    """A connection on which nobody sets what outlives a transaction.

    So it need not be reset between two users, which would be a round trip for each use: no
    statement of ours sets a variable, listens, or holds a lock or a cursor of the session's.
    """

    def get_reset_query(self) -> str:
        """Nothing to be asked of the server when a connection is given back."""
        return ""


@asynccontextmanager
async def open_database(url: str, *, connections: int) -> AsyncIterator[Database]:
    """A pool that is open for as long as the block runs.

    Args:
        url: where Postgres is.
        connections: how many it may hold at once.

    Raises:
        StartError: Postgres can't be reached with this URL.
    """
    try:
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=connections,
            timeout=CONNECT_SECONDS,
            command_timeout=PATIENCE_SECONDS,
            server_settings=_SERVER_SETTINGS,
            init=_speak_text,
            connection_class=_Plain,
        )
    except (ValueError, *AWAY, asyncpg.PostgresError) as error:
        raise StartError(
            f"Postgres at LIMNER_DATABASE_URL does not let us in: {first_line(error)}"
        ) from error
    try:
        yield Database(pool)
    finally:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await pool.close()
        except TimeoutError:
            pool.terminate()


def _is_in_transaction(connection: Connection) -> bool:
    try:
        return connection.is_in_transaction()
    except asyncpg.InterfaceError:  # it has ended
        return False


def _end(connection: Connection) -> None:
    with suppress(asyncpg.InterfaceError):  # released meanwhile, or ended: there is none to end
        connection.terminate()


def _unavailable(error: BaseException) -> DatabaseUnavailableError:
    busy = isinstance(error, asyncpg.LockNotAvailableError)
    kind = DatabaseBusyError if busy else DatabaseUnavailableError
    return kind(f"The database is not available: {type(error).__name__}.")


async def _speak_text(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Ids are strings in Limner, as they are in JSON, in URLs and in Redis."""
    await connection.set_type_codec(
        "uuid", encoder=lambda text: UUID(text).hex, decoder=str, schema="pg_catalog", format="text"
    )


def first_line(error: BaseException) -> str:
    """What an error of the driver's says, without its details; its name if it says nothing."""
    if type(error) is ValueError:  # it would hold a piece of the password
        return "its URL can't be read; in a password /, ? and # are written as %2F, %3F and %23"
    return str(error).strip().split("\n", 1)[0] or type(error).__name__
