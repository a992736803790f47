"""What people do reaches a real Bolt app, and what it answers is seen."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from bot.playground.conversation import Json
from bot.playground.signing import signed_headers
from bot.playground.standin import StandIn
from tests.playground.toy_bot import toy_socket_bot


async def test_a_mention_fires_two_events_and_is_answered_in_its_thread(
    slack: StandIn, heard: list[Json]
) -> None:
    asked = await slack.mentions("why?", channel="#acme-docs", as_="hana")
    answers = await slack.until(lambda: slack.messages("#acme-docs", thread=asked))

    assert sorted(body["event"]["type"] for body in heard) == ["app_mention", "message"]
    assert len({body["event_id"] for body in heard}) == 2
    assert asked.text == "<@U0DESK> why?"
    assert answers[0].thread_ts == asked.ts
    assert "rejected" in answers[0].plain
    assert answers[0].buttons == ["Check again", "Talk to support"]


async def test_events_from_a_shared_channel_name_the_askers_own_team(
    slack: StandIn, heard: list[Json]
) -> None:
    await slack.says("hello", channel="#acme-docs", as_="hana")
    body = heard[0]

    assert (body["team_id"], body["is_ext_shared_channel"]) == ("T0SUPPORT", True)
    assert (body["event"]["team"], body["event"]["user_team"]) == ("T0ACME", "T0ACME")
    assert body["authorizations"][0]["team_id"] == "T0SUPPORT"


async def test_typed_text_is_sent_marked_up_and_escaped(slack: StandIn, heard: list[Json]) -> None:
    await slack.dm("a@b.example <b> & see example.co.jp or https://x.example/?a=1&b=2, `c@d.example`")

    assert heard[0]["event"]["text"] == (
        "<mailto:a@b.example|a@b.example> &lt;b&gt; &amp; see <http://example.co.jp|example.co.jp>"
        " or <https://x.example/?a=1&amp;b=2>, `c@d.example`"
    )


async def test_a_command_is_sent_as_typed_and_answered_only_to_the_asker(
    slack: StandIn, heard: list[Json]
) -> None:
    outcome = await slack.command("/delivery a@b.example & <x>", channel="#acme-docs", as_="hana")
    seen = await slack.until(lambda: slack.messages("#acme-docs", as_="hana"))

    assert outcome.taken
    assert heard[0]["text"] == "a@b.example & <x>"
    assert heard[0]["team_id"] == "T0ACME"
    assert seen[0].ephemeral_to == "U0HANA"
    assert slack.messages("#acme-docs", as_="ben") == []


async def test_a_commands_direct_answer_is_shown(slack: StandIn, heard: list[Json]) -> None:
    await slack.command("/direct", channel="#acme-docs")

    assert [seen.text for seen in slack.messages("#acme-docs", as_="ben")] == ["straight back"]


async def test_a_command_not_acknowledged_in_time_shows_operation_timeout(
    slack: StandIn, heard: list[Json]
) -> None:
    slack.parts.courier.settings = replace(slack.parts.courier.settings, patience=0.05)
    outcome = await slack.command("/slow", channel="#acme-docs", as_="hana")
    seen = slack.messages("#acme-docs", as_="hana")

    assert outcome.failure == "operation_timeout"
    assert (seen[0].failure, seen[0].ephemeral_to) == ("operation_timeout", "U0HANA")


async def test_a_bot_that_is_not_there_is_tried_again_and_then_given_up(slack: StandIn) -> None:
    await slack.dm("anybody?")
    event_ids = {sent.payload["event_id"] for sent in slack.sent}

    assert [sent.attempt for sent in slack.sent] == [0, 1, 2]
    assert len(event_ids) == 1
    assert slack.sent[-1].outcome.failure == "dispatch_failed"


async def test_the_last_event_can_be_sent_again_with_the_same_id(slack: StandIn, heard: list[Json]) -> None:
    await slack.dm("once")
    await slack.resend_last()

    assert len({body["event_id"] for body in heard}) == 1
    assert len(heard) == 2


async def test_a_click_opens_a_modal_whose_submission_is_answered(slack: StandIn, heard: list[Json]) -> None:
    await slack.dm("help")
    answer = (await slack.until(lambda: slack.messages("dm")[1:]))[0]
    await slack.clicks("Talk to support", message=answer)
    await slack.until(slack.modal)
    empty = await slack.submits({"text": ""})
    refused = await slack.submits({"text": "why?"})
    modal = slack.modal()
    await slack.submits({"text": "no mail since Monday", "urgency": "week"})
    values = heard[-1]["view"]["state"]["values"]

    assert empty.failure == "required_fields_empty"
    assert refused.taken
    assert modal is not None
    assert modal.errors == {"what": "No questions, please"}
    assert values["urgency"]["level"]["selected_option"]["value"] == "week"
    assert slack.modal() is None
    assert await slack.until(lambda: slack.messages("dm")[-1].text == "Passed on: no mail since Monday")


async def test_closing_a_modal_is_told_to_a_bot_that_asked(slack: StandIn, heard: list[Json]) -> None:
    await slack.dm("help")
    answer = (await slack.until(lambda: slack.messages("dm")[1:]))[0]
    await slack.clicks("support", message=answer)
    await slack.until(slack.modal)
    await slack.closes()

    assert slack.modal() is None
    assert heard[-1]["type"] == "view_closed"


async def test_choosing_from_a_menu_updates_the_message(slack: StandIn, heard: list[Json]) -> None:
    await slack.dm("help")
    answer = (await slack.until(lambda: slack.messages("dm")[1:]))[0]
    await slack.chooses("Show evidence", message=answer)
    updated = slack.messages("dm")[1]

    assert updated.text == "chose evidence"
    assert updated.message.edited_ts
    assert heard[-1]["actions"][0]["selected_option"]["value"] == "evidence"


async def test_a_click_on_an_ephemeral_message_carries_no_message_and_can_replace_it(
    slack: StandIn, heard: list[Json]
) -> None:
    await slack.command("/delivery 123", channel="#acme-docs")
    seen = (await slack.until(lambda: slack.messages("#acme-docs")))[0]
    await slack.clicks("Check again", message=seen)
    replaced = slack.messages("#acme-docs")

    assert "message" not in heard[-1]
    assert heard[-1]["container"]["is_ephemeral"] is True
    assert [message.text for message in replaced] == ["Done"]


async def test_feedback_buttons_tell_their_value(slack: StandIn, heard: list[Json]) -> None:
    await slack.dm("help")
    answer = (await slack.until(lambda: slack.messages("dm")[1:]))[0]
    await slack.chooses("Not yet", message=answer)

    assert heard[-1]["actions"][0]["value"] == "no"


async def test_the_home_tab_is_published_when_opened(slack: StandIn, heard: list[Json]) -> None:
    await slack.opens_home()
    home = await slack.until(slack.home)

    assert home is not None
    assert home.body["blocks"][0]["type"] == "header"
    assert heard[0]["event"]["tab"] == "home"


async def test_a_shortcut_carries_its_message(slack: StandIn, heard: list[Json]) -> None:
    asked = await slack.says("550 5.1.1 unknown", channel="#acme-docs")
    await slack.shortcut("look_up", message=asked)

    assert heard[-1]["type"] == "message_action"
    assert heard[-1]["message"]["text"] == "550 5.1.1 unknown"


async def test_any_other_event_can_be_told(slack: StandIn, heard: list[Json]) -> None:
    event = {"type": "app_home_opened", "user": "U0HANA", "channel": "D0HANA", "tab": "messages"}
    outcome = await slack.tells(event)

    assert outcome.taken
    assert heard[0]["event"] == event


async def test_the_bot_refuses_a_forged_signature_and_takes_a_true_one(
    slack: StandIn, heard: list[Json]
) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c", "token": "t"})
    forged = signed_headers("another secret", int(time.time()), body)
    true = signed_headers(slack.settings.signing_secret, int(time.time()), body)
    kind = {"Content-Type": "application/json"}

    assert (await slack.posts_raw(body, forged | kind))[0] == 401
    assert (await slack.posts_raw(body, true | kind))[0] == 200


@pytest.mark.parametrize("scope", ["app_mentions:read", "groups:history"])
async def test_an_event_needs_its_scope(slack: StandIn, heard: list[Json], scope: str) -> None:
    courier = slack.parts.courier
    courier.settings = replace(courier.settings, scopes=courier.settings.scopes - {scope})
    await slack.mentions("why?", channel="#acme-docs")

    assert len(heard) == 1


async def test_the_bot_hears_nothing_from_channels_it_is_not_in(slack: StandIn, heard: list[Json]) -> None:
    slack.workspace.leave("C0LOBBY", "U0DESK")
    await slack.mentions("why?", channel="#lobby", as_="sam")

    assert heard == []


async def test_everything_goes_through_a_socket_too(slack: StandIn) -> None:
    async with toy_socket_bot(slack) as heard:
        await slack.until(lambda: slack.parts.sockets.connected)
        asked = await slack.mentions("why?", channel="#acme-docs")
        answer = (await slack.until(lambda: slack.messages("#acme-docs", thread=asked)))[0]
        await slack.command("/direct", channel="#lobby")
        await slack.clicks("Talk to support", message=answer)
        await slack.until(slack.modal)
        await slack.submits({"what": "why?"})
        modal = slack.modal()

    assert len(heard) == 4
    assert slack.messages("#lobby")[0].text == "straight back"
    assert modal is not None
    assert modal.errors
