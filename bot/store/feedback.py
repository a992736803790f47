"""Feedback: did an answer solve it?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.section import Section
from bot.core.words import Language
from bot.store.schema import feedback
from bot.store.upsert import insert_into


async def record(
    connection: AsyncConnection,
    *,
    key: str,
    section: Section,
    language: Language,
    helpful: bool,
    now: datetime,
) -> None:
    """Keep what somebody said of an answer; *key* names the two, and who says again changes their mind."""
    said = {"section": section.value, "language": language.value, "helpful": helpful, "at": now}
    await connection.execute(
        insert_into(connection, feedback)
        .values(key=key, **said)
        .on_conflict_do_update(index_elements=["key"], set_=said)
    )
