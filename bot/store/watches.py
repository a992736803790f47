"""Watches: questions about pending deliveries, kept until the status changes or a person takes them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Row, null, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core.address import comparable
from bot.core.case import DeliveryKey, Watch
from bot.core.words import Language
from bot.store.engine import writing
from bot.store.places import place_columns, place_in
from bot.store.schema import watches
from bot.store.upsert import insert_into

_OPEN = text("ended_at IS NULL")  # a literal, for the partial indexes


async def keep(connection: AsyncConnection, watch: Watch) -> bool:
    """Keep *watch*; False when the same place watches the same delivery already."""
    kept = await connection.execute(
        insert_into(connection, watches)
        .values(_columns(watch))
        .on_conflict_do_nothing(
            index_elements=["send_id", "recipient_key", "account", "channel", "thread_ts"],
            index_where=_OPEN,
        )
    )
    return kept.rowcount == 1


async def lease_due(
    engine: AsyncEngine, *, owner: str, now: datetime, until: datetime, limit: int
) -> list[Watch]:
    """Take up to *limit* watches to look at now that nobody holds, and hold them *until* then."""
    due = (
        select(watches.c.id)
        .where(_OPEN, watches.c.next_look_at <= now, _free(now))
        .order_by(watches.c.next_look_at, watches.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
        .prefix_with("MATERIALIZED")  # see outbox.lease
    )
    taking = (
        update(watches)
        .where(watches.c.id.in_(select(due.c.id)))
        .values(owner=owner, leased_until=until)
        .returning(*watches.c)
    )
    async with writing(engine) as connection:
        taken = (await connection.execute(taking)).all()
    return [_watch(row) for row in sorted(taken, key=lambda row: (row.next_look_at, row.id))]


async def look_again(connection: AsyncConnection, watch_id: int, *, at: datetime) -> None:
    """Let go of a watch until *at*."""
    await connection.execute(
        update(watches)
        .where(watches.c.id == watch_id, watches.c.ended_at.is_(None))
        .values(next_look_at=at, owner=null(), leased_until=null())
    )


async def end(connection: AsyncConnection, watch_id: int, *, now: datetime, outcome: str) -> bool:
    """End a watch; True for the one who ended it: only they tell the asker."""
    ended = await connection.execute(
        update(watches)
        .where(watches.c.id == watch_id, watches.c.ended_at.is_(None))
        .values(ended_at=now, outcome=outcome, owner=null(), leased_until=null())
    )
    return ended.rowcount == 1


async def open_for(connection: AsyncConnection, key: DeliveryKey) -> list[Watch]:
    """List the open watches on a delivery, in the order in which they were asked for."""
    return await _watches(connection, _on(key), watches.c.ended_at.is_(None))


async def _watches(connection: AsyncConnection, *conditions: ColumnElement[bool]) -> list[Watch]:
    found = await connection.execute(select(*watches.c).where(*conditions).order_by(watches.c.id))
    return [_watch(row) for row in found]


def _on(key: DeliveryKey) -> ColumnElement[bool]:
    return (
        (watches.c.send_id == key.send_id)
        & (watches.c.recipient_key == comparable(key.recipient))
        & (watches.c.account == key.account)
    )


def _free(now: datetime) -> ColumnElement[bool]:
    return watches.c.leased_until.is_(None) | (watches.c.leased_until <= now)


def _columns(watch: Watch) -> dict[str, object]:
    return {
        **place_columns(watch.place),
        "thread_ts": watch.place.thread_ts or "",
        "account": watch.delivery.account,
        "send_id": watch.delivery.send_id,
        "recipient": watch.delivery.recipient,
        "recipient_key": comparable(watch.delivery.recipient),
        "language": watch.language.value,
        "asked_at": watch.asked_at,
        "next_look_at": watch.next_look_at,
    }


def _watch(row: Row[tuple[object, ...]]) -> Watch:
    return Watch(
        id=row.id,
        delivery=DeliveryKey(row.account, row.send_id, row.recipient),
        place=place_in(row),
        language=Language(row.language),
        asked_at=row.asked_at,
        next_look_at=row.next_look_at,
    )
