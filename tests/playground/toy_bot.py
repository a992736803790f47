"""A small real Bolt app, mounted in aiohttp as the bot is: the other end of the stand-in's tests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.conversation import Json, Value
from bot.playground.standin import StandIn

QUIET = logging.getLogger("toy bot")
QUIET.setLevel(logging.CRITICAL)


def card(question: str) -> list[Json]:
    """Blocks of every kind that the page can draw."""
    return [
        {
            "type": "header",
            "text": {"type": "plain_text", "text": "Your mail was refused · 宛先に拒否されました"},
        },
        {
            "type": "section",
            "text": {
                "type": "mrkdwn",
                "text": f"You asked: {question}\n*1734479364211706503* → `hanako@example.jp`",
            },
            "accessory": {
                "type": "overflow",
                "action_id": "more",
                "options": [
                    {"text": {"type": "plain_text", "text": "Show evidence"}, "value": "evidence"},
                    {"text": {"type": "plain_text", "text": "Share in channel"}, "value": "share"},
                ],
            },
        },
        {
            "type": "section",
            "fields": [
                {"type": "mrkdwn", "text": "*Status*\n:red_circle: rejected"},
                {
                    "type": "mrkdwn",
                    "text": "*Since*\n<!date^1763800000^{date_short_pretty} {time}|22 Nov 17:26 JST>",
                },
                {"type": "plain_text", "text": "Sent by\nSecure send"},
                {"type": "mrkdwn", "text": "*Source*\n<https://example.com/log|send history>"},
            ],
        },
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "text", "text": "Next", "style": {"bold": True}}],
                },
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [{"type": "text", "text": "Check the address."}],
                        },
                        {
                            "type": "rich_text_section",
                            "elements": [
                                {"type": "text", "text": "Ask the recipient to allow "},
                                {"type": "text", "text": "bounce@makeleaps.com", "style": {"code": True}},
                            ],
                        },
                    ],
                },
                {
                    "type": "rich_text_preformatted",
                    "elements": [{"type": "text", "text": "550 5.1.1 <hanako@example.jp>: User unknown"}],
                },
            ],
        },
        {"type": "divider"},
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "action_id": "again",
                    "text": {"type": "plain_text", "text": "Check again"},
                },
                {
                    "type": "button",
                    "action_id": "support",
                    "style": "primary",
                    "value": "case-1",
                    "text": {"type": "plain_text", "text": "Talk to support"},
                },
            ],
        },
        {
            "type": "context_actions",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "action_id": "feedback",
                    "positive_button": {"text": {"type": "plain_text", "text": "Solved"}, "value": "yes"},
                    "negative_button": {"text": {"type": "plain_text", "text": "Not yet"}, "value": "no"},
                }
            ],
        },
        {
            "type": "context",
            "elements": [{"type": "mrkdwn", "text": "Did this answer solve it? · 解決しましたか"}],
        },
    ]


def form() -> Json:
    """A modal with a field of each common kind."""
    return {
        "type": "modal",
        "callback_id": "support_form",
        "notify_on_close": True,
        "title": {"type": "plain_text", "text": "Talk to support"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [
            {
                "type": "input",
                "block_id": "what",
                "label": {"type": "plain_text", "text": "What happened?"},
                "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
            },
            {
                "type": "input",
                "block_id": "urgency",
                "optional": True,
                "label": {"type": "plain_text", "text": "How urgent?"},
                "element": {
                    "type": "static_select",
                    "action_id": "level",
                    "options": [
                        {"text": {"type": "plain_text", "text": "Today"}, "value": "today"},
                        {"text": {"type": "plain_text", "text": "This week"}, "value": "week"},
                    ],
                },
            },
        ],
    }


def toy_app(client: AsyncWebClient, signing_secret: str, heard: list[Json]) -> AsyncApp:
    """A bot that answers everything at once and notes in *heard* what it was told."""
    app = AsyncApp(
        client=client,
        token=client.token,
        signing_secret=signing_secret,
        process_before_response=True,
        logger=QUIET,
    )

    @app.event("app_mention")
    async def mention(body: Json, event: Json, say: Value) -> None:
        heard.append(body)
        thread = event.get("thread_ts", event["ts"])
        await say(text="Looked it up", blocks=card(event["text"]), thread_ts=thread)

    @app.event("message")
    async def message(body: Json, event: Json, say: Value) -> None:
        heard.append(body)
        if event["channel_type"] == "im":
            await say(text="Looked it up", blocks=card(event["text"]))

    @app.event("app_home_opened")
    async def home(body: Json, event: Json, client: AsyncWebClient) -> None:
        heard.append(body)
        if event["tab"] == "home":
            view = {"type": "home", "blocks": card("the Home tab")[:6]}
            await client.views_publish(user_id=event["user"], view=view)

    @app.command("/delivery")
    async def command(ack: Value, body: Json, respond: Value) -> None:
        heard.append(body)
        await ack()
        await respond(text="Looked it up", blocks=card(body["text"]), response_type="ephemeral")

    @app.command("/direct")
    async def direct(ack: Value) -> None:
        await ack({"response_type": "in_channel", "text": "straight back"})

    @app.command("/slow")
    async def slow(ack: Value) -> None:
        await asyncio.sleep(1)
        await ack()

    listen_to_clicks(app, heard)
    return app


def listen_to_clicks(app: AsyncApp, heard: list[Json]) -> None:
    """Add what the toy does when somebody clicks, chooses or submits."""

    @app.action("support")
    async def support(ack: Value, body: Json, client: AsyncWebClient) -> None:
        heard.append(body)
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form())

    @app.action("again")
    @app.action("feedback")
    async def again(ack: Value, body: Json, respond: Value) -> None:
        heard.append(body)
        await ack()
        await respond(text="Done", replace_original=body["container"].get("is_ephemeral", False))

    @app.action("more")
    async def more(ack: Value, body: Json, client: AsyncWebClient) -> None:
        heard.append(body)
        await ack()
        place = body["container"]
        chosen = body["actions"][0]["selected_option"]["value"]
        await client.chat_update(
            channel=place["channel_id"], ts=place["message_ts"], text=f"chose {chosen}", blocks=[]
        )

    @app.view("support_form")
    async def submitted(ack: Value, body: Json, view: Json, client: AsyncWebClient) -> None:
        heard.append(body)
        text = view["state"]["values"]["what"]["text"]["value"]
        if "?" in text:
            await ack(response_action="errors", errors={"what": "No questions, please"})
            return
        await ack()
        await client.chat_postMessage(channel=body["user"]["id"], text=f"Passed on: {text}")

    @app.view_closed("support_form")
    async def closed(ack: Value, body: Json) -> None:
        heard.append(body)
        await ack()

    @app.shortcut("look_up")
    async def shortcut(ack: Value, body: Json) -> None:
        heard.append(body)
        await ack()


@asynccontextmanager
async def client_of(slack: StandIn) -> AsyncIterator[AsyncWebClient]:
    """The SDK's own client, pointed at the stand-in; it tries nothing again by itself."""
    async with ClientSession() as session:
        token = slack.settings.bot_token
        yield AsyncWebClient(
            token=token, base_url=slack.api_url, session=session, logger=QUIET, retry_handlers=[], timeout=5
        )


@asynccontextmanager
async def toy_bot(slack: StandIn) -> AsyncIterator[list[Json]]:
    """Run the toy over HTTP; yields what it hears."""
    heard: list[Json] = []
    async with client_of(slack) as client:
        app = toy_app(client, slack.settings.signing_secret, heard)

        async def receive(request: web.Request) -> web.Response:
            return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

        server = web.Application()
        server.router.add_post("/slack/events", receive)
        runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.point_at(f"http://127.0.0.1:{runner.addresses[0][1]}")
        try:
            yield heard
        finally:
            await runner.cleanup()


@asynccontextmanager
async def toy_socket_bot(slack: StandIn) -> AsyncIterator[list[Json]]:
    """Run the toy in Socket Mode; yields what it hears."""
    heard: list[Json] = []
    async with client_of(slack) as client:
        app = toy_app(client, slack.settings.signing_secret, heard)
        handler = AsyncSocketModeHandler(app, slack.settings.app_token, web_client=client, logger=QUIET)
        try:
            await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt ships it untyped
            yield heard
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]  # the same
