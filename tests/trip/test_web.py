"""What comes to the one URL: forged, stale, broken, endless; and what a load balancer asks."""

from __future__ import annotations

import io
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.core.delivery import Status
from bot.playground.conversation import Message
from bot.playground.signing import signed_headers
from bot.playground.standin import Seen
from bot.store import outbox
from bot.store.engine import StoreError, reading
from bot.web import LARGEST_BODY
from tests.house import LABELS, House, a_delivery, open_house

ID = "1000000000000000001"
SECRET = "signing-secret"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Give the whole house, on SQLite: nothing here is the database's business."""
    async with open_house(f"sqlite:///{tmp_path / 'test.db'}") as opened:
        yield opened


def command(**changes: str | None) -> str:
    """Return the form of a slash command; None leaves a field out."""
    fields = {
        "command": "/delivery",
        "text": ID,
        "trigger_id": "1.2.3",
        "team_id": "T0SUPPORT",
        "channel_id": "C0ACME",
        "user_id": "U0HANA",
        "response_url": "https://hooks.slack.com/commands/1",
    }
    return urlencode({name: value for name, value in (fields | changes).items() if value is not None})


def event(kind: str = "app_mention", **fields: Any) -> str:
    """Return an event in its envelope."""
    told = {"type": kind, "user": "U0HANA", "channel": "C0ACME", "ts": "1767576600.000100", "text": ID}
    return json.dumps(
        {"type": "event_callback", "team_id": "T0SUPPORT", "event_id": "Ev1", "event": told | fields}
    )


async def post(house: House, body: str, headers: dict[str, str]) -> tuple[int, str]:
    """Post *body* as Slack does: signed, now."""
    return await house.slack.posts_raw(body, signed_headers(SECRET, now(), body) | headers)


async def unsaid(house: House) -> int:
    """Return how many posts wait in the outbox."""
    async with reading(house.engine) as connection:
        return (await outbox.waiting(connection)).number


async def get(house: House, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{house.slack.settings.bot_url}{path}") as answer,
    ):
        return answer.status, await answer.text()


def now() -> int:
    return int(time.time())


EMPTY = "v0=" + "0" * 64


def forgeries() -> dict[str, dict[str, str]]:
    """Made when they are sent: minutes later, "from the future" would be the present."""
    return {
        "another secret": signed_headers("somebody else's", now(), command()),
        "another body": signed_headers(SECRET, now(), command(text="other")),
        "six minutes old": signed_headers(SECRET, now() - 360, command()),
        "from the future": signed_headers(SECRET, now() + 360, command()),
        "no signature": {"X-Slack-Request-Timestamp": str(now())},
        "no timestamp": {"X-Slack-Signature": EMPTY},
        "no headers": {},
        "no number": {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": EMPTY},
        "too long a number": {"X-Slack-Request-Timestamp": "9" * 5000, "X-Slack-Signature": EMPTY},
        "not in ASCII": {"X-Slack-Request-Timestamp": str(now()), "X-Slack-Signature": "v0=é"},
        "an empty signature": {"X-Slack-Request-Timestamp": str(now()), "X-Slack-Signature": ""},
    }


async def test_what_slack_did_not_sign_is_refused_and_nothing_is_looked_up_or_kept(house: House) -> None:
    for name, headers in forgeries().items():
        status, text = await house.slack.posts_raw(command(), headers | FORM)

        assert status == 401, name
        assert "Traceback" not in text
    assert await unsaid(house) == 0
    assert not house.slack.calls
    assert not house.nameserver.asked


UNREADABLE = {
    "not UTF-8": (b"text=\xff\xfe", FORM),
    "no such charset": (b"text=a", {"Content-Type": "text/plain; charset=x-none"}),
    "broken JSON": (b'{"type": ', JSON),
    "JSON that is no object": (b"[1, 2]", JSON),
    "a number": (b"7", JSON),
    "brackets without end": (b"[" * 100_000, JSON),
    "a payload that is no JSON": (b"payload=%7B", FORM),
    "a payload that is no object": (b"payload=7", FORM),
}


async def test_a_body_that_cannot_be_read_is_a_bad_request(house: House) -> None:
    for name, (body, headers) in UNREADABLE.items():
        status, text = await house.slack.posts_raw(body, signed_headers(SECRET, now(), "") | headers)

        assert status == 400, name
        assert "UTF-8" in text
        assert "Traceback" not in text


@pytest.mark.parametrize("value", [None, ""])
async def test_a_form_without_a_field_is_a_bad_request_that_names_it(house: House, value: str | None) -> None:
    for field in ("trigger_id", "team_id", "channel_id", "user_id", "response_url"):
        status, text = await post(house, command(**{field: value}), FORM)

        assert status == 400, field
        assert field in text
    assert await unsaid(house) == 0


async def test_a_form_that_is_no_command_of_ours_is_an_error(house: House) -> None:
    for body in (command(command=None), command(command="/other"), "", "a=b", "payload=", "payload=%7B%7D"):
        status, text = await post(house, body, FORM)

        assert status in {400, 404}, body
        assert "Traceback" not in text
    assert await unsaid(house) == 0


async def test_a_command_without_text_gets_the_help_page(house: House) -> None:
    outcome = await house.slack.command("/delivery", channel="#acme-docs")
    answer = await house.ephemeral()

    assert outcome.taken
    assert answer.blocks


async def test_the_challenge_is_answered(house: House) -> None:
    status, text = await post(house, json.dumps({"type": "url_verification", "challenge": "3eZb"}), JSON)

    assert status == 200
    assert "3eZb" in text


NO_QUESTIONS: list[tuple[str, dict[str, str]]] = [
    ("tokens_revoked", {}),
    ("team_join", {}),
    ("no_such_event", {}),
    ("message", {"channel_type": "channel"}),
    ("message", {"channel_type": "im", "subtype": "message_changed"}),
    ("message", {"channel_type": "im", "bot_id": "B0OTHER"}),
    ("message", {"channel_type": "im", "user": "USLACK"}),
    ("app_mention", {"bot_id": "B0OTHER"}),
]


async def test_an_event_that_is_no_question_is_acknowledged_without_effect(house: House) -> None:
    for kind, fields in NO_QUESTIONS:
        status, _ = await post(house, event(kind, **fields), JSON)

        assert status == 200, kind
    assert await unsaid(house) == 0
    assert not house.slack.calls


async def test_forty_thousand_characters_are_answered(house: House) -> None:
    await house.knows(a_delivery(Status.SENT))
    text = (f"{ID} <!channel> \x00\x1b{{}} *x* " * 2000)[:40_000]

    asked = await house.slack.mentions(text, channel="#acme-docs")
    answer = await house.answered(asked)

    assert LABELS[Status.SENT] in answer.plain


async def test_halves_of_characters_are_answered(house: House) -> None:
    status, _ = await post(house, event(text=f"\ud83d {ID} \udc00 \x00"), JSON)
    await house.slack.until(lambda: house.slack.called("chat.postMessage"))

    assert status == 200


async def test_a_body_of_more_than_a_mebibyte_is_refused(house: House) -> None:
    body = io.BytesIO(b"text=" + b"x" * LARGEST_BODY)
    url = f"{house.slack.settings.bot_url}/slack/events"

    headers = signed_headers(SECRET, now(), "")
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        text = await answer.text()

    assert answer.status == 413
    assert "Traceback" not in text


# Who clicks on what no message of ours has, by the name of the action.
CLICKS = [
    ("desk:nonsense", "x"),
    ("desk:", ""),
    ("desk:check-again", "message:C0:1"),
    ("desk:check-again", "\x00" * 5000),
    ("desk:share", "no-such-post"),
    ("desk:menu", ""),
    ("desk:menu", "nonsense|message:C0:1"),
    ("desk:yes", "rejected"),
    ("desk:no", "rejected|fr|x"),
    ("desk:yes", "nonsense|ja|x"),
    ("desk:claim", "seven"),
    ("desk:claim", ""),
    ("desk:claim", "-1"),
    ("desk:claim", "9" * 40),
    ("desk:claim", "٣"),
    ("desk:resolve", "seven"),
    ("desk:resolve", "' OR 1=1 --"),
    ("desk:submitted-resolve", "seven"),
    ("desk:submitted-support", "no-such-post"),
]


async def test_a_button_that_no_message_of_ours_has_gets_a_sentence(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    for number, (action_id, value) in enumerate(CLICKS, 1):
        message = forged(house, action_id, value)
        outcome = await house.slack.clicks(action_id, message=message, as_="mori")
        answer = await house.ephemeral(as_="mori", count=number)

        assert outcome.taken, action_id
        assert answer.plain.endswith("。"), action_id
        assert "Traceback" not in answer.plain + caplog.text


@pytest.mark.parametrize(("name", "pointer"), [("resolve", "seven"), ("support", "gone"), ("other", "")])
async def test_a_dialog_whose_pointer_leads_nowhere_gets_a_sentence_too(
    house: House, caplog: pytest.LogCaptureFixture, name: str, pointer: str
) -> None:
    view = {"id": "V1", "type": "modal", "callback_id": f"desk:{name}", "private_metadata": pointer}
    payload = {
        "type": "view_submission",
        "user": {"id": "U0MORI", "team_id": "T0SUPPORT"},
        "team": {"id": "T0SUPPORT"},
        "view": view | {"state": {"values": {}}},
    }
    status, _ = await post(house, urlencode({"payload": json.dumps(payload)}), FORM)
    told = await house.slack.until(lambda: house.slack.messages("dm", as_="mori"))

    assert status == 200
    assert told[0].plain.endswith("。")
    assert "Traceback" not in told[0].plain + caplog.text


def forged(house: House, action_id: str, value: str) -> Seen:
    """Return a message of the bot's with a button that the bot never made."""
    text = {"type": "plain_text", "text": "x"}
    button = {"type": "button", "action_id": action_id, "text": text, "value": value}
    block = {"type": "actions", "block_id": "b", "elements": [button]}
    message = Message("C0ACME", "", "U0DESK", "x", blocks=(block,))
    return Seen(house.slack.workspace.post(message))


async def test_health_is_told_without_the_store(house: House) -> None:
    await house.engine.dispose()

    assert await get(house, "/healthz") == (200, "ok")


async def test_readiness_counts_what_waits(house: House) -> None:
    status, text = await get(house, "/readyz")

    assert status == 200
    assert json.loads(text) == {"ready": True, "unsaid": 0, "oldest": None, "given_up": 0}


@pytest.fixture
async def storeless(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Give a house whose database has gone away."""

    def gone(*_: object) -> None:
        raise StoreError("postgresql://desk@db/desk: connection refused; check that it is running")

    for module in ("bot.courier", "bot.escalation", "bot.web", "bot.accounts", "bot.desk"):
        for name in ("reading", "writing"):
            monkeypatch.setattr(f"{module}.{name}", gone, raising=False)
    monkeypatch.setattr("bot.store.outbox.writing", gone)
    return house


async def test_readiness_is_denied_when_the_store_is_gone(storeless: House) -> None:
    status, text = await get(storeless, "/readyz")

    assert status == 503
    assert json.loads(text)["ready"] is False


async def test_a_question_that_cannot_be_kept_is_never_acknowledged(storeless: House) -> None:
    asked, _ = await post(storeless, event(), JSON)
    typed, text = await post(storeless, command(), FORM)

    assert asked >= 500  # Slack sends it again
    assert typed >= 500  # Slack tells the asker
    assert "Traceback" not in text
    assert "postgresql" not in text


async def test_an_event_refused_for_want_of_the_store_is_answered_when_it_comes_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise StoreError("connection refused")

    await house.knows(a_delivery(Status.SENT))
    with monkeypatch.context() as broken:
        broken.setattr("bot.courier.writing", gone)
        asked = await house.slack.mentions(ID, channel="#acme-docs")
    refused = [sent for sent in house.slack.sent if sent.payload["event"]["type"] == "app_mention"]
    await house.slack.parts.courier.event(refused[-1].payload)
    answer = await house.answered(asked)

    assert {sent.outcome.status for sent in refused} == {500}
    assert LABELS[Status.SENT] in answer.plain


async def test_a_click_while_the_store_is_gone_gets_a_sentence(storeless: House) -> None:
    message = forged(storeless, "desk:check-again", "message:C0ACME:1")

    await storeless.slack.clicks("desk:check-again", message=message, as_="hana")
    answer = await storeless.ephemeral()

    assert "support@makeleaps.com" in answer.plain
    assert "Traceback" not in answer.plain
