"""Two bots on one database: what one says the other does not, what one leaves the other takes up."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.delivery import Status
from bot.core.post import Place, Post, PostKind
from bot.playground.delivery import Courier
from bot.playground.standin import Seen
from bot.running import Bot, open_bot
from bot.store import outbox
from bot.store.engine import writing
from tests.house import LABELS, House, a_delivery, listening, open_house

ID = "1000000000000000001"
LONG_AGO = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Pair:
    """A house, and *other*: a second bot of the same Slack and database, with a road of its own to it."""

    house: House
    other: Bot
    road: Courier

    async def both_get(self, payload: Any) -> None:
        """Bring an event to both bots at the same moment."""
        roads = (self.house.slack.parts.courier, self.road)
        await asyncio.gather(*(road.deliver("events_api", copy.deepcopy(payload)) for road in roads))

    async def settle(self) -> None:
        """Wait until neither has anything left to say."""
        for bot in (self.house.bot, self.other):
            await bot.background.settle()
            while await bot.courier.carry_due():
                pass
            await bot.courier.settle()


@asynccontextmanager
async def open_pair(database_url: str, **changes: Any) -> AsyncIterator[Pair]:
    """Open a house and a second bot beside it."""
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(open_house(database_url, **changes))
        other = await stack.enter_async_context(open_bot(house.bot.settings))
        url = await stack.enter_async_context(listening(other))
        road = Courier(replace(house.slack.settings, bot_url=url), house.slack.parts.sockets)
        stack.push_async_callback(road.close)
        yield Pair(house, other, road)


@pytest.fixture
async def pair(database_url: str) -> AsyncIterator[Pair]:
    async with open_pair(database_url) as opened:
        yield opened


@pytest.fixture
async def sweepless(database_url: str) -> AsyncIterator[Pair]:
    """Give a pair that sweeps when it is told to."""
    async with open_pair(database_url, sweep_interval=timedelta(hours=1)) as opened:
        yield opened


def said(house: House, asked: Seen, *, as_: str = "hana") -> list[Seen]:
    thread = house.slack.messages("#acme-docs", as_=as_, thread=asked)
    return [message for message in thread if message.user == "U0DESK"]


async def test_an_event_that_reaches_both_is_answered_once(pair: Pair) -> None:
    house = pair.house
    await house.knows(a_delivery(Status.SENT))
    asked = await house.slack.mentions("help", channel="#acme-docs")
    await house.answered(asked)
    (mention,) = [s.payload for s in house.slack.sent if s.payload["event"]["type"] == "app_mention"]
    threads = []
    for number in range(5):
        again = await house.slack.says(f"{ID} {number}", channel="#acme-docs")
        event = {**mention["event"], "ts": again.ts, "event_ts": again.ts, "text": again.text}
        await pair.both_get({**mention, "event": event, "event_id": f"Ev{number}"})
        threads.append(again)
    for thread in threads:
        await house.answered(thread)
    await pair.settle()

    assert [len(said(house, thread)) for thread in threads] == [1] * 5


async def test_a_hand_over_that_both_decide_on_is_one_card_and_told_to_each_asker_once(
    sweepless: Pair,
) -> None:
    house = sweepless.house
    await house.knows(a_delivery(Status.PENDING, age=LONG_AGO))
    asked = {name: await house.slack.mentions(ID, channel="#acme-docs", as_=name) for name in ("hana", "ben")}
    for name, question in asked.items():
        await house.answered(question, as_=name)
    await sweepless.settle()

    await asyncio.gather(*(bot.escalation.sweep() for bot in (house.bot, sweepless.other) * 3))
    await house.slack.until(
        lambda: house.cards() and all(len(said(house, q, as_=name)) == 2 for name, q in asked.items())
    )
    await sweepless.settle()

    assert len(house.cards()) == 1
    assert [len(said(house, question, as_=name)) for name, question in asked.items()] == [2, 2]


async def test_of_two_agents_who_claim_at_once_one_wins_and_the_askers_hear_of_one(sweepless: Pair) -> None:
    house = sweepless.house
    await house.knows(a_delivery(Status.PENDING, age=LONG_AGO))
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    await house.answered(asked)
    await sweepless.settle()
    await house.bot.escalation.sweep()
    await house.slack.until(lambda: house.cards() and len(said(house, asked)) == 2)

    won = await asyncio.gather(
        house.bot.escalation.claim(1, by="U0MORI"), sweepless.other.escalation.claim(1, by="U0YUKI")
    )
    await house.slack.until(lambda: len(said(house, asked)) == 3)
    await sweepless.settle()
    case = await house.bot.escalation.case(1)

    assert sorted(won) == [False, True]
    assert case is not None
    assert case.claimed_by == ("U0MORI" if won[0] else "U0YUKI")
    assert case.claimed_by in str(said(house, asked)[2].blocks)
    assert len(said(house, asked)) == 3


async def test_what_a_bot_held_when_it_was_stopped_is_said_by_the_other_after_the_lease(
    database_url: str,
) -> None:
    async with open_pair(database_url, lease=timedelta(seconds=2)) as pair:
        house = pair.house
        await house.knows(a_delivery(Status.SENT))
        asked = await house.slack.says(ID, channel="#acme-docs")
        until = pair.other.courier.now() + pair.other.settings.lease
        await leave(pair.other, f"message:C0ACME:{asked.ts}", asked, until)

        answer = await house.slack.until(lambda: said(house, asked), timeout=10)
        await pair.settle()

        assert LABELS[Status.SENT] in answer[0].plain
        assert float(answer[0].ts) >= until.timestamp()
        assert len(said(house, asked)) == 1


async def leave(bot: Bot, key: str, asked: Seen, leased_until: datetime) -> None:
    """Leave a post in the outbox as a bot does that stops after the acknowledgement."""
    place = Place("T0SUPPORT", "C0ACME", asked.ts, "U0HANA")
    post = Post(key=key, kind=PostKind.ANSWER, place=place, payload={"text": ID})
    async with writing(bot.desk.engine) as connection:
        await outbox.put(
            connection, [post], now=bot.courier.now(), owner="stopped", leased_until=leased_until
        )


async def test_what_a_bot_was_saying_when_it_died_is_said_once(tmp_path: Path) -> None:
    async with open_pair(f"sqlite:///{tmp_path / 'test.db'}", lease=timedelta(seconds=2)) as pair:
        house = pair.house
        await house.knows(a_delivery(Status.SENT))
        # Slack hears it, the bot dies before it knows.
        house.slack.faults.next("chat.postMessage", "slow", seconds=30)
        asked = await house.slack.mentions(ID, channel="#acme-docs")
        await house.answered(asked)
        for task in asyncio.all_tasks():
            if "Courier._carry" in repr(task.get_coro()):
                task.cancel()

        await house.slack.until(lambda: house.slack.called("conversations.replies"), timeout=10)
        await pair.settle()

        assert len(said(house, asked)) == 1
