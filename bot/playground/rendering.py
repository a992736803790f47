"""The page's HTML: templates filled with what one person sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from bot.playground.conversation import Channel, Message, User, Value, View
from bot.playground.elements import state_of
from bot.playground.emoji import drawn, emoji, named
from bot.playground.mrkdwn import Names, link_html, time_html, to_html
from bot.playground.settings import Settings, Shortcut
from bot.playground.workspace import Workspace

APP_TAB = "app"
FRAGMENTS = ("channels", "conversation", "thread", "modal")
_ROOM = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Idea:
    """One of the "things to try": said by *as_user* in *channel* (``dm`` for the direct conversation)."""

    label: str
    text: str
    as_user: str
    channel: str
    label_ja: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is on the page: a channel or the app's Home tab, perhaps with a thread open."""

    user: User
    channel: Channel | None  # none: the App tab
    thread: str | None = None

    @property
    def at(self) -> str:
        """Return the channel's ID, or the name of the App tab."""
        return self.channel.id if self.channel else APP_TAB


class Rendering:
    """Fills the templates; everything foreign passes Jinja's autoescape or mrkdwn.to_html."""

    def __init__(self, workspace: Workspace, settings: Settings) -> None:
        self._workspace = workspace
        self._settings = settings
        # Not StrictUndefined: Block Kit's optional fields are simply absent.
        self._jinja = Environment(
            loader=FileSystemLoader(_ROOM / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.globals |= {"date": time_html, "link": link_html, "emoji": emoji}
        self._jinja.filters |= {
            "mrkdwn": self._mrkdwn,
            "emojis": emojis,
            "drawn": drawn,
            "initials": initials,
            "hue": hue,
        }

    def page(self, place: Place, *, token: str, ideas: list[Idea], said: str) -> str:
        """Return the whole page."""
        people = [user for user in self._workspace.users.values() if not user.is_bot]
        fragments = {name: Markup(html) for name, html in self.fragments(place).items()}  # noqa: S704 - our own templates
        words = {
            "people": people,
            "ideas": grouped(ideas),
            "token": token,
            "said": said,
            "fragments": fragments,
        }
        return self._render("page", place, **words)

    def fragments(self, place: Place) -> dict[str, str]:
        """Return the parts of the page that change."""
        return {name: self._render(name, place) for name in FRAGMENTS}

    def _render(self, name: str, place: Place, **more: Value) -> str:
        return self._jinja.get_template(f"{name}.html.j2").render(self._seen(place) | more)

    def _seen(self, place: Place) -> dict[str, Any]:
        workspace, me = self._workspace, place.user
        channels = workspace.channels_of(me.id)
        return {
            "app": workspace.app,
            "me": me,
            "place": place,
            "users": workspace.users,
            "teams": workspace.teams,
            "channels": [channel for channel in channels if channel.kind != "im"],
            "direct": workspace.direct(me.id),
            "messages": self._messages(place),
            "thread": self._thread(place),
            "home": self._view(workspace.homes.get(me.id)),
            "modal": self._view(workspace.modal(me.id)),
            "shortcuts": [s for s in self._settings.shortcuts if s.kind == "message"],
            "latest": {channel.id: self._latest(channel, me) for channel in channels},
        }

    def _messages(self, place: Place) -> list[dict[str, Any]]:
        if place.channel is None:
            return []
        visible = [m for m in self._workspace.history(place.channel.id) if m.visible_to(place.user.id)]
        return [self._shown(m, place) for m in visible if not m.is_reply]

    def _thread(self, place: Place) -> list[dict[str, Any]]:
        if place.channel is None or place.thread is None:
            return []
        first = self._workspace.messages.get((place.channel.id, place.thread))
        if first is None or not first.visible_to(place.user.id):
            return []
        return [self._shown(message, place) for message in (first, *self._replies(first, place))]

    def _shown(self, message: Message, place: Place) -> dict[str, Any]:
        local = datetime.fromtimestamp(float(message.ts), ZoneInfo(place.user.tz))
        replies = [] if message.is_reply else self._replies(message, place)
        return {
            "it": message,
            "author": self._workspace.users[message.user],
            "day": local.date(),
            "replies": replies,
        }

    def _replies(self, message: Message, place: Place) -> list[Message]:
        replies = self._workspace.replies(message.channel, message.ts)
        return [reply for reply in replies if reply.visible_to(place.user.id)]

    def _latest(self, channel: Channel, me: User) -> str:
        visible = (
            m.ts for m in self._workspace.history(channel.id) if m.visible_to(me.id) and m.user != me.id
        )
        return max(visible, default="")

    @staticmethod
    def _view(view: View | None) -> dict[str, Any] | None:
        if view is None:
            return None
        return {"it": view, "body": view.body, "state": state_of(view.body["blocks"], view.state)}

    def _mrkdwn(self, text: str) -> Markup:
        users = {user.id: user.real_name for user in self._workspace.users.values()}
        channels = {channel.id: channel.name for channel in self._workspace.channels.values()}
        return to_html(text, Names(users, channels))


def grouped(ideas: Iterable[Idea]) -> dict[str, list[Idea]]:
    """Return *ideas* by their group, both in the order in which they were given."""
    groups: dict[str, list[Idea]] = {}
    for idea in ideas:
        groups.setdefault(idea.group, []).append(idea)
    return groups


def emojis(text: str) -> Markup:
    """Return plain_text as HTML: its ``:names:`` are emoji too."""
    return drawn(named(text))


def initials(name: str) -> str:
    """Return what stands in an avatar: the first letters of a name, one for Japanese."""
    latin = [word[0] for word in name.split() if word[0].isascii() and word[0].isalpha()]
    return "".join(latin[:2]) if name[0].isascii() else name[0]


def hue(user_id: str) -> int:
    """Return a colour's number, 0 to 7, always the same for one person."""
    return sum(user_id.encode()) % 8


def shortcut_named(settings: Settings, callback_id: str) -> Shortcut | None:
    """Return the configured shortcut of that name."""
    return next((s for s in settings.shortcuts if s.callback_id == callback_id), None)
