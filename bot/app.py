"""Wiring and lifetimes: settings in, an open desk out, closed again at the end."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.checks.resolver import DnsResolver, open_resolver
from bot.desk import Desk
from bot.library import KNOWLEDGE, Library
from bot.settings import Settings, SettingsError
from bot.store.engine import StoreError, is_embedded, open_engine
from bot.store.migrate import State, migrate, state


def now() -> datetime:
    """Return the time: the only clock of the house, handed in wherever time matters."""
    return datetime.now(UTC)


def owner() -> str:
    """Return a name for this process that no other bears, for leases and logs."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """Open the database; the embedded one is created and migrated by itself.

    Raise StoreError, with its cure, when it cannot be used.
    """
    engine = open_engine(settings.database_url)
    try:
        if is_embedded(engine):
            await migrate(engine)
        elif await state(engine) is not State.CURRENT:
            raise StoreError("the database is not migrated: run python -m bot migrate")
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def open_desk(settings: Settings, *, trial: bool = True) -> AsyncIterator[Desk]:
    """Open all that a question needs, Slack excepted; *trial* as in Library.open.

    Raise SettingsError, LibraryError or StoreError, each with its cure.
    """
    library = Library.open(settings.knowledge_dir or KNOWLEDGE, trial=trial)
    resolver = _resolver(settings)
    async with open_store(settings) as engine:
        yield Desk(
            engine=engine,
            library=library,
            resolver=resolver,
            now=now,
            patience=settings.patience,
            language=settings.default_language,
            send_id_pattern=settings.send_id_pattern,
        )


def _resolver(settings: Settings) -> DnsResolver:
    try:
        return open_resolver(settings.dns_resolver)
    except ValueError as error:
        raise SettingsError(f"DNS_RESOLVER: {error}") from error
