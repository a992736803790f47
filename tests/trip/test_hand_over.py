"""Pending too long: watched, told, handed over once, claimed, resolved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bot.accounts import Accounts
from bot.app import now
from bot.core.case import CaseAsker, Cause
from bot.core.delivery import Status
from bot.core.post import Place, Post, PostKind
from bot.core.viewer import STAFF
from bot.core.words import Language
from bot.escalation import key_of
from bot.playground.standin import Seen
from bot.store import outbox
from bot.store.engine import writing
from tests.house import LABELS, House, a_delivery

ID = "1000000000000000001"
LONG_AGO = timedelta(days=3)


def notices(house: House, asked: Seen, *, as_: str = "hana", channel: str = "#acme-docs") -> list[Seen]:
    """Return what the bot said in the thread after its answer."""
    thread = house.slack.messages(channel, as_=as_, thread=asked)
    return [m for m in thread if m.user == "U0DESK"][1:]


async def test_a_change_is_told_in_the_thread_once(house: House) -> None:
    await house.knows(a_delivery(Status.PENDING))
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    await house.answered(asked)

    await house.knows(a_delivery(Status.REJECTED))
    await house.slack.until(lambda: notices(house, asked), timeout=10)
    await house.bot.escalation.sweep()
    await house.bot.courier.settle()

    told = notices(house, asked)
    assert len(told) == 1
    assert LABELS[Status.REJECTED] in told[0].plain
    assert not house.cards()


async def test_what_is_not_overdue_is_watched_and_not_handed_over(house: House) -> None:
    await house.knows(a_delivery(Status.PENDING, age=timedelta(hours=23)))
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    await house.answered(asked)

    for _ in range(3):
        await house.bot.escalation.sweep()

    assert not house.cards()
    assert not notices(house, asked)


async def test_overdue_is_handed_over_once_with_everything_support_needs(house: House) -> None:
    await house.knows(
        a_delivery(Status.PENDING, age=LONG_AGO),
    )
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    await house.answered(asked)
    await house.slack.until(lambda: house.cards() and notices(house, asked), timeout=10)
    again = await house.slack.mentions(f"{ID} again", channel="#acme-docs", as_="ben")
    await house.answered(again, as_="ben")
    await house.slack.until(lambda: notices(house, again, as_="ben"), timeout=10)
    await house.bot.courier.settle()

    (card,) = house.cards()
    assert all(fact in card.plain for fact in ("Acme", ID, "taro@shop.test", LABELS[Status.PENDING], "JST"))
    assert "mx.shop.test" in card.plain
    assert "http" in str(card.blocks)  # the conversation
    assert "support@makeleaps.com" in notices(house, asked)[0].plain
    assert "10:00" in notices(house, asked)[0].plain


async def test_an_overdue_slash_question_is_told_in_private(house: House) -> None:
    await house.knows(a_delivery(Status.PENDING, age=LONG_AGO))

    await house.slack.command(f"/delivery {ID}", channel="#acme-docs", as_="hana")
    told = await house.slack.until(
        lambda: [m for m in house.slack.messages("dm", as_="hana") if m.user == "U0DESK"], timeout=10
    )

    await house.slack.until(house.cards)

    assert "support@makeleaps.com" in told[0].plain
    assert len(house.cards()) == 1


async def test_claim_and_resolve_are_shown_on_the_card_and_told_to_the_asker(house: House) -> None:
    await house.knows(a_delivery(Status.PENDING, age=LONG_AGO))
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    await house.slack.until(lambda: house.cards() and notices(house, asked), timeout=10)

    await house.slack.clicks("desk:claim", message=house.cards()[0], as_="mori")
    await house.slack.until(lambda: len(notices(house, asked)) == 2, timeout=10)
    await house.slack.until(lambda: "desk:claim" not in str(house.cards()[0].blocks))
    await house.slack.clicks("desk:resolve", message=house.cards()[0], as_="mori")
    await house.slack.until(lambda: (view := house.slack.modal("mori")) and "note" in str(view.body))
    await house.slack.submits({"note": "We asked the receiving side; it is through."}, as_="mori")
    await house.slack.until(lambda: len(notices(house, asked)) == 3, timeout=10)
    await house.slack.until(lambda: not house.cards()[0].buttons)

    assert "U0MORI" in str(notices(house, asked)[1].blocks)
    assert "it is through" in notices(house, asked)[2].plain


async def test_two_agents_claim_and_one_has_it(house: House) -> None:
    await house.knows(a_delivery(Status.PENDING, age=LONG_AGO))
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    await house.slack.until(lambda: house.cards() and notices(house, asked), timeout=10)
    card = house.cards()[0]

    await house.slack.clicks("desk:claim", message=card, as_="mori")
    case = await house.bot.escalation.case(1)
    assert case is not None
    won = await house.bot.escalation.claim(1, by="U0YUKI")

    await house.slack.until(lambda: len(notices(house, asked)) == 2, timeout=10)
    assert not won or case.claimed_by is None


async def test_talk_to_support_hands_over_by_hand_once(house: House) -> None:
    await house.knows(a_delivery(Status.REJECTED))
    asked = await house.slack.mentions(f"{ID} why?", channel="#acme-docs", as_="ben")
    answer = await house.answered(asked, as_="ben")

    for _ in range(2):
        await house.slack.clicks("desk:talk-to-support", message=answer, as_="ben")
        await house.slack.until(lambda: house.slack.modal("ben"))
        await house.slack.submits({"note": "It is urgent <!channel>"}, as_="ben")
        await house.slack.until(lambda: house.cards() and notices(house, asked, as_="ben"), timeout=10)
    await house.bot.courier.settle()

    (card,) = house.cards()
    assert "It is urgent" in card.plain
    assert "broadcast" not in str(card.blocks)
    assert len(notices(house, asked, as_="ben")) == 1
    assert "support@makeleaps.com" in notices(house, asked, as_="ben")[0].plain


async def test_a_stranger_can_reach_support_without_seeing_anything(house: House) -> None:
    await house.knows(a_delivery(Status.REJECTED))
    asked = await house.slack.mentions(ID, channel="#lobby", as_="sam")
    answer = await house.answered(asked, as_="sam", channel="#lobby")

    await house.slack.clicks("desk:talk-to-support", message=answer, as_="sam")
    await house.slack.until(lambda: house.slack.modal("sam"))
    await house.slack.submits({}, as_="sam")
    await house.slack.until(house.cards, timeout=10)

    assert "Acme" not in house.cards()[0].plain


@pytest.mark.parametrize("button", ["desk:claim", "desk:resolve"])
async def test_a_click_on_a_card_by_somebody_who_is_not_staff_does_nothing(house: House, button: str) -> None:
    await house.knows(a_delivery(Status.PENDING, age=LONG_AGO))
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    await house.slack.until(lambda: house.cards() and notices(house, asked), timeout=10)

    await house.slack.clicks(button, message=house.cards()[0], as_="sam")
    case = await house.bot.escalation.case(1)

    assert case is not None
    assert case.claimed_by is None
    assert house.slack.modal("sam") is None


async def test_a_card_waits_until_the_bot_is_back_in_the_support_channel(house: House) -> None:
    house.slack.faults.next("chat.postMessage", "error-before", times=2)
    await house.knows(a_delivery(Status.PENDING, age=LONG_AGO))

    await house.slack.mentions(ID, channel="#acme-docs")
    await house.slack.until(house.cards, timeout=20)
    await house.bot.courier.settle()

    assert len(house.cards()) == 1


async def test_whoever_asked_by_slash_command_is_told_of_the_change_alone(house: House) -> None:
    await house.knows(a_delivery(Status.PENDING))
    await house.slack.command(f"/delivery {ID}", channel="#acme-docs", as_="hana")
    await house.ephemeral()

    await house.knows(a_delivery(Status.REJECTED))
    told = await house.slack.until(lambda: direct(house, "hana"), timeout=10)

    assert LABELS[Status.REJECTED] in told[0].plain


async def test_a_notice_is_of_the_very_delivery_that_was_asked_about(house: House) -> None:
    ours = a_delivery(Status.PENDING, send_id="77777", recipient="taro@makeleaps.com")
    other = a_delivery(Status.REJECTED, send_id="77777", recipient="jiro@shop.test")
    await house.knows(ours, other)
    asked = await house.slack.mentions(f"{ID} taro@makeleaps.com", channel="#acme-docs")
    await house.answered(asked)
    place = Place("T0SUPPORT", "C0ACME", asked.ts, "U0HANA")
    answer = await house.bot.desk.answer_about(key_of(ours), STAFF)
    await house.bot.escalation.watch(answer, place)

    await house.knows(replace(ours, status=Status.SENT, updated_at=datetime.now(UTC)))
    told = await house.slack.until(lambda: notices(house, asked), timeout=10)

    assert LABELS[Status.SENT] in told[0].plain
    assert LABELS[Status.REJECTED] not in told[0].plain


async def test_an_old_mail_behind_the_newest_is_not_watched(house: House) -> None:
    await house.knows(
        a_delivery(Status.PENDING, send_id="1000000000000000009", age=timedelta(days=400)),
        a_delivery(Status.SENT),
    )

    asked = await house.slack.mentions("taro@shop.test", channel="#acme-docs")
    await house.answered(asked)
    await house.bot.escalation.sweep()
    await house.bot.courier.settle()

    assert not house.cards()


async def test_what_was_asked_and_resolved_is_still_handed_over_when_it_is_overdue(house: House) -> None:
    pending = a_delivery(Status.PENDING, age=LONG_AGO)
    await house.knows(pending)
    asker = CaseAsker(Place("T0SUPPORT", "U0HANA", None, "U0HANA", asked_in="C0ACME"), Language.JA)
    case, _ = await house.bot.escalation.hand_over(key_of(pending), asker, cause=Cause.ASKED, subject="s")
    await house.bot.escalation.resolve(case.id, by="U0MORI")

    asked = await house.slack.mentions(ID, channel="#acme-docs")
    await house.slack.until(lambda: len(house.cards()) == 2 and notices(house, asked), timeout=10)
    await house.bot.escalation.resolve(2, by="U0MORI")
    again = await house.slack.mentions(ID, channel="#acme-docs", as_="ben")
    await house.slack.until(lambda: notices(house, again, as_="ben"), timeout=10)
    await house.knows(a_delivery(Status.REJECTED))
    told = await house.slack.until(lambda: notices(house, again, as_="ben")[1:], timeout=10)

    assert len(house.cards()) == 2
    assert "#2" in notices(house, again, as_="ben")[0].plain  # what became of the hand-over
    assert LABELS[Status.REJECTED] in told[0].plain


async def test_everybody_who_asks_for_support_is_on_the_card_and_told_of_its_end(house: House) -> None:
    await house.knows(a_delivery(Status.REJECTED))
    threads = []
    for name in ("hana", "ben"):
        asked = await house.slack.mentions(ID, channel="#acme-docs", as_=name)
        answer = await house.answered(asked, as_=name)
        await house.slack.clicks("desk:talk-to-support", message=answer, as_=name)
        await house.slack.until(partial(house.slack.modal, name))
        await house.slack.submits({"note": f"note of {name}"}, as_=name)
        await house.slack.until(partial(notices, house, asked, as_=name), timeout=10)
        threads.append(asked)
    await house.slack.until(lambda: "note of ben" in house.cards()[0].plain, timeout=10)

    await house.bot.escalation.resolve(1, by="U0MORI", resolution="done")
    await house.slack.until(
        lambda: all("done" in notices(house, asked)[-1].plain for asked in threads), timeout=10
    )

    (card,) = house.cards()
    assert "note of hana" in card.plain
    assert all(user in str(card.blocks) for user in ("U0HANA", "U0BEN"))


async def test_what_support_wrote_is_not_told_where_the_mail_may_not_be_seen_any_more(house: House) -> None:
    await house.knows(a_delivery(Status.PENDING, age=LONG_AGO))
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    await house.slack.until(lambda: house.cards() and notices(house, asked), timeout=10)

    await Accounts(house.engine, now).unlink_channel("C0ACME")
    await house.bot.escalation.resolve(1, by="U0MORI", resolution="the SECRET")
    told = await house.slack.until(lambda: notices(house, asked)[1:], timeout=10)

    assert "SECRET" not in told[0].plain


async def test_a_dialog_is_carried_out_although_the_bot_died_right_after_it_closed(house: House) -> None:
    await house.knows(a_delivery(Status.REJECTED))
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    await house.answered(asked)
    pointer = f"message:C0ACME:{asked.ts}"
    submission = Post(
        key="submission:V1",
        kind=PostKind.SUBMISSION,
        place=Place("T0SUPPORT", "U0HANA", None, "U0HANA"),
        payload={"dialog": "support", "pointer": pointer, "note": "urgent"},
    )
    long_ago = now() - timedelta(minutes=5)
    async with writing(house.engine) as connection:
        await outbox.put(
            connection, [submission], now=long_ago, owner="a process that died", leased_until=long_ago
        )

    await house.slack.until(lambda: house.cards() and notices(house, asked), timeout=10)

    assert "urgent" in house.cards()[0].plain


async def test_a_passing_fault_of_slack_costs_nobody_a_notice(house: House) -> None:
    await house.knows(a_delivery(Status.PENDING))
    asked = await house.slack.dm(ID, as_="mori")
    await house.answered(asked, as_="mori", channel="dm")
    house.slack.faults.next("conversations.members", "error-before", times=2)

    await house.knows(a_delivery(Status.SENT))
    told = await house.slack.until(lambda: notices(house, asked, as_="mori", channel="dm"), timeout=10)

    assert LABELS[Status.SENT] in told[0].plain


async def test_one_post_that_nobody_understands_stops_nothing(house: House) -> None:
    async with writing(house.engine) as connection:
        strange = Post(key="strange", kind=PostKind.NOTICE, place=Place("T", "C0ACME"), payload={})
        await outbox.put(connection, [strange], now=now())
        await connection.exec_driver_sql("UPDATE outbox SET kind = 'of-a-later-version'")
    await house.knows(a_delivery(Status.PENDING, age=LONG_AGO))

    await house.slack.mentions(ID, channel="#acme-docs")
    await house.slack.until(house.cards, timeout=10)

    assert len(house.cards()) == 1


def direct(house: House, name: str) -> list[Seen]:
    return [m for m in house.slack.messages("dm", as_=name) if m.user == "U0DESK"]
