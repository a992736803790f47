"""What Slack hands out for a short time: trigger_ids (3 s, once) and response_urls (30 min, five times)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

TRIGGER_LIFE = 3.0  # seconds
RESPONSE_LIFE = 1800.0  # seconds
RESPONSE_POSTS = 5


@dataclass(frozen=True, slots=True)
class ResponseUrl:
    """Where a response_url leads: who asked, in which channel and thread, about which message."""

    user: str
    channel: str
    expires: float
    thread_ts: str | None = None
    message_ts: str | None = None
    posts: int = 0


class Tickets:
    """Issues and takes tickets; the clock is the workspace's."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.triggers: dict[str, tuple[str, float]] = {}  # id → user, end of its life
        self.spent: set[str] = set()
        self.response_urls: dict[str, ResponseUrl] = {}

    def trigger(self, user: str) -> str:
        """Issue a trigger_id for *user*."""
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(16)}"
        self.triggers[trigger_id] = (user, self._now() + TRIGGER_LIFE)
        return trigger_id

    def exchange(self, trigger_id: str) -> tuple[str, str]:
        """Return (user, error): one of them is empty.  Errors are those of ``views.open``."""
        if trigger_id in self.spent:
            return "", "exchanged_trigger_id"
        user, expires = self.triggers.pop(trigger_id, ("", 0.0))
        if not user:
            return "", "invalid_trigger_id"
        if self._now() > expires:
            return "", "expired_trigger_id"
        self.spent.add(trigger_id)
        return user, ""

    def response_url(
        self, user: str, channel: str, *, thread_ts: str | None = None, message_ts: str | None = None
    ) -> str:
        """Issue the token at the end of a response_url."""
        token = f"{secrets.token_hex(8)}/{secrets.token_urlsafe(18)}"
        expires = self._now() + RESPONSE_LIFE
        self.response_urls[token] = ResponseUrl(user, channel, expires, thread_ts, message_ts)
        return token

    def respond(self, token: str) -> tuple[ResponseUrl | None, str]:
        """Return (where it leads, error); counts the post."""
        url = self.response_urls.get(token)
        if url is None or self._now() > url.expires:
            return None, "expired_url"
        if url.posts >= RESPONSE_POSTS:
            return None, "used_url"
        self.response_urls[token] = ResponseUrl(
            url.user, url.channel, url.expires, url.thread_ts, url.message_ts, url.posts + 1
        )
        return url, ""
