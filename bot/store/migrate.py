"""Create the tables, and bring those of an older version up to date."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.engine import StoreError, is_embedded, reading, shown, writing

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = "SELECT pg_advisory_xact_lock(4920495)"  # any number, as long as it is ours alone


class State(StrEnum):
    """How a database stands to this program."""

    EMPTY = "empty"  # no tables of ours yet
    BEHIND = "behind"  # made by an older version
    CURRENT = "current"
    AHEAD = "ahead"  # made by a newer version


async def migrate(engine: AsyncEngine) -> None:
    """Bring the database to the shape of schema.py; several processes may try at once.

    All steps are one transaction.  Raise StoreError when the database was made by a newer version.
    """
    async with writing(engine) as connection:
        if not is_embedded(engine):  # there BEGIN IMMEDIATE lets in one at a time
            await connection.exec_driver_sql(_LOCK)
        if await connection.run_sync(_state) is State.AHEAD:
            raise StoreError(f"{shown(engine.url)} was made by a newer version: update this program")
        await connection.run_sync(_upgrade)


async def state(engine: AsyncEngine) -> State:
    """Tell how the database stands; nothing is changed."""
    async with reading(engine) as connection:
        return await connection.run_sync(_state)


def _state(connection: Connection) -> State:
    heads = MigrationContext.configure(connection).get_current_heads()
    if not heads:
        return State.EMPTY
    known = ScriptDirectory.from_config(_config())
    if set(heads) == set(known.get_heads()):
        return State.CURRENT
    revisions = {script.revision for script in known.walk_revisions()}
    return State.BEHIND if set(heads) <= revisions else State.AHEAD


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
