"""The page's routes: HTML out, a person's doings in.  Only for browsers on this machine."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.playground.conversation import Channel, Json, User
from bot.playground.elements import Element, elements
from bot.playground.people import People
from bot.playground.rendering import APP_TAB, Idea, Place, Rendering, shortcut_named
from bot.playground.settings import Settings

_STATIC = Path(__file__).parent / "static"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Doing = Callable[["Page", Json, User], Coroutine[Any, Any, object]]


class Page:
    """Serves the page of one workspace."""

    def __init__(self, people: People, settings: Settings, ideas: Sequence[Idea]) -> None:
        self._people = people
        self._workspace = people.workspace
        self._settings = settings
        self._ideas = list(ideas)
        self._rendering = Rendering(people.workspace, settings)
        self._token = secrets.token_urlsafe(24)
        self._tasks: set[asyncio.Task[object]] = set()
        self._closing = asyncio.Event()

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return where it is served."""
        return [
            web.get("/", _local(self._whole)),
            web.get("/page/fragments", _local(self._fragments)),
            web.get("/page/changes", _local(self._changes)),
            web.post("/page/{doing}", _local(self._do)),
            web.get("/archives/{channel}/{message}", _local(self._permalink)),
            web.static("/static", _STATIC),
        ]

    async def close(self, _: web.Application) -> None:
        """Let go of the browsers and of what is still under way."""
        self._closing.set()
        self._workspace.changed()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _whole(self, request: web.Request) -> web.StreamResponse:
        place = self._place(request)
        said = request.query.get("say", "")
        html = self._rendering.page(place, token=self._token, ideas=self._ideas, said=said)
        return web.Response(text=html, content_type="text/html", headers=_HEADERS)

    async def _fragments(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._rendering.fragments(self._place(request)), headers=_HEADERS)

    async def _permalink(self, request: web.Request) -> web.StreamResponse:
        # https://example.slack.com/archives/C1/p1764000000000100 is Slack's form of a message's address.
        stamp = request.match_info["message"].removeprefix("p")
        ts = f"{stamp[:-6]}.{stamp[-6:]}"
        channel = request.match_info["channel"]
        message = self._workspace.messages.get((channel, ts))
        if message is None:
            raise web.HTTPNotFound
        people = (self._workspace.users[member] for member in self._workspace.channels[channel].members)
        reader = next(user for user in people if not user.is_bot)
        query = {"as": reader.name, "at": channel}
        if message.thread_ts:
            query["thread"] = message.thread_ts
        raise web.HTTPFound(request.url.with_path("/").with_query(query))

    async def _changes(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=_HEADERS | {"Content-Type": "text/event-stream"})
        await response.prepare(request)
        changed = asyncio.Event()
        self._workspace.listeners.append(changed.set)
        try:
            while not self._closing.is_set():
                await response.write(f"data: {self._workspace.version}\n\n".encode())
                await changed.wait()
                changed.clear()
        except ConnectionResetError:
            pass  # the browser went away
        finally:
            self._workspace.listeners.remove(changed.set)
        return response

    async def _do(self, request: web.Request) -> web.StreamResponse:
        doing = _DOINGS.get(request.match_info["doing"])
        if doing is None:
            raise web.HTTPNotFound
        if not hmac.compare_digest(request.headers.get("X-Playground-Token", ""), self._token):
            raise web.HTTPForbidden(text="the page is from before a restart: load it again")
        try:
            args = await request.json()
            work = doing(self, args, self._workspace.user(args["as"]))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise web.HTTPBadRequest(text="not something that a person can do here") from error
        # The page does not wait for the bot: what comes of it arrives as a change.
        task: asyncio.Task[object] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return web.Response(status=202, headers=_HEADERS)

    def _place(self, request: web.Request) -> Place:
        people = [user for user in self._workspace.users.values() if not user.is_bot]
        user = next((user for user in people if user.name == request.query.get("as")), people[0])
        at = request.query.get("at", "")
        if at == APP_TAB:
            return Place(user, None)
        mine = self._workspace.channels_of(user.id)
        channel = next((c for c in mine if at in (c.id, c.name) or (at == "dm" and c.kind == "im")), mine[0])
        return Place(user, channel, request.query.get("thread"))

    # What a person may do here

    def _says(self, args: Json, user: User) -> Coroutine[Any, Any, object]:
        text, channel = str(args["text"]).strip(), self._channel_of(args, user)
        if not text:
            raise ValueError(text)
        if text.startswith("/") and not args.get("thread"):
            return self._people.commands(user, channel, text)
        return self._people.says(user, channel, text, args.get("thread"))

    def _clicks(self, args: Json, user: User) -> Coroutine[Any, Any, object]:
        if args.get("view"):
            view = self._workspace.find_view(args["view"])
            if view is None or view.user != user.id:
                raise LookupError(args["view"])
            element = _element(view.body["blocks"], args)
            return self._people.clicks_view(user, view, element, args.get("choice"))
        channel = self._channel_of(args, user)
        message = self._workspace.messages[channel.id, args["message"]]
        if not message.visible_to(user.id):
            raise LookupError(message.ts)
        return self._people.clicks(user, message, _element(message.blocks, args), args.get("choice"))

    def _submits(self, args: Json, user: User) -> Coroutine[Any, Any, object]:
        if self._workspace.modal(user.id) is None:
            raise LookupError(user.name)
        return self._people.submits(user, dict(args["values"]))

    def _closes(self, args: Json, user: User) -> Coroutine[Any, Any, object]:
        del args
        return self._people.closes(user)

    def _opens(self, args: Json, user: User) -> Coroutine[Any, Any, object]:
        return self._people.opens_home(user, "messages" if args.get("tab") == "messages" else "home")

    def _takes_shortcut(self, args: Json, user: User) -> Coroutine[Any, Any, object]:
        shortcut = shortcut_named(self._settings, str(args["shortcut"]))
        if shortcut is None:
            raise LookupError(args["shortcut"])
        message = self._workspace.messages[self._channel_of(args, user).id, args["message"]]
        return self._people.takes_shortcut(user, shortcut, message)

    def _channel_of(self, args: Json, user: User) -> Channel:
        channel = self._workspace.channels[args["channel"]]
        if user.id not in channel.members:
            raise LookupError(channel.name)
        return channel


def _element(blocks: Iterable[Json], args: Json) -> Element:
    wanted = (args["block"], args["action"])
    for element in elements(blocks):
        if (element.block_id, element.action_id) == wanted:
            return element
    raise LookupError(wanted)


def _local(handler: Handler) -> Handler:
    """Answer only what a page of this very server asked: no foreign site, no rebound name."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        name = urlsplit(f"//{request.host}").hostname
        origin = request.headers.get("Origin")
        if name not in LOOPBACK or (origin is not None and urlsplit(origin).netloc != request.host):
            raise web.HTTPForbidden(text="this page answers only to a browser on the same machine")
        return await handler(request)

    return guarded


_DOINGS: dict[str, Doing] = {
    "say": Page._says,
    "click": Page._clicks,
    "submit": Page._submits,
    "close": Page._closes,
    "open": Page._opens,
    "shortcut": Page._takes_shortcut,
}
