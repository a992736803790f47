"""The tables that the migrations make are those of schema.py, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.engine import StoreError, is_embedded, open_engine, reading, writing
from bot.store.migrate import State, migrate, state
from bot.store.schema import metadata

_SHAPES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes"
    " WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
}


async def test_a_migrated_database_has_the_tables_of_the_schema(engine: AsyncEngine) -> None:
    async with reading(engine) as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
        )

    assert differences == []


async def test_a_migrated_database_has_the_indexes_of_the_schema_with_their_conditions(
    engine: AsyncEngine,
) -> None:
    migrated = await _indexes(engine)
    async with writing(engine) as connection:
        await connection.run_sync(metadata.drop_all)
        await connection.run_sync(metadata.create_all)
    created = await _indexes(engine)

    assert migrated == created


async def _indexes(engine: AsyncEngine) -> dict[str, str]:
    async with reading(engine) as connection:
        found = (await connection.exec_driver_sql(_SHAPES[engine.dialect.name])).mappings()
        shapes = {str(name): " ".join(str(sql).split()) for name, sql in map(dict.values, map(dict, found))}
    return {name: sql for name, sql in shapes.items() if not sql.startswith("CREATE TABLE")}


async def test_an_empty_database_is_empty_and_then_current(empty_engine: AsyncEngine) -> None:
    before = await state(empty_engine)
    await migrate(empty_engine)

    assert before is State.EMPTY
    assert await state(empty_engine) is State.CURRENT


async def test_migrating_again_changes_nothing(engine: AsyncEngine) -> None:
    await migrate(engine)

    assert await state(engine) is State.CURRENT


async def test_several_processes_may_migrate_at_once(database_url: str) -> None:
    engines = [open_engine(database_url) for _ in range(4)]
    try:
        await asyncio.gather(*map(migrate, engines))

        assert [await state(engine) for engine in engines] == [State.CURRENT] * 4
    finally:
        await asyncio.gather(*(engine.dispose() for engine in engines))


async def test_a_database_of_a_newer_version_is_left_alone(engine: AsyncEngine) -> None:
    await _set_revision(engine, "9999")

    assert await state(engine) is State.AHEAD
    with pytest.raises(StoreError, match="newer version: update this program"):
        await migrate(engine)


async def _set_revision(engine: AsyncEngine, revision: str) -> None:
    async with writing(engine) as connection:
        await connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608


async def test_a_migration_that_breaks_leaves_nothing_behind(
    empty_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.migrate._upgrade", _then_break())

    with pytest.raises(ArithmeticError):
        await migrate(empty_engine)
    assert await state(empty_engine) is State.EMPTY
    async with reading(empty_engine) as connection:
        assert await connection.run_sync(lambda sync: sync.dialect.get_table_names(sync)) == []


def _then_break() -> Callable[[Connection], None]:
    from bot.store.migrate import _upgrade

    def upgrade(connection: Connection) -> None:
        _upgrade(connection)
        raise ArithmeticError

    return upgrade


def test_every_migration_is_packaged_with_the_program() -> None:
    folder = Path(__file__).parents[2] / "bot" / "store" / "migrations"

    assert (folder / "env.py").exists()
    assert [*folder.glob("versions/0001*.py")]


async def test_sqlite_is_safe_against_power_cuts_and_keeps_foreign_keys(engine: AsyncEngine) -> None:
    if not is_embedded(engine):
        return
    async with reading(engine) as connection:
        pragmas = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert pragmas == ["wal", 2, 1]
