"""Bring what happened to the bot: signed HTTP or an envelope, with Slack's patience and Slack's retries."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.playground.conversation import Json
from bot.playground.settings import Mode, Settings
from bot.playground.signing import signed_headers
from bot.playground.socket_mode import Sockets

PATH = "/slack/events"
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the bot took it: its answer's *body*, or the *failure* that Slack would show."""

    status: int = 0  # of the HTTP answer; 200 for an acknowledged envelope, 0 for no answer at all
    body: Json | str | None = None
    failure: str | None = None

    @property
    def taken(self) -> bool:
        """Tell whether the bot acknowledged."""
        return self.failure is None


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt, kept for the log and for sending it again."""

    kind: str  # events_api, slash_commands, interactive
    payload: Json
    attempt: int
    outcome: Outcome


class Courier:
    """Carries payloads to the bot and remembers each attempt in *log*."""

    def __init__(self, settings: Settings, sockets: Sockets) -> None:
        self.settings = settings
        self.sockets = sockets
        self.log: list[Sent] = []
        self._session: aiohttp.ClientSession | None = None

    async def event(self, payload: Json, *, attempt: int = 0, reason: str = "") -> Outcome:
        """Deliver an event; try again when it was not acknowledged, unless the bot asks not to."""
        outcome = await self.deliver("events_api", payload, attempt=attempt, reason=reason)
        for number, pause in enumerate(self.settings.retries[attempt:], attempt + 1):
            if outcome.taken:
                break
            await asyncio.sleep(pause)
            why = "http_timeout" if outcome.failure == "operation_timeout" else "http_error"
            outcome = await self.deliver("events_api", payload, attempt=number, reason=why)
        return outcome

    async def deliver(self, kind: str, payload: Json, *, attempt: int = 0, reason: str = "") -> Outcome:
        """Make one attempt."""
        use_socket = self.settings.mode is Mode.SOCKET or (
            self.settings.mode is Mode.AUTO and self.sockets.connected
        )
        send = self._by_socket if use_socket else self._by_http
        try:
            outcome = await send(kind, payload, attempt, reason)
        except TimeoutError:
            outcome = Outcome(failure="operation_timeout")
        except (aiohttp.ClientError, ConnectionError):
            outcome = Outcome(failure="dispatch_failed")
        self.log.append(Sent(kind, payload, attempt, outcome))
        return outcome

    async def post_raw(self, body: str | bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """Post anything at all to the bot's one URL; return status and text of its answer."""
        async with self._http().post(f"{self.settings.bot_url}{PATH}", data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _by_http(self, kind: str, payload: Json, attempt: int, reason: str) -> Outcome:
        body = _encoded(kind, payload)
        headers = signed_headers(self.settings.signing_secret, int(time.time()), body)
        headers["Content-Type"] = _JSON if kind == "events_api" else _FORM
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        patience = aiohttp.ClientTimeout(total=self.settings.patience)
        url = f"{self.settings.bot_url}{PATH}"
        async with self._http().post(url, data=body.encode(), headers=headers, timeout=patience) as answer:
            return _outcome(answer.status, answer.content_type, await answer.text(errors="replace"))

    async def _by_socket(self, kind: str, payload: Json, attempt: int, reason: str) -> Outcome:
        patience = self.settings.patience
        body = await self.sockets.send(kind, payload, patience=patience, attempt=attempt, reason=reason)
        return Outcome(200, body)

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            agent = {"User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
            # trust_env stays off: the bot is on this machine, whatever proxy the environment names.
            self._session = aiohttp.ClientSession(headers=agent)
        return self._session


def _encoded(kind: str, payload: Json) -> str:
    if kind == "events_api":
        return json.dumps(payload)
    return urlencode(payload if kind == "slash_commands" else {"payload": json.dumps(payload)})


def _outcome(status: int, content_type: str, text: str) -> Outcome:
    if status != 200:
        return Outcome(status, text, "dispatch_failed")
    body: Any = text or None
    if text and content_type == _JSON:
        try:
            body = json.loads(text)
        except ValueError:
            return Outcome(status, text, "dispatch_failed")
    return Outcome(status, body)
