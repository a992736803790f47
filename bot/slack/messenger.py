"""Speak in Slack, and never twice: a post whose fate is unknown is looked for before it is said again."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.core.post import Place, Post, PostKind
from bot.courier import UnsaidError, UnsayableError
from bot.slack.asked import told_at
from bot.slack.blocks import Message, note
from bot.slack.composer import Composed, Composer
from bot.slack.failures import code_of, retry_after

log = logging.getLogger(__name__)

EVENT_TYPE = "delivery_desk_post"  # the metadata by which a post of ours is found again
AROUND = timedelta(minutes=1)  # how far Slack's clock and ours may be apart
TIMEOUT = 8  # seconds for one call of the Web API; an attempt has room for several

# What no repetition mends.  Everything else may pass: Slack's own faults, a revoked token that gets renewed.
_HOPELESS = {
    "cannot_dm_bot", "channel_not_found", "is_archived", "message_not_found", "messages_tab_disabled",
    "missing_scope", "not_in_channel", "restricted_action", "thread_not_found", "user_disabled",
    "user_not_found", "user_not_in_channel",
}  # fmt: skip
# A defect of ours: the asker is told so instead, once.
_MALFORMED = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "no_text"}


@dataclass(frozen=True, slots=True)
class Said:
    """Where something was said: *ts* is None for what leaves no trace."""

    place: Place
    ts: str | None


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
            if composed.message is None:
                return None
            said = await self._said_before(post, composed) or await self._say(
                post, composed.message, composed.replaces
            )
        except SlackApiError as error:
            raise _translated(error) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnsaidError(f"Slack could not be reached: {error!r}") from error
        await self._follow_up(post, composed, said)
        return said.ts

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

    async def _say(self, post: Post, message: Message, replaces: str | None) -> Said:
        try:
            return await self._utter(post, message, replaces)
        except SlackApiError as error:
            if code_of(error) not in _MALFORMED:
                raise
            log.exception("post %s was refused as malformed: a defect", post.key)
            desk = self.composer.desk
            regret = note(desk.words(desk.language).say("error.internal"))
            return await self._utter(post, regret, replaces)

    async def _utter(self, post: Post, message: Message, replaces: str | None) -> Said:
        place = post.place
        if replaces:
            await self.client.chat_update(
                channel=place.channel, ts=replaces, text=message.text, blocks=list(message.blocks)
            )
            return Said(place, replaces)
        if place.response_url and await self.respond(place.response_url, message):
            return Said(place, None)
        target = _audible(place)
        return Said(target, await self._post(target, message, post.key))

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

    async def _said_before(self, post: Post, composed: Composed) -> Said | None:
        """Find *post* if an earlier attempt was heard although its answer was lost.

        An update may be repeated; an ephemeral message leaves no trace to be found.
        """
        if post.attempts <= 1 or composed.replaces:
            return None
        target = _audible(post.place)
        cursor = ""
        while True:
            page = await self._history(post, target, cursor)
            for message in page["messages"]:
                if _key_of(message) == post.key:
                    return Said(target, str(message["ts"]))
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None

    async def _history(self, post: Post, target: Place, cursor: str) -> Any:  # noqa: ANN401 - slack_sdk's own
        # Both ends are given: with the older one alone Slack begins there and never reaches the newest.
        now = self.composer.escalation.now()
        window: dict[str, Any] = {
            "limit": 200,
            "cursor": cursor,
            "include_all_metadata": True,
            "oldest": str(((post.created_at or now) - AROUND).timestamp()),
            "latest": str((now + AROUND).timestamp()),
        }
        channel = target.channel
        if channel.startswith(("U", "W")):
            channel = (await self.reader.conversations_open(users=[channel]))["channel"]["id"]
        if target.thread_ts:
            return await self.reader.conversations_replies(channel=channel, ts=target.thread_ts, **window)
        return await self.reader.conversations_history(channel=channel, **window)

    async def _follow_up(self, post: Post, composed: Composed, said: Said) -> None:
        """Keep watches, remember where a card stands: before the post counts as said, so nothing is lost."""
        if composed.answer:
            place = replace(said.place, thread_ts=said.place.thread_ts or said.ts)
            await self.composer.escalation.watch(composed.answer, told_at(place))
        if post.kind is PostKind.CARD and composed.case and said.ts:
            await self.composer.escalation.card_posted(composed.case.id, said.ts)

    def _trusted(self, response_url: str) -> bool:
        """Tell whether *response_url* is Slack's own: https on its host, or the host of SLACK_API_URL."""
        url, api = urlsplit(response_url), urlsplit(self.api_url)
        return url.netloc == api.netloc or (url.scheme == "https" and url.hostname == "hooks.slack.com")


def _audible(place: Place) -> Place:
    """Return where *place* is heard without its response_url, which is dead after half an hour: alone."""
    return told_at(place) if place.response_url else place


def _key_of(message: dict[str, Any]) -> object:
    metadata = message.get("metadata") or {}
    ours = metadata.get("event_type") == EVENT_TYPE
    return (metadata.get("event_payload") or {}).get("key") if ours else None


def _translated(error: SlackApiError) -> UnsaidError | UnsayableError:
    code = code_of(error)
    return UnsayableError(code) if code in _HOPELESS else UnsaidError(code, retry_after=retry_after(error))
