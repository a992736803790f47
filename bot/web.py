"""The bot on the network: Slack's one URL and what a load balancer asks."""

from __future__ import annotations

import asyncio
import logging
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
        try:
            bolt_request = await to_bolt_request(request)
        except UnicodeDecodeError:
            return web.Response(status=400, text="the body is not UTF-8")
        return await to_aiohttp_response(await slack.async_dispatch(bolt_request))

    return handle


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
