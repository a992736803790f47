"""Which account's mail a Slack conversation may see: tied by staff, a channel or a whole workspace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import accounts, links
from bot.store.engine import reading, writing

# A channel is tied by its ID alone: in a shared channel, events name now one workspace, now the other.
_ANY_TEAM = ""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The ties between Slack and accounts."""

    engine: AsyncEngine
    now: Callable[[], datetime]

    async def of_channel(self, channel: str) -> str | None:
        """Return the account that *channel* is tied to."""
        async with reading(self.engine) as connection:
            return await links.of_channel(connection, team=_ANY_TEAM, channel=channel)

    async def of_workspace(self, team: str) -> str | None:
        """Return the account that the workspace *team* is tied to."""
        async with reading(self.engine) as connection:
            return await links.of_team(connection, team=team)

    async def link_channel(self, channel: str, account: str, *, by: str) -> bool:
        """Tie *channel* to *account*; False when no mail of such an account is known."""
        return await self._link(_ANY_TEAM, channel, account, by)

    async def link_workspace(self, team: str, account: str, *, by: str) -> bool:
        """Tie everybody at home in *team* to *account*; False when no mail of such an account is known."""
        return await self._link(team, links.WHOLE_WORKSPACE, account, by)

    async def unlink_channel(self, channel: str) -> bool:
        """Cut the tie of *channel*; False when there was none."""
        async with writing(self.engine) as connection:
            return await links.unlink(connection, team=_ANY_TEAM, channel=channel)

    async def unlink_workspace(self, team: str) -> bool:
        """Cut the tie of *team*; False when there was none."""
        async with writing(self.engine) as connection:
            return await links.unlink(connection, team=team)

    async def _link(self, team: str, channel: str, account: str, by: str) -> bool:
        async with writing(self.engine) as connection:
            if not await accounts.known_account(connection, account):
                return False
            await links.link(
                connection, team=team, channel=channel, account=account, linked_by=by, now=self.now()
            )
            return True
