"""Accounts: the customers on whose behalf mails are sent, by name."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import accounts
from bot.store.upsert import insert_into


async def add(connection: AsyncConnection, names: Iterable[str]) -> None:
    """Make sure that the accounts called *names* are there."""
    # Sorted, so that two writers never wait for each other crosswise.
    rows = [{"name": name} for name in sorted(set(names))]
    if rows:
        await connection.execute(insert_into(connection, accounts).on_conflict_do_nothing(), rows)


async def known_account(connection: AsyncConnection, name: str) -> bool:
    """Tell whether there is an account called exactly *name*."""
    found = await connection.scalar(select(accounts.c.name).where(accounts.c.name == name))
    return found is not None


async def all_accounts(connection: AsyncConnection) -> list[str]:
    """List the names of all accounts, in order."""
    return list(await connection.scalars(select(accounts.c.name).order_by(accounts.c.name)))
