"""The courier beside other couriers, before a messenger that is slow, silent or broken."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.app import now
from bot.core.post import Place, Post, PostKind
from bot.courier import AT_ONCE, STALE, Courier, UnsaidError, UnsayableError
from bot.store import outbox
from bot.store.engine import reading, writing

CHANNEL = Place("T1", "C1")


class Voice:
    """A messenger that takes its time, and remembers."""

    def __init__(self, seconds: float = 0, error: Exception | None = None) -> None:
        self.seconds, self.error = seconds, error
        self.said: Counter[str] = Counter()

    async def say(self, post: Post) -> str | None:
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        self.said[post.key] += 1
        return "1.0"


def a_post(key: str, kind: PostKind = PostKind.CARD, place: Place = CHANNEL) -> Post:
    return Post(key=key, kind=kind, place=place)


def a_courier(engine: AsyncEngine, voice: Voice, owner: str = "a", **fields: object) -> Courier:
    courier = Courier(engine, owner, now, **fields)  # type: ignore[arg-type]  # a test names the fields
    courier.messenger = voice
    return courier


async def put(engine: AsyncEngine, *posts: Post, age: timedelta = timedelta()) -> None:
    async with writing(engine) as connection:
        await outbox.put(connection, posts, now=now() - age)


async def test_a_batch_that_outlives_its_lease_is_not_said_twice(engine: AsyncEngine) -> None:
    await put(engine, *(a_post(f"card:{number}") for number in range(8)))
    voice = Voice(seconds=0.25)
    couriers = [a_courier(engine, voice, owner, lease=timedelta(seconds=0.6)) for owner in "ab"]

    async with asyncio.timeout(20):
        while len(voice.said) < 8:
            for courier in couriers:
                await courier.carry_due()
            await asyncio.sleep(0.1)
    for courier in couriers:
        await courier.settle()

    assert set(voice.said.values()) == {1}


async def test_what_waits_is_said_although_new_questions_keep_coming(engine: AsyncEngine) -> None:
    voice = Voice(seconds=0.5)
    courier = a_courier(engine, voice)
    for number in range(2 * AT_ONCE):
        await courier.accept(a_post(f"question:{number}", PostKind.ANSWER, Place("T1", f"C{number}")))
    await put(engine, a_post("card"))

    await courier.carry_due()
    await asyncio.sleep(0)
    before = sum(key.startswith("question") for key in voice.said)
    await courier.settle()

    assert before < 2 * AT_ONCE
    assert voice.said["card"] == 1
    assert len(voice.said) == 2 * AT_ONCE + 1


@pytest.mark.parametrize("error", [UnsaidError("busy"), ValueError("a defect")])
async def test_what_could_not_be_said_waits_for_its_next_turn(engine: AsyncEngine, error: Exception) -> None:
    await put(engine, a_post("card"))
    courier = a_courier(engine, Voice(error=error))

    await courier.carry_due()
    await courier.settle()
    async with reading(engine) as connection:
        waiting = await outbox.waiting(connection)

    assert (waiting.number, waiting.failed) == (1, 0)
    assert await courier.carry_due() == 0


@pytest.mark.parametrize(
    ("kind", "given_up"), [(PostKind.CARD, 0), (PostKind.SUBMISSION, 0), (PostKind.NOTICE, 1)]
)
async def test_a_hand_over_is_never_given_up(engine: AsyncEngine, kind: PostKind, given_up: int) -> None:
    await put(engine, a_post("post", kind))
    courier = a_courier(engine, Voice(error=UnsayableError("not_in_channel")))

    await courier.carry_due()
    await courier.settle()
    async with reading(engine) as connection:
        waiting = await outbox.waiting(connection)

    assert (waiting.number, waiting.failed) == (1 - given_up, given_up)


@pytest.mark.parametrize("kind", list(STALE))
async def test_what_comes_too_late_to_help_is_given_up(engine: AsyncEngine, kind: PostKind) -> None:
    await put(engine, a_post("late", kind), age=STALE[kind])
    courier = a_courier(engine, Voice(error=UnsaidError("busy")))

    await courier.carry_due()
    await courier.settle()
    async with reading(engine) as connection:
        waiting = await outbox.waiting(connection)

    assert (waiting.number, waiting.failed) == (0, 1)


async def test_a_key_is_accepted_once(engine: AsyncEngine) -> None:
    voice = Voice()
    couriers = [a_courier(engine, voice, owner) for owner in "ab"]

    accepted = await asyncio.gather(*(courier.accept(a_post("event")) for courier in couriers))
    for courier in couriers:
        await courier.settle()

    assert sorted(accepted) == [False, True]
    assert voice.said == {"event": 1}
