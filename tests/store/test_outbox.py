"""What is put into the outbox is said once: taken by one process at a time, marked only by who holds it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.post import Place, Post, PostKind
from bot.store import outbox
from bot.store.engine import open_engine, reading, writing
from bot.store.migrate import migrate

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
LEASE = timedelta(seconds=60)
PLACE = Place("T1", "C1", "1700000000.000100", "U1", "https://hooks.slack.example/x")


def a_post(key: str = "answer:1", payload: dict[str, object] | None = None) -> Post:
    return Post(key=key, kind=PostKind.ANSWER, place=PLACE, payload=payload or {})


async def put(engine: AsyncEngine, *posts: Post, now: datetime = NOW, owner: str | None = None) -> set[str]:
    async with writing(engine) as connection:
        until = now + LEASE if owner else None
        return await outbox.put(connection, posts, now=now, owner=owner, leased_until=until)


async def lease(engine: AsyncEngine, owner: str = "me", now: datetime = NOW, limit: int = 10) -> list[Post]:
    return await outbox.lease(engine, owner=owner, now=now, until=now + LEASE, limit=limit)


async def finish(engine: AsyncEngine, post: Post, owner: str = "me") -> bool:
    async with writing(engine) as connection:
        return await outbox.finish(connection, post, owner=owner, now=NOW, posted_ts="1.2")


@pytest.mark.parametrize(
    "payload", [{}, {"text": "届かない\x00 \ud800 <!channel>"}, {"case": 3, "list": [1, None, {"a": True}]}]
)
async def test_a_post_comes_back_as_it_was_put(engine: AsyncEngine, payload: dict[str, object]) -> None:
    await put(engine, a_post(payload=payload))
    (taken,) = await lease(engine)

    assert taken.payload == payload
    assert (taken.key, taken.kind, taken.place) == ("answer:1", PostKind.ANSWER, PLACE)
    assert taken.attempts == 1


async def test_a_key_is_accepted_once(engine: AsyncEngine) -> None:
    first = await put(engine, a_post("a"), a_post("b"))
    second = await put(engine, a_post("b", {"text": "another"}), a_post("c"), a_post("c"))

    assert first == {"a", "b"}
    assert second == {"c"}


async def test_a_key_that_was_said_is_not_accepted_again(engine: AsyncEngine) -> None:
    await put(engine, a_post())
    (post,) = await lease(engine)
    await finish(engine, post)

    assert await put(engine, a_post()) == set()


async def test_of_two_replicas_with_the_same_event_one_accepts_it(database_url: str) -> None:
    engines = [open_engine(database_url) for _ in range(2)]
    try:
        await migrate(engines[0])
        accepted = await asyncio.gather(*(put(engine, a_post("event:1")) for engine in engines))

        assert sorted(map(len, accepted)) == [0, 1]
    finally:
        await asyncio.gather(*(engine.dispose() for engine in engines))


async def test_a_post_born_leased_belongs_to_who_put_it(engine: AsyncEngine) -> None:
    await put(engine, a_post(), owner="me")
    async with reading(engine) as connection:
        mine = await outbox.get(connection, "answer:1")

    assert await lease(engine, "another") == []
    assert mine is not None
    assert mine.attempts == 1
    assert await finish(engine, mine)


async def test_the_oldest_posts_are_taken_first(engine: AsyncEngine) -> None:
    for minutes in (2, 0, 1):
        await put(engine, a_post(f"{minutes} minutes ago"), now=NOW - timedelta(minutes=minutes))
    taken = await lease(engine, limit=2)

    assert [post.key for post in taken] == ["2 minutes ago", "1 minutes ago"]


async def test_posts_put_together_are_taken_in_one_order_by_everybody(engine: AsyncEngine) -> None:
    await put(engine, *(a_post(f"{number:02}") for number in range(20)))

    assert [post.key for post in await lease(engine, limit=20)] == [f"{number:02}" for number in range(20)]


@pytest.mark.parametrize("limit", [0, -1])
async def test_who_has_no_hands_free_takes_nothing(engine: AsyncEngine, limit: int) -> None:
    await put(engine, a_post())

    assert await lease(engine, limit=limit) == []


async def test_what_is_not_due_yet_waits(engine: AsyncEngine) -> None:
    await put(engine, a_post(), now=NOW + timedelta(seconds=1))

    assert await lease(engine) == []
    assert len(await lease(engine, now=NOW + timedelta(seconds=1))) == 1


async def test_several_owners_take_each_row_once(database_url: str) -> None:
    engines = [open_engine(database_url) for _ in range(4)]
    try:
        await migrate(engines[0])
        await put(engines[0], *(a_post(str(number)) for number in range(60)))
        takings = await asyncio.gather(
            *(lease(engine, f"owner {n}", limit=7) for n, engine in enumerate(engines * 3))
        )
        rest = await lease(engines[0], "the last", limit=60)
        keys = [post.key for taken in [*takings, rest] for post in taken]

        assert sorted(keys) == sorted(map(str, range(60)))
    finally:
        await asyncio.gather(*(engine.dispose() for engine in engines))


async def test_a_lease_that_ran_out_is_taken_over_and_the_slow_one_marks_nothing(engine: AsyncEngine) -> None:
    await put(engine, a_post())
    (slow,) = await lease(engine, "slow")
    during = await lease(engine, "quick", now=NOW + LEASE - timedelta(microseconds=1))
    (quick,) = await lease(engine, "quick", now=NOW + LEASE)

    assert during == []
    assert quick.attempts == 2
    assert not await finish(engine, slow, "slow")
    assert await finish(engine, quick, "quick")


async def test_an_owner_is_fenced_from_its_own_earlier_attempt(engine: AsyncEngine) -> None:
    await put(engine, a_post())
    (first,) = await lease(engine)
    (second,) = await lease(engine, now=NOW + LEASE)

    assert not await finish(engine, first)
    assert await finish(engine, second)


async def test_a_renewed_lease_lasts_longer(engine: AsyncEngine) -> None:
    await put(engine, a_post())
    (post,) = await lease(engine)
    async with writing(engine) as connection:
        renewed = await outbox.renew(connection, post, owner="me", until=NOW + 2 * LEASE)
        not_theirs = await outbox.renew(connection, post, owner="another", until=NOW + 9 * LEASE)

    assert (renewed, not_theirs) == (True, False)
    assert await lease(engine, "another", now=NOW + LEASE) == []
    assert len(await lease(engine, "another", now=NOW + 2 * LEASE)) == 1


async def test_what_is_finished_is_never_taken_again(engine: AsyncEngine) -> None:
    await put(engine, a_post())
    (post,) = await lease(engine)
    marked = [await finish(engine, post), await finish(engine, post)]

    assert marked == [True, False]
    assert await lease(engine, now=NOW + timedelta(days=1)) == []


async def test_what_is_postponed_comes_again_when_it_is_due(engine: AsyncEngine) -> None:
    await put(engine, a_post())
    (post,) = await lease(engine)
    async with writing(engine) as connection:
        done = await outbox.postpone(
            connection, post, owner="me", due_at=NOW + timedelta(seconds=5), error="429\x00"
        )

    assert done
    assert await lease(engine, now=NOW + timedelta(seconds=4)) == []
    (again,) = await lease(engine, now=NOW + timedelta(seconds=5))
    assert again.attempts == 2


async def test_what_is_given_up_is_never_taken_again_and_counted(engine: AsyncEngine) -> None:
    await put(engine, a_post())
    (post,) = await lease(engine)
    async with writing(engine) as connection:
        given_up = await outbox.give_up(connection, post, owner="me", now=NOW, error="channel_not_found")
        waiting = await outbox.waiting(connection)

    assert given_up
    assert waiting == outbox.Waiting(number=0, oldest=None, failed=1)
    assert await lease(engine, now=NOW + timedelta(days=1)) == []


async def test_what_waits_is_counted_with_the_age_of_the_oldest(engine: AsyncEngine) -> None:
    async with reading(engine) as connection:
        empty = await outbox.waiting(connection)
    await put(engine, a_post("old"), now=NOW - timedelta(hours=1))
    await put(engine, a_post("new"))
    async with reading(engine) as connection:
        waiting = await outbox.waiting(connection)

    assert empty == outbox.Waiting(0, None, 0)
    assert waiting == outbox.Waiting(2, NOW - timedelta(hours=1), 0)


async def test_an_unknown_key_is_no_post(engine: AsyncEngine) -> None:
    async with reading(engine) as connection:
        assert await outbox.get(connection, "nothing") is None


async def test_what_is_rolled_back_was_never_put(engine: AsyncEngine) -> None:
    with pytest.raises(LookupError):
        async with writing(engine) as connection:
            await outbox.put(connection, [a_post()], now=NOW)
            raise LookupError

    assert await lease(engine) == []
