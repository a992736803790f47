"""Delivery Desk to try: the bot, a Slack stand-in, a name server and a send history, in one process."""

from __future__ import annotations

import asyncio
import secrets
import signal
import socket
import tomllib
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

from aiohttp import web
from pydantic import SecretStr

from bot.accounts import Accounts
from bot.app import now
from bot.core.words import Language
from bot.importing import import_files
from bot.playground.cast import new_workspace
from bot.playground.demo.history import write_export
from bot.playground.nameserver import Behaviour, NameServer
from bot.playground.rendering import Idea
from bot.playground.server import Slack
from bot.playground.server import create_app as create_slack_app
from bot.playground.settings import Settings as StandInSettings
from bot.playground.storage import load
from bot.playground.workspace import Workspace
from bot.running import Bot, open_bot
from bot.settings import Settings, SlackMode
from bot.web import create_app as create_bot_app

_HERE = Path(__file__).parent
HOST = "127.0.0.1"
SLACK_FILE, DATABASE_FILE = "slack.json", "delivery-desk.db"
SUPPORT_CHANNEL = "C0SUPPORT"
CUSTOMER_CHANNEL, CUSTOMER_WORKSPACE, CUSTOMER = "C0ACME", "T0ACME", "Acme"
STAFF_MEMBER = "U0MORI"
BEHAVIOUR: Mapping[str, Behaviour] = {"slow-line.example.": "silence", "broken-dns.example.": "servfail"}


async def run(*, port: int, folder: Path, fresh: bool) -> None:
    """Serve the demo on *port* until SIGTERM or SIGINT; *folder* keeps it, *fresh* starts over.

    Raise OSError when the port is taken.
    """
    _prepare(folder, fresh=fresh)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        url = await _start(stack, port, folder)
        print(f"Delivery Desk is running: {url}\nCtrl-C ends it.", flush=True)  # noqa: T201 - what demo is for
        await stop.wait()


async def _start(stack: AsyncExitStack, port: int, folder: Path) -> str:
    """Start everything; return the page's address."""
    nameserver = NameServer(zones=[_HERE / "recipients.zone"], behaviour=BEHAVIOUR, closed_world=True)
    await stack.enter_async_context(nameserver)
    page, bot_socket = _bound(port), _bound(0)
    url, bot_url = _url(page), _url(bot_socket)
    standin = StandInSettings(
        bot_url=bot_url, signing_secret=secrets.token_hex(16), bot_token=f"xoxb-{secrets.token_hex(16)}"
    )
    slack = Slack(_workspace(folder), standin, url)
    slack_app = create_slack_app(slack, ideas=ideas(), saved_in=folder / SLACK_FILE)
    await _listen(stack, slack_app, page)
    first_time = not (folder / DATABASE_FILE).exists()
    settings = _settings(folder, nameserver.address, url, standin)
    bot = await stack.enter_async_context(open_bot(settings))
    if first_time:
        await _fill(bot, folder)
    await _listen(stack, create_bot_app(bot), bot_socket)
    return url


def ideas() -> list[Idea]:
    """Return what the page offers to try."""
    read = tomllib.loads((_HERE / "ideas.toml").read_text(encoding="utf-8"))
    return [Idea(**idea) for idea in read["idea"]]


async def _fill(bot: Bot, folder: Path) -> None:
    """Import the send history, and tie the customer's channel and workspace to their account."""
    export = folder / "send-history.csv"
    write_export(export, now())
    await import_files(bot.desk.engine, [export], bot.desk.library.labels, bot.desk.library.methods)
    accounts = Accounts(bot.desk.engine, now)
    await accounts.link_channel(CUSTOMER_CHANNEL, CUSTOMER, by=STAFF_MEMBER)
    await accounts.link_workspace(CUSTOMER_WORKSPACE, CUSTOMER, by=STAFF_MEMBER)


def _settings(folder: Path, resolver: str, url: str, standin: StandInSettings) -> Settings:
    """Return settings that owe nothing to the environment: a demo never touches the real thing."""
    return Settings(
        _env_file=None,  # type: ignore[call-arg]  # pydantic-settings takes it, its plugin-less types do not
        database_url=f"sqlite:///{folder / DATABASE_FILE}",
        dns_resolver=resolver,
        default_language=Language.JA,
        patience=timedelta(hours=24),
        watch_interval=timedelta(seconds=5),
        sweep_interval=timedelta(seconds=1),
        slack_mode=SlackMode.HTTP,
        slack_bot_token=SecretStr(standin.bot_token),
        slack_signing_secret=SecretStr(standin.signing_secret),
        slack_support_channel=SUPPORT_CHANNEL,
        slack_api_url=f"{url}/api/",
    )


def _workspace(folder: Path) -> Workspace:
    saved = folder / SLACK_FILE
    return load(saved) if saved.exists() else new_workspace()


def _bound(port: int) -> socket.socket:
    return socket.create_server((HOST, port))


def _url(bound: socket.socket) -> str:
    return f"http://{HOST}:{bound.getsockname()[1]}"


async def _listen(stack: AsyncExitStack, app: web.Application, bound: socket.socket) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, bound).start()


def _prepare(folder: Path, *, fresh: bool) -> None:
    """Make *folder*; a *fresh* start deletes what an earlier demo left: its own files, nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    if not fresh:
        return
    for name in (SLACK_FILE, DATABASE_FILE, f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm"):
        (folder / name).unlink(missing_ok=True)
