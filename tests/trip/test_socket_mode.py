"""The same conversations where Slack cannot reach us: we call Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from bot.core.delivery import Status
from bot.playground.settings import Mode
from bot.settings import SlackMode
from tests.house import LABELS, House, a_delivery, open_house

ID = "1000000000000000001"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Give the whole house, connected by Socket Mode alone."""
    async with open_house(f"sqlite:///{tmp_path / 'test.db'}", slack_mode=SlackMode.SOCKET) as opened:
        await opened.knows(a_delivery(Status.SENT))
        # While nobody is connected, Slack tries again.
        settings = replace(opened.slack.settings, mode=Mode.SOCKET, retries=(0.1,) * 50)
        opened.slack.settings = opened.slack.parts.courier.settings = settings
        yield opened


async def test_a_mention_is_answered_in_its_thread(house: House) -> None:
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    answer = await house.answered(asked)

    assert LABELS[Status.SENT] in answer.plain


async def test_a_slash_command_is_answered_to_the_asker_alone(house: House) -> None:
    outcome = await house.slack.command(f"/delivery {ID}", channel="#acme-docs")
    answer = await house.ephemeral()

    assert outcome.taken
    assert LABELS[Status.SENT] in answer.plain


async def test_a_button_opens_its_dialog_and_the_dialog_is_taken(house: House) -> None:
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    answer = await house.answered(asked)

    await house.slack.clicks("desk:talk-to-support", message=answer)
    await house.slack.until(lambda: house.slack.modal("hana"))
    submitted = await house.slack.submits({"note": "please call"})
    (card,) = await house.slack.until(house.cards)

    assert submitted.taken
    assert "please call" in card.plain


async def test_the_home_tab_is_shown(house: House) -> None:
    await house.slack.opens_home(as_="mori")

    assert await house.slack.until(lambda: house.slack.home("mori"))


async def test_an_envelope_that_comes_twice_is_answered_once(house: House) -> None:
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    again = await house.slack.resend_last()
    await house.answered(asked)
    await house.bot.courier.settle()

    thread = house.slack.messages("#acme-docs", thread=asked)
    assert again.taken
    assert len([message for message in thread if message.user == "U0DESK"]) == 1


async def test_after_a_dropped_connection_the_next_question_is_answered(house: House) -> None:
    first = await house.slack.mentions(ID, channel="#acme-docs")
    await house.answered(first)

    await house.slack.parts.sockets.close()
    asked = await house.slack.mentions(ID, channel="#acme-docs")
    answer = await house.answered(asked)

    assert LABELS[Status.SENT] in answer.plain
    assert len(house.slack.called("apps.connections.open")) == 2


async def test_an_event_that_nobody_listens_to_is_acknowledged(house: House) -> None:
    outcome = await house.slack.tells({"type": "tokens_revoked", "tokens": {}})

    assert outcome.taken


async def test_slacks_url_is_not_served(house: House) -> None:
    url = house.slack.settings.bot_url
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/slack/events", data="") as events,
        session.get(f"{url}/readyz") as ready,
    ):
        assert (events.status, ready.status) == (404, 200)
