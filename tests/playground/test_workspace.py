"""The conversation outlives a restart, and belongs to those who may see it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.playground.cast import new_workspace, workspace_in
from bot.playground.conversation import Message
from bot.playground.plain_text import plain
from bot.playground.server import Slack, create_app, serve
from bot.playground.standin import StandIn, settings_for_tests
from bot.playground.storage import from_json, load, save, to_json
from bot.playground.typed import as_sent
from bot.playground.workspace import Workspace
from tests.playground.toy_bot import card, form


def lived_in() -> Workspace:
    workspace = new_workspace()
    first = workspace.post(Message("C0ACME", "", "U0HANA", "why? 届かない"))
    workspace.post(Message("C0ACME", "", "U0DESK", "x", blocks=tuple(card("x")), thread_ts=first.ts))
    workspace.post(
        Message("C0ACME", "", "U0DESK", "psst", ephemeral_to="U0BEN", metadata={"event_type": "x"})
    )
    workspace.open_modal("U0HANA", form())
    workspace.publish_home("U0HANA", {"type": "home", "blocks": card("x")[:6]})
    workspace.tickets.response_url("U0HANA", "C0ACME")
    return workspace


def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    before = lived_in()
    save(before, tmp_path / "deep" / "slack.json")
    after = load(tmp_path / "deep" / "slack.json")

    assert to_json(after) == to_json(before)
    assert after.messages == before.messages
    assert after.tick() > max(message.ts for message in before.messages.values())


def test_saving_leaves_no_half_file_behind(tmp_path: Path) -> None:
    save(lived_in(), tmp_path / "slack.json")
    save(lived_in(), tmp_path / "slack.json")

    assert [file.name for file in tmp_path.iterdir()] == ["slack.json"]
    assert stat.S_ISREG((tmp_path / "slack.json").stat().st_mode)


def test_a_file_of_another_format_is_refused_with_the_cure() -> None:
    with pytest.raises(ValueError, match="delete it to start anew"):
        from_json({"format": 99})


async def test_a_running_playground_saves_what_is_said(tmp_path: Path) -> None:
    path = tmp_path / "slack.json"
    slack = Slack(new_workspace(), settings_for_tests(), "http://127.0.0.1")
    runner = web.AppRunner(create_app(slack, saved_in=path), access_log=None)
    await runner.setup()
    slack.workspace.post(Message("C0ACME", "", "U0HANA", "keep this"))
    await runner.cleanup()

    assert "keep this" in json.dumps(json.loads(path.read_text(encoding="utf-8")))


def test_a_demo_resumes_where_it_was_left(tmp_path: Path) -> None:
    path = tmp_path / "slack.json"
    fresh = workspace_in(path)
    save(lived_in(), path)

    assert not fresh.messages
    assert len(workspace_in(path).messages) == 3


async def test_the_playground_listens_on_this_machine_only() -> None:
    slack = Slack(new_workspace(), settings_for_tests(), "http://0.0.0.0")
    with pytest.raises(ValueError, match="this machine only"):
        await serve(slack, host="0.0.0.0", port=0)  # noqa: S104 - that is the point


async def test_people_see_only_their_own_channels_and_messages(slack: StandIn) -> None:
    slack.workspace.post(Message("C0ACME", "", "U0DESK", "for ben", ephemeral_to="U0BEN"))
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{slack.origin}/page/fragments?as=ben&at=acme-docs") as answer:
            ben = await answer.json()
        async with http.get(f"{slack.origin}/page/fragments?as=hana&at=acme-docs") as answer:
            hana = await answer.json()
        async with http.get(f"{slack.origin}/page/fragments?as=sam&at=acme-docs") as answer:
            sam = await answer.json()

    assert "for ben" in ben["conversation"]
    assert "for ben" not in hana["conversation"]
    assert "acme-docs" not in sam["channels"] + sam["conversation"]


def test_plain_reads_every_kind_of_block() -> None:
    read = plain(card("<https://x.example|link> &amp; more"))

    assert "You asked: link & more" in read
    assert "22 Nov 17:26 JST" in read
    assert "Ask the recipient to allow bounce@makeleaps.com" in read
    assert "550 5.1.1 <hanako@example.jp>: User unknown" in read
    assert "Talk to support" in read
    assert "Show evidence" in read


TYPED = {
    "a@b.example": "<mailto:a@b.example|a@b.example>",
    "宛先は a@b.example です": "宛先は <mailto:a@b.example|a@b.example> です",
    "bounce-md_1.5f.v1-0a@m.makeleaps.com": (
        "<mailto:bounce-md_1.5f.v1-0a@m.makeleaps.com|bounce-md_1.5f.v1-0a@m.makeleaps.com>"
    ),
    "ａ＠ｂ．ｅｘａｍｐｌｅ": "ａ＠ｂ．ｅｘａｍｐｌｅ",
    "<a@b.example>": "&lt;<mailto:a@b.example|a@b.example>&gt;",
    "@Delivery Desk 1734479364211706503": "<@U0DESK> 1734479364211706503",
    "@deliverydesk hi": "<@U0DESK> hi",
    "@nobody": "@nobody",
    "see example.co.jp.": "see <http://example.co.jp|example.co.jp>.",
    "version 1.2.3": "version 1.2.3",
    "&lt;": "&amp;lt;",
}


@pytest.mark.parametrize(("typed", "sent"), TYPED.items())
def test_typed_text_is_marked_up_as_slack_does(typed: str, sent: str) -> None:
    assert as_sent(new_workspace(), typed) == sent
