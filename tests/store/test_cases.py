"""A case is opened once, claimed by one, and resolved by one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.case import Case, CaseAsker, Cause, DeliveryKey
from bot.core.post import Place
from bot.core.words import Language
from bot.store import cases
from bot.store.engine import open_engine, reading, writing
from bot.store.migrate import migrate

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
KEY = DeliveryKey("株式会社青空", "1734479364211706503", "Keiri@client.example")
CASE = Case(
    key="delivery:1",
    cause=Cause.OVERDUE,
    place=Place("T1", "C1", "1700000000.000100", "U1"),
    language=Language.JA,
    opened_at=NOW,
    delivery=KEY,
    account="株式会社青空",
    facts={"status": "pending", "findings": [{"check": "mx", "code": "null-mx"}], "sent_at": None},
)


async def open_case(engine: AsyncEngine, case: Case = CASE) -> Case | None:
    async with writing(engine) as connection:
        return await cases.open_case(connection, case)


async def opened(engine: AsyncEngine, case: Case = CASE) -> Case:
    found = await open_case(engine, case)
    assert found
    return found


async def test_a_case_comes_back_as_it_was_opened(engine: AsyncEngine) -> None:
    case = await opened(engine)
    async with reading(engine) as connection:
        by_id, by_key = await cases.get(connection, case.id), await cases.by_key(connection, CASE.key)

    assert case == replace(CASE, id=case.id)
    assert by_id == by_key == case


async def test_a_case_need_not_be_about_a_delivery(engine: AsyncEngine) -> None:
    asked = replace(CASE, delivery=None, account=None, cause=Cause.ASKED, facts={})
    case = await opened(engine, asked)
    async with reading(engine) as connection:
        found = await cases.get(connection, case.id)

    assert found == replace(asked, id=case.id)


async def test_the_same_thing_is_handed_over_once_by_any_number_of_replicas(database_url: str) -> None:
    engines = [open_engine(database_url) for _ in range(4)]
    try:
        await migrate(engines[0])
        found = await asyncio.gather(*(open_case(engine) for engine in engines))

        assert sum(case is not None for case in found) == 1
        async with reading(engines[0]) as connection:
            assert await cases.by_key(connection, CASE.key)
    finally:
        await asyncio.gather(*(engine.dispose() for engine in engines))


async def test_of_eight_who_claim_a_case_one_gets_it(engine: AsyncEngine) -> None:
    case = await opened(engine)

    async def claim(number: int) -> bool:
        async with writing(engine) as connection:
            return await cases.claim(connection, case.id, by=f"U{number}", now=NOW)

    won = await asyncio.gather(*map(claim, range(8)))
    async with reading(engine) as connection:
        claimed = await cases.get(connection, case.id)

    assert sum(won) == 1
    assert claimed == replace(case, claimed_by=f"U{won.index(True)}", claimed_at=NOW)


async def test_a_case_is_resolved_once_and_cannot_be_claimed_then(engine: AsyncEngine) -> None:
    case = await opened(engine)
    later = NOW + timedelta(hours=1)
    async with writing(engine) as connection:
        done = [
            await cases.resolve(connection, case.id, by=user, now=later, resolution=f"by {user}")
            for user in ("U1", "U2")
        ]
        claimed = await cases.claim(connection, case.id, by="U3", now=later)
        found = await cases.get(connection, case.id)

    assert done == [True, False]
    assert not claimed
    assert found == replace(case, resolved_by="U1", resolved_at=later, resolution="by U1")


async def test_nobody_claims_or_resolves_a_case_that_is_not_there(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        assert not await cases.claim(connection, 99, by="U1", now=NOW)
        assert not await cases.resolve(connection, 99, by="U1", now=NOW, resolution="")
        assert await cases.get(connection, 99) is None
        assert await cases.by_key(connection, "nothing") is None


ASKER = CaseAsker(Place("T1", "C1", "1700000000.000100", "U1"), Language.JA, "急ぎです <!channel>")
ALONE = CaseAsker(Place("T1", "U2", None, "U2", asked_in="C1"), Language.EN)


async def test_who_waits_for_a_case_is_remembered_once_at_each_place(engine: AsyncEngine) -> None:
    case, other = await opened(engine), await opened(engine, replace(CASE, key="another"))
    async with writing(engine) as connection:
        new = [await cases.add_asker(connection, case.id, who) for who in (ASKER, ALONE, ASKER, ALONE)]
        await cases.add_asker(connection, other.id, ASKER)
        found = await cases.askers_of(connection, case.id)

    assert new == [True, True, False, False]
    assert found == [ASKER, ALONE]


async def test_what_somebody_writes_later_is_added_once(engine: AsyncEngine) -> None:
    case = await opened(engine)
    async with writing(engine) as connection:
        await cases.add_asker(connection, case.id, ALONE)
        notes = ("", "100 % sure", "100 % sure", "and_more")
        added = [await cases.add_note(connection, case.id, replace(ALONE, note=note)) for note in notes]
        (found,) = await cases.askers_of(connection, case.id)

    assert added == [False, True, False, True]
    assert found.note == "100 % sure\nand_more"


async def test_where_the_card_stands_is_remembered(engine: AsyncEngine) -> None:
    case = await opened(engine)
    async with writing(engine) as connection:
        await cases.set_card_ts(connection, case.id, "1700000000.000200")
        found = await cases.get(connection, case.id)

    assert found == replace(case, card_ts="1700000000.000200")
