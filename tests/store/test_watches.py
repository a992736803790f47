"""A watch is kept once for a place, looked at by one process at a time, and ended by one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.case import DeliveryKey, Watch
from bot.core.post import Place
from bot.core.words import Language
from bot.store import watches
from bot.store.engine import open_engine, reading, writing
from bot.store.migrate import migrate

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
LEASE = timedelta(seconds=60)
KEY = DeliveryKey("株式会社青空", "1734479364211706503", "Keiri@client.example")
WATCH = Watch(
    delivery=KEY,
    place=Place("T1", "C1", "1700000000.000100", "U1", "https://hooks.slack.example/x"),
    language=Language.JA,
    asked_at=NOW,
    next_look_at=NOW + timedelta(minutes=5),
)
DUE = WATCH.next_look_at


async def keep(engine: AsyncEngine, watch: Watch = WATCH) -> bool:
    async with writing(engine) as connection:
        return await watches.keep(connection, watch)


async def lease(engine: AsyncEngine, owner: str = "me", now: datetime = DUE, limit: int = 10) -> list[Watch]:
    return await watches.lease_due(engine, owner=owner, now=now, until=now + LEASE, limit=limit)


async def end(engine: AsyncEngine, watch: Watch, outcome: str = "changed") -> bool:
    async with writing(engine) as connection:
        return await watches.end(connection, watch.id, now=NOW, outcome=outcome)


@pytest.mark.parametrize("thread_ts", ["1700000000.000100", None])
async def test_a_watch_comes_back_as_it_was_kept(engine: AsyncEngine, thread_ts: str | None) -> None:
    kept = replace(WATCH, place=replace(WATCH.place, thread_ts=thread_ts))
    await keep(engine, kept)
    (taken,) = await lease(engine)

    assert taken == replace(kept, id=taken.id)


ELSEWHERE = {
    "another thread": replace(WATCH, place=replace(WATCH.place, thread_ts="2.0")),
    "the channel itself": replace(WATCH, place=replace(WATCH.place, thread_ts=None)),
    "another channel": replace(WATCH, place=replace(WATCH.place, channel="C2")),
    "another recipient": replace(WATCH, delivery=replace(KEY, recipient="b@client.example")),
    "another account": replace(WATCH, delivery=replace(KEY, account="B")),
}


@pytest.mark.parametrize("other", ELSEWHERE.values(), ids=ELSEWHERE.keys())
async def test_the_same_place_watches_a_delivery_once(engine: AsyncEngine, other: Watch) -> None:
    same = replace(WATCH, delivery=replace(KEY, recipient="keiri@CLIENT.example"), asked_at=DUE)
    kept = [await keep(engine, watch) for watch in (WATCH, same, other, other)]

    assert kept == [True, False, True, False]


async def test_what_was_ended_may_be_watched_again(engine: AsyncEngine) -> None:
    await keep(engine)
    (watch,) = await lease(engine)
    await end(engine, watch)

    assert await keep(engine)


async def test_a_watch_is_not_due_before_its_time(engine: AsyncEngine) -> None:
    await keep(engine)

    assert await lease(engine, now=DUE - timedelta(microseconds=1)) == []
    assert len(await lease(engine)) == 1


async def test_several_owners_take_each_watch_once(database_url: str) -> None:
    engines = [open_engine(database_url) for _ in range(3)]
    try:
        await migrate(engines[0])
        for number in range(30):
            await keep(engines[0], replace(WATCH, delivery=replace(KEY, send_id=str(number))))
        takings = await asyncio.gather(
            *(lease(engine, f"owner {n}", limit=8) for n, engine in enumerate(engines * 2))
        )
        rest = await lease(engines[0], "the last", limit=30)
        taken = [watch.delivery.send_id for taken in [*takings, rest] for watch in taken]

        assert sorted(taken) == sorted(map(str, range(30)))
    finally:
        await asyncio.gather(*(engine.dispose() for engine in engines))


async def test_a_watch_of_a_process_that_died_is_taken_over(engine: AsyncEngine) -> None:
    await keep(engine)
    await lease(engine, "dies")

    assert await lease(engine, "another", now=DUE + LEASE - timedelta(seconds=1)) == []
    assert len(await lease(engine, "another", now=DUE + LEASE)) == 1


async def test_a_watch_that_is_looked_at_again_waits_for_its_next_time(engine: AsyncEngine) -> None:
    await keep(engine)
    (watch,) = await lease(engine)
    later = DUE + timedelta(seconds=30)
    async with writing(engine) as connection:
        await watches.look_again(connection, watch.id, at=later)

    assert await lease(engine, "another", now=later - timedelta(seconds=1)) == []
    assert [again.next_look_at for again in await lease(engine, "another", now=later)] == [later]


async def test_of_several_who_end_a_watch_one_does(engine: AsyncEngine) -> None:
    await keep(engine)
    (watch,) = await lease(engine)
    ended = await asyncio.gather(*(end(engine, watch) for _ in range(8)))

    assert sorted(ended) == [False] * 7 + [True]
    assert await lease(engine, now=DUE + timedelta(days=1)) == []


async def test_the_watches_on_a_delivery_are_listed_while_they_are_open(engine: AsyncEngine) -> None:
    for watch in (WATCH, *ELSEWHERE.values()):
        await keep(engine, watch)
    first, *_ = await lease(engine, limit=1)
    await end(engine, first)
    async with reading(engine) as connection:
        found = await watches.open_for(connection, replace(KEY, recipient="KEIRI@client.example"))

    assert [watch.place.thread_ts for watch in found] == ["2.0", None, "1700000000.000100"]
    assert found[-1].place.channel == "C2"
