"""The state of the stand-in: what Slack would keep on its servers.  Synchronous, and without a network."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from bot.playground.conversation import App, Channel, Json, Message, Team, User, View
from bot.playground.tickets import Tickets

MODALS_AT_ONCE = 3  # docs: a root view and two pushed ones
Listener = Callable[[], None]
Item = TypeVar("Item")


class Workspace:
    """Teams, people, channels, messages, open views.  Every change tells the listeners."""

    def __init__(
        self,
        *,
        app: App,
        teams: Iterable[Team],
        users: Iterable[User],
        channels: Iterable[Channel],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.app = app
        self.teams = {team.id: team for team in teams}
        self.users = {user.id: user for user in users}
        self.channels = {channel.id: channel for channel in channels}
        self.messages: dict[tuple[str, str], Message] = {}
        self.modals: dict[str, list[View]] = {}  # user → stack, the visible one last
        self.homes: dict[str, View] = {}
        self.now = now
        self.tickets = Tickets(now)
        self.version = 0
        self.listeners: list[Listener] = []
        self._last_tick = 0

    # Time and change

    def tick(self) -> str:
        """Return a ts like Slack's, in microseconds, greater than every one before it."""
        self._last_tick = max(int(self.now() * 1_000_000) // 100 * 100, self._last_tick + 100)
        return f"{self._last_tick // 1_000_000}.{self._last_tick % 1_000_000:06d}"

    def not_before(self, ts: str) -> None:
        """Make every further ts greater than *ts*: after a restart with the clock set back."""
        seconds, _, micros = ts.partition(".")
        self._last_tick = max(self._last_tick, int(seconds) * 1_000_000 + int(micros or 0))

    def changed(self) -> None:
        """Tell everybody who listens."""
        self.version += 1
        for listener in list(self.listeners):
            listener()

    # People and channels

    def user(self, name: str) -> User:
        """Return the user by handle or ID; raise KeyError when nobody is called so."""
        if name in self.users:
            return self.users[name]
        return _first(name, (user for user in self.users.values() if user.name == name))

    def channel(self, name: str) -> Channel:
        """Return the channel by ``#name``, name or ID; raise KeyError when there is none."""
        bare = name.removeprefix("#")
        return _first(name, (c for c in self.channels.values() if bare in (c.id, c.name)))

    def direct(self, user: str) -> Channel:
        """Return the direct conversation of *user* with the bot, opened when there is none yet."""
        members = (user, self.app.user)
        for channel in self.channels.values():
            if channel.kind == "im" and user in channel.members:
                return channel
        teams = tuple(dict.fromkeys((self.app.team, self.users[user].team)))
        channel = Channel(f"D{user[1:]}", user, "im", members, teams)
        self.channels[channel.id] = channel
        self.changed()
        return channel

    def channels_of(self, user: str) -> list[Channel]:
        """List the channels that *user* is a member of, in the order in which they were made."""
        return [channel for channel in self.channels.values() if user in channel.members]

    def join(self, channel: str, user: str) -> None:
        """Make *user* a member of *channel*."""
        old = self.channels[channel]
        teams = tuple(dict.fromkeys((*old.teams, self.users[user].team)))
        self.channels[channel] = replace(old, members=(*old.members, user), teams=teams)
        self.changed()

    def leave(self, channel: str, user: str) -> None:
        """Take *user* out of *channel*."""
        old = self.channels[channel]
        self.channels[channel] = replace(old, members=tuple(m for m in old.members if m != user))
        self.changed()

    # Messages

    def post(self, message: Message) -> Message:
        """Keep *message* under a ts of its own and return it as kept; blocks get their block_id."""
        kept = replace(message, ts=self.tick(), blocks=with_block_ids(message.blocks))
        self.messages[kept.channel, kept.ts] = kept
        self.changed()
        return kept

    def edit(self, channel: str, ts: str, **changes: object) -> Message:
        """Replace parts of a message; raise KeyError when there is none."""
        blocks = changes.get("blocks")
        if isinstance(blocks, tuple):
            changes["blocks"] = with_block_ids(blocks)
        # The caller names fields of Message; mypy cannot see through the keywords.
        edited = replace(self.messages[channel, ts], **changes)  # type: ignore[arg-type]
        self.messages[channel, ts] = edited
        self.changed()
        return edited

    def delete(self, channel: str, ts: str) -> None:
        """Remove a message; raise KeyError when there is none."""
        del self.messages[channel, ts]
        self.changed()

    def history(self, channel: str) -> Iterator[Message]:
        """Yield everything posted in *channel*, oldest first, threads and ephemeral messages included."""
        return (message for message in self.messages.values() if message.channel == channel)

    def replies(self, channel: str, thread_ts: str) -> list[Message]:
        """List the messages of a thread below its first one, oldest first."""
        return [m for m in self.history(channel) if m.is_reply and m.thread_ts == thread_ts]

    # Views

    def open_modal(self, user: str, body: Json, *, push: bool = False) -> View:
        """Put a modal before *user*: alone, or on top of those that are open."""
        stack = self.modals.get(user, []) if push else []
        view_id = self._view_id()
        root = stack[0].id if stack else view_id
        view = View(view_id, user, with_view_ids(body), self._hash(), root, stack[-1].id if stack else None)
        self.modals[user] = [*stack, view]
        self.changed()
        return view

    def publish_home(self, user: str, body: Json) -> View:
        """Put the Home tab before *user*."""
        view_id = self.homes[user].id if user in self.homes else self._view_id()
        view = View(view_id, user, with_view_ids(body), self._hash(), view_id)
        self.homes[user] = view
        self.changed()
        return view

    def find_view(self, view_id: str | None, external_id: str | None = None) -> View | None:
        """Return the open view with that ID, or nothing."""
        views = (*self.homes.values(), *(view for stack in self.modals.values() for view in stack))
        for view in views:
            if view_id == view.id or (external_id and view.body.get("external_id") == external_id):
                return view
        return None

    def set_view(self, view: View, **changes: object) -> View:
        """Replace parts of an open view; a new *body* forgets what was typed into fields that are gone."""
        if "body" in changes:
            changes = {"hash": self._hash(), "errors": None, "missing": (), "failure": None, **changes}
            changes["body"] = with_view_ids(changes["body"])  # type: ignore[arg-type]  # see edit()
        new = replace(view, **changes)  # type: ignore[arg-type]  # see edit()
        if view.is_modal:
            self.modals[view.user] = [new if v.id == view.id else v for v in self.modals[view.user]]
        else:
            self.homes[view.user] = new
        self.changed()
        return new

    def close_modal(self, user: str, *, everything: bool = False) -> None:
        """Take the topmost modal away, or all of them."""
        stack = self.modals.get(user, [])
        self.modals[user] = [] if everything else stack[:-1]
        self.changed()

    def modal(self, user: str) -> View | None:
        """Return the modal that *user* has in front of them."""
        stack = self.modals.get(user)
        return stack[-1] if stack else None

    def _view_id(self) -> str:
        return f"V{secrets.token_hex(5).upper()}"

    def _hash(self) -> str:
        return f"{int(self.now())}.{secrets.token_hex(4)}"


def with_block_ids(blocks: Iterable[Json]) -> tuple[Json, ...]:
    """Give every block an ID, as Slack does, and every clickable element an action_id."""
    return tuple(_with_action_ids({"block_id": secrets.token_hex(3), **block}) for block in blocks)


def with_view_ids(body: Json) -> Json:
    """Do the same for the blocks of a view."""
    return {**body, "blocks": list(with_block_ids(body.get("blocks", [])))}


def _first(name: str, found: Iterator[Item]) -> Item:
    for item in found:
        return item
    raise KeyError(name)


def _with_action_ids(block: Json) -> Json:
    named = dict(block)
    for place in ("accessory", "element"):
        if isinstance(block.get(place), dict):
            named[place] = _with_action_id(block[place])
    if block["type"] in ("actions", "context_actions"):
        named["elements"] = [_with_action_id(element) for element in block["elements"]]
    return named


def _with_action_id(element: Json) -> Json:
    return element if element["type"] == "image" else {"action_id": secrets.token_hex(3), **element}
