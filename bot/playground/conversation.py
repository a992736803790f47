"""Who and what there is in a workspace: teams, people, channels, messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]  # a JSON object as it came over the wire
Value = Any  # any JSON value at all, not judged yet


@dataclass(frozen=True, slots=True)
class Team:
    """A workspace as Slack sells them."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class User:
    """A person, or the bot's own user; *name* is the handle by which tests call them."""

    id: str
    name: str
    real_name: str
    team: str
    locale: str = "en-US"
    tz: str = "Asia/Tokyo"
    role: str = ""  # shown on the page beside "act as": customer, agent, stranger
    is_bot: bool = False
    is_restricted: bool = False  # a guest of several channels
    is_ultra_restricted: bool = False  # a guest of one channel


@dataclass(frozen=True, slots=True)
class App:
    """The bot as Slack knows it; its user is in the list of users."""

    id: str
    name: str
    bot_id: str
    user: str
    team: str  # where it is installed


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation: public, private, or a direct one between a person and the bot (``im``)."""

    id: str
    name: str
    kind: str  # public, private, im
    members: tuple[str, ...]
    teams: tuple[str, ...]  # more than one: a Slack Connect channel
    purpose: str = ""

    @property
    def is_ext_shared(self) -> bool:
        """Tell whether somebody of another workspace is in it (Slack Connect)."""
        return len(self.teams) > 1

    @property
    def event_type(self) -> str:
        """Return the ``channel_type`` that message events of it carry."""
        return {"public": "channel", "private": "group", "im": "im"}[self.kind]


@dataclass(frozen=True, slots=True)
class Message:
    """One message; *ephemeral_to* is the only one who sees it, *failure* is what Slack says went wrong."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: tuple[Json, ...] = ()
    thread_ts: str | None = None
    metadata: Json | None = None
    ephemeral_to: str | None = None
    edited_ts: str | None = None
    reactions: tuple[str, ...] = ()
    failure: str | None = None  # operation_timeout, dispatch_failed, invalid_command_response

    @property
    def is_reply(self) -> bool:
        """Tell whether it stands in a thread below another message."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    def visible_to(self, user: str) -> bool:
        """Tell whether *user*, a member of the channel, sees it."""
        return self.ephemeral_to in (None, user)


@dataclass(frozen=True, slots=True)
class View:
    """A modal or a Home tab as it is open before *user*; *body* is what the bot sent."""

    id: str
    user: str
    body: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    state: Mapping[str, Json] | None = None  # block_id → action_id → what stands in the field
    errors: Mapping[str, str] | None = None  # block_id → the bot's own words
    missing: tuple[str, ...] = ()  # block_ids of required fields that were left empty
    failure: str | None = None

    @property
    def is_modal(self) -> bool:
        """Tell modals from Home tabs."""
        return bool(self.body.get("type") == "modal")
