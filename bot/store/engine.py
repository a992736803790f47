"""Open the database: SQLite is the embedded default, PostgreSQL serves any number of processes."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

_EXPECTED = "write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE into DATABASE_URL"
# An import beside a running bot commits many times a second; whoever waits finds a gap long before this.
_BUSY_TIMEOUT = 30_000  # milliseconds
_ON_CONNECT = (
    f"PRAGMA busy_timeout = {_BUSY_TIMEOUT}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # what was acknowledged survives a power cut
    "PRAGMA foreign_keys = ON",
)
# An import dirties most pages of the indexes with every batch: less is spilled, and less is copied twice.
_ROOM = (
    "PRAGMA cache_size = -65536",  # KB; 2,000 by default
    "PRAGMA wal_autocheckpoint = 50000",  # pages, 200 MB on disk meanwhile; 1,000 by default
)
# What a driver says, and what to do about it; the first that fits.
_CURES = (
    ("no such column", "bring the tables up to date: run `python -m bot migrate`"),
    ('column "', "bring the tables up to date: run `python -m bot migrate`"),
    ("no such table", "create the tables: run `python -m bot migrate`"),
    ('relation "', "create the tables: run `python -m bot migrate`"),
    ("not a database", "DATABASE_URL names some other file: choose another name, or move that file away"),
    ("malformed", "the file is damaged: restore a backup, or move it away and import again"),
    ("readonly", "give this user the right to write the file and its folder"),
    ("read-only", "give this user the right to write there"),
    ("unable to open", "check that the folder is there and that this user may write into it"),
    ("is full", "free some space on its disk, then start again"),
    ("no space", "free some space on its disk, then start again"),
    ("locked", "another program keeps it locked: end that program, then try again"),
    ("password authentication", "check user and password in DATABASE_URL"),
    ("does not exist", "check the names in DATABASE_URL, or create what is missing"),
    ("permission denied", "grant this user the right to it"),
    ("too many", "lower the number of processes, or raise max_connections"),
    ("timeout", "its connections are all busy, or it does not answer: look at its load"),
)
_UNREACHABLE = "check that it is running and that host and port in DATABASE_URL are right"


class StoreError(Exception):
    """The database cannot be used; the message says what was wrong and names the cure, never a password."""


def open_engine(url: str) -> AsyncEngine:
    """Open the database at *url* without connecting yet; raise StoreError when *url* cannot be meant.

    ``sqlite:///relative.db``, ``sqlite:////absolute.db`` and ``postgresql://…`` (or ``postgres://…``) are
    understood, with or without the name of our driver.
    """
    parsed = _parsed(url)
    return _open_sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _open_postgresql(parsed)


def is_embedded(engine: AsyncEngine) -> bool:
    """Tell whether the database is a file of our own."""
    return engine.dialect.name == "sqlite"


def shown(url: URL) -> str:
    """Return *url* for logs and people: without password and options, which may hold one."""
    return url.set(query={}).render_as_string(hide_password=True)


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Give a connection for queries: each sees what is committed, and no BEGIN costs a round trip."""
    async with _connected(engine) as connection:
        if is_embedded(engine):  # opened in autocommit
            yield connection
        else:
            yield await connection.execution_options(isolation_level="AUTOCOMMIT")


@asynccontextmanager
async def writing(engine: AsyncEngine, *, bulk: bool = False) -> AsyncIterator[AsyncConnection]:
    """Give a connection in a transaction: committed at the end, rolled back when anything is raised.

    *bulk* is for thousands of rows: SQLite gets the room that it takes to hold what they touch.
    """
    transaction = _sqlite_transaction if is_embedded(engine) else _postgresql_transaction
    async with transaction(engine) as connection:
        for pragma in _ROOM if bulk and is_embedded(engine) else ():
            await connection.exec_driver_sql(pragma)
        yield connection


@asynccontextmanager
async def _postgresql_transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with _connected(engine) as connection, connection.begin():
        yield connection


@asynccontextmanager
async def _sqlite_transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Take the write lock at once: a reader that turns writer later may fail whatever the time-out.

    SQLite lets one write at a time and has the others poll; those of this process wait in line here instead.
    """
    line: asyncio.Lock = engine.get_execution_options()["line_of_writers"]
    async with line, _connected(engine) as connection:
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
            await connection.exec_driver_sql("COMMIT")
        except BaseException:
            # Closing rolls back, also after a cancellation or on a full disk, where ROLLBACK may fail.
            await connection.invalidate()
            raise


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    try:
        connection = await engine.connect()
    except (DBAPIError, PoolTimeoutError, OSError, sqlite3.Error) as error:
        raise _store_error(engine, error) from error
    try:
        yield connection
    except (DataError, IntegrityError):  # of what was written, not of the database
        raise
    except ProgrammingError as error:
        if not _cure(error):
            raise
        raise _store_error(engine, error) from error
    except DBAPIError as error:
        raise _store_error(engine, error) from error
    finally:
        await connection.close()


def _store_error(engine: AsyncEngine, error: BaseException) -> StoreError:
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip().partition("\n")[0]
    return StoreError(f"{shown(engine.url)}: {said or type(error).__name__}; {_cure(error) or _UNREACHABLE}")


def _cure(error: BaseException) -> str | None:
    text = f"{type(error).__name__} {error}".casefold()
    return next((cure for fragment, cure in _CURES if fragment in text), None)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = "postgresql" if parsed.drivername == "postgres" else parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        # The text itself may hold a password, and so may the exception.
        raise StoreError(f"the database's address cannot be read: {_EXPECTED}") from None
    if backend not in _DRIVERS:
        raise StoreError(f"{parsed.drivername} is not supported: {_EXPECTED}")
    return parsed.set(drivername=_DRIVERS[backend])


_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


def _open_sqlite(url: URL) -> AsyncEngine:
    if not url.database or url.database == ":memory:":
        raise StoreError(f"{shown(url)} names no file: {_EXPECTED}")
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{shown(url)}: the folder cannot be made: {error.strerror}; choose another"
        ) from error
    engine = create_async_engine(
        url,
        # Every connection is a thread; many of them only wait for each other.
        pool_size=4,
        max_overflow=4,
        # Transactions are begun by hand (see above), so that reads cost neither BEGIN nor ROLLBACK: each
        # would be a hop to the connection's thread and back.
        connect_args={"isolation_level": None},
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        execution_options={"line_of_writers": asyncio.Lock()},
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    try:
        cursor = connection.cursor()
        for pragma in _ON_CONNECT:
            cursor.execute(pragma)
        cursor.close()
    except sqlite3.Error:
        connection.close()  # the pool does not know it yet, and its thread would live on
        raise


def _open_postgresql(url: URL) -> AsyncEngine:
    # What libpq and hosters call sslmode is called ssl by asyncpg.
    if "sslmode" in url.query:
        url = url.set(
            query={("ssl" if name == "sslmode" else name): value for name, value in url.query.items()}
        )
    return create_async_engine(url, pool_size=10, max_overflow=10, connect_args={"timeout": 10})
