"""The bot with Slack connected: desk, courier, escalation and listeners, started and stopped together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.accounts import Accounts
from bot.app import now, open_desk, owner
from bot.background import Background
from bot.core.post import Place
from bot.courier import Courier
from bot.desk import Desk
from bot.escalation import Escalation
from bot.feedback import Feedback
from bot.settings import Settings, SlackMode, require_slack
from bot.slack.clicks import Clicks
from bot.slack.composer import Composer
from bot.slack.deeds import Deeds
from bot.slack.home import Home
from bot.slack.listeners import Listeners
from bot.slack.messenger import TIMEOUT, SlackMessenger
from bot.slack.viewer import Viewers

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bot:
    """Everything that runs."""

    settings: Settings
    desk: Desk
    courier: Courier
    escalation: Escalation
    slack: AsyncApp
    background: Background


@asynccontextmanager
async def open_bot(settings: Settings) -> AsyncIterator[Bot]:
    """Connect Slack and start the background work; stop it, and finish what is under way, at the end."""
    require_slack(settings)
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(open_desk(settings))
        session = await stack.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        )
        bot = _assemble(settings, desk, session)
        for work in (bot.courier.run(), bot.escalation.run(settings.sweep_interval)):
            await stack.enter_async_context(_running(work))
        if settings.slack_mode is SlackMode.SOCKET:
            await stack.enter_async_context(_socket(bot))
        stack.push_async_callback(bot.courier.settle)
        stack.push_async_callback(bot.background.settle)
        yield bot


def _assemble(settings: Settings, desk: Desk, session: aiohttp.ClientSession) -> Bot:
    client, reader = _client(settings, session), _client(settings, session)
    reader.retry_handlers.extend(
        [
            AsyncRateLimitErrorRetryHandler(max_retry_count=1),
            # What was read can be read again; what was said must not be said again behind the outbox's back.
            AsyncConnectionErrorRetryHandler(max_retry_count=1),
            AsyncServerErrorRetryHandler(max_retry_count=1),
        ]
    )
    me = owner()
    courier = Courier(desk.engine, me, now, settings.lease)
    support = Place("", settings.slack_support_channel or "")
    escalation = Escalation(
        desk.engine,
        desk,
        me,
        now,
        settings.patience,
        support,
        courier.call,
        settings.lease,
        settings.watch_interval,
    )
    accounts = Accounts(desk.engine, now)
    viewers = Viewers(reader, accounts, support.channel)
    deeds = Deeds(desk, escalation, accounts, viewers, courier.find)
    composer = Composer(desk, escalation, viewers, deeds, _permalinks(reader))
    messenger = SlackMessenger(client, reader, composer, settings.slack_api_url)
    courier.messenger = messenger
    slack = _bolt(settings, client)
    clicks = Clicks(composer, messenger, courier, Feedback(desk.engine, now))
    background = Background()
    Listeners(courier, clicks, Home(client, desk, viewers), background).register(slack)
    return Bot(settings, desk, courier, escalation, slack, background)


def _client(settings: Settings, session: aiohttp.ClientSession) -> AsyncWebClient:
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else None
    return AsyncWebClient(
        token, base_url=settings.slack_api_url, timeout=TIMEOUT, session=session, retry_handlers=[]
    )


def _bolt(settings: Settings, client: AsyncWebClient) -> AsyncApp:
    secret = settings.slack_signing_secret
    # Without a token of its own: authorize hands it in, and Bolt would warn at every start.
    tokenless = AsyncWebClient(
        base_url=client.base_url, timeout=TIMEOUT, session=client.session, retry_handlers=[]
    )
    app = AsyncApp(
        client=tokenless,
        authorize=_authorized(client.token),
        signing_secret=secret.get_secret_value() if secret else None,
        process_before_response=True,  # acknowledged in the request itself, not by a poll every 10 ms
        request_verification_enabled=settings.slack_mode is SlackMode.HTTP,
        raise_error_for_unhandled_request=True,
    )
    app.error(_on_error)
    return app


async def _on_error(error: Exception, request: AsyncBoltRequest) -> BoltResponse | None:
    """Take an event that nobody listens to, so that Slack does not send it again; the rest is an error."""
    if not isinstance(error, BoltUnhandledRequestError):
        log.error("a request from Slack failed, and is answered with an error", exc_info=error)
        return None  # Bolt's 500: Slack sends an event again, and tells whoever typed or clicked
    return BoltResponse(status=200) if request.body.get("type") == "event_callback" else None


def _authorized(token: str | None) -> Callable[..., Awaitable[AuthorizeResult]]:
    """Authorise every request with our one token, asking nobody.

    Bolt's own way calls auth.test, and acknowledges without running anything when that call fails: the event
    would be lost (seen with one auth.test in twenty failing).
    """

    async def authorize(team_id: str | None = None, enterprise_id: str | None = None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    return authorize


def _permalinks(reader: AsyncWebClient) -> Callable[[Place], Awaitable[str | None]]:
    async def permalink(place: Place) -> str | None:
        if not place.thread_ts:
            return None
        try:
            answer = await reader.chat_getPermalink(channel=place.channel, message_ts=place.thread_ts)
        except (SlackApiError, aiohttp.ClientError, TimeoutError):
            return None  # the card says who asked; a missing link must not hold up a hand-over
        return str(answer["permalink"])

    return permalink


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        while not task.done():  # a driver in the middle of its own clean-up may swallow a cancellation
            task.cancel()
            await asyncio.wait([task], timeout=1)


@asynccontextmanager
async def _socket(bot: Bot) -> AsyncIterator[None]:
    token = bot.settings.slack_app_token
    handler = AsyncSocketModeHandler(
        bot.slack, token.get_secret_value() if token else None, web_client=bot.slack.client
    )
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
    try:
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
