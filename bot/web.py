"""The bot on the network: Slack's one URL and what a load balancer asks."""

from __future__ import annotations

import asyncio
import logging
import re
import signal
from collections.abc import Awaitable, Callable

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp

from bot.running import Bot, open_bot
from bot.settings import Settings, SlackMode
from bot.store import outbox
from bot.store.engine import StoreError, reading

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.Response]]

# https://docs.slack.dev/authentication/verifying-requests-from-slack
_SIGNATURE = {
    "X-Slack-Request-Timestamp": re.compile(r"[0-9]{1,12}"),
    "X-Slack-Signature": re.compile(r"v0=[0-9a-f]{64}"),
}
# Bolt reads a body before it looks at its signature: anybody may send broken UTF-8, a charset that there is
# not, a number where an object is expected, a thousand brackets.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
LARGEST_BODY = 1024 * 1024  # bytes; Slack's own payloads stay far below


async def serve(settings: Settings) -> None:
    """Run the bot until SIGTERM or SIGINT; what is under way is finished, the rest is in the outbox."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_bot(settings) as bot:
        await run(bot, settings, stop)


async def run(bot: Bot, settings: Settings, stop: asyncio.Event) -> None:
    """Listen until *stop*."""
    runner = web.AppRunner(create_app(bot), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        for address in runner.addresses:
            log.info("listening on %s, Slack by %s", address, settings.slack_mode)
        await stop.wait()
    finally:
        await runner.cleanup()


def create_app(bot: Bot) -> web.Application:
    """Return the application of *bot*; in Socket Mode Slack's URL is not there."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz(bot))
    if bot.settings.slack_mode is SlackMode.HTTP:
        app.router.add_post("/slack/events", _slack_events(bot.slack))
    return app


def _slack_events(slack: AsyncApp) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        if not _bears_a_signature(request):
            return web.Response(status=401, text="the request is not signed as Slack signs")
        try:
            bolt_request = await to_bolt_request(request)
        except _UNREADABLE as error:
            log.info("a body was refused: %r", error)
            return web.Response(status=400, text="the body is neither a form nor JSON in UTF-8")
        return await to_aiohttp_response(await slack.async_dispatch(bolt_request))

    return handle


def _bears_a_signature(request: web.Request) -> bool:
    """Tell whether there is something to verify; Bolt verifies it, and breaks on what has another form."""
    return all(form.fullmatch(request.headers.get(name, "")) for name, form in _SIGNATURE.items())


async def _healthz(_: web.Request) -> web.Response:
    return web.Response(text="ok")


def _readyz(bot: Bot) -> Handler:
    async def handle(_: web.Request) -> web.Response:
        try:
            async with reading(bot.desk.engine) as connection:
                waiting = await outbox.waiting(connection)
        except StoreError as error:
            return web.json_response({"ready": False, "store": str(error)}, status=503)
        oldest = waiting.oldest.isoformat() if waiting.oldest else None
        return web.json_response(
            {"ready": True, "unsaid": waiting.number, "oldest": oldest, "given_up": waiting.failed}
        )

    return handle
