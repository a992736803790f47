"""Speak in Slack, and never twice: a post whose fate is unknown is looked for before it is said again."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.core.post import Place, Post, PostKind
from bot.courier import UnsaidError, UnsayableError
from bot.slack.blocks import Message
from bot.slack.composer import Composed, Composer, told_at
from bot.slack.failures import code_of, retry_after

log = logging.getLogger(__name__)

EVENT_TYPE = "delivery_desk_post"  # the metadata by which a post of ours is found again
PAGES_OF_HISTORY = 5  # of 200 messages, back to when the post was made
TIMEOUT = 8  # seconds for one call of the Web API; an attempt has room for several

# What no repetition mends.  Everything else may pass: Slack's own faults, a revoked token that gets renewed.
_HOPELESS = {
    "cannot_dm_bot", "channel_not_found", "invalid_blocks", "invalid_blocks_format", "is_archived",
    "message_not_found", "messages_tab_disabled", "msg_too_long", "not_in_channel", "restricted_action",
    "thread_not_found", "user_disabled", "user_not_found", "user_not_in_channel",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SlackMessenger:
    """Says posts; *reader* repeats what was lost, *client* never does."""

    client: AsyncWebClient
    reader: AsyncWebClient
    composer: Composer
    api_url: str

    async def say(self, post: Post) -> str | None:
        """Say *post* unless an earlier attempt was heard; return its timestamp, None for an ephemeral one.

        Raise UnsaidError or UnsayableError.
        """
        try:
            composed = await self.composer.compose(post)
            posted_ts = await self._said_before(post) or await self._say(post, composed)
        except SlackApiError as error:
            raise _translated(error) from error
        await self._follow_up(post, composed, posted_ts)
        return posted_ts

    async def respond(
        self, response_url: str, message: Message, *, replace: bool = False, delete: bool = False
    ) -> bool:
        """Answer at *response_url*, to the asker only; False when Slack no longer takes it."""
        if not self._trusted(response_url):
            return False
        webhook = AsyncWebhookClient(
            response_url, timeout=TIMEOUT, session=self.client.session, retry_handlers=[]
        )
        answer = await webhook.send_dict(
            {
                "text": message.text,
                "blocks": list(message.blocks),
                "response_type": "ephemeral",
                "replace_original": replace,
                "delete_original": delete,
            }
        )
        if answer.status_code >= 500 or answer.status_code == 429:
            raise UnsaidError(f"response_url answered {answer.status_code}")
        return answer.status_code == 200

    async def _say(self, post: Post, composed: Composed) -> str | None:
        place, message = post.place, composed.message
        if composed.replaces:
            await self.client.chat_update(
                channel=place.channel, ts=composed.replaces, text=message.text, blocks=list(message.blocks)
            )
            return composed.replaces
        if place.response_url and await self.respond(place.response_url, message):
            return None
        # Half an hour after the command its response_url is dead: the asker is told alone, not lost.
        target = told_at(place) if place.response_url else place
        return await self._post(target, message, post.key)

    async def _post(self, place: Place, message: Message, key: str) -> str:
        answer = await self.client.chat_postMessage(
            channel=place.channel,
            thread_ts=place.thread_ts,
            text=message.text,
            blocks=list(message.blocks),
            metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
            mrkdwn=False,
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(answer["ts"])

    async def _said_before(self, post: Post) -> str | None:
        """Return the timestamp of *post* if an earlier attempt was heard although its answer was lost."""
        if post.attempts <= 1 or post.kind is PostKind.CARD_UPDATE or post.place.response_url:
            return None  # an update may be repeated; an ephemeral message leaves no trace to be found
        cursor = ""
        for _ in range(PAGES_OF_HISTORY):
            page = await self._history(post, cursor)
            for message in page["messages"]:
                if _key_of(message) == post.key:
                    return str(message["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return None

    async def _history(self, post: Post, cursor: str) -> Any:  # noqa: ANN401 - slack_sdk's own answer
        place = post.place
        since = str((post.created_at - timedelta(minutes=1)).timestamp()) if post.created_at else "0"
        page: dict[str, Any] = {"limit": 200, "cursor": cursor, "include_all_metadata": True, "oldest": since}
        channel = place.channel
        if channel.startswith(("U", "W")):
            channel = (await self.reader.conversations_open(users=[channel]))["channel"]["id"]
        if place.thread_ts:
            return await self.reader.conversations_replies(channel=channel, ts=place.thread_ts, **page)
        return await self.reader.conversations_history(channel=channel, **page)

    async def _follow_up(self, post: Post, composed: Composed, posted_ts: str | None) -> None:
        """Keep watches, remember where a card stands: before the post counts as said, so nothing is lost."""
        if composed.answer:
            thread = post.place.thread_ts or posted_ts
            place = Place(post.place.team, post.place.channel, thread, post.place.user)
            await self.composer.escalation.watch(composed.answer, told_at(place))
        if post.kind is PostKind.CARD and composed.case and posted_ts:
            await self.composer.escalation.card_posted(composed.case.id, posted_ts)

    def _trusted(self, response_url: str) -> bool:
        """Tell whether *response_url* is Slack's own: https on its host, or the host of SLACK_API_URL."""
        url, api = urlsplit(response_url), urlsplit(self.api_url)
        return url.netloc == api.netloc or (url.scheme == "https" and url.hostname == "hooks.slack.com")


def _key_of(message: dict[str, Any]) -> object:
    metadata = message.get("metadata") or {}
    ours = metadata.get("event_type") == EVENT_TYPE
    return (metadata.get("event_payload") or {}).get("key") if ours else None


def _translated(error: SlackApiError) -> UnsaidError | UnsayableError:
    code = code_of(error)
    return UnsayableError(code) if code in _HOPELESS else UnsaidError(code, retry_after=retry_after(error))
