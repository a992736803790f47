"""A database that cannot be used says so, with its cure, and never with its password."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import accounts, links
from bot.store.engine import StoreError, is_embedded, open_engine, reading, writing

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "driver", "database"),
    [
        ("sqlite:///{tmp}/a.db", "sqlite+aiosqlite", "{tmp}/a.db"),
        ("sqlite+aiosqlite:///{tmp}/new/folder/a.db", "sqlite+aiosqlite", "{tmp}/new/folder/a.db"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg", "d"),
        ("postgres://u:p@h:5433/d", "postgresql+asyncpg", "d"),
        ("postgresql+asyncpg://u:p@h/d", "postgresql+asyncpg", "d"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+asyncpg", "d"),
    ],
)
async def test_usual_addresses_are_understood(url: str, driver: str, database: str, tmp_path: Path) -> None:
    engine = open_engine(url.format(tmp=tmp_path))

    assert engine.url.drivername == driver
    assert engine.url.database == database.format(tmp=tmp_path)


def test_what_hosters_call_sslmode_reaches_the_driver() -> None:
    engine = open_engine("postgres://u:p@h/d?sslmode=require")

    assert dict(engine.url.query) == {"ssl": "require"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "delivery.db",
        "mysql://u:secret@h/d",
        "nosuch+driver://u:secret@h/d",
        "postgresql://u:secret@h:port/d",
        "sqlite://",
        "sqlite:///:memory:",
        "://u:secret@",
    ],
)
def test_an_address_that_cannot_be_meant_is_refused_with_its_cure(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_engine(url)

    assert "sqlite:///FILE or postgresql://" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("query", ["", "?password=secret"])
async def test_a_server_that_is_not_there_is_named_without_its_password(query: str) -> None:
    url = (
        f"postgresql://me:secret@127.0.0.1:1/d{query}"
        if not query
        else f"postgresql://me@127.0.0.1:1/d{query}"
    )
    engine = open_engine(url)

    with pytest.raises(StoreError, match="check that it is running") as caught:
        async with reading(engine):
            pass
    assert "127.0.0.1" in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear customer, " * 200)
    engine = open_engine(f"sqlite:///{path}")

    with pytest.raises(StoreError, match="names some other file"):
        async with writing(engine):
            pass
    assert path.read_text().startswith("Dear customer")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="the folder cannot be made"):
        open_engine(f"sqlite:///{tmp_path}/file/new/a.db")


async def test_a_folder_instead_of_a_file_is_named(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}")

    with pytest.raises(StoreError, match="check that the folder is there"):
        async with reading(engine):
            pass


async def test_a_full_disk_is_named_and_what_was_committed_stays(engine: AsyncEngine) -> None:
    if not is_embedded(engine):
        return
    async with writing(engine) as connection:
        await accounts.add(connection, ["before"])

    with pytest.raises(StoreError, match="free some space"):
        async with writing(engine) as connection:
            await connection.exec_driver_sql("PRAGMA max_page_count = 1")
            await accounts.add(connection, [f"{number:0500}" for number in range(2_000)])
    async with reading(engine) as connection:
        assert await accounts.all_accounts(connection) == ["before"]


async def test_a_read_only_database_is_named(engine: AsyncEngine) -> None:
    statement = "PRAGMA query_only = ON" if is_embedded(engine) else "SET TRANSACTION READ ONLY"

    with pytest.raises(StoreError, match="the right to write"):
        async with writing(engine) as connection:
            await connection.exec_driver_sql(statement)
            await accounts.add(connection, ["a"])


async def test_tables_that_are_not_there_are_told_how_to_be_made(empty_engine: AsyncEngine) -> None:
    with pytest.raises(StoreError, match="python -m bot migrate"):
        async with reading(empty_engine) as connection:
            await accounts.all_accounts(connection)


async def test_what_breaks_a_rule_of_the_tables_is_no_trouble_of_the_database(engine: AsyncEngine) -> None:
    with pytest.raises(IntegrityError):
        async with writing(engine) as connection:
            await links.link(connection, team="T", account="nobody", linked_by="U", now=NOW)


async def test_what_is_written_is_gone_when_the_block_raises(engine: AsyncEngine) -> None:
    with pytest.raises(LookupError):
        async with writing(engine) as connection:
            await accounts.add(connection, ["a"])
            raise LookupError

    async with reading(engine) as connection:
        assert await accounts.all_accounts(connection) == []


async def test_a_cancelled_writer_leaves_nothing_and_blocks_nobody(engine: AsyncEngine) -> None:
    inside = asyncio.Event()

    async def write_for_ever() -> None:
        async with writing(engine) as connection:
            await accounts.add(connection, ["a"])
            inside.set()
            await asyncio.Event().wait()

    writer = asyncio.create_task(write_for_ever())
    await inside.wait()
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    async with writing(engine) as connection:
        await accounts.add(connection, ["b"])
    async with reading(engine) as connection:
        names = await accounts.all_accounts(connection)

    assert names == ["b"]


async def test_writers_of_one_process_wait_in_line_for_each_other(engine: AsyncEngine) -> None:
    async def add(number: int) -> None:
        async with writing(engine) as connection:
            await accounts.add(connection, [f"account {number:02}"])

    await asyncio.gather(*map(add, range(30)))
    async with reading(engine) as connection:
        names = await accounts.all_accounts(connection)

    assert names == [f"account {number:02}" for number in range(30)]


async def test_a_reader_does_not_wait_for_a_writer(engine: AsyncEngine) -> None:
    async with writing(engine) as writer:
        await accounts.add(writer, ["a"])
        async with reading(engine) as reader:
            meanwhile = await accounts.all_accounts(reader)

    assert meanwhile == []
