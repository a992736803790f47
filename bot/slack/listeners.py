"""What Slack sends: acknowledged at once, durable before that, answered by the courier."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.background import Background
from bot.core.post import Place, Post, PostKind
from bot.courier import Courier
from bot.slack.clicks import Click, Clicks
from bot.slack.home import Home
from bot.slack.text import plain
from bot.slack.viewer import Asker

Body = dict[str, Any]
_OURS = re.compile(r"^desk:")
# What people say; other subtypes are joins, edits, deletions.
_SAID = {None, "file_share", "thread_broadcast"}
# Slack's own housekeeping writes as this user in the Messages tab.
_SLACK_ITSELF = "USLACK"


@dataclass(frozen=True, slots=True)
class Listeners:
    """Few registrations, patterns instead of copies: each costs every request."""

    courier: Courier
    clicks: Clicks
    home: Home
    background: Background  # Bolt's own lazy listeners deep-copy the context, its client and event loop too

    def register(self, app: AsyncApp) -> None:
        """Bind everything that manifest.yml announces."""
        app.command("/delivery")(self.on_command)
        app.event("app_mention")(self.on_mention)
        app.event("message")(self.on_message)
        app.event("app_home_opened")(self.on_home)
        app.action(_OURS)(self.on_click)
        app.view(_OURS)(self.on_submission)

    async def on_command(self, ack: AsyncAck, body: Body) -> BoltResponse | None:
        """Take a slash command: only the asker sees the answer."""
        needed = ("trigger_id", "team_id", "channel_id", "user_id", "response_url")
        absent = [name for name in needed if not body.get(name)]
        if absent:
            return BoltResponse(status=400, body=f"the form has no {', '.join(absent)}")
        place = Place(body["team_id"], body["channel_id"], None, body["user_id"], body["response_url"])
        await self._accept(f"command:{body['trigger_id']}", place, body.get("text") or "", command=True)
        await ack()
        return None

    async def on_mention(self, ack: AsyncAck, body: Body, event: Body) -> None:
        """Take a mention: answered in its thread."""
        if not event.get("bot_id"):
            await self._take(body, event)
        await ack()

    async def on_message(self, ack: AsyncAck, body: Body, event: Body) -> None:
        """Take a direct message; what is said in channels is nobody's question unless we are mentioned."""
        by_person = event.get("subtype") in _SAID and not event.get("bot_id")
        if event.get("channel_type") == "im" and by_person and event.get("user") != _SLACK_ITSELF:
            await self._take(body, event)
        await ack()

    async def on_home(self, ack: AsyncAck, event: Body, body: Body) -> None:
        """Show the Home tab."""
        await ack()
        if event.get("tab") == "home":
            asker = Asker(event["user"], _team(body), event.get("channel", ""))
            self.background.begin(self.home.show(asker))

    async def on_click(self, ack: AsyncAck, body: Body) -> None:
        """Answer a click on a button or a menu."""
        await ack()
        action = body["actions"][0]
        click = Click(
            name=action["action_id"].removeprefix("desk:"),
            value=action.get("value") or (action.get("selected_option") or {}).get("value") or "",
            asker=_clicker(body),
            trigger_id=body.get("trigger_id", ""),
            response_url=body.get("response_url", ""),
        )
        self.background.begin(self.clicks.answer(click))

    async def on_submission(self, ack: AsyncAck, body: Body) -> None:
        """Take a dialog that was sent off: it cannot be sent again, so it is durable before it closes."""
        view, user = body["view"], body["user"]
        noted = view.get("state", {}).get("values", {}).get("note", {}).get("note", {})
        payload = {
            "dialog": view["callback_id"].removeprefix("desk:"),
            "pointer": view.get("private_metadata", ""),
            "note": noted.get("value") or "",
        }
        place = Place(_team(body), user["id"], None, user["id"])
        await self.courier.accept(
            Post(key=f"submission:{view['id']}", kind=PostKind.SUBMISSION, place=place, payload=payload)
        )
        await ack()

    async def _take(self, body: Body, event: Body) -> None:
        # The same message comes as a mention and as a message, and again when Slack saw no answer.
        key = f"message:{event['channel']}:{event['ts']}"
        thread = event.get("thread_ts") or event["ts"]
        place = Place(_team(body), event["channel"], thread, event["user"])
        home = event.get("user_team") or event.get("team")
        await self._accept(key, place, event.get("text") or "", home=home)

    async def _accept(
        self, key: str, place: Place, text: str, *, command: bool = False, home: str | None = None
    ) -> None:
        payload = {"text": plain(text), "command": command, "home": home}
        await self.courier.accept(Post(key=key, kind=PostKind.ANSWER, place=place, payload=payload))


def _team(body: Body) -> str:
    return str(body.get("team_id") or (body.get("team") or {}).get("id") or "")


def _clicker(body: Body) -> Asker:
    user = body["user"]
    channel = (body.get("channel") or {}).get("id", "")
    return Asker(user["id"], _team(body), channel, user.get("team_id"))
