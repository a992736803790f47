"""The SDK's own client talks to the stand-in as it talks to Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.playground.standin import StandIn
from tests.playground.toy_bot import card, client_of, form

METADATA = {"event_type": "case", "event_payload": {"id": "42"}}


@pytest.fixture
async def client(slack: StandIn) -> AsyncIterator[AsyncWebClient]:
    async with client_of(slack) as client:
        yield client


async def error_of(call: object) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call  # type: ignore[misc]  # every method of the client is awaitable
    return str(caught.value.response["error"])


async def test_the_bot_learns_who_it_is_and_what_it_may(client: AsyncWebClient) -> None:
    answer = await client.auth_test()

    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == ("U0DESK", "B0DELIVERY", "T0SUPPORT")
    assert "chat:write" in answer.headers["x-oauth-scopes"]


@pytest.mark.parametrize(("token", "error"), [("xoxb-wrong", "invalid_auth"), ("", "not_authed")])
async def test_a_wrong_token_is_refused(client: AsyncWebClient, token: str, error: str) -> None:
    client.token = token

    assert await error_of(client.auth_test()) == error


async def test_an_unknown_method_is_refused(client: AsyncWebClient) -> None:
    assert await error_of(client.api_call("chat.shout")) == "unknown_method"


async def test_a_missing_scope_is_named(slack: StandIn, client: AsyncWebClient) -> None:
    slack.parts.api.settings = replace(slack.settings, scopes=slack.settings.scopes - {"chat:write"})
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0ACME", text="x")

    assert (caught.value.response["error"], caught.value.response["needed"]) == (
        "missing_scope",
        "chat:write",
    )


async def test_a_posted_message_is_found_again_with_its_metadata(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C0ACME", text="x", blocks=card("x"), metadata=METADATA)
    plain = await client.conversations_history(channel="C0ACME")
    whole = await client.conversations_history(channel="C0ACME", include_all_metadata=True)

    assert whole["messages"][0]["ts"] == posted["ts"]
    assert whole["messages"][0]["metadata"] == METADATA
    assert "metadata" not in plain["messages"][0]


async def test_timestamps_only_ever_grow(client: AsyncWebClient) -> None:
    posted = [(await client.chat_postMessage(channel="C0ACME", text="x"))["ts"] for _ in range(20)]

    assert posted == sorted(set(posted))


async def test_history_is_paged_from_the_newest_and_leaves_replies_out(client: AsyncWebClient) -> None:
    first = await client.chat_postMessage(channel="C0ACME", text="0")
    await client.chat_postMessage(channel="C0ACME", text="reply", thread_ts=first["ts"])
    for number in range(1, 5):
        await client.chat_postMessage(channel="C0ACME", text=str(number))
    answer = await client.conversations_history(channel="C0ACME", limit=2)
    # The SDK's iterator fills one and the same answer again and again.
    pages = [[message["text"] for message in page["messages"]] async for page in answer]

    assert pages == [["4", "3"], ["2", "1"], ["0"]]
    assert answer["messages"][0]["reply_count"] == 1


async def test_history_keeps_to_its_range(client: AsyncWebClient) -> None:
    posted = [(await client.chat_postMessage(channel="C0ACME", text=str(n)))["ts"] for n in range(4)]
    inside = await client.conversations_history(channel="C0ACME", oldest=posted[0], latest=posted[3])
    with_ends = await client.conversations_history(
        channel="C0ACME", oldest=posted[1], latest=posted[2], inclusive=True
    )

    assert [message["text"] for message in inside["messages"]] == ["2", "1"]
    assert [message["text"] for message in with_ends["messages"]] == ["2", "1"]


async def test_replies_come_with_their_first_message(client: AsyncWebClient) -> None:
    first = await client.chat_postMessage(channel="C0ACME", text="first")
    reply = await client.chat_postMessage(channel="C0ACME", text="reply", thread_ts=first["ts"])
    to_reply = await client.chat_postMessage(channel="C0ACME", text="again", thread_ts=reply["ts"])
    thread = await client.conversations_replies(channel="C0ACME", ts=first["ts"])

    assert [message["text"] for message in thread["messages"]] == ["first", "reply", "again"]
    assert to_reply["message"]["thread_ts"] == first["ts"]


async def test_an_update_keeps_the_blocks_unless_new_ones_are_sent(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C0ACME", text="x", blocks=card("x"))
    kept = await client.chat_update(channel="C0ACME", ts=posted["ts"], text="y")
    cleared = await client.chat_update(channel="C0ACME", ts=posted["ts"], text="z", blocks=[])

    assert len(kept["message"]["blocks"]) == len(card("x"))
    assert kept["message"]["edited"]
    assert "blocks" not in cleared["message"]


async def test_the_bot_changes_only_its_own_words(slack: StandIn, client: AsyncWebClient) -> None:
    said = await slack.says("mine", channel="#lobby", as_="sam")

    assert (
        await error_of(client.chat_update(channel="C0LOBBY", ts=said.ts, text="x")) == "cant_update_message"
    )
    assert await error_of(client.chat_delete(channel="C0LOBBY", ts=said.ts)) == "cant_delete_message"


async def test_ephemeral_messages_are_for_one_and_stay_out_of_history(
    slack: StandIn, client: AsyncWebClient
) -> None:
    posted = await client.chat_postEphemeral(channel="C0ACME", user="U0HANA", text="psst")
    history = await client.conversations_history(channel="C0ACME")
    updated = error_of(client.chat_update(channel="C0ACME", ts=posted["message_ts"], text="x"))

    assert [seen.text for seen in slack.messages("#acme-docs", as_="hana")] == ["psst"]
    assert slack.messages("#acme-docs", as_="mori") == []
    assert history["messages"] == []
    assert await updated == "message_not_found"


async def test_places_the_bot_is_not_in_are_refused(slack: StandIn, client: AsyncWebClient) -> None:
    slack.workspace.leave("C0LOBBY", "U0DESK")
    slack.workspace.leave("C0SUPPORT", "U0DESK")
    outsider = client.chat_postEphemeral(channel="C0ACME", user="U0SAM", text="x")

    assert await error_of(client.chat_postMessage(channel="C0LOBBY", text="x")) == "not_in_channel"
    assert await error_of(client.chat_postMessage(channel="C0SUPPORT", text="x")) == "channel_not_found"
    assert await error_of(client.chat_postMessage(channel="C0NOWHERE", text="x")) == "channel_not_found"
    assert await error_of(outsider) == "user_not_in_channel"
    assert (
        await error_of(client.chat_postMessage(channel="C0ACME", text="x", thread_ts="1.0"))
        == "thread_not_found"
    )


async def test_a_users_id_stands_for_the_direct_conversation(slack: StandIn, client: AsyncWebClient) -> None:
    opened = await client.conversations_open(users="U0HANA")
    posted = await client.chat_postMessage(channel="U0HANA", text="hello")

    assert posted["channel"] == opened["channel"]["id"]
    assert slack.messages("dm", as_="hana")[0].text == "hello"


async def test_blocks_are_refused_with_slacks_words(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0ACME", text="x", blocks=[{"type": "carousel"}])

    assert caught.value.response["error"] == "invalid_blocks"
    assert "[json-pointer:/blocks/0]" in caught.value.response["response_metadata"]["messages"][0]


async def test_people_are_told_apart(client: AsyncWebClient) -> None:
    hana = (await client.users_info(user="U0HANA", include_locale=True))["user"]
    mori = (await client.users_info(user="U0MORI"))["user"]
    answer = await client.conversations_members(channel="C0SUPPORT", limit=2)
    members = [page["members"] async for page in answer]

    assert (hana["locale"], hana["is_stranger"], hana["team_id"]) == ("ja-JP", True, "T0ACME")
    assert (mori["is_stranger"], "locale" in mori) == (False, False)
    assert members == [["U0DESK", "U0MORI"], ["U0YUKI"]]
    assert await error_of(client.users_info(user="U0NOBODY")) == "user_not_found"


async def test_channels_say_whether_they_are_shared(client: AsyncWebClient) -> None:
    shared = (await client.conversations_info(channel="C0ACME"))["channel"]
    own = (await client.conversations_info(channel="C0SUPPORT"))["channel"]
    direct = (await client.conversations_info(channel="D0HANA"))["channel"]
    listed = await client.users_conversations(types="public_channel,private_channel")

    assert (shared["is_ext_shared"], own["is_ext_shared"]) == (True, False)
    assert (direct["is_im"], direct["user"]) == (True, "U0HANA")
    assert [channel["name"] for channel in listed["channels"]] == ["acme-docs", "delivery-support", "lobby"]


async def test_a_trigger_opens_one_modal_within_three_seconds(slack: StandIn, client: AsyncWebClient) -> None:
    now = slack.workspace.now()
    slack.workspace.tickets._now = lambda: now
    trigger, late = slack.workspace.tickets.trigger("U0HANA"), slack.workspace.tickets.trigger("U0HANA")
    opened = await client.views_open(trigger_id=trigger, view=form())
    again = await error_of(client.views_open(trigger_id=trigger, view=form()))
    slack.workspace.tickets._now = lambda: now + 3.1

    assert opened["view"]["id"] == getattr(slack.modal(), "id", None)
    assert again == "exchanged_trigger_id"
    assert await error_of(client.views_open(trigger_id=late, view=form())) == "expired_trigger_id"
    assert await error_of(client.views_open(trigger_id="1.2.x", view=form())) == "invalid_trigger_id"


async def test_an_open_view_is_updated_unless_somebody_was_faster(
    slack: StandIn, client: AsyncWebClient
) -> None:
    trigger = slack.workspace.tickets.trigger("U0HANA")
    view = (await client.views_open(trigger_id=trigger, view=form()))["view"]
    new = form() | {"title": {"type": "plain_text", "text": "Loaded"}}
    await client.views_update(view_id=view["id"], hash=view["hash"], view=new)
    modal = slack.modal()

    assert modal is not None
    assert modal.body["title"]["text"] == "Loaded"
    assert (
        await error_of(client.views_update(view_id=view["id"], hash=view["hash"], view=new))
        == "hash_conflict"
    )
    assert await error_of(client.views_update(view_id="V0", view=new)) == "not_found"


async def test_a_response_url_takes_five_posts(slack: StandIn) -> None:
    token = slack.workspace.tickets.response_url("U0HANA", "C0ACME")
    webhook = AsyncWebhookClient(f"{slack.origin}/response/{token}")
    statuses = [(await webhook.send(text=str(n))).status_code for n in range(6)]
    empty = await AsyncWebhookClient(f"{slack.origin}/response/nothing").send(text="x")

    assert statuses == [200] * 5 + [404]
    assert len(slack.messages("#acme-docs", as_="hana")) == 5
    assert slack.messages("#acme-docs", as_="ben") == []
    assert (empty.status_code, empty.body) == (404, "expired_url")


FAULTS = [
    ("lost", aiohttp.ClientError, 1),
    ("error-after", SlackApiError, 1),
    ("error-before", SlackApiError, 0),
    ("rate-limited", SlackApiError, 0),
]


@pytest.mark.parametrize(("kind", "raised", "posted"), FAULTS, ids=[kind for kind, _, _ in FAULTS])
async def test_a_fault_happens_once_before_or_after_the_effect(
    slack: StandIn, client: AsyncWebClient, kind: str, raised: type[Exception], posted: int
) -> None:
    slack.faults.next("chat.postMessage", kind, seconds=7)
    with pytest.raises(raised) as caught:
        await client.chat_postMessage(channel="C0ACME", text="x")
    after_fault = len(slack.messages("#acme-docs"))
    await client.chat_postMessage(channel="C0ACME", text="y")

    assert after_fault == posted
    assert len(slack.messages("#acme-docs")) == posted + 1
    assert slack.called("chat.postMessage")[0].fault == kind
    if kind == "rate-limited":
        assert getattr(caught.value, "response").headers["Retry-After"] == "7"  # noqa: B009 - not on every exception


async def test_faults_by_chance_are_the_same_for_the_same_seed(slack: StandIn) -> None:
    chances = {"lost": 0.3, "rate-limited": 0.2}

    def run() -> list[object]:
        slack.faults.by_chance(7, chances)
        return [slack.faults.take("chat.postMessage") for _ in range(50)]

    first, second = run(), run()

    assert first == second
    assert 10 < sum(fault is not None for fault in first) < 40
