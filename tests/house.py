"""The whole house for tests: the bot as it runs, with a Slack, a name server and a database around it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.accounts import Accounts
from bot.app import now
from bot.core.delivery import Delivery, Method, Status
from bot.core.words import Language
from bot.playground.nameserver import NameServer
from bot.playground.standin import Seen, StandIn
from bot.running import Bot, open_bot
from bot.settings import Settings
from bot.store import deliveries
from bot.store.engine import open_engine, writing
from bot.store.migrate import migrate
from bot.web import create_app

ZONE = """
$ORIGIN test.
$TTL 60
@         SOA  ns hostmaster 1 60 60 60 60
@         NS   ns
ns        A    192.0.2.53
shop      MX   10 mx.shop
mx.shop   A    192.0.2.1
mill      MX   10 mx.mill
mx.mill   A    192.0.2.2
nomail    MX   0 .
"""
LABELS = {
    Status.REJECTED: "メールが宛先のシステムで拒否されました",
    Status.SUPPRESSED: "受信側のシステムによって拒否されたことがあるメールアドレスのため、"
    "メールは送信されませんでした",
    Status.SENT: "送信済み",
    Status.PENDING: "送信結果待ち",
}


def a_delivery(status: Status = Status.PENDING, **fields: Any) -> Delivery:
    """Return a delivery of Acme's, sent an hour ago; *fields* say what is different."""
    sent_at = datetime.now(UTC).replace(microsecond=0) - fields.pop("age", timedelta(hours=1))
    plain = Delivery(
        send_id="1000000000000000001",
        account="Acme",
        recipient="taro@shop.test",
        status=status,
        status_text=LABELS[status],
        method=Method.SECURE_SEND,
        sent_at=sent_at,
        updated_at=None if status is Status.PENDING else sent_at,
        document="Invoice 7",
        source="import:test.csv",
    )
    return replace(plain, **fields)


@dataclass(frozen=True, slots=True)
class House:
    """What a test holds in its hands."""

    slack: StandIn
    bot: Bot
    nameserver: NameServer

    @property
    def engine(self) -> AsyncEngine:
        return self.bot.desk.engine

    async def knows(self, *known: Delivery) -> None:
        """Let the store know deliveries."""
        await save(self.engine, known)

    async def answered(self, asked: Seen, *, as_: str = "hana", channel: str = "#acme-docs") -> Seen:
        """Wait for the first answer in the thread of *asked*."""

        def answer() -> Seen | None:
            thread = self.slack.messages(channel, as_=as_, thread=asked)
            return next((message for message in thread if message.user == "U0DESK"), None)

        return await self.slack.until(answer)

    async def ephemeral(self, *, as_: str = "hana", channel: str = "#acme-docs", count: int = 1) -> Seen:
        """Wait for the *count*-th message that only *as_* sees."""

        def seen() -> Seen | None:
            alone = [m for m in self.slack.messages(channel, as_=as_) if m.ephemeral_to]
            return alone[count - 1] if len(alone) >= count else None

        return await self.slack.until(seen)

    def cards(self) -> list[Seen]:
        """Return the cards in the support channel."""
        return [m for m in self.slack.messages("#delivery-support", as_="mori") if m.user == "U0DESK"]


async def save(engine: AsyncEngine, known: Sequence[Delivery]) -> None:
    """Save deliveries and their accounts, as an import does."""
    async with writing(engine) as connection:
        await deliveries.save(connection, known)


def settings_for(slack: StandIn, database_url: str, resolver: str, **changes: Any) -> Settings:
    """Return settings for a bot beside *slack*; patience of a day, everything else in a hurry."""
    plain: dict[str, Any] = {
        "_env_file": None,
        "database_url": database_url,
        "dns_resolver": resolver,
        "default_language": Language.JA,
        "watch_interval": timedelta(seconds=1),
        "sweep_interval": timedelta(milliseconds=50),
        "slack_bot_token": SecretStr(slack.settings.bot_token),
        "slack_app_token": SecretStr(slack.settings.app_token),
        "slack_signing_secret": SecretStr(slack.settings.signing_secret),
        "slack_support_channel": "C0SUPPORT",
        "slack_api_url": slack.api_url,
    }
    return Settings(**(plain | changes))


@asynccontextmanager
async def open_house(database_url: str, **changes: Any) -> AsyncIterator[House]:
    """Run everything; Acme's channel is tied to Acme."""
    async with NameServer(zones=[ZONE], closed_world=True) as nameserver, StandIn() as slack:
        settings = settings_for(slack, database_url, nameserver.address, **changes)
        engine = open_engine(database_url)
        await migrate(engine)
        await save(
            engine, [a_delivery(Status.SENT, send_id="1000000000000000000", recipient="nobody@mill.test")]
        )
        await Accounts(engine, now).link_channel("C0ACME", "Acme", by="U0MORI")
        await engine.dispose()
        async with open_bot(settings) as bot, listening(bot) as url:
            slack.point_at(url)
            yield House(slack, bot, nameserver)


@asynccontextmanager
async def listening(bot: Bot) -> AsyncIterator[str]:
    """Serve *bot* on a free port of loopback; give its address."""
    runner = web.AppRunner(create_app(bot), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    bound = socket.create_server(("127.0.0.1", 0))
    try:
        await web.SockSite(runner, bound).start()
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """Give the whole house, on SQLite and on PostgreSQL."""
    async with open_house(database_url) as opened:
        yield opened
