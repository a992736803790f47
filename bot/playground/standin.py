"""Slack for tests: a test says, says as somebody, clicks, and reads messages."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self, TypeVar

from aiohttp import web

from bot.playground.cast import new_workspace
from bot.playground.conversation import Channel, Json, Message, User, View
from bot.playground.delivery import Outcome, Sent
from bot.playground.elements import Choice, Element, elements, find
from bot.playground.faults import Faults
from bot.playground.people import People
from bot.playground.plain_text import plain, unmarked
from bot.playground.server import Slack, create_app
from bot.playground.settings import Settings, Shortcut
from bot.playground.web_api import Called
from bot.playground.workspace import Workspace

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as a test reads it."""

    message: Message

    @property
    def text(self) -> str:
        """Return the top-level text, as the bot sent it."""
        return self.message.text

    @property
    def blocks(self) -> list[Json]:
        """Return the blocks, as the bot sent them, with IDs."""
        return list(self.message.blocks)

    @property
    def plain(self) -> str:
        """Return all that a person reads: of the blocks, or of the text when there are none."""
        return plain(self.message.blocks) if self.message.blocks else unmarked(self.message.text)

    @property
    def ts(self) -> str:
        """Return the message's ts."""
        return self.message.ts

    @property
    def thread_ts(self) -> str | None:
        """Return the ts of the thread in which it stands."""
        return self.message.thread_ts

    @property
    def user(self) -> str:
        """Return the ID of its author."""
        return self.message.user

    @property
    def metadata(self) -> Json | None:
        """Return its metadata."""
        return self.message.metadata

    @property
    def ephemeral_to(self) -> str | None:
        """Return the ID of the only one who sees it."""
        return self.message.ephemeral_to

    @property
    def failure(self) -> str | None:
        """Return the error that Slack shows: operation_timeout, dispatch_failed, invalid_command_response."""
        return self.message.failure

    @property
    def buttons(self) -> list[str]:
        """List the labels of its buttons."""
        return [e.labels[0] for e in elements(self.message.blocks) if e.kind == "button"]

    @property
    def options(self) -> list[str]:
        """List the labels in its menus."""
        return [label for e in elements(self.message.blocks) if e.kind != "button" for label in e.labels]


class StandIn:
    """``async with StandIn() as slack``: a whole Slack on a free loopback port."""

    def __init__(self, workspace: Workspace | None = None, settings: Settings | None = None) -> None:
        self.workspace = workspace or new_workspace()
        self.settings = settings or settings_for_tests()
        self.origin = ""
        self._runner: web.AppRunner | None = None
        self._slack: Slack | None = None
        self._wakers: set[asyncio.Event] = set()

    async def __aenter__(self) -> Self:
        self._slack = Slack(self.workspace, self.settings, "")
        self._runner = web.AppRunner(create_app(self._slack), access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.origin = f"http://127.0.0.1:{port}"
        people = self._slack.people
        people.payloads = replace(people.payloads, origin=self.origin)
        self.workspace.listeners.append(self._wake)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.workspace.listeners.remove(self._wake)
        if self._runner is not None:
            await self._runner.cleanup()

    # The bot's side

    @property
    def api_url(self) -> str:
        """Return the ``base_url`` for the bot's AsyncWebClient."""
        return f"{self.origin}/api/"

    def point_at(self, bot_url: str) -> None:
        """Tell the stand-in where the bot listens, once that is known."""
        self.settings = replace(self.settings, bot_url=bot_url)
        self.parts.courier.settings = self.settings

    @property
    def parts(self) -> Slack:
        """Return the running stand-in's insides."""
        if self._slack is None:
            raise RuntimeError("the stand-in is not running; use it in `async with`")
        return self._slack

    @property
    def faults(self) -> Faults:
        """Order faults here."""
        return self.parts.faults

    @property
    def calls(self) -> list[Called]:
        """List every call of the Web API and every post to a response_url."""
        return self.parts.api.calls

    @property
    def sent(self) -> list[Sent]:
        """List every attempt to bring something to the bot."""
        return self.parts.courier.log

    def called(self, method: str) -> list[Called]:
        """List the calls of one *method*."""
        return [call for call in self.calls if call.method == method]

    # What people do

    async def says(
        self, text: str, *, channel: str, as_: str = "hana", thread: Seen | str | None = None
    ) -> Seen:
        """Say *text* in *channel*, or in a thread of it."""
        ts = thread.thread_ts or thread.ts if isinstance(thread, Seen) else thread
        return Seen(await self._people.says(self._user(as_), self._channel(channel, as_), text, ts))

    async def mentions(
        self, text: str, *, channel: str, as_: str = "hana", thread: Seen | str | None = None
    ) -> Seen:
        """Say *text* behind a mention of the bot."""
        return await self.says(f"@{self.workspace.app.name} {text}", channel=channel, as_=as_, thread=thread)

    async def dm(self, text: str, *, as_: str = "hana", thread: Seen | str | None = None) -> Seen:
        """Say *text* to the bot in the direct conversation."""
        return await self.says(text, channel="dm", as_=as_, thread=thread)

    async def command(self, typed: str, *, channel: str, as_: str = "hana") -> Outcome:
        """Type a slash command."""
        return await self._people.commands(self._user(as_), self._channel(channel, as_), typed)

    async def clicks(self, what: str, *, message: Seen | None = None, as_: str = "hana") -> Outcome:
        """Click a button by action_id, value or label: of *message*, else of the modal, else of Home."""
        return await self._choose(what, None, message, as_)

    async def chooses(self, option: str, *, message: Seen | None = None, as_: str = "hana") -> Outcome:
        """Choose an *option* of a menu by its value or label."""
        return await self._choose(option, option, message, as_)

    async def submits(self, values: Mapping[str, Choice] | None = None, *, as_: str = "hana") -> Outcome:
        """Fill the open modal (action_id or block_id → value) and submit it."""
        return await self._people.submits(self._user(as_), values or {})

    async def closes(self, *, as_: str = "hana") -> Outcome:
        """Close the open modal."""
        return await self._people.closes(self._user(as_))

    async def opens_home(self, *, as_: str = "hana", tab: str = "home") -> Outcome:
        """Open the app's Home tab, or its Messages tab."""
        return await self._people.opens_home(self._user(as_), tab)

    async def shortcut(self, callback_id: str, *, message: Seen | None = None, as_: str = "hana") -> Outcome:
        """Use a shortcut, global or of *message*."""
        kind = "global" if message is None else "message"
        shortcut = Shortcut(callback_id, callback_id, kind)
        return await self._people.takes_shortcut(
            self._user(as_), shortcut, message.message if message else None
        )

    async def tells(self, event: Json, *, channel: str | None = None) -> Outcome:
        """Send any other event, as it is: an edited message, another bot's words, ``tokens_revoked``."""
        found = self.workspace.channel(channel) if channel else None
        return await self.parts.courier.event(self._people.payloads.other(event, found))

    async def resend_last(self) -> Outcome:
        """Send the last event once more, with the same event_id, as Slack does when it missed the answer."""
        last = next(sent for sent in reversed(self.sent) if sent.kind == "events_api")
        payload = copy.deepcopy(last.payload)
        return await self.parts.courier.deliver(
            "events_api", payload, attempt=last.attempt + 1, reason="http_timeout"
        )

    async def posts_raw(self, body: str | bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """Post anything to the bot's URL; return status and text of its answer."""
        return await self.parts.courier.post_raw(body, headers)

    # What people see

    def messages(self, channel: str, *, as_: str = "hana", thread: Seen | str | None = None) -> list[Seen]:
        """List what *as_* sees in *channel*, oldest first: the channel itself, or one thread."""
        found = self._channel(channel, as_)
        user = self._user(as_)
        if user.id not in found.members:
            return []
        ts = thread.thread_ts or thread.ts if isinstance(thread, Seen) else thread
        inside = self.workspace.replies(found.id, ts) if ts else self.workspace.history(found.id)
        return [Seen(m) for m in inside if m.visible_to(user.id) and (ts or not m.is_reply)]

    def home(self, as_: str = "hana") -> View | None:
        """Return the Home tab as published to *as_*."""
        return self.workspace.homes.get(self._user(as_).id)

    def modal(self, as_: str = "hana") -> View | None:
        """Return the modal that *as_* has in front of them."""
        return self.workspace.modal(self._user(as_).id)

    async def until(self, condition: Callable[[], Found | None], timeout: float = 5) -> Found:  # noqa: ASYNC109 - its contract
        """Wait until *condition* holds and return what it returned; woken by every change, it never polls."""
        woken = asyncio.Event()
        self._wakers.add(woken)
        try:
            async with asyncio.timeout(timeout):
                while not (result := condition()):
                    await woken.wait()
                    woken.clear()
                return result
        finally:
            self._wakers.discard(woken)

    @property
    def _people(self) -> People:
        return self.parts.people

    def _wake(self) -> None:
        for woken in self._wakers:
            woken.set()

    def _user(self, name: str) -> User:
        return self.workspace.user(name)

    def _channel(self, name: str, as_: str) -> Channel:
        return self.workspace.direct(self._user(as_).id) if name == "dm" else self.workspace.channel(name)

    async def _choose(self, what: str, choice: str | None, message: Seen | None, as_: str) -> Outcome:
        user = self._user(as_)
        if message is not None:
            kept = self.workspace.messages[message.message.channel, message.ts]
            return await self._people.clicks(user, kept, _found(kept.blocks, what), choice)
        view = self.modal(as_) or self.home(as_)
        if view is None:
            raise LookupError(f"{as_} has neither a modal nor a Home tab to click in")
        return await self._people.clicks_view(user, view, _found(view.body["blocks"], what), choice)


def _found(blocks: Sequence[Json], what: str) -> Element:
    element = find(blocks, what)
    if element is None:
        there = [(e.action_id, e.labels) for e in elements(blocks)]
        raise LookupError(f"nothing to click is called {what!r}; there is {there}")
    return element


def settings_for_tests(bot_url: str = "http://127.0.0.1:9") -> Settings:
    """Return settings for tests: tokens secret to nobody, retries at once."""
    return Settings(
        bot_url=bot_url,
        signing_secret="signing-secret",  # noqa: S106 - of the stand-in
        bot_token="xoxb-playground",  # noqa: S106
        app_token="xapp-playground",  # noqa: S106
        retries=(0.0, 0.0),
    )
