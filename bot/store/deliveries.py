"""Deliveries: what became of each mail.

*account* None asks for all accounts, which is for staff alone; any other is part of every condition.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from operator import itemgetter

from sqlalchemy import ColumnElement, Dialect, Row, Select, func, select, text, true, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.address import comparable
from bot.core.case import DeliveryKey
from bot.core.delivery import Delivery, Method, Status
from bot.store import accounts
from bot.store.columns import EPOCH, keepable, microseconds
from bot.store.merge import postgresql_upsert, sqlite_upsert
from bot.store.schema import deliveries

MOST = 1_000  # deliveries in one look-up; more than that is a list, not an answer

Values = tuple[object, ...]  # of merge.COLUMNS


async def by_send_ids(
    connection: AsyncConnection, send_ids: Iterable[str], *, account: str | None
) -> list[Delivery]:
    """List the deliveries of these sends, by send and recipient; at most MOST."""
    asked = sorted(set(send_ids))
    if not asked:
        return []
    query = (
        _visible(account)
        .where(deliveries.c.send_id.in_(asked))
        .order_by(deliveries.c.send_id, deliveries.c.recipient_key, deliveries.c.account)
        .limit(MOST)
    )
    return [_delivery(row) for row in await connection.execute(query)]


async def by_recipients(
    connection: AsyncConnection, addresses: Iterable[str], *, account: str | None, newest: int = 5
) -> list[Delivery]:
    """List the *newest* deliveries to each address, the newest first."""
    keys = dict.fromkeys(comparable(address) for address in addresses)
    if not keys:
        return []
    # One statement for all addresses; each part walks its own stretch of the index and stops.
    parts = [select(_newest_to(key, account, newest).subquery()) for key in keys]
    rows = (await connection.execute(union_all(*parts))).all()
    return [_delivery(row) for row in sorted(rows, key=lambda row: (row.ordered_at, row.id), reverse=True)]


async def by_message_ids(
    connection: AsyncConnection, message_ids: Iterable[str], *, account: str | None
) -> list[Delivery]:
    """List the deliveries with the mail provider's own ids; at most MOST."""
    asked = sorted(set(message_ids))
    if not asked:
        return []
    query = (
        _visible(account)
        .where(text("message_id IS NOT NULL"), deliveries.c.message_id.in_(asked))
        .order_by(deliveries.c.message_id, deliveries.c.id)
        .limit(MOST)
    )
    return [_delivery(row) for row in await connection.execute(query)]


async def get(connection: AsyncConnection, key: DeliveryKey) -> Delivery | None:
    """Return the delivery that *key* names."""
    query = _visible(key.account).where(
        deliveries.c.send_id == key.send_id, deliveries.c.recipient_key == comparable(key.recipient)
    )
    row = (await connection.execute(query)).one_or_none()
    return _delivery(row) if row else None


async def count(connection: AsyncConnection) -> int:
    """Count all deliveries; it reads through the whole table."""
    return (await connection.execute(select(func.count()).select_from(deliveries))).scalar_one()


async def save(connection: AsyncConnection, told: Iterable[Delivery]) -> int:
    """Keep what was *told*, and the accounts it names; merge.py says what wins over what.

    Saying the same again changes nothing.  Return how many rows are new or changed.
    """
    return await save_rows(connection, rows_of(connection.dialect, told))


def rows_of(dialect: Dialect, told: Iterable[Delivery]) -> list[Values]:
    """Return what was *told* as rows for `save_rows`: an import does it while the database is at work."""
    moment = _as_it_is if dialect.name == "postgresql" else microseconds
    return [_values(delivery, moment) for delivery in told]


async def save_rows(connection: AsyncConnection, rows: list[Values]) -> int:
    """Keep *rows*; see `save`."""
    if not rows:
        return 0
    await accounts.add(connection, {str(row[_ACCOUNT]) for row in rows})
    if connection.dialect.name == "postgresql":
        return await _save_in_postgresql(connection, rows)
    # The driver's own executemany: one statement with many rows in it takes half as long again (measured).
    return (await connection.exec_driver_sql(sqlite_upsert(), rows)).rowcount


async def _save_in_postgresql(connection: AsyncConnection, rows: Sequence[Values]) -> int:
    """Write all rows with one statement, in the order of their keys: unsorted, two writers deadlock."""
    written = 0
    for wave in _waves(sorted(rows, key=_KEY)):
        arrays = tuple(map(list, zip(*wave, strict=True)))
        written += (await connection.exec_driver_sql(postgresql_upsert(), arrays)).rowcount
    return written


def _waves(rows: list[Values]) -> list[list[Values]]:
    """Part *rows* so that no key is twice in a wave: PostgreSQL touches a row once in a statement."""
    if len(set(map(_KEY, rows))) == len(rows):
        return [rows]
    times: Counter[object] = Counter()
    waves: defaultdict[int, list[Values]] = defaultdict(list)
    for row in rows:
        waves[times[_KEY(row)]].append(row)
        times[_KEY(row)] += 1
    return [*waves.values()]


_ACCOUNT = 1
_KEY = itemgetter(0, 3, 1)  # of merge.COLUMNS: send_id, recipient_key, account


def _values(delivery: Delivery, moment: Callable[[datetime], object]) -> Values:
    """Return the values of merge.COLUMNS."""
    sent_at, updated_at = delivery.sent_at, delivery.updated_at
    texts = (
        delivery.send_id,
        delivery.account,
        delivery.recipient,
        delivery.status_text,
        delivery.document,
        delivery.header_from,
        delivery.reply,
        delivery.message_id,
        delivery.source,
    )
    send_id, account, recipient, status_text, document, header_from, reply, message_id, source = map(
        _kept, texts
    )
    return (
        send_id,
        account,
        recipient,
        _recipient_key(recipient or ""),
        delivery.status.value,
        status_text,
        delivery.method.value if delivery.method else None,
        moment(sent_at) if sent_at else None,
        moment(updated_at) if updated_at else None,
        moment(sent_at or updated_at or EPOCH),
        document,
        header_from,
        delivery.password,
        reply,
        message_id,
        source,
    )


def _kept(value: str | None) -> str | None:
    # Nearly every text is printable, and that is told faster than the rest is replaced.
    return value if value is None or value.isprintable() else keepable(value)


def _recipient_key(recipient: str) -> str:
    # What comparable() comes to for ASCII, at a fifth of its price; an import asks a million times.
    return recipient.strip().lower() if recipient.isascii() else comparable(recipient)


def _as_it_is(moment: datetime) -> datetime:
    microseconds(moment)  # refuses a moment without a zone
    return moment


def _visible(account: str | None) -> Select[tuple[object, ...]]:
    return select(*deliveries.c).where(_of(account))


def _of(account: str | None) -> ColumnElement[bool]:
    return true() if account is None else deliveries.c.account == account


def _newest_to(recipient_key: str, account: str | None, newest: int) -> Select[tuple[object, ...]]:
    return (
        _visible(account)
        .where(deliveries.c.recipient_key == recipient_key)
        .order_by(deliveries.c.ordered_at.desc(), deliveries.c.id.desc())
        .limit(newest)
    )


def _delivery(row: Row[tuple[object, ...]]) -> Delivery:
    return Delivery(
        send_id=row.send_id,
        account=row.account,
        recipient=row.recipient,
        status=Status(row.status),
        status_text=row.status_text,
        method=Method(row.method) if row.method else None,
        sent_at=row.sent_at,
        updated_at=row.updated_at,
        document=row.document,
        header_from=row.header_from,
        password=row.password,
        reply=row.reply,
        message_id=row.message_id,
        source=row.source,
    )
