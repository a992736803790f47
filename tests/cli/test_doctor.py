from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.playground.settings import SCOPES
from bot.playground.standin import StandIn
from tests.cli.conftest import Program, Ran
from tests.house import a_delivery

MX_OF_MAKELEAPS = (
    "$ORIGIN makeleaps.com.\n$TTL 60\n@ SOA ns root 1 2 3 4 5\n@ NS ns\n@ MX 10 mx\nmx A 192.0.2.1\n"
)


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    async with StandIn() as standin:
        yield standin


def connected(slack: StandIn, **changes: str) -> dict[str, str]:
    plain = {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.settings.bot_token,
        "SLACK_SIGNING_SECRET": slack.settings.signing_secret,
        "SLACK_SUPPORT_CHANNEL": "C0SUPPORT",
    }
    return plain | changes


def seen(ran: Ran, topic: str, health: str) -> list[Mapping[str, Any]]:
    return [line for line in ran.json if (line["topic"], line["health"]) == (topic, health)]


async def test_a_desk_in_order_has_no_problem(program: Program, slack: StandIn) -> None:
    await program.knows(a_delivery())
    ran = await program("doctor", "--json", env=connected(slack))

    assert ran.status == 0
    assert all(line.keys() == {"topic", "health", "said", "cure"} for line in ran.json)
    assert len(seen(ran, "slack", "ok")) == len(seen(ran, "slack", "ok") + seen(ran, "slack", "problem")) == 4
    assert any("1 deliveries" in line["said"] for line in seen(ran, "database", "ok"))


async def test_secrets_are_never_shown(program: Program, slack: StandIn) -> None:
    url = "postgresql://desk:hunter2@127.0.0.1:1/desk"
    ran = await program("doctor", env=connected(slack, DATABASE_URL=url))

    assert ran.status == 1
    assert "SLACK_BOT_TOKEN = set, not shown (environment)" in ran.text
    for secret in ("hunter2", slack.settings.bot_token, slack.settings.signing_secret):
        assert secret not in ran.text + ran.err


async def test_nothing_is_created(program: Program, tmp_path: Path) -> None:
    ran = await program("doctor")

    assert ran.status == 0
    assert not (tmp_path / "desk.db").exists()


async def test_missing_scopes_are_named_with_what_they_are_for(program: Program) -> None:
    standin = StandIn()
    standin.settings = replace(standin.settings, scopes=SCOPES - {"users:read"})
    async with standin as slack:
        ran = await program("doctor", "--json", env=connected(slack))

    assert ran.status == 1
    [line] = seen(ran, "slack", "problem")
    assert "users:read" in line["said"]
    assert "reinstall" in line["cure"]


@pytest.mark.parametrize(
    ("channel", "health", "word"),
    [
        ("C0LEFT", "problem", "/invite"),
        ("C0LOBBY", "warning", "every account"),
        ("C0NOWHERE", "problem", "copy the channel's ID"),
    ],
)
async def test_the_support_channel_has_to_be_ours_alone(
    program: Program, slack: StandIn, channel: str, health: str, word: str
) -> None:
    slack.workspace.channels["C0LEFT"] = replace(
        slack.workspace.channels["C0SUPPORT"], id="C0LEFT", members=()
    )
    ran = await program("doctor", "--json", env=connected(slack, SLACK_SUPPORT_CHANNEL=channel))

    [line] = seen(ran, "slack", health)
    assert word in line["cure"]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-of-yesterday"}, "auth.test answered invalid_auth"),
        ({"SLACK_API_URL": "http://127.0.0.1:1/api/"}, "cannot be reached"),
        ({"SLACK_MODE": "socket"}, "SLACK_APP_TOKEN is not set"),
        (
            {"SLACK_MODE": "socket", "SLACK_APP_TOKEN": "xapp-wrong"},
            "apps.connections.open answered invalid_auth",
        ),
    ],
)
async def test_what_slack_refuses_is_a_problem_with_its_cure(
    program: Program, slack: StandIn, changes: dict[str, str], word: str
) -> None:
    ran = await program("doctor", "--json", env=connected(slack, **changes))

    assert ran.status == 1
    assert any(word in line["said"] and line["cure"] for line in seen(ran, "slack", "problem"))


async def test_socket_mode_is_tried(program: Program, slack: StandIn) -> None:
    changes = {"SLACK_MODE": "socket", "SLACK_APP_TOKEN": slack.settings.app_token}
    ran = await program("doctor", env=connected(slack, **changes))

    assert ran.status == 0
    assert "Socket Mode: a connection can be opened" in ran.text


async def test_a_resolver_that_does_not_answer_is_a_warning(program: Program) -> None:
    ran = await program("doctor", "--json", env={"DNS_RESOLVER": "127.0.0.1:1"})

    [line] = seen(ran, "dns", "warning")
    assert ran.status == 0
    assert "no-resolver" in line["said"]
    assert "port 53" in line["cure"]


async def test_broken_pages_are_all_named(program: Program, tmp_path: Path) -> None:
    ran = await program("doctor", env={"KNOWLEDGE_DIR": str(tmp_path / "nothing")})

    assert ran.status == 1
    assert "labels.toml" in ran.text
    assert "words.toml" in ran.text


async def test_where_a_setting_comes_from_is_told(program: Program, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PATIENCE=PT2H\n", encoding="utf-8")
    ran = await program("doctor", env={"PORT": "4000"})

    assert "PATIENCE = 7200 s (.env)" in ran.text
    assert "PORT = 4000 (environment)" in ran.text
    assert "HOST = 127.0.0.1 (default)" in ran.text
