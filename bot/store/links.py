"""Links: which account a channel, or a whole workspace, belongs to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import links
from bot.store.upsert import insert_into

WHOLE_WORKSPACE = ""


async def link(
    connection: AsyncConnection,
    *,
    team: str,
    channel: str = WHOLE_WORKSPACE,
    account: str,
    linked_by: str,
    now: datetime,
) -> None:
    """Tie *channel* to *account*, instead of whatever it was tied to.

    Raise IntegrityError when there is no such account: ask `known_account` first.
    """
    said = {"account": account, "linked_by": linked_by, "linked_at": now}
    await connection.execute(
        insert_into(connection, links)
        .values(team=team, channel=channel, **said)
        .on_conflict_do_update(index_elements=["team", "channel"], set_=said)
    )


async def unlink(connection: AsyncConnection, *, team: str, channel: str = WHOLE_WORKSPACE) -> bool:
    """Untie *channel*; tell whether it was tied."""
    untied = await connection.execute(delete(links).where(links.c.team == team, links.c.channel == channel))
    return untied.rowcount > 0


async def of_channel(connection: AsyncConnection, *, team: str, channel: str) -> str | None:
    """Return the account that *channel* itself is tied to, if any."""
    account: str | None = await connection.scalar(
        select(links.c.account).where(links.c.team == team, links.c.channel == channel)
    )
    return account


async def of_team(connection: AsyncConnection, *, team: str) -> str | None:
    """Return the account that the whole workspace is tied to, if any."""
    return await of_channel(connection, team=team, channel=WHOLE_WORKSPACE)
