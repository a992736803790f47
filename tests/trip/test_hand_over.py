"""Pending too long: watched, told, handed over once, claimed, resolved."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.delivery import Status
from bot.playground.standin import Seen
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
