"""Who is asking, against a Slack that answers for real; whatever cannot be learnt gives no rights."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.viewer import Role
from bot.playground.standin import StandIn
from bot.slack.viewer import Asker, Viewers


@dataclass
class Ties:
    """Which account belongs to what, by hand."""

    channels: dict[str, str] = field(default_factory=dict)
    workspaces: dict[str, str] = field(default_factory=dict)

    async def of_channel(self, channel: str) -> str | None:
        return self.channels.get(channel)

    async def of_workspace(self, team: str) -> str | None:
        return self.workspaces.get(team)


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    async with StandIn() as standin:
        yield standin


def viewers(slack: StandIn, ties: Ties) -> Viewers:
    client = AsyncWebClient(slack.settings.bot_token, base_url=slack.api_url, retry_handlers=[])
    return Viewers(client, ties, "C0SUPPORT")


ACME = Ties(channels={"C0ACME": "Acme"}, workspaces={"T0ACME": "Acme"})


@pytest.mark.parametrize(
    ("user", "channel", "role", "account"),
    [
        ("U0MORI", "C0SUPPORT", Role.STAFF, None),
        ("U0MORI", "C0ACME", Role.STAFF, None),
        ("U0MORI", "D0MORI", Role.STAFF, None),
        ("U0HANA", "C0ACME", Role.CUSTOMER, "Acme"),
        ("U0HANA", "D0HANA", Role.CUSTOMER, "Acme"),
        ("U0HANA", "C0LOBBY", Role.CUSTOMER, "Acme"),
        ("U0SAM", "C0LOBBY", Role.STRANGER, None),
        ("U0SAM", "D0SAM", Role.STRANGER, None),
        ("U0NOBODY", "D0NOBODY", Role.STRANGER, None),
    ],
)
async def test_alone_everybody_sees_what_is_theirs(
    slack: StandIn, user: str, channel: str, role: Role, account: str | None
) -> None:
    viewer = await viewers(slack, ACME).privately(Asker(user, "T0SUPPORT", channel))

    assert (viewer.role, viewer.account) == (role, account)


@pytest.mark.parametrize(
    ("user", "channel", "role", "account"),
    [
        ("U0MORI", "C0SUPPORT", Role.STAFF, None),
        ("U0MORI", "C0ACME", Role.CUSTOMER, "Acme"),  # the customer reads along
        ("U0MORI", "C0LOBBY", Role.STRANGER, None),  # everybody reads along
        ("U0HANA", "C0LOBBY", Role.STRANGER, None),
        ("U0HANA", "C0ACME", Role.CUSTOMER, "Acme"),
        ("U0SAM", "C0SUPPORT", Role.STRANGER, None),
    ],
)
async def test_where_others_read_along_nobody_sees_more_than_all_may(
    slack: StandIn, user: str, channel: str, role: Role, account: str | None
) -> None:
    viewer = await viewers(slack, ACME).publicly(Asker(user, "T0SUPPORT", channel))

    assert (viewer.role, viewer.account) == (role, account)


async def test_nobody_is_staff_when_the_bot_may_not_read_the_support_channel(slack: StandIn) -> None:
    outside = Viewers(viewers(slack, ACME).client, ACME, "C0NOWHERE")

    viewer = await outside.privately(Asker("U0MORI", "T0SUPPORT", "C0SUPPORT"))

    assert viewer.role is Role.STRANGER


@pytest.mark.parametrize(("method", "user"), [("conversations.members", "U0MORI"), ("users.info", "U0HANA")])
@pytest.mark.parametrize("fault", ["error-before", "rate-limited"])
async def test_nobody_is_taken_for_a_stranger_because_of_a_passing_fault(
    slack: StandIn, method: str, user: str, fault: str
) -> None:
    slack.faults.next(method, fault)

    with pytest.raises(SlackApiError):
        await viewers(slack, ACME).privately(Asker(user, "T0SUPPORT", f"D0{user}"))


async def test_an_event_that_names_another_home_than_the_profile_gives_no_rights(slack: StandIn) -> None:
    viewer = await viewers(slack, ACME).privately(Asker("U0HANA", "T0SUPPORT", "D0HANA", "T0ELSEWHERE"))

    assert viewer.role is Role.STRANGER


async def test_a_guest_of_the_tied_workspace_sees_nothing_of_it(slack: StandIn) -> None:
    slack.workspace.users["U0HANA"] = replace(slack.workspace.users["U0HANA"], is_restricted=True)

    viewer = await viewers(slack, ACME).privately(Asker("U0HANA", "T0SUPPORT", "D0HANA"))

    assert viewer.role is Role.STRANGER
