"""Cases: hand-overs to a person, each opened, claimed and resolved once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Row, literal, select, update
from sqlalchemy import case as either
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.address import comparable
from bot.core.case import Case, CaseAsker, Cause, DeliveryKey
from bot.core.words import Language
from bot.store.places import place_columns, place_in
from bot.store.schema import case_askers, cases
from bot.store.upsert import insert_into


async def open_case(connection: AsyncConnection, wanted: Case) -> Case | None:
    """Open *wanted* and return it with its id; None when its key is there already."""
    number = await connection.scalar(
        insert_into(connection, cases)
        .values(_columns(wanted))
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(cases.c.id)
    )
    return None if number is None else replace(wanted, id=number)


async def get(connection: AsyncConnection, case_id: int) -> Case | None:
    """Return the case with this id."""
    row = (await connection.execute(select(*cases.c).where(cases.c.id == case_id))).one_or_none()
    return _case(row) if row else None


async def by_key(connection: AsyncConnection, key: str) -> Case | None:
    """Return the case with this unique *key*, and keep it from being resolved until the transaction ends.

    Whoever joins it meanwhile is among those who are told of its end.  (SQLite has one writer anyway.)
    """
    found = select(*cases.c).where(cases.c.key == key).with_for_update()
    row = (await connection.execute(found)).one_or_none()
    return _case(row) if row else None


async def add_asker(connection: AsyncConnection, case_id: int, asker: CaseAsker) -> bool:
    """Remember somebody who waits for a case; False when they are remembered at that place already."""
    said = {"language": asker.language.value, "note": asker.note}
    place = {**place_columns(asker.place), "thread_ts": asker.place.thread_ts or ""}
    added = await connection.execute(
        insert_into(connection, case_askers)
        .values(case_id=case_id, **place, **said)
        .on_conflict_do_nothing(index_elements=["case_id", "channel", "thread_ts"])
    )
    return added.rowcount == 1


async def add_note(connection: AsyncConnection, case_id: int, asker: CaseAsker) -> bool:
    """Add what somebody who waits already wrote this time; False when that is nothing new."""
    note = case_askers.c.note
    added = await connection.execute(
        update(case_askers)
        .where(
            case_askers.c.case_id == case_id,
            case_askers.c.channel == asker.place.channel,
            case_askers.c.thread_ts == (asker.place.thread_ts or ""),
            literal(asker.note) != "",
            ~note.contains(asker.note, autoescape=True),
        )
        .values(note=either((note == "", asker.note), else_=note + "\n" + asker.note))
    )
    return added.rowcount == 1


async def askers_of(connection: AsyncConnection, case_id: int) -> list[CaseAsker]:
    """List those who wait for a case, in the order in which they came."""
    waiting = select(*case_askers.c).where(case_askers.c.case_id == case_id).order_by(case_askers.c.id)
    return [
        CaseAsker(place_in(row), Language(row.language), row.note)
        for row in await connection.execute(waiting)
    ]


async def claim(connection: AsyncConnection, case_id: int, *, by: str, now: datetime) -> bool:
    """Let *by* take the case; of several at once only one gets True."""
    claimed = await connection.execute(
        update(cases)
        .where(cases.c.id == case_id, cases.c.claimed_at.is_(None), cases.c.resolved_at.is_(None))
        .values(claimed_by=by, claimed_at=now)
    )
    return claimed.rowcount == 1


async def resolve(
    connection: AsyncConnection, case_id: int, *, by: str, now: datetime, resolution: str
) -> bool:
    """Close the case; of several at once only one gets True."""
    resolved = await connection.execute(
        update(cases)
        .where(cases.c.id == case_id, cases.c.resolved_at.is_(None))
        .values(resolved_by=by, resolved_at=now, resolution=resolution)
    )
    return resolved.rowcount == 1


async def set_card_ts(connection: AsyncConnection, case_id: int, card_ts: str) -> None:
    """Remember where the card of a case stands in the support channel."""
    await connection.execute(update(cases).where(cases.c.id == case_id).values(card_ts=card_ts))


def _columns(case: Case) -> dict[str, object]:
    return {
        **place_columns(case.place),
        **(_key_columns(case.delivery) if case.delivery else {}),
        "key": case.key,
        "cause": case.cause.value,
        "language": case.language.value,
        "opened_at": case.opened_at,
        "account": case.account,
        "facts": dict(case.facts),
        "claimed_by": case.claimed_by,
        "claimed_at": case.claimed_at,
        "resolved_by": case.resolved_by,
        "resolved_at": case.resolved_at,
        "resolution": case.resolution,
        "card_ts": case.card_ts,
    }


def _key_columns(key: DeliveryKey) -> dict[str, object]:
    return {
        "delivery_account": key.account,
        "send_id": key.send_id,
        "recipient": key.recipient,
        "recipient_key": comparable(key.recipient),
    }


def _case(row: Row[tuple[object, ...]]) -> Case:
    about = row.send_id is not None
    return Case(
        id=row.id,
        key=row.key,
        cause=Cause(row.cause),
        place=place_in(row),
        language=Language(row.language),
        opened_at=row.opened_at,
        delivery=DeliveryKey(row.delivery_account, row.send_id, row.recipient) if about else None,
        account=row.account,
        facts=row.facts,
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        resolved_by=row.resolved_by,
        resolved_at=row.resolved_at,
        resolution=row.resolution,
        card_ts=row.card_ts,
    )
