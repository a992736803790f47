"""The stand-in put together: the Web API, the sockets, the page, one aiohttp application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from bot.playground.delivery import Courier
from bot.playground.faults import Faults
from bot.playground.page import LOOPBACK, Page
from bot.playground.payloads import Payloads
from bot.playground.people import People
from bot.playground.rendering import Idea
from bot.playground.settings import Settings
from bot.playground.socket_mode import Sockets
from bot.playground.storage import save
from bot.playground.web_api import WebApi
from bot.playground.workspace import Workspace


@dataclass
class Slack:
    """Every part of one stand-in; *origin* is the address under which the bot reaches it."""

    workspace: Workspace
    settings: Settings
    origin: str
    faults: Faults = field(default_factory=Faults)
    sockets: Sockets = field(init=False)
    courier: Courier = field(init=False)
    api: WebApi = field(init=False)
    people: People = field(init=False)

    def __post_init__(self) -> None:
        self.sockets = Sockets(self.workspace.app.id)
        self.courier = Courier(self.settings, self.sockets)
        self.api = WebApi(self.workspace, self.settings, self.sockets, self.faults)
        payloads = Payloads(self.workspace, self.settings.verification_token, self.origin)
        self.people = People(self.workspace, self.courier, payloads)


def create_app(slack: Slack, *, ideas: Sequence[Idea] = (), saved_in: Path | None = None) -> web.Application:
    """Return the application that serves *slack* to the bot and, as a page, to a person.

    *ideas* are the "things to try" of the page; the conversation is kept in the file *saved_in*.
    """
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.add_routes(slack.api.routes())
    page = Page(slack.people, slack.settings, ideas)
    app.add_routes(page.routes())
    app.on_shutdown.append(page.close)
    app.cleanup_ctx.append(lambda _: _open(slack, saved_in))
    return app


@asynccontextmanager
async def running(
    slack: Slack, *, host: str, port: int, ideas: Sequence[Idea] = (), saved_in: Path | None = None
) -> AsyncIterator[None]:
    """Serve as long as the context lasts; raise ValueError for a *host* that others could reach."""
    if host not in LOOPBACK:
        raise ValueError(
            f"the playground knows no passwords and listens on this machine only, not on {host!r}"
        )
    app = create_app(slack, ideas=ideas, saved_in=saved_in)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()


async def serve(
    slack: Slack, *, host: str, port: int, ideas: Sequence[Idea] = (), saved_in: Path | None = None
) -> None:
    """Do the same until cancelled."""
    async with running(slack, host=host, port=port, ideas=ideas, saved_in=saved_in):
        await asyncio.Event().wait()


async def _open(slack: Slack, saved_in: Path | None) -> AsyncIterator[None]:
    saver = None if saved_in is None else Saver(slack.workspace, saved_in)
    yield
    if saver is not None:
        saver.write()
    await slack.sockets.close()
    await slack.courier.close()


class Saver:
    """Writes the workspace to its file once per turn of the loop in which it changed."""

    def __init__(self, workspace: Workspace, path: Path) -> None:
        self._workspace = workspace
        self._path = path
        self._due = False
        workspace.listeners.append(self._schedule)

    def write(self) -> None:
        """Write now."""
        self._due = False
        save(self._workspace, self._path)

    def _schedule(self) -> None:
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self.write)
