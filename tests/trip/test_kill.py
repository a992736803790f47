"""kill -9 at any moment, lost answers, Slack's own faults: nothing is lost, nothing is said twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

from bot.accounts import Accounts
from bot.app import now
from bot.core.delivery import Status
from bot.playground.nameserver import NameServer
from bot.playground.standin import StandIn
from bot.store.engine import open_engine
from bot.store.migrate import migrate
from tests.house import ZONE, a_delivery, save

QUESTIONS = 24
KILLS = 4
IDS = [f"10000000000000001{number:02}" for number in range(QUESTIONS)]


def environment(slack: StandIn, database_url: str, resolver: str, port: int) -> dict[str, str]:
    """Return what `serve` reads: everything in a hurry."""
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "DNS_RESOLVER": resolver,
        "PORT": str(port),
        "LEASE": "PT3S",
        "SWEEP_INTERVAL": "PT0.2S",
        "SLACK_BOT_TOKEN": slack.settings.bot_token,
        "SLACK_SIGNING_SECRET": slack.settings.signing_secret,
        "SLACK_SUPPORT_CHANNEL": "C0SUPPORT",
        "SLACK_API_URL": slack.api_url,
    }


@asynccontextmanager
async def serving(env: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the real bot as a process of its own; end it with kill -9, as a machine does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", env=env, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await listening(int(env["PORT"]))
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.wait()


async def listening(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                return


async def test_after_kills_and_faults_every_question_is_answered_and_handed_over_exactly_once(
    database_url: str,
) -> None:
    dice = random.Random(4)
    async with NameServer(zones=[ZONE], closed_world=True) as nameserver, StandIn() as slack:
        await prepare(database_url)
        port = free_port()
        slack.point_at(f"http://127.0.0.1:{port}")
        # Slack comes back after a while when it was not acknowledged; so long the bot is down here.
        slack.settings = replace(slack.settings, retries=(1.0, 2.0, 4.0, 8.0))
        slack.parts.courier.settings = slack.settings
        slack.faults.by_chance(
            7, {"lost": 0.05, "error-before": 0.03, "error-after": 0.03, "rate-limited": 0.03}
        )
        env = environment(slack, database_url, nameserver.address, port)
        asking = asyncio.create_task(ask(slack, dice))
        for _ in range(KILLS):
            async with serving(env):
                await asyncio.sleep(dice.uniform(0.3, 1.5))
        async with serving(env):
            await asking
            slack.faults.stop()
            await slack.until(lambda: all_told(slack), timeout=90)

        assert cards(slack) == Counter(IDS)
        assert answers(slack) == Counter(dict.fromkeys(IDS, 1))
        assert hand_overs(slack) == Counter(dict.fromkeys(IDS, 1))


async def prepare(database_url: str) -> None:
    engine = open_engine(database_url)
    await migrate(engine)
    await save(engine, [a_delivery(Status.PENDING, send_id=number, age=timedelta(days=3)) for number in IDS])
    await Accounts(engine, now).link_channel("C0ACME", "Acme", by="U0MORI")
    await engine.dispose()


async def ask(slack: StandIn, dice: random.Random) -> None:
    """Ask everything, a little apart; each waits until the bot has taken it."""

    async def one(number: str) -> None:
        await asyncio.sleep(dice.uniform(0, 6))
        await slack.mentions(number, channel="#acme-docs")

    await asyncio.gather(*map(one, IDS))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def cards(slack: StandIn) -> Counter[str]:
    shown = [m.plain for m in slack.messages("#delivery-support", as_="mori") if m.user == "U0DESK"]
    return Counter(number for number in IDS for card in shown if number in card)


def said(slack: StandIn, mark: str, *, present: bool) -> Counter[str]:
    """Count the bot's messages with (or without) *mark* in the thread of each question."""
    counted: Counter[str] = Counter()
    for asked in slack.messages("#acme-docs"):
        number = next((number for number in IDS if number in asked.text), None)
        if number is None:
            continue
        thread = slack.messages("#acme-docs", thread=asked)
        counted[number] += sum(m.user == "U0DESK" and (mark in key(m.metadata)) is present for m in thread)
    return counted


def key(metadata: Mapping[str, object] | None) -> str:
    return str((metadata or {}).get("event_payload"))


def answers(slack: StandIn) -> Counter[str]:
    return said(slack, "handed-over", present=False)


def hand_overs(slack: StandIn) -> Counter[str]:
    return said(slack, "handed-over", present=True)


def all_told(slack: StandIn) -> bool:
    return (
        sum(cards(slack).values()) >= QUESTIONS
        and sum(answers(slack).values()) >= QUESTIONS
        and sum(hand_overs(slack).values()) >= QUESTIONS
    )
