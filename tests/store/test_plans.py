"""Every look-up that must stay fast among ten million rows walks the index that was made for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core.case import Case, Cause, DeliveryKey, Watch
from bot.core.delivery import Delivery, Status
from bot.core.post import Place, Post, PostKind
from bot.core.words import Language
from bot.store import cases, deliveries, outbox, watches
from bot.store.engine import is_embedded, reading, writing
from tests.store.plans import captured, plan_of, prefer_indexes

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
KEY = DeliveryKey("青空商事", "1734479364211706503", "keiri@client.example")
PLACE = Place("T1", "C1", "1.2", "U1")
Query = Callable[[AsyncConnection], Awaitable[object]]

QUERIES: dict[str, tuple[Query, str]] = {
    "by send id, for staff": (
        lambda c: deliveries.by_send_ids(c, [KEY.send_id, "2"], account=None),
        "uq_deliveries_send_id_recipient_key_account",
    ),
    "by send id, for a customer": (
        lambda c: deliveries.by_send_ids(c, [KEY.send_id], account="青空商事"),
        "uq_deliveries_send_id_recipient_key_account",
    ),
    "one delivery": (lambda c: deliveries.get(c, KEY), "uq_deliveries_send_id_recipient_key_account"),
    "newest by recipient, for staff": (
        lambda c: deliveries.by_recipients(c, [KEY.recipient], account=None),
        "ix_deliveries_recipient_newest",
    ),
    "newest by recipient, for a customer": (
        lambda c: deliveries.by_recipients(c, [KEY.recipient, "b@client.example"], account="青空商事"),
        "ix_deliveries_recipient_account_newest",
    ),
    "by message id": (
        lambda c: deliveries.by_message_ids(c, ["a" * 32], account=None),
        "ix_deliveries_message_id",
    ),
    "a post by key": (lambda c: outbox.get(c, "key"), "uq_outbox_key"),
    "open watches on a delivery": (lambda c: watches.open_for(c, KEY), "ix_watches_delivery"),
    "a case by key": (lambda c: cases.by_key(c, "key"), "uq_cases_key"),
}
SQLITES_OWN = {  # SQLite names the indexes of its unique constraints itself
    "uq_deliveries_send_id_recipient_key_account": "sqlite_autoindex_deliveries_1",
    "uq_outbox_key": "sqlite_autoindex_outbox_1",
    "uq_cases_key": "sqlite_autoindex_cases_1",
}


@pytest.mark.parametrize(("query", "index"), QUERIES.values(), ids=QUERIES.keys())
async def test_a_query_walks_its_index_and_sorts_nothing(
    engine: AsyncEngine, query: Query, index: str
) -> None:
    await _fill(engine)
    async with reading(engine) as connection:
        await prefer_indexes(connection, engine)
        with captured(engine) as statements:
            await query(connection)
        plan = await plan_of(connection, *statements[0])

    assert (SQLITES_OWN.get(index, index) if is_embedded(engine) else index) in plan
    assert "Seq Scan" not in plan
    assert "TEMP B-TREE" not in plan
    assert "SCAN deliveries" not in plan


@pytest.mark.parametrize("account", [None, "青空商事"])
async def test_the_newest_mails_of_a_busy_address_are_not_sorted(
    engine: AsyncEngine, account: str | None
) -> None:
    await _fill(engine)
    async with reading(engine) as connection:
        await prefer_indexes(connection, engine)
        with captured(engine) as statements:
            await deliveries.by_recipients(connection, [KEY.recipient], account=account)
        plan = await plan_of(connection, *statements[0])

    assert "Sort" not in plan
    assert "B-TREE" not in plan


@pytest.mark.parametrize(
    ("lease", "index"), [(outbox.lease, "ix_outbox_due"), (watches.lease_due, "ix_watches_due")]
)
async def test_what_is_due_is_found_by_the_partial_index(
    engine: AsyncEngine, lease: Callable[..., Awaitable[object]], index: str
) -> None:
    with captured(engine) as statements:
        await lease(engine, owner="me", now=NOW, until=NOW + timedelta(seconds=60), limit=10)
    taking = next(statement for statement in statements if "UPDATE" in statement[0])
    async with writing(engine) as connection:
        await prefer_indexes(connection, engine)
        plan = await plan_of(connection, *taking)

    assert index in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


async def _fill(engine: AsyncEngine) -> None:
    """Keep enough rows that the choice between two indexes is a real one."""
    rows = [_delivery(number) for number in range(1_000)]
    async with writing(engine) as connection:
        await deliveries.save(connection, rows)
        for number in range(100):
            key = DeliveryKey("青空商事", str(number), KEY.recipient)
            await watches.keep(connection, _watch(key))
            await cases.open_case(connection, _case(key))
            await outbox.put(connection, [_post(number)], now=NOW)
    async with reading(engine) as connection:
        await connection.exec_driver_sql("ANALYZE")


def _watch(key: DeliveryKey) -> Watch:
    return Watch(delivery=key, place=PLACE, language=Language.JA, asked_at=NOW, next_look_at=NOW)


def _case(key: DeliveryKey) -> Case:
    return Case(
        key=f"case of {key.send_id}",
        cause=Cause.ASKED,
        place=PLACE,
        language=Language.JA,
        opened_at=NOW,
        delivery=key,
    )


def _post(number: int) -> Post:
    return Post(key=str(number), kind=PostKind.ANSWER, place=PLACE)


def _delivery(number: int) -> Delivery:
    return Delivery(
        send_id=str(number // 3),
        account="青空商事" if number % 2 else "みどり商店",
        recipient=KEY.recipient if number % 3 else f"r{number}@client.example",
        status=Status.SENT,
        sent_at=NOW - timedelta(minutes=number),
        message_id=f"{number:032x}" if number % 5 else None,
    )
