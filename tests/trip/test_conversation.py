"""Conversations as people have them, over signed HTTP, with the real bot."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.delivery import Method, Status
from bot.playground.conversation import Message
from bot.playground.standin import Seen
from bot.playground.web_api import Called
from tests.house import LABELS, House, a_delivery

ID = "1000000000000000001"


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize(("asker", "words"), [("hana", "が届きません"), ("ben", "why did it not arrive?")])
async def test_a_mention_is_answered_in_its_thread_in_the_askers_language(
    house: House, status: Status, asker: str, words: str
) -> None:
    await house.knows(a_delivery(status))

    asked = await house.slack.mentions(f"{ID} {words}", channel="#acme-docs", as_=asker)
    answer = await house.answered(asked, as_=asker)

    assert LABELS[status] in answer.plain
    assert "taro@shop.test" in answer.plain
    assert ("拒否" in answer.plain or "送信" in answer.plain) if asker == "hana" else "mail" in answer.plain
    assert len(answer.buttons) == 4  # check again, talk to support, yes, no


async def test_a_slash_command_is_answered_to_the_asker_alone(house: House) -> None:
    await house.knows(a_delivery(Status.REJECTED))

    outcome = await house.slack.command(f"/delivery {ID}", channel="#acme-docs", as_="hana")
    answer = await house.ephemeral()

    assert outcome.status == 200
    assert LABELS[Status.REJECTED] in answer.plain
    assert not [m for m in house.slack.messages("#acme-docs", as_="ben") if m.user == "U0DESK"]


async def test_an_ephemeral_answer_can_be_shared_once(house: House) -> None:
    await house.knows(a_delivery(Status.REJECTED))
    await house.slack.command(f"/delivery {ID}", channel="#acme-docs", as_="hana")
    answer = await house.ephemeral()

    await house.slack.clicks("desk:share", message=answer)
    await house.slack.clicks("desk:share", message=answer)
    shared = await house.slack.until(
        lambda: [m for m in house.slack.messages("#acme-docs", as_="ben") if m.user == "U0DESK"]
    )
    await house.bot.courier.settle()

    assert len(shared) == 1
    assert LABELS[Status.REJECTED] in shared[0].plain


async def test_a_direct_message_is_answered_in_its_thread(house: House) -> None:
    await house.knows(a_delivery(Status.SENT))

    asked = await house.slack.dm(ID, as_="mori")
    answer = await house.answered(asked, as_="mori", channel="dm")

    assert LABELS[Status.SENT] in answer.plain


async def test_an_unknown_id_an_unknown_address_and_somebody_elses_mail_get_the_same_page(
    house: House,
) -> None:
    await house.knows(
        a_delivery(Status.REJECTED, account="Other", send_id="2000000000000000002", recipient="a@mill.test")
    )
    pages = set()
    for question in ("9999999999999999999", "2000000000000000002", "who@mill.test", "a@mill.test"):
        asked = await house.slack.mentions(question, channel="#acme-docs")
        answer = await house.answered(asked)
        pages.add(tuple(block["text"]["text"] for block in answer.blocks if block["type"] == "header"))
        assert LABELS[Status.REJECTED] not in answer.plain
        assert "Other" not in answer.plain

    assert len(pages) == 1


async def test_nothing_is_looked_up_for_a_stranger(house: House) -> None:
    await house.knows(a_delivery(Status.REJECTED))
    before = len(house.nameserver.asked)

    asked = await house.slack.mentions(f"{ID} taro@shop.test", channel="#lobby", as_="sam")
    answer = await house.answered(asked, as_="sam", channel="#lobby")

    assert LABELS[Status.REJECTED] not in answer.plain
    assert "Invoice 7" not in answer.plain
    assert len(house.nameserver.asked) == before


async def test_staff_asking_in_a_customers_channel_get_that_customers_mail_only(house: House) -> None:
    await house.knows(a_delivery(Status.REJECTED, account="Other", send_id="2000000000000000002"))

    asked = await house.slack.mentions("2000000000000000002", channel="#acme-docs", as_="mori")
    answer = await house.answered(asked)

    assert LABELS[Status.REJECTED] not in answer.plain


async def test_staff_see_every_account_and_the_reply_where_nobody_reads_along(house: House) -> None:
    await house.knows(a_delivery(Status.REJECTED, account="Other", reply="550 5.1.1 User unknown"))

    await house.slack.command(f"/delivery {ID}", channel="#delivery-support", as_="mori")
    answer = await house.ephemeral(as_="mori", channel="#delivery-support")

    assert "Other" in answer.plain
    assert "550 5.1.1 User unknown" in answer.plain


async def test_customers_do_not_see_the_raw_reply(house: House) -> None:
    await house.knows(a_delivery(Status.REJECTED, reply="550 5.1.1 User unknown"))

    asked = await house.slack.mentions(ID, channel="#acme-docs")
    answer = await house.answered(asked)

    assert "550 5.1.1 User unknown" not in answer.plain


async def test_a_resent_event_is_answered_once(house: House) -> None:
    await house.knows(a_delivery(Status.SENT))
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    await house.answered(asked)

    await house.slack.resend_last()
    await house.slack.resend_last()
    await house.bot.courier.settle()

    thread = house.slack.messages("#acme-docs", thread=asked)
    assert len([m for m in thread if m.user == "U0DESK"]) == 1


async def test_an_answer_whose_reply_was_lost_is_not_said_twice(house: House) -> None:
    await house.knows(a_delivery(Status.SENT))
    house.slack.faults.next("chat.postMessage", "lost")

    asked = await house.slack.mentions(ID, channel="#acme-docs")
    await house.answered(asked)
    await house.slack.until(lambda: house.slack.called("conversations.replies"), timeout=10)
    await house.bot.courier.settle()

    thread = house.slack.messages("#acme-docs", thread=asked)
    assert len([m for m in thread if m.user == "U0DESK"]) == 1


async def test_every_recipient_is_listed_and_the_page_is_of_the_one_that_needs_attention(
    house: House,
) -> None:
    await house.knows(
        a_delivery(Status.SENT, recipient="a@shop.test"),
        a_delivery(Status.REJECTED, recipient="b@shop.test"),
        a_delivery(Status.PENDING, recipient="c@shop.test"),
    )

    asked = await house.slack.mentions(ID, channel="#acme-docs")
    answer = await house.answered(asked)

    assert all(f"{name}@shop.test" in answer.plain for name in "abc")
    assert answer.plain.index("b@shop.test") < answer.plain.index("a@shop.test")


async def test_the_conditions_of_the_page_follow_the_delivery(house: House) -> None:
    await house.knows(a_delivery(Status.REJECTED, header_from="billing@acme.test"))

    asked = await house.slack.mentions(f"{ID} why?", channel="#acme-docs", as_="ben")
    answer = await house.answered(asked, as_="ben")

    assert "bounce@makeleaps.com" not in answer.plain
    assert "acme.test" in answer.plain


async def test_check_again_tells_what_is_true_now(house: House) -> None:
    await house.knows(a_delivery(Status.PENDING))
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    answer = await house.answered(asked)

    await house.knows(a_delivery(Status.SENT))
    await house.slack.clicks("desk:check-again", message=answer)
    renewed = await house.slack.until(
        lambda: next(
            (
                m
                for m in house.slack.messages("#acme-docs", thread=asked)
                if m.ts == answer.ts and LABELS[Status.SENT] in m.plain
            ),
            None,
        )
    )

    assert LABELS[Status.PENDING] not in renewed.plain


async def test_the_menu_opens_the_page_in_the_other_language(house: House) -> None:
    await house.knows(a_delivery(Status.REJECTED))
    asked = await house.slack.mentions(f"{ID} が届かない", channel="#acme-docs")
    answer = await house.answered(asked)

    await house.slack.chooses(f"other-language|{_pointer(asked)}", message=answer)
    view = await house.slack.until(
        lambda: (
            view if (view := house.slack.modal("hana")) and "bounce@makeleaps.com" in str(view.body) else None
        )
    )

    assert "recipient" in str(view.body)


async def test_feedback_is_thanked_for(house: House) -> None:
    await house.knows(a_delivery(Status.SENT, method=Method.CLIENT_INBOX))
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    answer = await house.answered(asked)

    await house.slack.clicks("desk:yes", message=answer)
    await house.slack.until(lambda: house.slack.called("response_url") or _alone(house, asked))

    assert house.slack.calls


async def test_staff_tie_a_channel_and_others_may_not(house: House) -> None:
    await house.knows(a_delivery(Status.SENT, account="Kumo Logistics"))

    await house.slack.command("/delivery link Kumo Logistics", channel="#lobby", as_="sam")
    refused = await house.ephemeral(as_="sam", channel="#lobby")
    asked = await house.slack.mentions(ID, channel="#lobby", as_="sam")
    before = await house.answered(asked, as_="sam", channel="#lobby")
    await house.slack.command("/delivery link Kumo Logistics", channel="#lobby", as_="mori")
    tied = await house.ephemeral(as_="mori", channel="#lobby")
    asked = await house.slack.mentions(ID, channel="#lobby", as_="sam")
    after = await house.answered(asked, as_="sam", channel="#lobby")

    assert "Kumo Logistics" not in refused.plain
    assert LABELS[Status.SENT] not in before.plain
    assert "Kumo Logistics" in tied.plain
    assert LABELS[Status.SENT] in after.plain


async def test_the_home_tab_says_what_one_may_see(house: House) -> None:
    await house.slack.opens_home(as_="mori")
    view = await house.slack.until(lambda: house.slack.home("mori"))

    assert view.body["blocks"]


async def test_an_old_mail_is_listed_behind_the_newest(house: House) -> None:
    await house.knows(
        a_delivery(Status.REJECTED, send_id="1000000000000000009", age=timedelta(days=9)),
        a_delivery(Status.SENT),
    )

    asked = await house.slack.mentions("taro@shop.test に届きません", channel="#acme-docs")
    answer = await house.answered(asked)

    assert answer.plain.index(LABELS[Status.SENT]) < answer.plain.index(LABELS[Status.REJECTED])


async def test_of_two_sends_named_by_id_both_are_meant(house: House) -> None:
    await house.knows(
        a_delivery(Status.REJECTED, age=timedelta(days=2)),
        a_delivery(Status.SENT, send_id="1000000000000000002"),
    )

    asked = await house.slack.mentions(f"{ID} 1000000000000000002", channel="#acme-docs")
    answer = await house.answered(asked)

    assert answer.plain.index(LABELS[Status.REJECTED]) < answer.plain.index(LABELS[Status.SENT])


@pytest.mark.parametrize(("asker", "channel"), [("hana", "#acme-docs"), ("sam", "#lobby")])
async def test_a_question_that_begins_like_a_command_is_a_question(
    house: House, asker: str, channel: str
) -> None:
    await house.slack.command("/delivery link has expired, what now?", channel=channel, as_=asker)
    answer = await house.ephemeral(as_=asker, channel=channel)

    assert "desk:talk-to-support" in str(answer.blocks)


async def test_a_question_with_a_screenshot_is_answered(house: House) -> None:
    await house.knows(a_delivery(Status.SENT))
    dm = house.slack.workspace.direct("U0MORI")
    message = house.slack.workspace.post(Message(dm.id, "", "U0MORI", ID))
    said = {"user": "U0MORI", "ts": message.ts, "text": ID, "channel": dm.id, "channel_type": "im"}

    await house.slack.tells({"type": "message", "subtype": "file_share", **said})
    answer = await house.answered(Seen(message), as_="mori", channel="dm")

    assert LABELS[Status.SENT] in answer.plain


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it is about Slack
async def test_a_lost_answer_is_found_behind_a_thousand_other_messages(house: House) -> None:
    await house.knows(a_delivery(Status.PENDING, age=timedelta(days=3)))
    for number in range(1_200):
        house.slack.workspace.post(Message("C0SUPPORT", "", "U0YUKI", f"message {number}"))
    house.slack.faults.next("chat.postMessage", "error-before")  # the answer, so that the card comes second
    house.slack.faults.next("chat.postMessage", "lost", times=2)

    asked = await house.slack.mentions(ID, channel="#acme-docs")
    await house.answered(asked)
    await house.slack.until(house.cards, timeout=20)
    await house.slack.until(
        lambda: any(call.args.get("channel") == "C0SUPPORT" for call in _histories(house)), timeout=20
    )
    await house.bot.courier.settle()

    assert len(house.cards()) == 1


def _histories(house: House) -> list[Called]:
    return house.slack.called("conversations.history")


def _pointer(asked: object) -> str:
    message = asked.message  # type: ignore[attr-defined]  # a Seen
    return f"message:{message.channel}:{message.ts}"


def _alone(house: House, asked: object) -> bool:
    thread = house.slack.messages("#acme-docs", thread=asked)  # type: ignore[arg-type]  # a Seen
    return any(message.ephemeral_to for message in thread)
