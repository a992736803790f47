"""A channel or a workspace belongs to one account at a time; an answer gets one say from each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core.section import Section
from bot.core.words import Language
from bot.store import accounts, feedback, links
from bot.store.engine import reading, writing
from bot.store.schema import feedback as feedback_table

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)


async def _link(connection: AsyncConnection, channel: str, account: str) -> None:
    await accounts.add(connection, [account])
    await links.link(connection, team="T1", channel=channel, account=account, linked_by="U1", now=NOW)


async def test_a_channel_belongs_to_the_account_that_it_was_linked_to_last(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        await _link(connection, "C1", "A")
        await _link(connection, "C1", "B")
        await _link(connection, "C2", "A")
    async with reading(engine) as connection:
        found = [await links.of_channel(connection, team="T1", channel=name) for name in ("C1", "C2", "C3")]
        elsewhere = await links.of_channel(connection, team="T2", channel="C1")

    assert found == ["B", "A", None]
    assert elsewhere is None


async def test_a_workspace_is_linked_apart_from_its_channels(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        await _link(connection, links.WHOLE_WORKSPACE, "A")
    async with reading(engine) as connection:
        team = await links.of_team(connection, team="T1")
        channel = await links.of_channel(connection, team="T1", channel="C1")

    assert team == "A"
    assert channel is None


async def test_what_is_unlinked_belongs_to_nobody(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        await _link(connection, "C1", "A")
        untied = [await links.unlink(connection, team="T1", channel="C1") for _ in range(2)]
        found = await links.of_channel(connection, team="T1", channel="C1")

    assert untied == [True, False]
    assert found is None


async def test_who_says_again_whether_it_helped_changes_their_mind(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        for minutes, helpful in enumerate((True, False)):
            await feedback.record(
                connection,
                key="answer:1:U1",
                section=Section.PENDING,
                language=Language.JA,
                helpful=helpful,
                now=NOW + timedelta(minutes=minutes),
            )
        said = (await connection.execute(select(*feedback_table.c))).all()

    assert [tuple(row) for row in said] == [
        ("answer:1:U1", "pending", "ja", False, NOW + timedelta(minutes=1))
    ]
