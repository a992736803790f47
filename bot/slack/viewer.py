"""Who is asking: staff, a customer of one account, or a stranger; fails closed."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any, Protocol

from cachetools import TTLCache
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.viewer import STAFF, STRANGER, Role, Viewer
from bot.slack.failures import code_of, is_passing

log = logging.getLogger(__name__)

STAFF_FOR = 60  # seconds that the support channel's member list is believed
USER_FOR = 600  # seconds that a profile is believed


class Ties(Protocol):
    """Who knows which account a conversation may see; accounts.Accounts is one."""

    async def of_channel(self, channel: str) -> str | None:
        """Return the account that a channel is tied to."""

    async def of_workspace(self, team: str) -> str | None:
        """Return the account that a workspace is tied to."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody in Slack who wrote or clicked.

    *team* is ours, which received the event; *home* is the workspace that the event says they belong to:
    for a Slack Connect stranger these two differ.  None when nothing was said; then their profile decides.
    """

    user: str
    team: str
    channel: str
    home: str | None = None


@dataclass(frozen=True, slots=True)
class Viewers:
    """Judges askers by what Slack says of them now.

    What Slack refuses to tell gives no rights.  When it only cannot tell at the moment, SlackApiError is
    raised: nobody is taken for a stranger because of a passing fault.
    """

    client: AsyncWebClient
    ties: Ties
    support_channel: str
    _staff: TTLCache[str, frozenset[str]] = field(default_factory=lambda: TTLCache(1, STAFF_FOR))
    _users: TTLCache[str, dict[str, Any]] = field(default_factory=lambda: TTLCache(10_000, USER_FOR))

    async def privately(self, asker: Asker) -> Viewer:
        """Return what *asker* may see where nobody else reads along: ephemeral, modal, direct message."""
        locale = await self.locale(asker.user)
        if await self.is_staff(asker.user):
            return Viewer(Role.STAFF, locale=locale)
        account = await self.ties.of_channel(asker.channel) or await self._by_workspace(asker)
        return Viewer(Role.CUSTOMER, account, locale) if account else Viewer(Role.STRANGER, locale=locale)

    async def publicly(self, asker: Asker) -> Viewer:
        """Return what may be said to *asker* where the channel reads along: no more than all of it may see.

        Staff asking in a customer's channel get that customer's mail, never another's.
        """
        if is_direct(asker.channel):
            return await self.privately(asker)
        locale = await self.locale(asker.user)
        if asker.channel == self.support_channel:
            seen = STAFF if await self.is_staff(asker.user) else STRANGER
            return Viewer(seen.role, locale=locale)
        account = await self.ties.of_channel(asker.channel)
        return Viewer(Role.CUSTOMER, account, locale) if account else Viewer(Role.STRANGER, locale=locale)

    async def locale(self, user: str) -> str | None:
        """Return the locale of somebody's Slack, such as ja-JP; None when it cannot be learnt."""
        return (await self._user(user)).get("locale")

    async def is_staff(self, user: str) -> bool:
        """Tell whether *user* is a member of the support channel."""
        if "members" not in self._staff:
            try:
                self._staff["members"] = await self._members()
            except SlackApiError as error:
                if is_passing(error):
                    raise
                log.warning("nobody is staff until the support channel can be read: %s", code_of(error))
                return False
        return user in self._staff["members"]

    async def _members(self) -> frozenset[str]:
        members: set[str] = set()
        cursor = ""
        while True:
            page = await self.client.conversations_members(
                channel=self.support_channel, limit=1000, cursor=cursor
            )
            members.update(page["members"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return frozenset(members)

    async def _by_workspace(self, asker: Asker) -> str | None:
        """Return the account of the asker's own workspace; a guest there sees nothing of it."""
        user = await self._user(asker.user)
        home = user.get("team_id")
        guest = user.get("is_restricted", True) or user.get("is_ultra_restricted", True)
        if not home or guest or asker.home not in {None, home}:
            return None
        return await self.ties.of_workspace(home)

    async def _user(self, user: str) -> dict[str, Any]:
        if user not in self._users:
            try:
                answer = await self.client.users_info(user=user, include_locale=True)
            except SlackApiError as error:
                if is_passing(error):
                    raise
                log.warning("a user cannot be looked up and gets no rights from it: %s", code_of(error))
                return {}
            self._users[user] = answer["user"]
        return self._users[user]


def is_direct(channel: str) -> bool:
    """Tell whether only one person reads in *channel*."""
    return channel.startswith(("D", "U", "W"))  # a user's ID stands for the conversation with them
