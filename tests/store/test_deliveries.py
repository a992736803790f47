"""What was told of a mail is kept, found again by those who may see it, and never rolled back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations, product

import pytest
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.case import DeliveryKey
from bot.core.delivery import Delivery, Method, Status
from bot.store import accounts, deliveries
from bot.store.engine import open_engine, reading, writing

SENT_AT = datetime(2026, 11, 23, 0, 5, 0, 123456, tzinfo=UTC)
LATER = SENT_AT + timedelta(minutes=5)
FULL = Delivery(
    send_id="1734479364211706503",
    account="株式会社青空",
    recipient="Keiri@Client.example",
    status=Status.REJECTED,
    status_text="メールが宛先のシステムで拒否されました",
    method=Method.SECURE_SEND,
    sent_at=SENT_AT,
    updated_at=LATER,
    document="請求書 2026-11",
    header_from="bill@aozora.example",
    password=True,
    reply="550 5.1.1 User unknown\nsee https://example.com/",
    message_id="0123456789abcdef0123456789abcdef",
    source="import:history.csv",
)
BARE = Delivery(send_id="1", account="A", recipient="a@x.example", status=Status.PENDING)


async def save(engine: AsyncEngine, *told: Delivery) -> int:
    async with writing(engine) as connection:
        return await deliveries.save(connection, told)


async def by_send(engine: AsyncEngine, send_id: str, account: str | None = None) -> list[Delivery]:
    async with reading(engine) as connection:
        return await deliveries.by_send_ids(connection, [send_id], account=account)


async def to(
    engine: AsyncEngine, address: str, account: str | None = None, newest: int = 5
) -> list[Delivery]:
    async with reading(engine) as connection:
        return await deliveries.by_recipients(connection, [address], account=account, newest=newest)


@pytest.mark.parametrize("told", [FULL, BARE], ids=["everything", "only what is required"])
async def test_a_delivery_comes_back_as_it_was_told(engine: AsyncEngine, told: Delivery) -> None:
    changed = await save(engine, told)

    assert changed == 1
    assert await by_send(engine, told.send_id) == [told]


async def test_a_moment_comes_back_in_utc_to_the_microsecond(engine: AsyncEngine) -> None:
    tokyo = timezone(timedelta(hours=9))
    await save(engine, replace(BARE, sent_at=SENT_AT.astimezone(tokyo)))
    (kept,) = await by_send(engine, "1")

    assert kept.sent_at == SENT_AT
    assert kept.sent_at.tzinfo is UTC


async def test_a_moment_without_a_zone_is_refused(engine: AsyncEngine) -> None:
    with pytest.raises((ValueError, StatementError), match="no time zone"):
        await save(engine, replace(BARE, sent_at=SENT_AT.replace(tzinfo=None)))


@pytest.mark.parametrize(
    "asked", ["keiri@client.example", "KEIRI@CLIENT.EXAMPLE", "ｋｅｉｒｉ@client.example"]
)
async def test_a_recipient_is_found_however_the_address_is_written(engine: AsyncEngine, asked: str) -> None:
    await save(engine, FULL)

    assert await to(engine, asked) == [FULL]


async def test_one_delivery_is_found_by_its_key(engine: AsyncEngine) -> None:
    await save(engine, FULL, BARE)
    async with reading(engine) as connection:
        found = await deliveries.get(
            connection, DeliveryKey("株式会社青空", FULL.send_id, "keiri@client.example")
        )
        not_theirs = await deliveries.get(connection, DeliveryKey("A", FULL.send_id, FULL.recipient))

    assert found == FULL
    assert not_theirs is None


async def test_a_mail_is_found_by_the_providers_own_id(engine: AsyncEngine) -> None:
    await save(engine, FULL, BARE)
    async with reading(engine) as connection:
        staff = await deliveries.by_message_ids(connection, [FULL.message_id or ""], account=None)
        stranger = await deliveries.by_message_ids(connection, [FULL.message_id or ""], account="A")

    assert staff == [FULL]
    assert stranger == []


async def test_an_account_sees_its_own_mails_only(engine: AsyncEngine) -> None:
    mine, theirs = replace(BARE, account="A"), replace(BARE, account="B", status=Status.REJECTED)
    await save(engine, mine, theirs)

    assert await by_send(engine, "1", account="A") == [mine]
    assert await to(engine, "a@x.example", account="B") == [theirs]
    assert await by_send(engine, "1", account="C") == []
    assert await by_send(engine, "1", account="") == []
    assert await by_send(engine, "1") == [mine, theirs]


async def test_nothing_asked_is_nothing_found(engine: AsyncEngine) -> None:
    await save(engine, FULL)
    async with reading(engine) as connection:
        found = [
            *await deliveries.by_send_ids(connection, [], account=None),
            *await deliveries.by_recipients(connection, [], account=None),
            *await deliveries.by_message_ids(connection, [], account=None),
        ]

    assert found == []


@pytest.mark.parametrize("asked", ["\x00", "'; DROP TABLE deliveries; --", "\ud800", "%", "𝟣" * 9_000])
async def test_hostile_questions_find_nothing_and_break_nothing(engine: AsyncEngine, asked: str) -> None:
    await save(engine, FULL)
    async with reading(engine) as connection:
        found = [
            *await deliveries.by_send_ids(connection, [asked], account=asked),
            *await deliveries.by_recipients(connection, [asked], account=None),
            *await deliveries.by_message_ids(connection, [asked], account=None),
        ]

    assert found == []
    assert await by_send(engine, FULL.send_id) == [FULL]


async def test_what_no_database_keeps_is_replaced(engine: AsyncEngine) -> None:
    await save(engine, replace(BARE, reply="a\x00b\ud800c", document="\u202eevil 🦊"))
    (kept,) = await by_send(engine, "1")

    assert kept.reply == "a\ufffdb\ufffdc"
    assert kept.document == "\u202eevil 🦊"


async def test_the_newest_mails_to_an_address_come_first(engine: AsyncEngine) -> None:
    dated = [replace(BARE, send_id=f"dated-{n}", sent_at=SENT_AT + timedelta(days=n)) for n in (3, 1, 4, 2)]
    undated = replace(BARE, send_id="undated")
    updated = replace(BARE, send_id="updated", updated_at=SENT_AT + timedelta(days=5))
    await save(engine, *dated, undated, updated)
    found = await to(engine, "a@x.example", newest=10)

    order = ["updated", "dated-4", "dated-3", "dated-2", "dated-1", "undated"]
    assert [delivery.send_id for delivery in found] == order
    assert await to(engine, "a@x.example", newest=2) == found[:2]


async def test_each_of_several_addresses_gets_its_newest(engine: AsyncEngine) -> None:
    rows = [
        replace(BARE, send_id=str(n), recipient=f"{name}@x.example", sent_at=SENT_AT + timedelta(days=n))
        for n in range(3)
        for name in "abc"
    ]
    await save(engine, *rows)
    async with reading(engine) as connection:
        found = await deliveries.by_recipients(
            connection, ["a@x.example", "b@x.example", "A@x.example"], account="A", newest=2
        )

    assert sorted((delivery.send_id, delivery.recipient) for delivery in found) == [
        ("1", "a@x.example"),
        ("1", "b@x.example"),
        ("2", "a@x.example"),
        ("2", "b@x.example"),
    ]


async def test_saying_the_same_again_changes_nothing(engine: AsyncEngine) -> None:
    await save(engine, FULL, BARE)

    assert await save(engine, FULL, BARE) == 0
    assert await save(engine, replace(FULL, source="import:the same under another name.csv")) == 0
    assert await by_send(engine, FULL.send_id) == [FULL]


OLD = replace(FULL, status=Status.PENDING, status_text="送信結果待ち", updated_at=None, reply=None)
SENT = replace(FULL, status=Status.SENT, status_text="送信済み", reply=None)
CASES = {
    "a later status replaces an earlier one": (OLD, FULL, FULL),
    "an earlier status rolls nothing back": (FULL, replace(OLD, updated_at=SENT_AT), FULL),
    "of two with equal times the last one told wins": (SENT, FULL, FULL),
    "an answer without a time replaces an earlier answer": (
        SENT,
        replace(FULL, updated_at=None),
        replace(FULL, updated_at=None),
    ),
    "an answer without a time ends the waiting, however late that was told": (
        replace(OLD, updated_at=LATER),
        replace(SENT, updated_at=None),
        replace(SENT, updated_at=None),
    ),
    "no waiting comes after an answer at the same time": (SENT, replace(OLD, updated_at=LATER), SENT),
    "no waiting comes after an answer without a time": (
        replace(SENT, updated_at=None),
        replace(OLD, updated_at=LATER),
        replace(SENT, updated_at=None),
    ),
    "a waiting that began after an answer is believed": (
        SENT,
        replace(OLD, updated_at=LATER + timedelta(hours=1)),
        replace(OLD, updated_at=LATER + timedelta(hours=1)),
    ),
    "when a send was sent says nothing of its answer": (
        SENT,
        replace(OLD, sent_at=LATER + timedelta(days=1)),
        SENT,
    ),
    "without any time the last one told wins": (
        BARE,
        replace(BARE, status=Status.SENT),
        replace(BARE, status=Status.SENT),
    ),
    "a row without times rolls nothing back": (
        FULL,
        replace(BARE, send_id=FULL.send_id, account=FULL.account, recipient=FULL.recipient),
        FULL,
    ),
    "what a later row does not say is kept": (
        FULL,
        replace(
            FULL, method=None, document=None, header_from=None, password=None, message_id=None, reply=None
        ),
        FULL,
    ),
    "a reply goes with the status that it belongs to": (
        FULL,
        replace(
            FULL,
            status=Status.SENT,
            status_text="送信済み",
            reply=None,
            updated_at=LATER + timedelta(hours=1),
        ),
        replace(
            FULL,
            status=Status.SENT,
            status_text="送信済み",
            reply=None,
            updated_at=LATER + timedelta(hours=1),
        ),
    ),
    "an earlier row with the same status still gives its reply": (
        replace(FULL, reply=None),
        replace(FULL, updated_at=SENT_AT),
        FULL,
    ),
    "an earlier row with another status does not": (SENT, replace(FULL, updated_at=SENT_AT), SENT),
    "an earlier row still fills gaps": (
        replace(FULL, document=None, password=None, sent_at=None),
        replace(OLD, document="請求書", password=False),
        replace(FULL, document="請求書", password=False),
    ),
    "False is said, not silence": (
        FULL,
        replace(FULL, password=False),
        replace(FULL, password=False),
    ),
}


@pytest.mark.parametrize("together", [False, True], ids=["one after the other", "in one batch"])
@pytest.mark.parametrize(("first", "second", "kept"), CASES.values(), ids=CASES.keys())
async def test_two_rows_about_one_delivery_become_one(
    engine: AsyncEngine, first: Delivery, second: Delivery, kept: Delivery, *, together: bool
) -> None:
    if together:
        await save(engine, first, second)
    else:
        await save(engine, first)
        await save(engine, second)

    assert await by_send(engine, first.send_id) == [kept]


async def test_rows_with_different_times_end_the_same_in_any_order(engine: AsyncEngine) -> None:
    stories = [order for statuses in product(Status, repeat=3) for order in permutations(enumerate(statuses))]
    for told in zip(*stories, strict=True):
        await save(engine, *(_stated(send, *row) for send, row in enumerate(told)))
    async with reading(engine) as connection:
        sends = [f"{send:03}" for send in range(len(stories))]
        kept = await deliveries.by_send_ids(connection, sends, account=None)

    assert kept == [_stated(send, *max(story)) for send, story in enumerate(stories)]


def _stated(send: int, hour: int, status: Status) -> Delivery:
    return replace(
        BARE,
        send_id=f"{send:03}",
        status=status,
        status_text=f"{status} at {hour}",
        updated_at=SENT_AT + timedelta(hours=hour),
        reply=f"550 at {hour}" if status is Status.REJECTED else None,
    )


async def test_all_deliveries_are_counted(engine: AsyncEngine) -> None:
    await save(engine, FULL, BARE, replace(BARE, account="B"))
    async with reading(engine) as connection:
        counted = await deliveries.count(connection)

    assert counted == 3


async def test_a_sending_time_that_comes_later_moves_the_mail_among_the_newest(engine: AsyncEngine) -> None:
    await save(engine, BARE, replace(BARE, send_id="2", sent_at=SENT_AT))
    await save(engine, replace(BARE, sent_at=LATER))

    assert [delivery.send_id for delivery in await to(engine, "a@x.example")] == ["1", "2"]


async def test_several_writers_of_the_same_rows_wait_for_each_other_and_all_end(database_url: str) -> None:
    from bot.store.migrate import migrate

    engines = [open_engine(database_url) for _ in range(4)]
    rows = [replace(BARE, send_id=str(n), account=f"account {n % 7}") for n in range(400)]
    try:
        await migrate(engines[0])
        orders = [rows, rows[::-1], rows[200:] + rows[:200], rows[::-3]]
        await asyncio.gather(*(save(e, *order) for e, order in zip(engines, orders, strict=True)))

        assert len(await to(engines[0], "a@x.example", newest=1_000)) == 400
    finally:
        await asyncio.gather(*(engine.dispose() for engine in engines))


async def test_accounts_are_known_by_their_exact_names(engine: AsyncEngine) -> None:
    await save(engine, FULL, BARE)
    async with reading(engine) as connection:
        known = [await accounts.known_account(connection, name) for name in ("A", "a", "", "株式会社青空")]
        names = await accounts.all_accounts(connection)

    assert known == [True, False, False, True]
    assert names == ["A", "株式会社青空"]
